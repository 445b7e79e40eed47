package org.lakebrush.source;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.mask.MaskFiles;

/**
 * Mask files on any of Hadoop's file systems. The files used last are kept, 32 MiB of them, so that one mask for all images is read
 * once. Safe for any number of threads.
 */
public final class HadoopMaskFiles implements MaskFiles {
  private static final long KEPT_BYTES = 32L << 20;

  private final Configuration conf;
  private final Reach reach;
  private final Retries retries;
  private final Map<String, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);
  private long keptBytes;

  /**
   * Reads masks.
   *
   * @param conf with {@link HadoopDefaults} applied
   * @param reach where mask files lie
   */
  public HadoopMaskFiles(Configuration conf, Reach reach, Retries retries) {
    this.conf = conf;
    this.reach = reach;
    this.retries = retries;
  }

  /**
   * {@inheritDoc}
   *
   * @return shared with other callers: not to be changed
   */
  @Override
  public byte[] read(String uri) throws ImageFailure {
    synchronized (kept) {
      byte[] bytes = kept.get(uri);
      if (bytes != null) {
        return bytes;
      }
    }
    reach.checkMask(uri);
    Path path = new Path(uri);
    try {
      FileSystem fs = S3Clients.once(conf, path);
      byte[] bytes = retries.call(() -> WholeFile.read(fs, path));
      keep(uri, bytes);
      return bytes;
    } catch (IOException | InvalidPathException e) {
      throw ImageBytes.failure(path, e, ErrorKind.MASK_MISSING, ErrorKind.MASK_UNREADABLE, "is this image's mask and is gone since it was listed; the next run lists again");
    }
  }

  private void keep(String uri, byte[] bytes) {
    if (bytes.length > KEPT_BYTES / 4) {
      return;
    }
    synchronized (kept) {
      byte[] before = kept.put(uri, bytes);
      keptBytes += bytes.length - (before == null ? 0 : before.length);
      Iterator<byte[]> oldest = kept.values().iterator();
      while (keptBytes > KEPT_BYTES) {
        keptBytes -= oldest.next().length;
        oldest.remove();
      }
    }
  }
}
