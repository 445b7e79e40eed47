package org.lakebrush.executor;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the memory of the images in hand by bytes, not by count. Served in order of asking, so that a large image is not passed over
 * for ever by small ones. Safe for any number of threads.
 */
final class ByteBudget {
  private static final int UNIT = 1 << 10;

  private final int total;
  private final Semaphore free;

  /** A budget of so many bytes, at least 1 KiB. */
  ByteBudget(long bytes) {
    total = (int) Math.max(1, Math.min(bytes / UNIT, Integer.MAX_VALUE));
    free = new Semaphore(total, true);
  }

  /** The whole budget in bytes. */
  long total() {
    return (long) total * UNIT;
  }

  /**
   * Waits until so many bytes are free and takes them. More than the whole budget is taken as the whole budget: such an image runs
   * alone.
   *
   * @throws InterruptedException where the thread is interrupted while it waits; nothing is taken then
   */
  Share acquire(long bytes) throws InterruptedException {
    int units = units(bytes);
    free.acquire(units);
    return () -> free.release(units);
  }

  /** As {@link #acquire}, but nothing where it would have to wait. */
  Optional<Share> tryAcquire(long bytes) throws InterruptedException {
    int units = units(bytes);
    // With a time, if only zero: without one it would push in before those that wait.
    return free.tryAcquire(units, 0, TimeUnit.SECONDS) ? Optional.of(() -> free.release(units)) : Optional.empty();
  }

  private int units(long bytes) {
    return (int) Math.min((bytes + UNIT - 1) / UNIT, total);
  }

  /** Bytes taken; closing gives them back. */
  @FunctionalInterface
  interface Share extends AutoCloseable {
    @Override
    void close();
  }
}
