package org.lakebrush.job;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.executor.Care;
import org.lakebrush.executor.Care.Mode;
import org.lakebrush.executor.RunContext;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.sink.Deaths;
import org.lakebrush.sink.Fence;
import org.lakebrush.sink.Hand;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Causes;
import org.lakebrush.source.ImageRefs;
import org.lakebrush.source.OneLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The slices of a run: several at once, each published as it ends.
 *
 * <p>What becomes of a process's death. Many images are in hand then, and nobody knows which of them it was. So those of its slices are
 * tried again carefully, one of a task after another, each with a marker: by Spark's next attempt, where an executor died, and after all
 * others in the next run, where the driver died. An image whose marker is left had one death alone; since something else may have been
 * the reason, it is put off to the end, where it is all that runs. After a second death it is logged as CRASHED, and not tried again.
 *
 * <p>Used once, by one thread.
 */
final class SliceRun {
  private static final Logger LOG = LoggerFactory.getLogger(SliceRun.class);
  /** Images that must have been tried before a run is stopped early for its share of failures. */
  static final int EARLY_STOP_IMAGES = 200;
  /** Most images of a slice that goes one by one: what a death takes with it is little then. */
  private static final int CAREFUL_IMAGES = 32;
  /** For slices to end once they are cancelled. */
  private static final Duration SLICES_END = Duration.ofSeconds(30);

  /**
   * A part of the to-do list.
   *
   * @param refs rows of {@link Units#schema}
   * @param images that these stand for
   */
  private record Slice(int number, List<Row> refs, long images) {
    List<String> keys() {
      return refs.stream().map(SliceRun::key).toList();
    }
  }

  /** How many files a slice holds. */
  private interface Fill {
    boolean fills(int rows, long images);
  }

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final JobSpec spec;
  private final RunListener listener;
  private final Instant started;
  private final CleanupJob.Prepared prepared;
  private final RunContext run;
  private final Lease lease;
  private final AtomicReference<String> lost;
  private final RunEnd end;
  private final boolean whole;

  private final Totals totals = new Totals();
  private final List<String> failedSlices = Collections.synchronizedList(new ArrayList<>());
  /** Of the slices that came to nothing. */
  private final AtomicLong givenUp = new AtomicLong();
  private final AtomicLong published = new AtomicLong();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicReference<String> stop = new AtomicReference<>();
  /** What the driver of an earlier run had in hand when it died. */
  private final List<Row> suspects = new ArrayList<>();
  /** What was alone in hand when a process died. */
  private final List<Row> putOff = Collections.synchronizedList(new ArrayList<>());
  private final ExecutorService slices;
  private int number;
  /** Null once it must not be interrupted any more; guarded by this. */
  private Thread worker;

  /**
   * The slices of a run.
   *
   * @param lost says why the lease is lost, once it is
   * @param end after which nothing new is begun
   * @param whole whether the to-do list is that of all images
   */
  SliceRun(SparkSession spark, JobSpec spec, RunListener listener, Instant started, CleanupJob.Prepared prepared, RunContext run,
      Lease lease, AtomicReference<String> lost, RunEnd end, boolean whole) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.spec = spec;
    this.listener = listener;
    this.started = started;
    this.prepared = prepared;
    this.run = run;
    this.lease = lease;
    this.lost = lost;
    this.end = end;
    this.whole = whole;
    this.slices = Executors.newFixedThreadPool(spec.run().slicesInFlight(), SliceRun::daemon);
  }

  private static String key(Row ref) {
    return Hand.key(ImageRefs.fromRow(ref));
  }

  /** Does them all, or as many as it may. */
  RunSummary run() throws IOException, InterruptedException {
    long start = System.nanoTime();
    Plan plan = prepared.plan();
    ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(SliceRun::daemon);
    Configuration conf = run.conf().value().value();
    RunProgress.follow(this::progress);
    try (Hand hand = new Hand(conf, prepared.places().log(), run.runId(), "driver", Fence.OPEN)) {
      ticker.scheduleAtFixedRate(() -> {
        RunProgress now = progress();
        listener.progress(now.done(), now.failed(), plan, Duration.ofNanos(System.nanoTime() - start));
      }, 1, 1, TimeUnit.SECONDS);
      startWork();
      end.whenAsked(this::comeToEnd);
      passes(hand);
      slices.shutdown();
      slices.awaitTermination(Long.MAX_VALUE, TimeUnit.DAYS);
    } catch (InterruptedException e) {
      if (!end.isAsked()) {
        throw e;
      }
    } finally {
      endWork();
      ticker.shutdownNow();
      RunProgress last = progress();
      RunProgress.follow(() -> last);
      if (!slices.isTerminated()) {
        // On the way out of an exception: nothing may write any more once the lease is given back.
        slices.shutdownNow();
        context.cancelJobGroup(run.runId());
        slices.awaitTermination(end.atMost(SLICES_END).toMillis(), TimeUnit.MILLISECONDS);
      }
    }
    long left = plan.todo() - published.get();
    if (end.isAsked() && left > 0) {
      stop.compareAndSet(null, end.reason() + ": what was in hand was finished or given up; the same command goes on where it stopped");
    }
    if (lost.get() != null) {
      stop.set("the lease on the log is lost: " + lost.get());
    }
    return new RunSummary(run.runId(), plan, totals, left, stop.get(), List.copyOf(failedSlices),
        Duration.ofNanos(System.nanoTime() - start), failureShare(totals) > spec.limits().maxFailures());
  }

  private RunProgress progress() {
    long todo = prepared.plan().todo();
    return new RunProgress(todo, Math.min(todo, Math.max(run.imagesDone().value(), totals.images())),
        Math.max(run.imagesFailed().value(), totals.count(Status.FAILED)), running.get());
  }

  private boolean ends() {
    return stop.get() != null || lost.get() != null || end.isAsked();
  }

  /** On a thread of its own: executors are told, and what still runs when they should be through is cancelled. */
  private void comeToEnd() {
    listener.note(end.reason() + ": no new image is begun; what is in hand is finished, or given up within 15 s");
    lease.end();
    try {
      if (!slices.awaitTermination(end.atMost(Duration.ofDays(1)).toMillis(), TimeUnit.MILLISECONDS)) {
        context.cancelJobGroup(run.runId());
        if (!slices.awaitTermination(end.atMost(SLICES_END).toMillis(), TimeUnit.MILLISECONDS)) {
          interruptWork();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void startWork() {
    worker = Thread.currentThread();
  }

  private synchronized void interruptWork() {
    if (worker != null) {
      worker.interrupt();
    }
  }

  private synchronized void endWork() {
    worker = null;
    if (end.isAsked()) {
      Thread.interrupted();
    }
  }

  private void passes(Hand hand) throws IOException, InterruptedException {
    hand.forgetOld();
    Deaths deaths = hand.deaths();
    int inFlight = spec.run().slicesInFlight();
    try {
      context.setJobGroup(run.runId(), "reading the to-do list of run " + run.runId());
      Iterator<Row> todo = prepared.todo().refs().toLocalIterator();
      pass(hand, new Others(todo, hand.suspects(), deaths), prepared.units()::fills, new Care(Mode.FAST, deaths, 0), inFlight);
      if (!suspects.isEmpty() && !ends()) {
        listener.note(images(suspects) + " images that a run had in hand when it died are done one by one");
        pass(hand, suspects.iterator(), (rows, images) -> images >= CAREFUL_IMAGES, new Care(Mode.CAREFUL, deaths, 0), inFlight);
      }
      if (!putOff.isEmpty() && !ends()) {
        listener.note(images(putOff) + " images that were put off when a process died are done with nothing beside them");
        pass(hand, List.copyOf(putOff).iterator(), (rows, images) -> rows == 1, new Care(Mode.LAST, deaths, 0), 1);
      }
    } catch (InterruptedException e) {
      // Who waits for slices that do not end must not begin to wait for them once more.
      throw e;
    } catch (Exception e) {
      // All Spark jobs are cancelled then, among them the one that the references come from.
      if (lost.get() == null && !end.isAsked()) {
        throw e;
      }
    }
    if (whole && !ends()) {
      hand.forgetOthers();
    }
  }

  private long images(List<Row> refs) {
    return refs.stream().mapToLong(prepared.units()::images).sum();
  }

  /** The to-do list without what goes later, which it puts aside. */
  private final class Others implements Iterator<Row> {
    private final Iterator<Row> all;
    private final Set<String> inHand;
    private final Deaths deaths;
    private Row next;

    Others(Iterator<Row> all, Set<String> inHand, Deaths deaths) {
      this.all = all;
      this.inHand = inHand;
      this.deaths = deaths;
    }

    @Override
    public boolean hasNext() {
      while (next == null && all.hasNext()) {
        Row ref = all.next();
        String key = inHand.isEmpty() && deaths.byUnit().isEmpty() ? "" : key(ref);
        if (deaths.isOpen(key)) {
          putOff.add(ref);
        } else if (inHand.contains(key)) {
          suspects.add(ref);
        } else {
          next = ref;
        }
      }
      return next != null;
    }

    @Override
    public Row next() {
      hasNext();
      Row ref = next;
      next = null;
      return ref;
    }
  }

  /** Does all of these, in slices, and waits for them. */
  private void pass(Hand hand, Iterator<Row> todo, Fill fill, Care care, int inFlight) throws InterruptedException {
    Semaphore places = new Semaphore(inFlight);
    while (todo.hasNext()) {
      places.acquire();
      if (ends()) {
        places.release();
        break;
      }
      List<Row> refs = new ArrayList<>();
      long count = 0;
      while (todo.hasNext() && !fill.fills(refs.size(), count)) {
        Row ref = todo.next();
        refs.add(ref);
        count += prepared.units().images(ref);
      }
      Slice slice = new Slice(number++, refs, count);
      slices.execute(() -> {
        running.incrementAndGet();
        try {
          slice(hand, slice, care);
        } finally {
          running.decrementAndGet();
          stopEarly();
          places.release();
        }
      });
    }
    places.acquire(inFlight);
  }

  private void slice(Hand hand, Slice slice, Care care) {
    long start = System.nanoTime();
    try {
      hand.note(slice.number(), slice.keys());
      List<LogRow> rows = rows(hand, slice, care);
      // Rows of a run that may count as dead would double those of the run that took over.
      if (!lease.confirmed()) {
        lost.compareAndSet(null, "no heartbeat could be written in time; the same command goes on where it stopped");
        return;
      }
      try {
        if (!rows.isEmpty()) {
          prepared.log().publish(LocalDate.ofInstant(started, ZoneOffset.UTC), run.runId(), slice.number(), rows,
              run.retries().whilst(lease::held));
          totals.add(rows);
        }
        tell(slice, rows, Duration.ofNanos(System.nanoTime() - start));
      } finally {
        // Also where the log took no rows: no process died of these images.
        forget(hand, slice);
      }
      settle(hand, slice, care.mode(), rows);
    } catch (Exception e) {
      if (end.isAsked()) {
        forget(hand, slice);
      } else if (lost.get() == null) {
        String failed = "slice " + slice.number() + " (" + slice.images() + " images): " + firstLine(e);
        failedSlices.add(failed);
        LOG.error("given up: {}", OneLine.of(failed));
        givenUp.addAndGet(slice.images());
      }
    }
  }

  /** One line for the slice, and one for each image that failed: what is in the log, and when. */
  private static void tell(Slice slice, List<LogRow> rows, Duration took) {
    Map<Status, Long> counts = new EnumMap<>(Status.class);
    for (LogRow row : rows) {
      counts.merge(row.status(), 1L, Long::sum);
      if (row.status() == Status.FAILED) {
        LOG.warn("FAILED {} {}: {}", row.errorKind(), OneLine.of(row.uri()), OneLine.of(row.errorMessage()));
      }
    }
    double seconds = Math.max(took.toMillis() / 1e3, 1e-3);
    LOG.info(String.format(Locale.ROOT, "slice %d: %d images in %.1f s, %.1f images/s: %d repaired, %d for review, %d unchanged, %d failed",
        slice.number(), rows.size(), seconds, rows.size() / seconds, counts.getOrDefault(Status.REPAIRED, 0L),
        counts.getOrDefault(Status.REVIEW, 0L), counts.getOrDefault(Status.UNCHANGED, 0L), counts.getOrDefault(Status.FAILED, 0L)));
  }

  /** A slice that is done with is none that a driver died over. */
  private static void forget(Hand hand, Slice slice) {
    try {
      hand.forget(slice.number());
    } catch (IOException e) {
      LOG.warn("the next run does the images of slice {} one by one, as the note of it cannot be deleted: {}", slice.number(),
          Causes.inOneLine(e));
    }
  }

  /**
   * The rows of a slice, however often it takes: what Spark gave up is tried again, carefully, as long as that brings to light of what
   * processes die. Files that were put off have no rows.
   */
  private List<LogRow> rows(Hand hand, Slice slice, Care first) throws Exception {
    Care care = first;
    while (true) {
      Exception failure = new IllegalStateException("no attempt brought a row");
      try {
        List<LogRow> rows = collect(slice, care);
        if (care.mode() != Mode.LAST || !rows.isEmpty()) {
          return rows;
        }
      } catch (Exception e) {
        // Spark's checked exceptions, too, which it does not declare.
        failure = e;
      }
      if (ends() || slices.isShutdown()) {
        throw failure;
      }
      Deaths deaths = hand.deaths();
      boolean another = care.mode() == Mode.FAST || deaths.of(slice.keys()) > care.deaths().of(slice.keys());
      if (!another) {
        throw failure;
      }
      care = new Care(care.mode() == Mode.FAST ? Mode.CAREFUL : care.mode(), deaths, care.before() + 1);
    }
  }

  private List<LogRow> collect(Slice slice, Care care) {
    context.setJobGroup(run.runId(), "slice " + slice.number() + ": " + slice.images() + " images of run " + run.runId());
    List<List<Row>> tasks = TaskCut.cut(slice.refs());
    Dataset<Row> dataset = spark.createDataFrame(context.parallelize(tasks, tasks.size()).flatMap(List::iterator),
        prepared.units().schema());
    // As an RDD's action: a Dataset's runs under the session's artifacts, which lack the files added to the context (SPARK-53478).
    return dataset.mapPartitions(prepared.units().task(run, slice.number(), care), Encoders.row(ResultLog.SCHEMA)).javaRDD().collect()
        .stream().map(ResultLog::fromRow).toList();
  }

  /** Files with rows are done with, the others put off. */
  private void settle(Hand hand, Slice slice, Mode mode, List<LogRow> rows) {
    Set<String> uris = slice.refs().stream().map(SliceRun::uri).collect(Collectors.toSet());
    Set<String> done = new HashSet<>();
    Set<String> crashed = new HashSet<>();
    for (LogRow row : rows) {
      String unit = unit(row.uri(), uris);
      done.add(unit);
      if (row.errorKind() == ErrorKind.CRASHED) {
        crashed.add(unit);
      }
    }
    for (Row ref : slice.refs()) {
      if (!done.contains(uri(ref))) {
        putOff.add(ref);
        continue;
      }
      published.addAndGet(prepared.units().images(ref));
      if (mode == Mode.LAST && !crashed.contains(uri(ref))) {
        forgive(hand, ref);
      }
    }
  }

  /** What is in the log is done, whatever is left in hand. */
  private static void forgive(Hand hand, Row ref) {
    try {
      hand.forgive(key(ref));
    } catch (IOException e) {
      LOG.warn("{} is taken for one that a process died of, as its markers cannot be deleted: {}", OneLine.of(uri(ref)),
          Causes.inOneLine(e));
    }
  }

  private static String uri(Row ref) {
    return ImageRefs.fromRow(ref).uri();
  }

  /** The file that a row is about: that with its URI, or the table's file in front of {@code #} and a key. */
  private static String unit(String uri, Set<String> units) {
    for (int end = uri.length(); end > 0; end = uri.lastIndexOf('#', end - 1)) {
      if (units.contains(uri.substring(0, end))) {
        return uri.substring(0, end);
      }
    }
    return uri;
  }

  /**
   * Images of slices that were given up count as failed here: they have no row, and would burn a night as well. An outage of a store is no
   * wrong input, unless nothing at all has come through.
   */
  private void stopEarly() {
    boolean works = totals.count(Status.FAILED) < totals.images();
    long failed = totals.count(Status.FAILED) + givenUp.get() - (works ? totals.byKind().getOrDefault(ErrorKind.UNAVAILABLE, 0L) : 0);
    long tried = totals.images() + givenUp.get();
    if (tried >= EARLY_STOP_IMAGES && failed > spec.limits().maxFailures() * tried) {
      stop.compareAndSet(null, String.format("%d of the first %d images failed%s, which is more than limits.max_failures (%s): stopped, so"
          + " that a wrong input or a wrong key does not burn a night", failed, tried,
          givenUp.get() > 0 ? " (" + givenUp + " with slices that were given up)" : "", percent(spec.limits().maxFailures())));
    }
  }

  private static double failureShare(Totals totals) {
    return totals.images() == 0 ? 0 : (double) totals.count(Status.FAILED) / totals.images();
  }

  static String percent(double share) {
    double value = share * 100;
    return (value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value)) + "%";
  }

  private static String firstLine(Exception e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "lakebrush-slice");
    thread.setDaemon(true);
    return thread;
  }
}
