package org.lakebrush.job;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.sha1;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.timestamp_millis;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.Test;
import org.lakebrush.cli.Spark;
import org.lakebrush.lama.Device;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.source.HadoopDefaults;
import org.lakebrush.source.Input;
import org.lakebrush.testing.Jvm;
import org.lakebrush.testing.Lakes;

/**
 * How long planning takes, and in what memory: {@code mvn test -Dtest=PlanningMeasure -Dlakebrush.measure=FOLDER}, FOLDER for what is made
 * and deleted again (2 GB for the default of 5 million references; {@code -Dlakebrush.measure.count=N} for others). A manifest is made,
 * and a log of which 98% of it are done, one file for each slice of {@code -Dlakebrush.measure.slice=N} rows (256, the default of
 * {@code run.slice_images}). Then a JVM of 2 GB, as {@code submit.sh} starts it, reads the manifest, compares it with the log, and cuts what
 * is left into slices.
 */
class PlanningMeasure {
  private static final String HEAP = System.getProperty("lakebrush.measure.heap", "2g");
  /** Of so many images one is not logged, and another has failed. */
  private static final int RARE = 100;

  @Test
  void planning() throws Exception {
    String measure = System.getProperty("lakebrush.measure");
    assumeTrue(measure != null, "-Dlakebrush.measure=FOLDER");
    Path folder = Files.createDirectories(Path.of(measure, "planning").toAbsolutePath());
    try {
      child("make", folder.toString(), System.getProperty("lakebrush.measure.count", "5000000"),
          System.getProperty("lakebrush.measure.slice", "256"));
      child("plan", folder.toString());
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
      }
    }
  }

  private static void child(String... arguments) throws Exception {
    List<String> command = Jvm.command(List.of("-Xmx" + HEAP, "-XX:MaxDirectMemorySize=1g"), PlanningMeasure.class, List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.inputReader().lines().forEach(System.out::println);
    assertEquals(0, process.waitFor(), arguments[0]);
  }

  /** The JVMs in which data is made and planning is measured. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[1]);
    try (SparkSession spark = Spark.session()) {
      HadoopDefaults.apply(spark.sparkContext().hadoopConfiguration());
      if (arguments[0].equals("make")) {
        make(spark, folder, Long.parseLong(arguments[2]), Integer.parseInt(arguments[3]));
      } else {
        plan(spark, folder);
      }
    }
  }

  private static CleanupJob job(SparkSession spark, Path folder, String manifest, String log) throws Exception {
    Path job = Files.writeString(folder.resolve("job.yaml"), "masks: [{kind: center}]\n");
    return new CleanupJob(spark, JobSpecReader.read(job, List.of()), request(folder, manifest, log), new RunListener() {
      @Override
      public void note(String line) {
        System.out.println(line);
      }

      @Override
      public void planned(Plan plan) {}

      @Override
      public void progress(long done, long failed, Plan plan, Duration elapsed) {}
    });
  }

  private static RunRequest request(Path folder, String manifest, String log) {
    Input input = new Input.Manifest(folder.resolve(manifest).toString(), manifest.equals("one.csv") ? null : "s3a://lake");
    return new RunRequest(input, folder.resolve("out").toString(), folder.resolve(log).toString(), Device.parse("cpu"),
        OptionalInt.empty(), OptionalInt.empty(), false, null);
  }

  private static void make(SparkSession spark, Path folder, long images, int slice) throws Exception {
    // The fingerprint of all is that which a run of this job logs.
    Lakes.write(folder.resolve("one.png"), 1);
    Files.writeString(folder.resolve("one.csv"), "uri\none.png\n");
    job(spark, folder, "one.csv", "one-log").run();
    String fingerprint = spark.read().parquet(folder.resolve("one-log").toString()).first().getAs("fingerprint");

    Column name = sha1(col("id").cast("string").cast("binary"));
    Dataset<Row> rows = spark.range(0, images, 1, 8).select(col("id"),
        concat(lit("s3a://lake/products/"), substring(name, 1, 2), lit("/"), substring(name, 3, 24), lit(".jpg")).as("uri"),
        pmod(xxhash64(col("id")), lit(3_000_000L)).plus(100_000L).as("length"),
        pmod(xxhash64(col("id"), lit(1)), lit(100_000_000L)).multiply(1000L).plus(1_600_000_000_000L).as("modification_time"));
    rows.drop("id").write().parquet(folder.resolve("manifest").toString());
    Column failed = pmod(col("id"), lit(RARE)).equalTo(1);
    Column path = substring(col("uri"), 12, 1000);
    Column[] columns = Stream.of(ResultLog.SCHEMA.fields()).map(f -> switch (f.name()) {
      case "uri", "length" -> col(f.name());
      case "path" -> path;
      case "modification_time" -> timestamp_millis(col("modification_time"));
      case "fingerprint" -> lit(fingerprint);
      case "status" -> when(failed, "FAILED").otherwise("REPAIRED");
      case "output_uri" -> when(failed, null).otherwise(concat(lit("s3a://lake-repaired/"), path));
      case "output_sha256" -> sha2(col("uri"), 256);
      case "finished_at" -> timestamp_millis(col("id").multiply(3).plus(1_790_000_000_000L));
      case "run_id" -> lit("20261101T020304-0123abcd");
      default -> filler(f);
    }).map(c -> c).toArray(Column[]::new);
    for (int i = 0; i < columns.length; i++) {
      StructField field = ResultLog.SCHEMA.fields()[i];
      columns[i] = columns[i].cast(field.dataType()).as(field.name());
    }
    rows.where(pmod(col("id"), lit(RARE)).notEqual(0)).select(columns).write().option("maxRecordsPerFile", slice)
        .parquet(folder.resolve("log/run_date=2026-11-01").toString());
  }

  private static Column filler(StructField field) {
    return field.dataType() instanceof ArrayType ? array() : field.dataType().equals(DataTypes.StringType) ? lit("cpu") : lit(1);
  }

  private static void plan(SparkSession spark, Path folder) throws Exception {
    int files = folder.resolve("log/run_date=2026-11-01").toFile().list((dir, name) -> name.endsWith(".parquet")).length;
    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long start = System.nanoTime();
    long cpu = system.getProcessCpuTime();
    RunRequest request = request(folder, "manifest", "log");
    CleanupJob job = job(spark, folder, "manifest", "log");
    CleanupJob.Prepared prepared = job.prepare(Places.of(request, List.of(), spark.sparkContext().hadoopConfiguration()));
    double planned = (System.nanoTime() - start) / 1e9;
    long images = 0;
    for (Iterator<Row> todo = prepared.todo().refs().toLocalIterator(); todo.hasNext(); todo.next()) {
      images++;
    }
    Plan plan = prepared.plan();
    assertEquals(plan.todo(), images);
    System.out.printf("%d references, a log of %d files: %d done, %d to do in %d slices; planned in %.0f s, cut in %.0f s more, CPU time %.0f"
        + " s; heap of %d MB at most; %s%n", plan.images(), files, plan.alreadyDone(), images,
        (images + 255) / 256, planned, (System.nanoTime() - start) / 1e9 - planned, (system.getProcessCpuTime() - cpu) / 1e9,
        Runtime.getRuntime().maxMemory() >> 20, Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(l -> l.startsWith("VmHWM")).findFirst().orElse("VmHWM unknown").replaceAll("\\s+", " "));
  }
}
