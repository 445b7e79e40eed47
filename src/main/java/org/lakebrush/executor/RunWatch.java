package org.lakebrush.executor;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.lakebrush.sink.FencedException;
import org.lakebrush.sink.LeaseFolder;
import org.lakebrush.sink.LeaseFolder.Standing;
import org.lakebrush.source.Causes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this JVM knows of a run from the run's lease, for all its tasks: it is looked at every few seconds, by one listing, so that an
 * executor that outlives its driver stops, and one whose driver is told to end comes to its end.
 *
 * <p>A file is published only on a look that is not older than {@link LeaseFolder#FRESH} by either clock; where there is none, because the
 * store is slow or this process was paused, the file waits for one.
 */
final class RunWatch implements Course {
  private static final Logger LOG = LoggerFactory.getLogger(RunWatch.class);

  /**
   * How often and how long.
   *
   * @param look between two looks
   * @param fresh age of a look up to which files are published by it
   * @param stale time without a heartbeat, or without an answer of the store, from which the run counts as gone
   * @param givesUp from when a run was seen to be ending until what is in hand is given up
   * @param over likewise until nobody waits any longer
   */
  record Timing(Duration look, Duration fresh, Duration stale, Duration givesUp, Duration over) {
    /** 3 s, 10 s, 60 s, 8 s, 10 s: with what the driver needs, 20 s in all. */
    static final Timing DEFAULT = new Timing(Duration.ofSeconds(3), LeaseFolder.FRESH, LeaseFolder.STALE, Duration.ofSeconds(8),
        Duration.ofSeconds(10));
  }

  /** A moment by both clocks: one stands still while a machine sleeps, the other may be set. */
  private record Moment(long nanos, long millis) {
    static Moment now() {
      return new Moment(System.nanoTime(), System.currentTimeMillis());
    }

    Duration age() {
      return Duration.ofMillis(Math.max((System.nanoTime() - nanos) / 1_000_000, System.currentTimeMillis() - millis));
    }
  }

  private static final Map<String, Joined> JOINED = new HashMap<>();

  /** A watch, and how many tasks go by it. */
  private static final class Joined {
    private final RunWatch watch;
    private int tasks;

    Joined(RunWatch watch) {
      this.watch = watch;
    }
  }

  private final LeaseFolder folder;
  private final String runId;
  private final Timing timing;
  private final ScheduledExecutorService thread;
  /** Held while a look is made that files wait for. */
  private final Object looking = new Object();
  /** When the last look that was answered was begun, or the watch. */
  private volatile Moment looked;
  private volatile LeaseFolder.State state;
  /** When the run was first seen to be ending. */
  private volatile Moment ending;
  /** Of the last heartbeat by the store's clock, and when it was first seen. */
  private long heartbeat;
  private Moment moved;

  private RunWatch(LeaseFolder folder, String runId, Timing timing) {
    this.folder = folder;
    this.runId = runId;
    this.timing = timing;
    this.looked = Moment.now();
    this.thread = Executors.newSingleThreadScheduledExecutor(work -> {
      Thread watch = new Thread(work, "lakebrush-run-watch");
      watch.setDaemon(true);
      return watch;
    });
    thread.scheduleWithFixedDelay(this::keep, timing.look().toMillis(), timing.look().toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * The watch over a run, begun with the first task that asks. Each must {@link #leave} it.
   *
   * @param log the run's log
   * @throws IOException where the log's file system cannot be had
   * @throws FencedException where the run is gone
   */
  static RunWatch join(Configuration conf, Path log, String runId, Timing timing) throws IOException {
    RunWatch watch;
    synchronized (JOINED) {
      Joined joined = JOINED.get(runId);
      if (joined == null) {
        joined = new Joined(new RunWatch(new LeaseFolder(conf, log, runId), runId, timing));
        JOINED.put(runId, joined);
      }
      joined.tasks++;
      watch = joined.watch;
    }
    boolean good = false;
    try {
      watch.check();
      good = true;
      return watch;
    } finally {
      if (!good) {
        watch.leave();
      }
    }
  }

  /** Ends the watch with the last task. */
  void leave() {
    synchronized (JOINED) {
      Joined joined = JOINED.get(runId);
      if (--joined.tasks == 0) {
        JOINED.remove(runId);
        thread.shutdown();
      }
    }
  }

  @Override
  public Phase phase() {
    if (state == LeaseFolder.State.GONE) {
      return Phase.GONE;
    }
    Moment since = ending;
    if (since == null) {
      return Phase.GOES_ON;
    }
    Duration age = since.age();
    if (age.compareTo(timing.over()) >= 0) {
      return Phase.OVER;
    }
    return age.compareTo(timing.givesUp()) >= 0 ? Phase.GIVES_UP : Phase.FINISHES;
  }

  @Override
  public void check() {
    if (!isFresh()) {
      synchronized (looking) {
        while (!isFresh()) {
          lookOrWait();
        }
      }
    }
    if (state == LeaseFolder.State.GONE) {
      throw new FencedException("run " + runId + " is dead, or another run has taken its log: nothing more is written for it", null);
    }
  }

  private boolean isFresh() {
    return state == LeaseFolder.State.GONE || state != null && looked.age().compareTo(timing.fresh()) <= 0;
  }

  private void lookOrWait() {
    try {
      look();
    } catch (IOException e) {
      if (looked.age().compareTo(timing.stale()) >= 0) {
        throw new FencedException("nothing is written for run " + runId + ", as it is not known whether the run lives: its log did not"
            + " answer for " + timing.stale().toSeconds() + " s (" + Causes.inOneLine(e) + ")", e);
      }
      try {
        Thread.sleep(timing.look().toMillis());
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for the log to answer", interrupted);
      }
    }
  }

  private void keep() {
    try {
      look();
    } catch (IOException | RuntimeException e) {
      LOG.warn("cannot see whether run {} lives: {}", runId, Causes.inOneLine(e));
    }
  }

  private void look() throws IOException {
    Moment begun = Moment.now();
    Standing standing = folder.standing(runId);
    synchronized (this) {
      if (state == LeaseFolder.State.GONE || begun.nanos() - looked.nanos() < 0) {
        return;
      }
      if (moved == null || standing.modified() != heartbeat) {
        heartbeat = standing.modified();
        moved = begun;
      }
      // A driver without heartbeats gives up by itself, and one whose host is lost will have none any more.
      boolean silent = begun.nanos() - moved.nanos() >= timing.stale().toNanos();
      state = silent ? LeaseFolder.State.GONE : standing.state();
      if (state == LeaseFolder.State.ENDING && ending == null) {
        ending = Moment.now();
      }
      looked = begun;
    }
  }
}
