package org.lakebrush.executor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Bounds the memory of the images in hand by bytes, not by count. Served in order of asking, so that a large image is not passed over
 * for ever by small ones. Safe for any number of threads.
 */
final class ByteBudget {
  /** How often who waits looks whether it is still to wait. */
  static final long LOOK_MILLIS = 200;

  private final long total;
  private final Deque<Object> waiting = new ArrayDeque<>();
  private long free;
  private long writtenOff;

  /** A budget of so many bytes, at least 1 KiB. */
  ByteBudget(long bytes) {
    total = Math.max(1 << 10, bytes);
    free = total;
  }

  /** The whole budget in bytes. */
  long total() {
    return total;
  }

  /** Bytes that are taken now. */
  synchronized long taken() {
    return total - free;
  }

  /** Of the whole budget those bytes that are taken by shares that were written off. */
  synchronized long writtenOff() {
    return writtenOff;
  }

  /**
   * Waits until so many bytes are free and takes them. More than there is, without what is written off, is taken as all of that: such an
   * image runs alone.
   *
   * @throws InterruptedException where the thread is interrupted while it waits; nothing is taken then
   */
  Share acquire(long bytes) throws InterruptedException {
    return acquire(bytes, () -> true).orElseThrow();
  }

  /**
   * As {@link #acquire(long)}, as long as somebody wants them.
   *
   * @param wanted asked every {@value #LOOK_MILLIS} ms
   * @return nothing where nobody does any more
   */
  synchronized Optional<Share> acquire(long bytes, BooleanSupplier wanted) throws InterruptedException {
    Object turn = new Object();
    waiting.add(turn);
    try {
      while (waiting.peek() != turn || !fits(bytes)) {
        if (!wanted.getAsBoolean()) {
          return Optional.empty();
        }
        wait(LOOK_MILLIS);
      }
      return Optional.of(new Share(bytes));
    } finally {
      waiting.remove(turn);
      notifyAll();
    }
  }

  /** As {@link #acquire}, but nothing where it would have to wait. */
  synchronized Optional<Share> tryAcquire(long bytes) {
    return waiting.isEmpty() && fits(bytes) ? Optional.of(new Share(bytes)) : Optional.empty();
  }

  private boolean fits(long bytes) {
    return Math.min(bytes, total - writtenOff) <= free;
  }

  /** Bytes taken; closing gives them back. */
  final class Share implements AutoCloseable {
    private final long bytes;
    private boolean lost;

    private Share(long asked) {
      bytes = Math.min(asked, total - writtenOff);
      free -= bytes;
    }

    /** How many they are. */
    long bytes() {
      return bytes;
    }

    /** Nobody waits for these bytes any more: they may never come back, and may come back all the same. */
    void writeOff() {
      synchronized (ByteBudget.this) {
        lost = true;
        writtenOff += bytes;
        ByteBudget.this.notifyAll();
      }
    }

    @Override
    public void close() {
      synchronized (ByteBudget.this) {
        free += bytes;
        writtenOff -= lost ? bytes : 0;
        ByteBudget.this.notifyAll();
      }
    }
  }
}
