package org.lakebrush.executor;

import org.lakebrush.failure.ImageFailure;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Status;
import org.lakebrush.sink.Written;

/**
 * An image that is through the pipeline.
 *
 * @param written null where nothing was written
 * @param failure null unless the status is FAILED
 */
public record Done<W extends ImageWork>(W work, RepairTrace trace, Status status, Written written, ImageFailure failure) {

  /** Its row of the result log. */
  public LogRow row(LogRow.Origin origin) {
    return failure == null ? LogRow.done(origin, work.ref(), trace, status, written) : LogRow.failed(origin, work.ref(), trace, failure);
  }
}
