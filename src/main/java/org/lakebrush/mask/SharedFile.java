package org.lakebrush.mask;

import org.lakebrush.failure.ImageFailure;

/** How a file that all images share becomes what a mask kind needs of it. */
@FunctionalInterface
public interface SharedFile<T> {
  /**
   * Decodes the file.
   *
   * @return immutable, or safe for any number of threads
   * @throws ImageFailure where the file is not what the kind needs
   */
  T decode(byte[] file) throws ImageFailure;
}
