package org.lakebrush.job;

import java.util.function.Supplier;

/**
 * How far the run of this JVM's driver is, for who watches it from outside.
 *
 * @param todo images that it is to do, in all
 * @param done of these so far
 * @param failed of those done
 * @param slices that are in flight
 */
public record RunProgress(long todo, long done, long failed, int slices) {
  private static volatile Supplier<RunProgress> run = () -> new RunProgress(0, 0, 0, 0);

  /** Of the run that began last; zeros before the first slice of the first one. May be called by any thread. */
  public static RunProgress now() {
    return run.get();
  }

  /** A run begins, or has ended and stays as it is. */
  static void follow(Supplier<RunProgress> progress) {
    run = progress;
  }
}
