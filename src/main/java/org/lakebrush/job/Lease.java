package org.lakebrush.job;

import java.io.IOException;
import java.time.Duration;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A run's lease on a log: while it is held, no other run works on that log. */
public final class Lease implements AutoCloseable {

  /** What the lease tells its run. */
  public interface Listener {
    /**
     * Another run's lease is there, and whether that run lives is not known yet. Called at each look, on the acquiring thread.
     *
     * @param age of its last heartbeat
     * @param left until it counts as dead
     */
    void waiting(LeaseRecord other, Duration age, Duration left);

    /** A dead run's lease is about to go: what that run left behind may be deleted. Called on the acquiring thread. */
    void sweeping(LeaseRecord dead) throws IOException;

    /**
     * The lease is lost: another run may work on the log, so this one must stop. Called once, on a thread of the lease.
     *
     * @param why in one line
     */
    void lost(String why);
  }

  /**
   * How often and how long.
   *
   * @param heartbeat between two heartbeats of a holder
   * @param poll between two looks of one that waits
   * @param stale age of the last heartbeat from which a run counts as dead
   * @param lost time without a heartbeat after which a holder gives up; less than {@code stale}
   */
  public record Timing(Duration heartbeat, Duration poll, Duration stale, Duration lost) {
    /** 10 s, 1 s, 60 s, 50 s. */
    public static final Timing DEFAULT =
        new Timing(Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofSeconds(50));
  }

  private Lease() {}

  /**
   * Takes the lease, waiting where a run that may be dead still has it.
   *
   * @param runId unique among runs; a file name
   * @param output the run's output root, for whoever has to clean up after it
   * @param takeover take it from a run that may live, without waiting
   * @throws LeaseHeldException where another run holds it or was first to ask
   * @throws IOException where the lease's folder cannot be read or written
   */
  public static Lease acquire(Configuration conf, Path log, String runId, Path output, boolean takeover, Timing timing,
      Listener listener) throws LeaseHeldException, IOException, InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Whether the lease is surely held right now; false from the moment on that another run could think this one dead. */
  public boolean held() {
    throw new UnsupportedOperationException();
  }

  /** Gives the lease back. */
  @Override
  public void close() {}
}
