package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.lakebrush.lama.Device;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.sink.Sha256;
import org.lakebrush.source.Input;
import org.lakebrush.testing.FileTree;
import org.lakebrush.testing.LocalSpark;

/** Runs jobs as the command line does, and reads what they left. */
final class Runs {
  /** Repairs the red mark of {@link org.lakebrush.testing.Lakes}. */
  static final String RED = "masks: [{kind: color, rgb: '#ff0000', tolerance: 60}]\n";

  /** A file that a log keeps. */
  static final String KEPT = "(run_date=[0-9-]+/[^/]+\\.parquet|_runs/[^/]+\\.json)";

  final Input input;
  final String output;
  final String log;
  final Path scratch;
  /** What the runs said. */
  final List<String> notes = new ArrayList<>();

  private Runs(Input input, String output, String log, Path scratch) {
    this.input = input;
    this.output = output;
    this.log = log;
    this.scratch = scratch;
  }

  /** A lake {@code in} with {@code out} and {@code log} beside it. */
  static Runs in(Path folder) {
    return new Runs(new Input.Files(folder.resolve("in").toString()), folder.resolve("out").toString(), folder.resolve("log").toString(), folder);
  }

  /** The same below another root, for example {@code hdfs://host/x}. */
  static Runs at(String root, Path scratch) {
    return new Runs(new Input.Files(root + "/in"), root + "/out", root + "/log", scratch);
  }

  /** The same with the input read through another file system. */
  Runs reading(String otherInput) {
    return reading(new Input.Files(otherInput));
  }

  /** The same with another input. */
  Runs reading(Input other) {
    return new Runs(other, output, log, scratch);
  }

  /** The same with another output. */
  Runs writing(String otherOutput) {
    return new Runs(input, otherOutput, log, scratch);
  }

  RunSummary run(String job, String... set) throws Exception {
    return job(job, set).run();
  }

  CleanupJob job(String job, String... set) throws Exception {
    return job(job, OptionalInt.empty(), OptionalInt.empty(), set);
  }

  CleanupJob job(String job, OptionalInt limit, OptionalInt sample, String... set) throws Exception {
    Path file = Files.write(scratch.resolve("job.yaml"), job.getBytes(StandardCharsets.UTF_8));
    return job(JobSpecReader.read(file, List.of(set)), limit, sample);
  }

  CleanupJob job(JobSpec spec, OptionalInt limit, OptionalInt sample) {
    return job(spec, new RunRequest(input, output, log, Device.parse("cpu"), limit, sample, false, null));
  }

  CleanupJob job(JobSpec spec, RunRequest request) {
    return new CleanupJob(LocalSpark.get(), spec, request,
        new RunListener() {
          @Override
          public void note(String line) {
            notes.add(line);
          }

          @Override
          public void planned(Plan plan) {}

          @Override
          public void progress(long done, long failed, Plan plan, Duration elapsed) {}
        });
  }

  /** The log's rows, of all runs. */
  List<LogRow> rows() throws Exception {
    org.apache.hadoop.fs.Path folder = new org.apache.hadoop.fs.Path(log);
    List<Row> rows = new ResultLog(LocalSpark.get().sparkContext().hadoopConfiguration(), folder).read(LocalSpark.get()).collectAsList();
    return rows.stream().map(ResultLog::fromRow).toList();
  }

  /** The rows of one run by relative path. */
  Map<String, LogRow> rows(RunSummary run) throws Exception {
    Map<String, LogRow> byPath = new TreeMap<>();
    for (LogRow row : rows()) {
      if (row.runId().equals(run.runId()) && byPath.put(row.path(), row) != null) {
        throw new AssertionError("two rows for " + row.path());
      }
    }
    return byPath;
  }

  /** Relative paths of the images in a local output, sorted. */
  List<String> outputs() throws Exception {
    return files(output).stream().filter(f -> !f.startsWith("_lakebrush/")).toList();
  }

  /** For a local output and log: each image that is there is whole and has one row, and there is nothing else. */
  void assertConsistent() throws Exception {
    List<LogRow> rows = rows().stream().filter(row -> row.output() != null).toList();
    assertEquals(rows.stream().map(LogRow::path).sorted().toList(), outputs(), "one row for each image");
    for (LogRow row : rows) {
      assertEquals(row.output().sha256(), Sha256.hex(Files.readAllBytes(Path.of(output, row.path()))), "whole: " + row.path());
    }
    List<String> strays = new ArrayList<>(strays());
    strays.addAll(files(output).stream().filter(f -> f.startsWith("_lakebrush/")).toList());
    assertEquals(List.of(), strays, "neither lease, staging nor marker");
  }

  /** What a local log holds beside what it keeps: rows, and records of runs. */
  List<String> strays() throws IOException {
    return files(log).stream().filter(f -> !f.matches(KEPT)).toList();
  }

  /** Relative paths of all files below a local folder, sorted; what vanishes meanwhile is left out. */
  static List<String> files(String folder) throws IOException {
    Path root = Path.of(folder);
    return FileTree.files(root).stream().map(f -> root.relativize(f).toString()).sorted().collect(Collectors.toList());
  }
}
