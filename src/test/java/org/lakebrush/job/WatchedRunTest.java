package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Status;
import org.lakebrush.testing.Lakes;

/** What an operator sees of a run from outside: metrics for Prometheus, Spark's page, and the log's lines, against the rows. */
class WatchedRunTest {
  private static final Pattern VALUE = Pattern.compile(
      "metrics_lakebrush_driver_plugin_org_lakebrush_metrics_LakebrushPlugin_(\\w+)_(?:Value|Count|Max|Mean)\\{type=\"\\w+\"} (\\S+)");
  /** Of the same file, if its name were printed as it is. */
  private static final String FORGED = "2026-11-26 03:00:00 INFO  SliceRun: all is well";

  @TempDir
  static Path folder;

  private static List<LogRow> rows;
  private static final Map<String, Double> METRICS = new HashMap<>();
  private static List<String> said;
  private static String page;

  @BeforeAll
  static void run() throws Exception {
    Path in = folder.resolve("in");
    Lakes.fill(in, 10);
    Lakes.write(in.resolve("clean.png"), 1, true);
    Files.write(in.resolve("empty.png"), new byte[0]);
    Files.writeString(in.resolve("bad\n" + FORGED + "\u001b[2J.png"), "no picture");
    Driver child = Driver.start(folder, "watched", WatchedRun.class, List.of(folder.toString(), "13"));
    assertEquals(0, child.await(), child.output());
    rows = Runs.in(folder).rows();
    page = Files.readString(folder.resolve("metrics.txt"));
    page.lines().map(VALUE::matcher).filter(Matcher::matches).forEach(m -> METRICS.put(m.group(1), Double.parseDouble(m.group(2))));
    said = child.output().lines().toList();
  }

  @Test
  void metricsAreTheSumsOfTheRows() {
    assertEquals(13, rows.size());
    for (Status status : Status.values()) {
      assertEquals(rows.stream().filter(row -> row.status() == status).count(), METRICS.get("images_" + lower(status)), status.name());
    }
    for (ErrorKind kind : ErrorKind.values()) {
      assertEquals(rows.stream().filter(row -> row.errorKind() == kind).count(), METRICS.get("failures_" + lower(kind)), kind.name());
    }
    for (Stage stage : Stage.values()) {
      assertEquals(rows.stream().mapToDouble(row -> row.millis().get(stage)).sum() / 1e3, METRICS.get("seconds_" + lower(stage)), 1e-6,
          stage.name());
    }
    double crops = rows.stream().mapToInt(LogRow::crops).sum();
    assertEquals(crops, METRICS.get("crops"));
    assertTrue(crops >= 10, "each marked image takes one at least");
  }

  private static String lower(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }

  @Test
  void theModelIsBusyForAShareOfItsTime() {
    double share = METRICS.get("model_busy_share");
    assertTrue(share > 0 && share <= 1, "" + share);
    assertEquals(Runtime.getRuntime().availableProcessors(), METRICS.get("model_threads"), "on a CPU one for each core");
    assertTrue(METRICS.get("model_busy_seconds") > 0);
    assertTrue(METRICS.get("model_busy_seconds") <= rows.stream().mapToDouble(LogRow::msInpaint).sum() / 1e3,
        "who waits for the model waits for all of its run");
    // One crop at a time on a CPU, each image with one.
    assertTrue(page.contains("_batch_size_Count{type=\"histograms\"} 10\n") && page.contains("_batch_size_Max{type=\"histograms\"} 1\n"), page);
  }

  @Test
  void nothingIsLeftInHand() {
    for (String level : List.of("queue_read", "queue_repair", "queue_write", "queue_crops", "bytes_files", "bytes_pictures",
        "bytes_row_groups", "run_slices")) {
      assertEquals(0, METRICS.get(level), level);
    }
    assertEquals(13, METRICS.get("run_todo"));
    assertEquals(13, METRICS.get("run_done"));
    assertEquals(2, METRICS.get("run_failed"));
    assertEquals(1, METRICS.get("executors"));
  }

  @Test
  void somebodyElsesPluginStays() {
    assertTrue(page.contains("OtherPlugin_here_Value{type=\"gauges\"} 1\n"), page);
  }

  @Test
  void sparksPageSaysWhatIsDone() throws Exception {
    String jobs = Files.readString(folder.resolve("jobs.html"));
    String run = rows.get(0).runId();
    for (String description : List.of("planning run " + run + ": taking away what the log file:" + folder.resolve("log") + " has as done",
        "reading the to-do list of run " + run, "opening the model for run " + run, "slice 0: 5 images of run " + run,
        "slice 1: 5 images of run " + run, "slice 2: 3 images of run " + run)) {
      assertTrue(jobs.contains(">" + description + "<"), description + " in " + jobs);
    }
  }

  @Test
  void aLineForEachSliceAndEachFailureAndNoneForASuccess() {
    List<String> slices = said.stream().filter(line -> line.matches(".* INFO  SliceRun: slice \\d: \\d images in .*")).toList();
    assertEquals(3, slices.size(), said.toString());
    assertEquals(rows.stream().filter(row -> row.slice() == 0 && row.status() == Status.FAILED).count() + " failed",
        slices.stream().filter(line -> line.contains("slice 0: 5 images")).findFirst().orElseThrow().replaceAll(".*, ", ""));
    List<String> failures = said.stream().filter(line -> line.contains(" WARN  SliceRun: FAILED ")).toList();
    assertEquals(2, failures.size(), said.toString());
    assertTrue(failures.stream().anyMatch(line -> line.contains("FAILED EMPTY_FILE ") && line.contains("in/empty.png: ")), "" + failures);
    assertTrue(failures.stream().anyMatch(line -> line.contains("FAILED NOT_AN_IMAGE ")
        && line.contains("in/bad\\u000a" + FORGED + "\\u001b[2J.png: ")), "" + failures);
    assertEquals(List.of(), said.stream().filter(line -> line.startsWith(FORGED) || line.contains("\u001b")).toList());
    String good = rows.stream().filter(row -> row.status() != Status.FAILED).map(row -> Path.of(row.path()).getFileName().toString())
        .collect(Collectors.joining("|"));
    assertEquals(List.of(), said.stream().filter(line -> line.matches(".*(" + good + ").*")).toList());
  }
}
