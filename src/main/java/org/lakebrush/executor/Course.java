package org.lakebrush.executor;

import org.lakebrush.sink.Fence;

/** How long a run goes on, as its tasks are to take it. Safe for any number of threads. */
public interface Course extends Fence {
  /** Of what has no run. */
  Course ENDLESS = new Course() {
    @Override
    public Phase phase() {
      return Phase.GOES_ON;
    }

    @Override
    public void check() {}
  };

  /** In the order in which they come; any may be skipped. */
  enum Phase {
    GOES_ON,
    /** No new image or file is begun. */
    FINISHES,
    /** What is in hand is given up, but for images that are being written. */
    GIVES_UP,
    /** Nobody waits any longer. */
    OVER,
    /** The run is dead, or another has taken its place: nothing is written any more. */
    GONE
  }

  /** Never waits. */
  Phase phase();
}
