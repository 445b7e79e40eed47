package org.lakebrush.sink;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.lakebrush.failure.ImageFailure;

/**
 * Writes files under a root, each whole or not at all, over what was there.
 *
 * <p>A store whose streams publish on close and can be aborted (S3A) gets the file itself, in one PUT. All others get a temporary
 * file in the staging folder, on the same file system, and one rename with overwrite; a local disk without {@code .crc} side files.
 * Safe for any number of threads.
 */
public final class AtomicFiles implements AutoCloseable {

  private AtomicFiles() {}

  /**
   * For one task's output images, staged in {@code <output>/_lakebrush/<run>/<attempt>/}.
   *
   * @param attempt unique among the run's task attempts
   */
  public static AtomicFiles ofOutput(Configuration conf, Path output, String runId, String attempt) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** For the result log's own files, staged in {@code <log>/_staging/<run>/<attempt>/}. */
  public static AtomicFiles ofLog(Configuration conf, Path log, String runId, String attempt) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes an image.
   *
   * @param relativePath under the root, with {@code /}
   * @throws ImageFailure WRITE; nothing was published then
   */
  public Written write(String relativePath, byte[] bytes) throws ImageFailure {
    throw new UnsupportedOperationException();
  }

  /**
   * As {@link #write}, for what is no image.
   *
   * @throws IOException with what, where and what to do; nothing was published then
   */
  public Written put(String relativePath, byte[] bytes) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Deletes this staging folder. Temporary files that cannot be deleted now go with {@link #sweepOutput} or {@link #sweepLog}. */
  @Override
  public void close() {}

  /** Deletes what a run, ended or dead, left in {@code <output>/_lakebrush}. */
  public static void sweepOutput(Configuration conf, Path output, String runId) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Deletes what a run, ended or dead, left in {@code <log>/_staging}. */
  public static void sweepLog(Configuration conf, Path log, String runId) throws IOException {
    throw new UnsupportedOperationException();
  }
}
