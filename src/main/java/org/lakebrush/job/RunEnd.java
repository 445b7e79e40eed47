package org.lakebrush.job;

import java.time.Duration;

/**
 * The end of a run before its work is done, once it is asked for: planning is interrupted, and who does the work is told. Safe for any
 * number of threads.
 */
final class RunEnd {
  /** From the asking until nothing is waited for any more. */
  private static final Duration GIVEN = Duration.ofSeconds(15);
  /** What is waited for even then, so that what is nearly there is not missed. */
  private static final Duration LEAST = Duration.ofSeconds(1);

  private final Runnable cancelJobs;
  private String reason;
  private long until;
  private Thread planning;
  private Runnable work;

  /**
   * A run's.
   *
   * @param cancelJobs cancels what planning waits for
   */
  RunEnd(Runnable cancelJobs) {
    this.cancelJobs = cancelJobs;
  }

  /** Asks for the end. Only the first time counts. */
  synchronized void ask(String why) {
    if (reason != null) {
      return;
    }
    reason = why;
    until = System.nanoTime() + GIVEN.toNanos();
    if (planning != null) {
      start(this::interruptPlanning);
    } else if (work != null) {
      start(work);
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "lakebrush-end");
    thread.setDaemon(true);
    thread.start();
  }

  /** Again and again: an interrupt may be swallowed, and the next job begun. */
  private void interruptPlanning() {
    while (true) {
      synchronized (this) {
        if (planning == null) {
          return;
        }
        planning.interrupt();
      }
      cancelJobs.run();
      try {
        Thread.sleep(LEAST.toMillis());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Why the end was asked for, or null. */
  synchronized String reason() {
    return reason;
  }

  boolean isAsked() {
    return reason() != null;
  }

  /** So much of a time as there is left. */
  synchronized Duration atMost(Duration time) {
    if (reason == null) {
      return time;
    }
    Duration left = Duration.ofNanos(Math.max(LEAST.toNanos(), until - System.nanoTime()));
    return left.compareTo(time) < 0 ? left : time;
  }

  /**
   * For where planning is busy and meets no interrupt.
   *
   * @throws RunEndedException where the end is asked for
   */
  void check() {
    check(null);
  }

  /**
   * For where planning fails, which the end may be the reason of.
   *
   * @param failure or null
   * @throws RunEndedException where the end is asked for
   */
  void check(Exception failure) {
    if (failure instanceof RunEndedException ended) {
      throw ended;
    }
    if (isAsked()) {
      throw new RunEndedException(reason(), failure);
    }
  }

  /** From now on the calling thread is interrupted where the end is asked for. */
  synchronized void startPlanning() {
    planning = Thread.currentThread();
    if (reason != null) {
      start(this::interruptPlanning);
    }
  }

  /** The calling thread is not interrupted any more. May be called again. */
  synchronized void endPlanning() {
    planning = null;
    if (reason != null) {
      Thread.interrupted();
    }
  }

  /** What is to be done on a thread of its own where the end is asked for, or was. */
  synchronized void whenAsked(Runnable what) {
    work = what;
    if (reason != null) {
      start(work);
    }
  }
}
