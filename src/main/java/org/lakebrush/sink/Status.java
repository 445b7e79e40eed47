package org.lakebrush.sink;

/** What became of an image: the log's {@code status}. */
public enum Status {
  /** Its hole was filled. */
  REPAIRED,
  /** Its hole was filled, but more than {@code limits.max_residual} of what was found there is still seen: someone should look at it. */
  REVIEW,
  /** There was nothing to repair. */
  UNCHANGED,
  /** It could not be repaired; the row's {@code error_kind} says why. */
  FAILED
}
