package org.lakebrush.lama;

/** Time that any number of threads are busy, summed over them; one that is still busy counts up to now. Safe for any number of threads. */
final class BusyClock {
  private long nanos;
  private int busy;

  /** The calling thread is busy from now on. */
  synchronized void start() {
    nanos -= System.nanoTime();
    busy++;
  }

  /** It is no longer. */
  synchronized void stop() {
    nanos += System.nanoTime();
    busy--;
  }

  /** Busy time so far, in ns. */
  synchronized long nanos() {
    return nanos + busy * System.nanoTime();
  }
}
