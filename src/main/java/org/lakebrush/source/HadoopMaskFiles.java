package org.lakebrush.source;

import org.apache.hadoop.conf.Configuration;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.mask.MaskFiles;

/** Mask files on any of Hadoop's file systems. Safe for any number of threads. */
public final class HadoopMaskFiles implements MaskFiles {
  private final Configuration conf;

  /**
   * @param conf with {@link HadoopDefaults} applied
   */
  public HadoopMaskFiles(Configuration conf) {
    this.conf = conf;
  }

  @Override
  public byte[] read(String uri) throws ImageFailure {
    throw new UnsupportedOperationException();
  }
}
