package org.lakebrush.source;

import org.apache.hadoop.conf.Configuration;
import org.lakebrush.failure.ImageFailure;

/** Reads whole image files on an executor. Safe for any number of threads. */
public final class ImageBytes {
  private final Configuration conf;

  /**
   * @param conf with {@link HadoopDefaults} applied
   */
  public ImageBytes(Configuration conf) {
    this.conf = conf;
  }

  /**
   * The whole file, in one request.
   *
   * @throws ImageFailure VANISHED, CHANGED (its length is not the listed one), UNREADABLE, or TOO_LARGE (2 GiB and more)
   */
  public byte[] read(ImageRef ref) throws ImageFailure {
    throw new UnsupportedOperationException();
  }
}
