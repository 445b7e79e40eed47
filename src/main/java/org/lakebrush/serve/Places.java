package org.lakebrush.serve;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The places for requests that are worked on or wait. Safe for any number of threads.
 *
 * <p>How long one is in hand is kept as a mean that forgets, so that who is sent away can be told when to come again.
 */
final class Places {
  private static final double NEWEST = 0.1;
  private static final int LONGEST_SECONDS = 120;

  private final int most;
  private final AtomicInteger taken = new AtomicInteger();
  /** Mean time between two requests that ended while others waited, as the bits of seconds. */
  private final AtomicLong secondsEach = new AtomicLong(Double.doubleToLongBits(1));
  private volatile long lastEnd = System.nanoTime();

  Places(int most) {
    this.most = most;
  }

  /** Takes one, if one is free. */
  boolean take() {
    return taken.getAndUpdate(n -> n < most ? n + 1 : n) < most;
  }

  /** Gives one back. */
  void giveBack() {
    long now = System.nanoTime();
    double seconds = (now - lastEnd) / 1e9;
    lastEnd = now;
    if (taken.getAndDecrement() > 1) {
      secondsEach.getAndUpdate(bits -> Double.doubleToLongBits((1 - NEWEST) * Double.longBitsToDouble(bits) + NEWEST * seconds));
    }
  }

  /** Whether none is free now. */
  boolean isFull() {
    return taken.get() >= most;
  }

  int taken() {
    return taken.get();
  }

  int most() {
    return most;
  }

  /** After how many seconds who finds no place may find one. */
  int secondsUntilFree() {
    double half = most / 2.0 * Double.longBitsToDouble(secondsEach.get());
    return (int) Math.max(1, Math.min(LONGEST_SECONDS, Math.ceil(half)));
  }
}
