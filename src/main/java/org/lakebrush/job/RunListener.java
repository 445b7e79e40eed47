package org.lakebrush.job;

import java.time.Duration;

/** Hears how a run goes. Called from several threads, one at a time. */
public interface RunListener {
  /** Something the user should know, in one line. */
  void note(String line);

  /** The plan is made; work begins. */
  void planned(Plan plan);

  /**
   * Called every second while slices run.
   *
   * @param done images so far
   * @param failed of these
   */
  void progress(long done, long failed, Plan plan, Duration elapsed);
}
