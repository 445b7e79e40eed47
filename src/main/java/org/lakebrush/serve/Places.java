package org.lakebrush.serve;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** So many places, each for a request, and how long one is taken on the average. Safe for any number of threads. */
final class Places {
  /** What the newest time counts in the mean. */
  private static final double NEWEST = 0.1;
  private static final int LONGEST_SECONDS = 120;

  private final int most;
  private int taken;
  /** Mean time for which a place was taken; the older the less it counts. */
  private double seconds = 1;

  Places(int most) {
    this.most = most;
  }

  /** One of them, until it is closed; nothing where all are taken. */
  synchronized Optional<Place> take() {
    if (taken == most) {
      return Optional.empty();
    }
    taken++;
    return Optional.of(new Place(System.nanoTime()));
  }

  private synchronized void giveBack(long nanos) {
    taken--;
    seconds += NEWEST * ((double) nanos / TimeUnit.SECONDS.toNanos(1) - seconds);
  }

  /** A place that is taken. */
  final class Place implements AutoCloseable {
    private final long since;
    private boolean closed;

    private Place(long since) {
      this.since = since;
    }

    /** Gives it back, once. */
    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        giveBack(System.nanoTime() - since);
      }
    }
  }

  /** Whether none is free now. */
  synchronized boolean isFull() {
    return taken == most;
  }

  synchronized int taken() {
    return taken;
  }

  int most() {
    return most;
  }

  /** After how many seconds who found no place had better come again: those that have one are half through by then. */
  synchronized int secondsUntilFree() {
    return (int) Math.max(1, Math.min(LONGEST_SECONDS, Math.ceil(seconds / 2)));
  }
}
