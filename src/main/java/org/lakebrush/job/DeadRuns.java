package org.lakebrush.job;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.lakebrush.sink.AtomicFiles;
import org.lakebrush.sink.LeaseFolder;
import org.lakebrush.sink.LeaseRecord;
import org.lakebrush.source.Causes;

/**
 * What runs that are proven dead left behind: temporary files, also those that executors which outlived their driver make afterwards, so
 * that each run looks for them again for a day. Used by one thread.
 */
final class DeadRuns implements AutoCloseable {
  /** An executor knows within seconds that its run is dead, unless its machine stands still for so long. */
  private static final Duration KEPT = Duration.ofDays(1);

  private final Configuration conf;
  private final Path log;
  private final String runId;
  private final Consumer<String> notes;
  private final LeaseFolder leases;
  private final Set<String> told = new HashSet<>();

  /**
   * Those of a log.
   *
   * @param runId of the run that asks
   * @param notes gets a line where a folder cannot be cleaned up
   */
  DeadRuns(Configuration conf, Path log, String runId, Consumer<String> notes) throws IOException {
    this.conf = conf;
    this.log = log;
    this.runId = runId;
    this.notes = notes;
    this.leases = new LeaseFolder(conf, log, runId);
  }

  /**
   * Deletes a dead run's temporary files.
   *
   * @throws IOException where those of the log cannot be deleted
   */
  void sweep(LeaseRecord dead) throws IOException {
    AtomicFiles.sweepLog(conf, log, dead.runId());
    if (dead.output() == null) {
      return;
    }
    try {
      AtomicFiles.sweepOutput(conf, new Path(dead.output()), dead.runId());
    } catch (IOException | IllegalArgumentException e) {
      // An output that is no more must not keep this log from ever being worked on again.
      if (told.add(dead.runId())) {
        notes.accept("cannot clean up in " + dead.output() + " after run " + dead.runId() + " (" + Causes.inOneLine(e)
            + "); delete _lakebrush/" + dead.runId() + " there if it is left");
      }
    }
  }

  /** Deletes the temporary files of all that are known here. To be called by who holds the lease. */
  void sweepAll() throws IOException {
    List<LeaseFolder.Seen> all = leases.dead();
    // By the store's clock.
    LeaseFolder.Seen own = all.isEmpty() ? null : leases.look().lease(runId);
    for (LeaseFolder.Seen dead : all) {
      sweep(dead.record());
      if (own != null && own.modified() - dead.modified() >= KEPT.toMillis()) {
        leases.forget(dead.record().runId());
      }
    }
  }

  @Override
  public void close() {
    leases.close();
  }
}
