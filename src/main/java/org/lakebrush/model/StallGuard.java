package org.lakebrush.model;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * Ends a read that brings nothing for too long: {@code HttpClient} itself would wait for the rest of a body for ever. Read by one thread,
 * in blocks.
 */
final class StallGuard extends FilterInputStream {
  private final Duration limit;
  private final Thread watcher;
  private volatile long lastByte = System.nanoTime();
  private volatile boolean stalled;

  /**
   * @param limit without a byte
   */
  StallGuard(InputStream in, Duration limit) {
    super(in);
    this.limit = limit;
    this.watcher = new Thread(this::watch, "lakebrush-fetch-watch");
    watcher.setDaemon(true);
    watcher.start();
  }

  private void watch() {
    try {
      for (long left = limit.toNanos(); left > 0; left = limit.toNanos() - (System.nanoTime() - lastByte)) {
        // One more: what is left of a millisecond would not be slept.
        Thread.sleep(left / 1_000_000 + 1);
      }
      stalled = true;
      in.close();
    } catch (InterruptedException | IOException e) {
      // Closed by its reader, or broken: nothing to watch any more.
    }
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    try {
      int n = super.read(buffer, offset, length);
      if (!stalled) {
        lastByte = System.nanoTime();
        return n;
      }
    } catch (IOException e) {
      if (!stalled) {
        throw e;
      }
    }
    throw new IOException("nothing came for " + limit.toSeconds() + " s");
  }

  @Override
  public void close() throws IOException {
    watcher.interrupt();
    super.close();
  }
}
