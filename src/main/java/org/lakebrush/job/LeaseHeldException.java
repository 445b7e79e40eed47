package org.lakebrush.job;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.lakebrush.sink.LeaseRecord;

/** Another run holds the lease on the log, or was first to ask for it. */
public final class LeaseHeldException extends Exception {
  private final transient LeaseRecord holder;

  LeaseHeldException(String log, LeaseRecord holder, Duration age) {
    super("run " + holder.runId() + " on " + holder.host() + " (process " + holder.pid() + ") "
        + (holder.held() ? "works on the log " : "asked first for the log ") + log + " since "
        + Instant.ofEpochMilli(holder.startedAt()).truncatedTo(ChronoUnit.SECONDS) + ", last heartbeat " + age.toSeconds()
        + " s ago; wait until it ends, or, if it must not go on, start with --takeover");
    this.holder = holder;
  }

  /** The other run. */
  public LeaseRecord holder() {
    return holder;
  }
}
