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
}
