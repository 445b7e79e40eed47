package org.lakebrush.job;

import java.time.Duration;
import java.util.List;

/**
 * How a run ended.
 *
 * @param totals of the rows that this run logged
 * @param unprocessed images of the plan that have no row of this run: stopped before, or in a slice that failed
 * @param stoppedEarly why the run stopped before its plan was done, for instance because it was told to, or null
 * @param failedSlices one line for each slice that Spark gave up, or the log did not take
 * @param wall from the first slice to the last, planning not counted
 * @param tooManyFailures whether more than {@code limits.max_failures} of the images failed
 */
public record RunSummary(String runId, Plan plan, Totals totals, long unprocessed, String stoppedEarly, List<String> failedSlices,
    Duration wall, boolean tooManyFailures) {

  /** 0 done, 1 some slice failed or the run was stopped from outside, 3 too many images failed. */
  public int exitCode() {
    if (tooManyFailures) {
      return 3;
    }
    return failedSlices.isEmpty() && unprocessed == 0 ? 0 : 1;
  }
}
