package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.executor.Care;
import org.lakebrush.executor.RepairTask;
import org.lakebrush.executor.RunContext;
import org.lakebrush.executor.TableTask;
import org.lakebrush.lama.Device;
import org.lakebrush.mask.HoleMarker;
import org.lakebrush.mask.MaskInput;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.repair.RepairSettings;
import org.lakebrush.sink.Deaths;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.sink.Status;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.ImageRefs;
import org.lakebrush.source.Input;
import org.lakebrush.source.Reach;
import org.lakebrush.testing.Lakes;
import org.lakebrush.testing.LocalSpark;
import org.lakebrush.testing.MiniHdfs;
import org.lakebrush.testing.S3Endpoint;
import org.lakebrush.testing.Tables;

/** Runs that are told to end, and tasks whose run is no more. */
class RunEndTest {
  private static final int IMAGES = 100;

  @TempDir
  Path folder;

  /** Marks nothing, and takes half a second for it, so that no machine is too fast. */
  public record SlowMask() implements MaskSpec {
    @Override
    public String kind() {
      return "slow";
    }

    @Override
    public void mark(MaskInput image, HoleMarker hole) {
      try {
        Thread.sleep(500);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while marking", e);
      }
    }

    @Override
    public String canonical() {
      return "slow";
    }
  }

  private static FutureTask<RunSummary> start(CleanupJob job) {
    FutureTask<RunSummary> run = new FutureTask<>(job::run);
    new Thread(run).start();
    return run;
  }

  /** Has a run on images that take their time told to end once the first is there. */
  private Runs ends(Runs at, Callable<List<String>> all) throws Exception {
    for (int i = 0; i < IMAGES; i++) {
      Lakes.write(folder.resolve(String.format("in/slow%03d.png", i)), i);
    }
    Runs runs = at.reading("fault:" + folder + "/in");
    CleanupJob job = runs.job(Runs.RED, "run.slice_images=1000");
    FutureTask<RunSummary> run = start(job);
    while (all.call().stream().noneMatch(f -> f.startsWith("out/slow"))) {
      assertFalse(run.isDone());
      Thread.sleep(20);
    }
    job.end("told to");
    job.end("once more");
    RunSummary summary = run.get(1, TimeUnit.MINUTES);

    assertTrue(summary.stoppedEarly().startsWith("told to: "), summary.stoppedEarly());
    assertEquals(List.of(), summary.failedSlices());
    List<LogRow> rows = runs.rows();
    assertTrue(!rows.isEmpty() && rows.size() < IMAGES, "done: " + rows.size());
    assertTrue(rows.stream().allMatch(row -> row.status() == Status.REPAIRED), "what was given up has no row");
    assertEquals(rows.size(), summary.totals().images());
    assertEquals(IMAGES - rows.size(), summary.unprocessed());
    List<String> expected = new ArrayList<>(rows.stream().map(row -> "out/" + row.path()).toList());
    List<String> left = new ArrayList<>(all.call());
    assertEquals(1, left.stream().filter(f -> f.matches("log/run_date=[0-9-]+/[^/]+\\.parquet")).count());
    left.removeIf(f -> f.matches("log/" + Runs.KEPT));
    assertEquals(expected.stream().sorted().toList(), left.stream().sorted().toList(), "a row for each output, and nothing beside them");
    return runs;
  }

  @Test
  void whatIsInHandIsFinishedAndTheNextRunGoesOn() throws Exception {
    Runs runs = ends(Runs.in(folder),
        () -> Runs.files(folder.toString()).stream().filter(f -> f.startsWith("out") || f.startsWith("log")).toList());
    int done = runs.rows().size();
    RunSummary next = runs.run(Runs.RED);
    assertEquals(0, next.exitCode());
    assertEquals(done, next.plan().alreadyDone());
    assertEquals(IMAGES, runs.rows().stream().map(LogRow::uri).distinct().count());
    assertEquals(IMAGES, runs.rows().size());
  }

  @Test
  void onS3() throws Exception {
    try (S3Endpoint s3 = S3Endpoint.start()) {
      Configuration conf = LocalSpark.get().sparkContext().hadoopConfiguration();
      s3.options().forEach((key, value) -> conf.set(key.replace("fs.s3a.", "fs.s3a.bucket.ends."), value));
      s3.createBucket("ends");
      ends(Runs.at("s3a://ends", folder), () -> s3.keys("ends").stream().filter(key -> !key.endsWith("/")).toList());
    }
  }

  @Test
  void onHdfs() throws Exception {
    try (MiniHdfs hdfs = MiniHdfs.start(folder.resolve("hdfs"))) {
      FileSystem fs = hdfs.fileSystem();
      org.apache.hadoop.fs.Path lake = new org.apache.hadoop.fs.Path("/lake");
      fs.mkdirs(lake);
      ends(Runs.at(hdfs.uri() + "/lake", folder), () -> {
        List<String> all = new ArrayList<>();
        RemoteIterator<LocatedFileStatus> files = fs.listFiles(lake, true);
        while (files.hasNext()) {
          all.add(files.next().getPath().toUri().getPath().substring("/lake/".length()));
        }
        return all;
      });
    }
  }

  @Test
  void aTablesFileThatTakesTooLongIsGivenUp() throws Exception {
    byte[] image = Lakes.encode(Lakes.picture(112, 96, 1, false), "png");
    for (int n : new int[] {5, 1000}) {
      Path written = folder.resolve("table" + n);
      Tables.write(Tables.rows(n, i -> image), Tables.SCHEMA, written.toString(), 1000, "uncompressed");
      Files.createDirectories(folder.resolve("in"));
      Files.copy(written.resolve(Tables.files(written.toString()).get(0)), folder.resolve("in/rows" + n + ".parquet"));
    }
    Runs runs = Runs.in(folder).reading(new Input.Table(folder.resolve("in").toString(), null, null));
    JobSpec red = JobSpecReader.read(Files.writeString(folder.resolve("job.yaml"), Runs.RED), List.of("run.slice_images=100"));
    JobSpec slow = new JobSpec(List.of(new SlowMask()), red.mask(), red.inpaint(), red.spectral(), red.output(), red.limits(), red.retry(),
        red.run());
    CleanupJob job = runs.job(slow, OptionalInt.empty(), OptionalInt.empty());
    FutureTask<RunSummary> run = start(job);
    while (!Files.exists(folder.resolve("out/rows5.parquet"))) {
      assertFalse(run.isDone());
      Thread.sleep(20);
    }
    job.end("told to");
    RunSummary summary = run.get(1, TimeUnit.MINUTES);
    assertEquals(1000, summary.unprocessed());
    assertEquals(5, runs.rows().size());
    assertEquals(List.of("rows5.parquet"), Runs.files(runs.output));
    assertEquals(List.of(), runs.strays());
  }

  @Test
  void whilePlanningNothingIsBegun() throws Exception {
    Lakes.fill(folder.resolve("in"), 3);
    Runs runs = Runs.in(folder);
    CleanupJob job = runs.job(Runs.RED);
    job.end("told to");
    assertTrue(assertThrows(RunEndedException.class, job::run).getMessage().startsWith("told to: "));
    assertEquals(List.of(), runs.strays());
    assertFalse(Files.exists(folder.resolve("out")));
    CleanupJob dry = runs.job(Runs.RED);
    dry.end("told to");
    assertThrows(RunEndedException.class, dry::dryRun);
    assertEquals(List.of(), runs.strays());
    assertFalse(Thread.interrupted(), "what comes after is not interrupted");
    assertEquals(3, runs.run(Runs.RED).totals().images());
  }

  @Test
  void tasksOfARunThatIsNoMorePublishNothing() throws Exception {
    Path in = Lakes.write(folder.resolve("in/a.png"), 1);
    SparkSession spark = LocalSpark.get();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    JobSpec spec = JobSpecReader.read(Files.writeString(folder.resolve("job.yaml"), Runs.RED), List.of());
    RepairSettings repair = new RepairSettings(spec.masks(), spec.mask(), spec.inpaint(), spec.spectral(), null, spec.limits().maxPixels());
    RunContext run = new RunContext("gone", repair, 1, 60, spec.output(), Device.parse("cpu"), "lama-lite.onnx", "lama-lite", "", null,
        null, new Reach(List.of("file:/"), List.of("file:/")), "file:" + folder + "/out", "file:" + folder + "/log", 1,
        context.broadcast(new SerializableConfiguration(context.hadoopConfiguration())), spark.sparkContext().longAccumulator(),
        spark.sparkContext().longAccumulator());
    Row ref = ImageRefs.toRow(new ImageRef("file:" + in, "a.png", Files.size(in), 0, List.of(), "f"));
    Care care = new Care(Care.Mode.FAST, Deaths.NONE, 0);
    for (MapPartitionsFunction<Row, Row> task : List.of(new RepairTask(run, 0, care), new TableTask(run, 0, care, null, null))) {
      Exception e = assertThrows(Exception.class, () -> spark.createDataFrame(List.of(ref), ImageRefs.SCHEMA)
          .mapPartitions(task, Encoders.row(ResultLog.SCHEMA)).javaRDD().collect());
      assertTrue(e.getMessage().contains("run gone is dead, or another run has taken its log"), e.getMessage());
    }
    assertEquals(List.of("in/a.png", "job.yaml"), Runs.files(folder.toString()));
  }
}
