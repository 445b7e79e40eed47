package org.lakebrush.job;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.lakebrush.executor.OpenSession;
import org.lakebrush.executor.RunContext;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.ModelException;
import org.lakebrush.sink.AtomicFiles;
import org.lakebrush.sink.Hand;
import org.lakebrush.sink.HostName;
import org.lakebrush.sink.LeaseRecord;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.Sha256;
import org.lakebrush.source.Causes;
import org.lakebrush.source.HadoopDefaults;
import org.lakebrush.source.Input;
import org.lakebrush.source.InputException;
import org.lakebrush.source.Lake;
import org.lakebrush.source.Reach;
import org.lakebrush.source.Retries;
import org.lakebrush.source.Secrets;

/**
 * The driver of a run: list, take away what the log has, cut into slices, run several slices at once, publish each slice's rows as it
 * ends. Used once, by one thread.
 */
public final class CleanupJob {
  /** Between two lines that say that the run waits for the lease. */
  private static final Duration WAITING_NOTE = Duration.ofSeconds(10);
  /** For killed attempts of tasks to end once the last slice has. */
  private static final Duration TASKS_END = Duration.ofSeconds(10);
  private static final DateTimeFormatter RUN_ID = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss").withZone(ZoneOffset.UTC);

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final JobSpec spec;
  private final RunRequest request;
  private final RunListener listener;
  private final Configuration conf;
  private final RunEnd end;
  private final Instant started = Instant.now();
  private final String runId = RUN_ID.format(started) + "-" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());

  public CleanupJob(SparkSession spark, JobSpec spec, RunRequest request, RunListener listener) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.spec = spec;
    this.request = request;
    this.listener = listener;
    this.conf = HadoopDefaults.apply(spark.sparkContext().hadoopConfiguration());
    this.end = new RunEnd(() -> spark.sparkContext().cancelAllJobs());
  }

  /**
   * What is known before the first slice.
   *
   * @param half the model's half-precision form, or null
   * @param reach where images and masks may be read
   */
  record Prepared(Places places, LamaModel model, LamaModel half, Units units, Reach reach, ResultLog log, ResultLog.Todo todo,
      Plan plan) {}

  /**
   * Plans and writes nothing that stays.
   *
   * @throws UsageException where the run would be refused
   */
  public Plan dryRun() throws UsageException, InputException, ModelException, IOException {
    Places places = Places.of(request, spec.masks(), conf);
    FileSystem fs = places.log().getFileSystem(conf);
    boolean there = fs.exists(places.log());
    end.startPlanning();
    try {
      return prepare(places).plan();
    } catch (Exception e) {
      end.check(e);
      throw e;
    } finally {
      end.endPlanning();
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
   * @throws RunEndedException where {@link #end} came before the first slice
   * @throws IOException where the log or the input cannot be reached
   */
  public RunSummary run() throws UsageException, InputException, ModelException, LeaseHeldException, IOException, InterruptedException {
    Places places = Places.of(request, spec.masks(), conf);
    end.startPlanning();
    try (DeadRuns deadRuns = new DeadRuns(conf, places.log(), runId, listener::note)) {
      return run(places, deadRuns);
    } catch (Exception e) {
      end.check(e);
      throw e;
    } finally {
      end.endPlanning();
    }
  }

  /**
   * Brings the run to its end before its work is done: nothing new is begun, what is in hand is finished or given up, what was done is
   * logged. {@link #run} or {@link #dryRun} comes back within 18 s or so. Returns at once; may be called by any thread, at any time, more
   * than once.
   *
   * @param reason for the summary
   */
  public void end(String reason) {
    end.ask(reason);
  }

  private RunSummary run(Places places, DeadRuns deadRuns)
      throws UsageException, InputException, ModelException, LeaseHeldException, IOException, InterruptedException {
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
        deadRuns.sweep(dead);
      }

      @Override
      public void lost(String why) {
        lost.set(why);
        spark.sparkContext().cancelAllJobs();
      }
    };
    try (Lease lease = Lease.acquire(conf, places.log(),
        new Lease.Request(runId, places.output(), context.isLocal(), request.takeover()), Lease.Timing.DEFAULT, leaseListener)) {
      Retries retries = Retries.of(spec.retry().seconds()).whilst(() -> lease.held() && !end.isAsked());
      try (Story story = new Story(conf, places, record(places), retries, listener)) {
        return story.end(() -> run(places, deadRuns, lease, lost, story));
      } finally {
        end.endPlanning();
        tidyUp(places, deadRuns, lease);
      }
    }
  }

  private RunSummary run(Places places, DeadRuns deadRuns, Lease lease, AtomicReference<String> lost, Story story)
      throws UsageException, InputException, ModelException, IOException, InterruptedException {
    RunContext run = null;
    try {
      deadRuns.sweepAll();
      Prepared prepared = prepare(places);
      story.planned(prepared.plan());
      listener.planned(prepared.plan());
      run = runContext(prepared);
      if (prepared.plan().todo() > 0) {
        end.check();
        handOutModels(prepared);
        end.check();
        String device = openSession(run);
        story.on(device);
        listener.note("model " + prepared.model().name() + " on " + device);
        lease.awaitQuiet();
      }
      end.endPlanning();
      return new SliceRun(spark, spec, listener, started, prepared, run, lease, lost, end, whole()).run();
    } finally {
      end.endPlanning();
      if (run != null) {
        run.conf().destroy();
      }
    }
  }

  private RunRecord record(Places places) {
    List<String> settings = spec.canonical().lines().map(Secrets::hidden).toList();
    return new RunRecord(runId, request.name(), started.toEpochMilli(), HostName.get(), context.sc().applicationId(),
        Secrets.hidden(request.input().uri()), places.output().toString(), settings, Secrets.hidden(spec.inpaint().model()),
        spec.limits().maxFailures(), null, null, null);
  }

  /** Whether all images are looked at, and not some. */
  private boolean whole() {
    return request.limit().isEmpty() && request.sample().isEmpty();
  }

  /** What cannot be deleted is told, and is no reason to call a run failed whose rows are all there. */
  private void tidyUp(Places places, DeadRuns deadRuns, Lease lease) {
    boolean tasksEnded = awaitTasks();
    try {
      if (!tasksEnded) {
        lease.outlived();
      }
      AtomicFiles.sweepLog(conf, places.log(), runId);
      AtomicFiles.sweepOutput(conf, places.output(), runId);
      Hand.sweep(conf, places.log());
      deadRuns.sweepAll();
    } catch (IOException e) {
      listener.note("cannot delete this run's temporary files in " + places.log() + "/_staging or " + places.output() + "/_lakebrush ("
          + Causes.inOneLine(e) + "); delete the folder " + runId + " there if it is left");
    }
  }

  /**
   * A killed attempt goes on for a moment after its slice has ended: what it still stages must not come after the sweep. Whether all have
   * ended.
   */
  private boolean awaitTasks() {
    long until = System.nanoTime() + end.atMost(TASKS_END).toNanos();
    try {
      while (!context.sc().isStopped() && System.nanoTime() < until && areTasksRunning()) {
        Thread.sleep(50);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return context.sc().isStopped() || !areTasksRunning();
  }

  private boolean areTasksRunning() {
    return Stream.of(context.sc().statusTracker().getExecutorInfos()).anyMatch(executor -> executor.numRunningTasks() > 0);
  }

  Prepared prepare(Places places) throws UsageException, InputException, ModelException, IOException {
    end.check();
    LamaModel model = ModelFiles.find(ModelFiles.MODEL, spec.inpaint().model(), conf);
    LamaModel half = ModelFiles.findHalf(spec.inpaint().halfModel(), model, conf);
    end.check();
    // With the output's place: what was repaired into another folder is not done in this one.
    String fingerprint = Sha256.hex(spec.canonical() + "\nmodel " + model.sha256()
        + (half == null ? "" : "\nhalf_model " + half.sha256()) + "\noutput " + places.output());
    Path staging = new Path(places.log(), "_staging/" + runId);
    List<Path> own = List.of(places.log(), places.output());
    Units units = request.input() instanceof Input.Table table ? TableUnits.of(spark, spec, table)
        : new ImageUnits(spark, spec, request.input());
    describe("listing " + Secrets.hidden(request.input().uri()));
    Lake lake = units.list(fingerprint, staging, own);
    end.check();
    lake.notes().forEach(listener::note);
    describe("choosing images, and looking whether two have one output");
    Choice choice = Choice.of(lake, request.sample(), request.limit());
    units.check(choice.refs());
    end.check();
    describe("taking away what the log " + Secrets.hidden(places.log().toString()) + " has as done");
    ResultLog log = new ResultLog(conf, places.log());
    ResultLog.Todo todo = units.todo(log, choice, new Path(staging, "todo"));
    long images = todo.images() + todo.done() + todo.givenUp();
    Plan plan = new Plan(images, lake.maskFiles(), lake.otherFiles(), todo.done(), todo.givenUp(), todo.images(), todo.bytes());
    return new Prepared(places, model, half, units, lake.reach(), log, todo, plan);
  }

  /** What Spark's page says of the jobs that follow. */
  private void describe(String planning) {
    context.setJobGroup(runId, "planning run " + runId + ": " + planning);
  }

  private RunContext runContext(Prepared prepared) {
    LamaModel half = prepared.half();
    return new RunContext(runId, spec.repair(), spec.limits().maxResidual(), spec.limits().secondsPerImage(), spec.output(),
        request.device(), prepared.model().file().getFileName().toString(), prepared.model().name(), prepared.model().sha256(),
        half == null ? null : half.file().getFileName().toString(),
        half == null ? null : half.sha256(), prepared.reach(), prepared.places().output().toString(),
        prepared.places().log().toString(), spec.retry().seconds(),
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
}
