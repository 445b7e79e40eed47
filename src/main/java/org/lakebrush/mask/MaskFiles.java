package org.lakebrush.mask;

import org.lakebrush.failure.ImageFailure;

/** How a mask file is read; keeps this package free of any storage. */
@FunctionalInterface
public interface MaskFiles {
  /**
   * The whole file.
   *
   * @throws ImageFailure MASK_MISSING where there is no such file, MASK_UNREADABLE where it cannot be read
   */
  byte[] read(String uri) throws ImageFailure;

  /** A wait for storage, and what comes of it. */
  @FunctionalInterface
  interface Wait<T> {
    T run() throws ImageFailure;
  }

  /** Runs each wait for storage, to know how long it took. */
  interface Clock {
    /** That of nobody. */
    Clock NONE = new Clock() {
      @Override
      public <T> T time(Wait<T> wait) throws ImageFailure {
        return wait.run();
      }
    };

    <T> T time(Wait<T> wait) throws ImageFailure;
  }
}
