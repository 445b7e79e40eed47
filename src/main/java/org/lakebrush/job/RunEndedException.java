package org.lakebrush.job;

/** A run came to its end, as it was told to by {@link CleanupJob#end}, before its first image was begun. */
public final class RunEndedException extends RuntimeException {
  RunEndedException(String reason, Throwable cause) {
    super(reason + ": the run ended while it was planned, and has done nothing", cause);
  }
}
