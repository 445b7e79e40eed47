package org.lakebrush.job;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.lakebrush.executor.OpenSession;
import org.lakebrush.executor.RunContext;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.ModelException;
import org.lakebrush.repair.RepairSettings;
import org.lakebrush.sink.AtomicFiles;
import org.lakebrush.sink.LeaseRecord;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.sink.Sha256;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Causes;
import org.lakebrush.source.HadoopDefaults;
import org.lakebrush.source.Input;
import org.lakebrush.source.InputException;
import org.lakebrush.source.Lake;

/**
 * The driver of a run: list, take away what the log has, cut into slices, run several slices at once, publish each slice's rows as it
 * ends. Used once, by one thread.
 */
public final class CleanupJob {
  /** Images that must have been tried before a run is stopped early for its share of failures. */
  static final int EARLY_STOP_IMAGES = 200;
  /** Between two lines that say that the run waits for the lease. */
  private static final Duration WAITING_NOTE = Duration.ofSeconds(10);
  /** For slices to end once they are cancelled. */
  private static final Duration SLICES_END = Duration.ofSeconds(30);
  /** For killed attempts of tasks to end once the last slice has. */
  private static final Duration TASKS_END = Duration.ofSeconds(10);
  private static final DateTimeFormatter RUN_ID = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss").withZone(ZoneOffset.UTC);

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final JobSpec spec;
  private final RunRequest request;
  private final RunListener listener;
  private final Configuration conf;
  private final Instant started = Instant.now();
  private final String runId = RUN_ID.format(started) + "-" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());

  public CleanupJob(SparkSession spark, JobSpec spec, RunRequest request, RunListener listener) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.spec = spec;
    this.request = request;
    this.listener = listener;
    this.conf = HadoopDefaults.apply(spark.sparkContext().hadoopConfiguration());
  }

  /**
   * What is known before the first slice.
   *
   * @param half the model's half-precision form, or null
   */
  record Prepared(Places places, LamaModel model, LamaModel half, Units units, ResultLog log, ResultLog.Todo todo, Plan plan) {}

  /**
   * Plans and writes nothing that stays.
   *
   * @throws UsageException where the run would be refused
   */
  public Plan dryRun() throws UsageException, InputException, ModelException, IOException {
    Places places = Places.of(request, spec.masks(), conf);
    FileSystem fs = places.log().getFileSystem(conf);
    boolean there = fs.exists(places.log());
    try {
      return prepare(places).plan();
    } finally {
      AtomicFiles.sweepLog(conf, places.log(), runId);
      if (!there && fs.exists(places.log()) && fs.listStatus(places.log()).length == 0) {
        fs.delete(places.log(), false);
      }
    }
  }

  /**
   * Runs the job to its end.
   *
   * @throws UsageException where the run is refused before any work
   * @throws LeaseHeldException where another run works on the same log
   * @throws IOException where the log or the input cannot be reached
   */
  public RunSummary run() throws UsageException, InputException, ModelException, LeaseHeldException, IOException, InterruptedException {
    Places places = Places.of(request, spec.masks(), conf);
    AtomicReference<String> lost = new AtomicReference<>();
    Lease.Listener leaseListener = new Lease.Listener() {
      private long lastNote = Long.MIN_VALUE;

      @Override
      public void waiting(LeaseRecord other, Duration age, Duration left) {
        if (lastNote != Long.MIN_VALUE && System.nanoTime() - lastNote < WAITING_NOTE.toNanos()) {
          return;
        }
        lastNote = System.nanoTime();
        listener.note("run " + other.runId() + " on host " + other.host() + " has the lease on this log; its last heartbeat is "
            + age.toSeconds() + " s old, waiting " + left.toSeconds() + " s more before it counts as dead (--takeover does not wait)");
      }

      @Override
      public void sweeping(LeaseRecord dead) throws IOException {
        listener.note("run " + dead.runId() + " on host " + dead.host() + " is dead; taking over from it");
        AtomicFiles.sweepLog(conf, places.log(), dead.runId());
        if (dead.output() != null) {
          try {
            AtomicFiles.sweepOutput(conf, new Path(dead.output()), dead.runId());
          } catch (IOException | IllegalArgumentException e) {
            // An output that is no more must not keep this log from ever being worked on again.
            listener.note("cannot clean up in " + dead.output() + " after run " + dead.runId() + " (" + Causes.inOneLine(e)
                + "); delete _lakebrush/" + dead.runId() + " there if it is left");
          }
        }
      }

      @Override
      public void lost(String why) {
        lost.set(why);
        spark.sparkContext().cancelAllJobs();
      }
    };
    try (Lease lease = Lease.acquire(conf, places.log(),
        new Lease.Request(runId, places.output(), context.isLocal(), request.takeover()), Lease.Timing.DEFAULT, leaseListener)) {
      try {
        Prepared prepared = prepare(places);
        listener.planned(prepared.plan());
        RunContext run = runContext(prepared);
        try {
          if (prepared.plan().todo() > 0) {
            handOutModels(prepared);
            listener.note("model " + prepared.model().name() + " on " + openSession(run));
          }
          return runSlices(prepared, run, lease, lost);
        } finally {
          run.conf().destroy();
        }
      } finally {
        tidyUp(places);
      }
    }
  }

  /** What cannot be deleted is told, and is no reason to call a run failed whose rows are all there. */
  private void tidyUp(Places places) {
    awaitTasks();
    try {
      AtomicFiles.sweepLog(conf, places.log(), runId);
      AtomicFiles.sweepOutput(conf, places.output(), runId);
    } catch (IOException e) {
      listener.note("cannot delete this run's temporary files in " + places.log() + "/_staging or " + places.output() + "/_lakebrush ("
          + Causes.inOneLine(e) + "); delete the folder " + runId + " there if it is left");
    }
  }

  /** A killed attempt goes on for a moment after its slice has ended: what it still stages must not come after the sweep. */
  private void awaitTasks() {
    long until = System.nanoTime() + TASKS_END.toNanos();
    try {
      while (!context.sc().isStopped() && System.nanoTime() < until
          && Stream.of(context.statusTracker().getExecutorInfos()).anyMatch(executor -> executor.numRunningTasks() > 0)) {
        Thread.sleep(50);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  Prepared prepare(Places places) throws UsageException, InputException, ModelException, IOException {
    LamaModel model = ModelFiles.find(ModelFiles.MODEL, spec.inpaint().model(), conf);
    LamaModel half = halfModel(model);
    // With the output's place: what was repaired into another folder is not done in this one.
    String fingerprint = Sha256.hex(spec.canonical() + "\nmodel " + model.sha256()
        + (half == null ? "" : "\nhalf_model " + half.sha256()) + "\noutput " + places.output());
    Path staging = new Path(places.log(), "_staging/" + runId);
    List<Path> own = List.of(places.log(), places.output());
    Units units = request.input() instanceof Input.Table table ? TableUnits.of(spark, spec, table)
        : new ImageUnits(spark, spec, request.input());
    Lake lake = units.list(fingerprint, staging, own);
    lake.notes().forEach(listener::note);
    Choice choice = Choice.of(lake, request);
    units.check(choice.refs());
    ResultLog log = new ResultLog(conf, places.log());
    ResultLog.Todo todo = units.todo(log, choice, new Path(staging, "todo"));
    long images = todo.images() + todo.done() + todo.givenUp();
    Plan plan = new Plan(images, lake.maskFiles(), lake.otherFiles(), todo.done(), todo.givenUp(), todo.images(), todo.bytes());
    return new Prepared(places, model, half, units, log, todo, plan);
  }

  /** The model's half-precision form, or null. */
  private LamaModel halfModel(LamaModel model) throws UsageException, ModelException, IOException {
    String name = spec.inpaint().halfModel();
    if (name == null) {
      return null;
    }
    LamaModel half = ModelFiles.find(ModelFiles.HALF_MODEL, name, conf);
    // Spark keeps files by their names.
    if (half.file().getFileName().equals(model.file().getFileName())) {
      throw new UsageException(ModelFiles.HALF_MODEL + ": " + name + " has the file name of " + ModelFiles.MODEL
          + ": give one of them another name");
    }
    return half;
  }

  private RunContext runContext(Prepared prepared) {
    LamaModel half = prepared.half();
    RepairSettings repair = new RepairSettings(spec.masks(), spec.mask(), spec.inpaint(), spec.spectral(),
        spec.output().outputName().format().orElse(null), spec.limits().maxPixels());
    return new RunContext(runId, repair, spec.limits().maxResidual(), spec.output(), request.device(),
        prepared.model().file().getFileName().toString(), prepared.model().name(), prepared.model().sha256(),
        half == null ? null : half.file().getFileName().toString(),
        half == null ? null : half.sha256(), prepared.places().output().toString(), prepared.places().log().toString(),
        context.broadcast(new SerializableConfiguration(conf)), spark.sparkContext().longAccumulator(),
        spark.sparkContext().longAccumulator());
  }

  /** Not before the plan is made, whose jobs need no model, and would have it fetched by each executor. */
  private void handOutModels(Prepared prepared) throws UsageException {
    ModelFiles.handOut(spark, ModelFiles.MODEL, spec.inpaint().model(), prepared.model());
    if (prepared.half() != null) {
      ModelFiles.handOut(spark, ModelFiles.HALF_MODEL, spec.inpaint().halfModel(), prepared.half());
    }
  }

  /** Opens the session on one executor; the others have the same model and, on a cluster worth its name, the same devices. */
  private String openSession(RunContext run) throws ModelException {
    context.setJobGroup(runId, "opening the model for run " + runId);
    OpenSession.Opened opened = context.parallelize(List.of(0), 1).map(new OpenSession(run)).first();
    if (opened.refused() != null) {
      throw new ModelException(opened.refused());
    }
    return opened.device();
  }

  private RunSummary runSlices(Prepared prepared, RunContext run, Lease lease, AtomicReference<String> lost) throws InterruptedException {
    Totals totals = new Totals();
    List<String> failedSlices = Collections.synchronizedList(new ArrayList<>());
    AtomicLong givenUp = new AtomicLong();
    AtomicLong published = new AtomicLong();
    AtomicReference<String> stop = new AtomicReference<>();
    long start = System.nanoTime();
    Plan plan = prepared.plan();

    ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(CleanupJob::daemon);
    ExecutorService slices = Executors.newFixedThreadPool(spec.run().slicesInFlight(), CleanupJob::daemon);
    try {
      ticker.scheduleAtFixedRate(
          () -> listener.progress(Math.min(plan.todo(), Math.max(run.imagesDone().value(), totals.images())),
              Math.max(run.imagesFailed().value(), totals.count(Status.FAILED)), plan, Duration.ofNanos(System.nanoTime() - start)),
          1, 1, TimeUnit.SECONDS);
      Semaphore places = new Semaphore(spec.run().slicesInFlight());
      try {
        Iterator<Row> todo = prepared.todo().refs().toLocalIterator();
        for (int slice = 0; todo.hasNext(); slice++) {
          places.acquire();
          if (stop.get() != null || lost.get() != null) {
            break;
          }
          List<Row> refs = new ArrayList<>();
          long count = 0;
          while (todo.hasNext() && !prepared.units().fills(refs.size(), count)) {
            Row ref = todo.next();
            refs.add(ref);
            count += prepared.units().images(ref);
          }
          int number = slice;
          long images = count;
          slices.execute(() -> {
            try {
              List<LogRow> rows = runSlice(prepared.units(), run, number, refs, images);
              // Rows of a run that may count as dead would double those of the run that took over.
              if (lease.held()) {
                prepared.log().publish(LocalDate.ofInstant(started, ZoneOffset.UTC), runId, number, rows);
                totals.add(rows);
                published.addAndGet(images);
              } else {
                lost.compareAndSet(null, "no heartbeat could be written in time; the same command goes on where it stopped");
              }
            } catch (Exception e) {
              if (lost.get() == null) {
                failedSlices.add("slice " + number + " (" + images + " images): " + firstLine(e));
                givenUp.addAndGet(images);
              }
            } finally {
              stopEarly(totals, givenUp.get(), stop);
              places.release();
            }
          });
        }
      } catch (Exception e) {
        // With the lease all Spark jobs are cancelled, among them the one that the references come from.
        if (lost.get() == null) {
          throw e;
        }
      }
      slices.shutdown();
      slices.awaitTermination(Long.MAX_VALUE, TimeUnit.DAYS);
    } finally {
      ticker.shutdownNow();
      if (!slices.isTerminated()) {
        // On the way out of an exception: nothing may write any more once the lease is given back.
        slices.shutdownNow();
        context.cancelJobGroup(runId);
        slices.awaitTermination(SLICES_END.toSeconds(), TimeUnit.SECONDS);
      }
    }
    if (lost.get() != null) {
      stop.set("the lease on the log is lost: " + lost.get());
    }
    return new RunSummary(runId, plan, totals, plan.todo() - published.get(), stop.get(), List.copyOf(failedSlices),
        Duration.ofNanos(System.nanoTime() - start), failureShare(totals) > spec.limits().maxFailures());
  }

  private List<LogRow> runSlice(Units units, RunContext run, int slice, List<Row> refs, long images) {
    context.setJobGroup(runId, "slice " + slice + ": " + images + " images of run " + runId);
    List<List<Row>> tasks = TaskCut.cut(refs);
    Dataset<Row> dataset = spark.createDataFrame(context.parallelize(tasks, tasks.size()).flatMap(List::iterator), units.schema());
    // As an RDD's action: a Dataset's runs under the session's artifacts, which lack the files added to the context (SPARK-53478).
    return dataset.mapPartitions(units.task(run, slice), Encoders.row(ResultLog.SCHEMA)).javaRDD().collect().stream()
        .map(ResultLog::fromRow).toList();
  }

  /**
   * Images of slices that were given up count as failed here: they have no row, and would burn a night as well.
   *
   * @param givenUp how many these are
   */
  private void stopEarly(Totals totals, long givenUp, AtomicReference<String> stop) {
    long failed = totals.count(Status.FAILED) + givenUp;
    long tried = totals.images() + givenUp;
    if (tried >= EARLY_STOP_IMAGES && failed > spec.limits().maxFailures() * tried) {
      stop.compareAndSet(null, String.format("%d of the first %d images failed%s, which is more than limits.max_failures (%s): stopped, so"
          + " that a wrong input or a wrong key does not burn a night", failed, tried,
          givenUp > 0 ? " (" + givenUp + " with slices that were given up)" : "", percent(spec.limits().maxFailures())));
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
