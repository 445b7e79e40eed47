package org.lakebrush.job;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.lakebrush.sink.HostName;
import org.lakebrush.sink.LeaseFolder;
import org.lakebrush.sink.LeaseFolder.Look;
import org.lakebrush.sink.LeaseFolder.Seen;
import org.lakebrush.sink.LeaseRecord;
import org.lakebrush.source.Causes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run's lease on a log: while it is held, no other run works on that log. Needs of the store only that a written file is whole and
 * is listed from then on.
 *
 * <p>Why two never hold it at once. A run writes its own file first and looks then, and takes the lease only on a look that shows no
 * other run that may live. Of two runs, the one that wrote last sees the other, and so does not take it. Of two that see each other,
 * the later by start time and run id gives way, and the earlier waits for that. A run that is held dead gets a mark before its file is
 * deleted; with each heartbeat a run writes first and looks for that mark then, and whoever marks looks once more for a heartbeat:
 * should the run live after all, at least one of the two sees the other and stops. And a run that could not write a heartbeat for
 * {@link Timing#lost} stops by itself, before {@link Timing#stale} is over.
 *
 * <p>Safe for any number of threads.
 */
public final class Lease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

  /** What the lease tells its run. */
  public interface Listener {
    /**
     * Another run's lease is there, and whether that run lives, or will give way, is not known yet. Called at each look, on the
     * acquiring thread.
     *
     * @param age of its last heartbeat
     * @param left until it counts as dead
     */
    void waiting(LeaseRecord other, Duration age, Duration left);

    /**
     * A dead run's lease is about to go: what that run left behind may be deleted. Called on the acquiring thread; may come again
     * for the same run. Where its executors may outlive it, it is among {@link LeaseFolder#dead} from now on.
     *
     * @param dead its {@code output} is null where its file could not be read
     */
    void sweeping(LeaseRecord dead) throws IOException;

    /**
     * The lease is lost: another run may work on the log, so this one must stop. Called once at most, on a thread of the lease.
     *
     * @param why in one line
     */
    void lost(String why);
  }

  /**
   * Who asks for the lease.
   *
   * @param runId unique among runs; a file name
   * @param output the run's output root, for whoever has to clean up after it
   * @param embedded whether the run's executors are in this process
   * @param takeover take the lease from a run that holds it now and may live, without waiting; that run stops at its next heartbeat
   */
  public record Request(String runId, Path output, boolean embedded, boolean takeover) {}

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
        new Timing(Duration.ofSeconds(10), Duration.ofSeconds(1), LeaseFolder.STALE, Duration.ofSeconds(50));
  }

  private enum State {
    ASKING, HELD, LOST, CLOSED
  }

  private final LeaseFolder folder;
  private final String log;
  private final Timing timing;
  private final Listener listener;
  private final LeaseRecord asked;
  private final List<String> taken = new ArrayList<>();
  /** When the executors of those that were taken over, if any, publish no more; by System.nanoTime. */
  private long quiet = System.nanoTime();
  private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2, Lease::thread);
  /** Held while a heartbeat is written, so that they come one after another. */
  private final Object beats = new Object();
  private long heartbeat;
  private State state = State.ASKING;
  private long beatNanos;
  private long beatMillis;
  private String trouble = "the process was paused";

  private Lease(LeaseFolder folder, String log, LeaseRecord asked, Timing timing, Listener listener) {
    this.folder = folder;
    this.log = log;
    this.asked = asked;
    this.timing = timing;
    this.listener = listener;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "lakebrush-lease");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Takes the lease, waiting where a run that may be dead still has it.
   *
   * @throws LeaseHeldException where another run holds it or was first to ask
   * @throws IOException where the lease's folder cannot be read or written
   */
  public static Lease acquire(Configuration conf, Path log, Request request, Timing timing, Listener listener)
      throws LeaseHeldException, IOException, InterruptedException {
    long pid = ProcessHandle.current().pid();
    LeaseRecord asked = new LeaseRecord(request.runId(), HostName.get(), Processes.machine(), pid, Processes.start(pid).orElse(""),
        System.currentTimeMillis(), request.output().toString(), request.embedded(), false, 0);
    Lease lease = new Lease(new LeaseFolder(conf, log, request.runId()), log.toString(), asked, timing, listener);
    boolean held = false;
    try {
      lease.ask(request.takeover());
      held = true;
      return lease;
    } finally {
      if (!held) {
        lease.close();
      }
    }
  }

  private void ask(boolean takeover) throws LeaseHeldException, IOException, InterruptedException {
    Map<String, Seen> firstSeen = new HashMap<>();
    Set<String> forced = null;
    if (!beat(false)) {
      throw taken();
    }
    every(timing.heartbeat, this::keep);
    while (true) {
      Look look = folder.look();
      Seen own = look.lease(asked.runId());
      if (own == null || look.isTaken(asked.runId())) {
        throw taken();
      }
      if (forced == null) {
        forced = takeover ? heldIn(look) : Set.of();
      }
      List<Seen> dead = new ArrayList<>();
      boolean clear = true;
      for (Seen other : look.leases()) {
        if (other != own) {
          boolean moved = !firstSeen.computeIfAbsent(other.record().runId(), id -> other).sameHeartbeat(other);
          Duration age = Duration.ofMillis(Math.max(0, own.modified() - other.modified()));
          if (isDead(other.record(), age, forced)) {
            dead.add(other);
          } else {
            boolean lives = moved || Processes.isHere(other.record());
            if (lives && (other.record().held() || isBefore(other.record(), asked))) {
              throw new LeaseHeldException(log, other.record(), age);
            }
            clear = false;
            listener.waiting(other.record(), age, timing.stale.minus(age));
          }
        }
      }
      if (clear && dead.isEmpty()) {
        deleteOldMarks(look, own.modified());
        hold();
        return;
      }
      if (clear) {
        for (Seen other : dead) {
          sweep(other, forced.contains(other.record().runId()));
        }
      } else {
        Thread.sleep(timing.poll.toMillis());
      }
      if (!beat(false)) {
        throw taken();
      }
    }
  }

  private static Set<String> heldIn(Look look) {
    Set<String> held = new HashSet<>();
    for (Seen seen : look.leases()) {
      if (seen.record().held()) {
        held.add(seen.record().runId());
      }
    }
    return held;
  }

  private boolean isDead(LeaseRecord other, Duration age, Set<String> forced) {
    return forced.contains(other.runId()) || age.compareTo(timing.stale) >= 0 || isGone(other);
  }

  private static boolean isGone(LeaseRecord other) {
    return Processes.isHere(other) && Processes.hasEnded(other);
  }

  private static boolean isBefore(LeaseRecord a, LeaseRecord b) {
    return a.startedAt() != b.startedAt() ? a.startedAt() < b.startedAt() : a.runId().compareTo(b.runId()) < 0;
  }

  private void sweep(Seen dead, boolean forced) throws IOException {
    String runId = dead.record().runId();
    boolean gone = isGone(dead.record());
    // A process that is seen to be gone writes no heartbeat any more: nobody would read the mark.
    if (!gone) {
      folder.take(runId, asked);
      Seen again = folder.look().lease(runId);
      if (!forced && again != null && !again.sameHeartbeat(dead)) {
        // It lives: the next look will say so.
        folder.untake(runId);
        return;
      }
      taken.add(runId);
    }
    boolean outlived = !gone || !dead.record().embedded();
    if (outlived) {
      folder.bury(dead.record());
    }
    listener.sweeping(dead.record());
    folder.delete(runId);
    if (outlived) {
      quiet = System.nanoTime() + LeaseFolder.FRESH.toNanos();
    }
  }

  /** Waits until no executor of a run that was taken over publishes any more: at most {@link LeaseFolder#FRESH} from the taking on. */
  public void awaitQuiet() throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(quiet - System.nanoTime());
  }

  /** Tells executors that the run comes to its end before its work is done. Returns at once. */
  public void end() {
    again(this::sayEnding, Duration.ZERO);
  }

  private void sayEnding() {
    try {
      folder.end(asked.runId());
    } catch (IOException e) {
      LOG.warn("cannot write to {} that the run ends: {}", log, Causes.inOneLine(e));
      again(this::sayEnding, timing.poll);
    }
  }

  private void again(Runnable work, Duration later) {
    try {
      threads.schedule(work, later.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("the lease on {} is given back or lost: nobody need be told any more", log);
    }
  }

  /** Notes that tasks of this run go on although it is over, so that later runs delete what they leave. */
  public void outlived() throws IOException {
    folder.bury(asked);
  }

  /**
   * As {@link #held}, and looks whether another run has just taken the lease.
   *
   * @throws IOException where it cannot look
   */
  public boolean confirmed() throws IOException {
    return isGood() && held();
  }

  private boolean isGood() throws IOException {
    return folder.standing(asked.runId()).state() != LeaseFolder.State.GONE;
  }

  /** Marks are of use until the run that they are for has given up by itself. */
  private void deleteOldMarks(Look look, long now) throws IOException {
    for (LeaseFolder.Taken mark : look.taken()) {
      if (now - mark.modified() >= timing.stale.toMillis()) {
        folder.untake(mark.runId());
      }
    }
  }

  private void hold() throws IOException {
    synchronized (beats) {
      if (!beat(true)) {
        throw taken();
      }
      synchronized (this) {
        state = State.HELD;
      }
    }
    // A thread of its own: a heartbeat may hang in the store.
    every(timing.poll, this::watch);
  }

  private IOException taken() {
    return new IOException("the lease on " + log + " went to another run while this one asked for it, or this process was paused for "
        + timing.lost.toSeconds() + " s; start again");
  }

  private void every(Duration time, Runnable work) {
    threads.scheduleWithFixedDelay(work, time.toMillis(), time.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void keep() {
    try {
      boolean good;
      synchronized (beats) {
        boolean held;
        synchronized (this) {
          held = state == State.HELD;
        }
        good = beat(held);
      }
      if (!good) {
        lose("its file is gone, so another run took it over");
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("cannot write a heartbeat to {}: {}", log, Causes.inOneLine(e));
      synchronized (this) {
        trouble = Causes.inOneLine(e);
      }
    }
  }

  private void watch() {
    String why;
    synchronized (this) {
      if (sinceBeat().compareTo(timing.lost) < 0) {
        return;
      }
      why = trouble;
    }
    lose("no heartbeat could be written for " + timing.lost.toSeconds() + " s (" + why + ")");
  }

  private void lose(String why) {
    synchronized (this) {
      if (state != State.HELD) {
        return;
      }
      state = State.LOST;
    }
    threads.shutdown();
    listener.lost("run " + asked.runId() + " lost the lease on " + log + ": " + why + "; the same command goes on where it stopped");
  }

  /** Writes a heartbeat unless the lease is gone or taken over; whether it was good before and after, and never too old. */
  private boolean beat(boolean held) throws IOException {
    synchronized (beats) {
      if (heartbeat > 0 && !isGood()) {
        return false;
      }
      long nanos = System.nanoTime();
      long millis = System.currentTimeMillis();
      folder.write(new LeaseRecord(asked.runId(), asked.host(), asked.machine(), asked.pid(), asked.processStart(), asked.startedAt(),
          asked.output(), asked.embedded(), held, heartbeat + 1));
      boolean good = isGood();
      synchronized (this) {
        good &= state != State.CLOSED && (heartbeat == 0 || sinceBeat().compareTo(timing.lost) < 0);
        if (good) {
          beatNanos = nanos;
          beatMillis = millis;
        }
      }
      if (good) {
        heartbeat++;
      } else {
        // Written too late: it must not look like a run that lives.
        folder.delete(asked.runId());
      }
      return good;
    }
  }

  /** By both clocks: one stands still while a machine sleeps, the other may be set. */
  private Duration sinceBeat() {
    long byNanos = (System.nanoTime() - beatNanos) / 1_000_000;
    return Duration.ofMillis(Math.max(byNanos, System.currentTimeMillis() - beatMillis));
  }

  /** Whether the lease is surely held right now: false from the moment on from which another run could think this one dead. */
  public synchronized boolean held() {
    return state == State.HELD && sinceBeat().compareTo(timing.lost) < 0;
  }

  /** Gives the lease back. What cannot be deleted now is taken for dead by the next run. */
  @Override
  public void close() {
    synchronized (this) {
      if (state == State.CLOSED) {
        return;
      }
      state = State.CLOSED;
    }
    threads.shutdown();
    // A run that is ended while it asks is interrupted, and for such a thread HDFS does nothing.
    boolean interrupted = Thread.interrupted();
    try {
      // A heartbeat under way would put the file back; one that hangs in the store may take no longer than one that counts.
      threads.awaitTermination(timing.lost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    try {
      folder.delete(asked.runId());
      for (String runId : taken) {
        folder.untake(runId);
      }
    } catch (IOException e) {
      LOG.warn("cannot delete the lease on {}: {}", log, Causes.inOneLine(e));
    }
    folder.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
