package org.lakebrush.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.ImageRefs;
import org.lakebrush.source.Retries;
import org.lakebrush.testing.LocalSpark;

class ResultLogTest {
  private static final SparkSession SPARK = LocalSpark.get();
  private static final LocalDate DAY = LocalDate.of(2026, 11, 1);
  private static final long TIME = 1_700_000_000_123L;

  @TempDir
  Path dir;

  private ResultLog log;
  private int lists;

  @BeforeEach
  void open() {
    log = new ResultLog(new Configuration(), new org.apache.hadoop.fs.Path(dir + "/log [1]"));
  }

  private static ImageRef ref(String name, long length, String fingerprint) {
    return new ImageRef("file:/in/" + name, name, length, TIME, Arrays.asList("file:/m.png", null), fingerprint);
  }

  private ResultLog.Todo todo(int maxNights, ImageRef... refs) throws Exception {
    List<Row> rows = Stream.of(refs).map(ImageRefs::toRow).toList();
    org.apache.hadoop.fs.Path staging = new org.apache.hadoop.fs.Path(dir + "/log [1]/_staging/run/todo" + lists++);
    return log.todo(SPARK, SPARK.createDataFrame(rows, ImageRefs.SCHEMA), rows.size(), maxNights, staging);
  }

  private static List<ImageRef> left(ResultLog.Todo todo) {
    return todo.refs().collectAsList().stream().map(ImageRefs::fromRow).toList();
  }

  private static String out(ImageRef ref) {
    return "file:/out/" + ref.path();
  }

  @Test
  void rowsComeBackAsTheyWentIn() throws Exception {
    LogRow done = LogRows.done("run", ref("ü b.jpg", 10, "f"), "file:/out/ü b.jpg");
    LogRow failed = LogRows.row("run", ref("c.jpg", 20, "f"), Status.FAILED, null, TIME + 1);
    assertEquals(done, ResultLog.fromRow(ResultLog.toRow(done)));
    assertEquals(failed, ResultLog.fromRow(ResultLog.toRow(failed)));
    log.publish(DAY, "run", 7, List.of(done, failed), Retries.NONE);
    List<LogRow> read = log.read(SPARK).orderBy("length").collectAsList().stream().map(ResultLog::fromRow).toList();
    assertEquals(List.of(done, failed), read);
  }

  @Test
  void anyReaderFindsTheDocumentedColumns() throws Exception {
    assertEquals(0, log.read(SPARK).count(), "no log yet");
    log.publish(DAY, "run", 7, List.of(LogRows.done("run", ref("a.jpg", 10, "f"), "file:/out/a.jpg")), Retries.NONE);
    Files.createDirectories(dir.resolve("log [1]/_staging/run/x"));
    Files.write(dir.resolve("log [1]/_staging/run/x/torn.parquet"), new byte[] {1});
    assertEquals(List.of("log [1]/run_date=2026-11-01/run-000007.parquet"), files("parquet", "_staging"));
    assertEquals(List.of(), files("crc", "none"));
    Dataset<Row> plain = SPARK.read().parquet(dir + "/log \\[1\\]");
    List<String> expected = new ArrayList<>(List.of(ResultLog.SCHEMA.fieldNames()));
    expected.add(ResultLog.RUN_DATE);
    assertEquals(expected, List.of(plain.schema().fieldNames()));
    for (String column : ResultLog.SCHEMA.fieldNames()) {
      assertEquals(ResultLog.SCHEMA.apply(column).dataType().simpleString(), plain.schema().apply(column).dataType().simpleString(), column);
    }
    Row row = plain.selectExpr("cast(run_date as string)", "cast(finished_at as string)", "mask_kinds[1]", "found[0].kind", "found[0].count", "width").first();
    assertEquals("[2026-11-01,2023-11-14 22:13:20.123,text,text,3,640]", row.toString());
  }

  private List<String> files(String extension, String without) throws Exception {
    try (Stream<Path> all = Files.walk(dir)) {
      return all.filter(Files::isRegularFile).map(p -> dir.relativize(p).toString())
          .filter(p -> p.endsWith("." + extension) && !p.contains(without)).toList();
    }
  }

  @Test
  void aSlicePublishedTwiceIsThereOnce() throws Exception {
    LogRow a = LogRows.done("run", ref("a.jpg", 10, "f"), "file:/out/a.jpg");
    LogRow b = LogRows.done("run", ref("b.jpg", 10, "f"), "file:/out/b.jpg");
    log.publish(DAY, "run", 1, List.of(a), Retries.NONE);
    log.publish(DAY, "run", 1, List.of(a, b), Retries.NONE);
    log.publish(DAY, "run", 2, List.of(), Retries.NONE);
    assertEquals(2, log.read(SPARK).count());
  }

  @Test
  void whatIsDoneAndUnchangedIsNotDoneAgain() throws Exception {
    ImageRef repaired = ref("a.jpg", 10, "f");
    ImageRef unchanged = ref("b.jpg", 10, "f");
    ImageRef failed = ref("c.jpg", 10, "f");
    ImageRef unseen = ref("d.jpg", 30, "f");
    log.publish(DAY, "run", 1, List.of(LogRows.done("run", repaired, out(repaired)),
        LogRows.row("run", unchanged, Status.UNCHANGED, null, TIME), LogRows.row("run", failed, Status.FAILED, null, TIME)), Retries.NONE);
    ResultLog.Todo todo = todo(3, unseen, repaired, unchanged, failed);
    assertEquals(List.of(failed, unseen), left(todo));
    assertEquals(List.of(2L, 40L, 2L, 0L), List.of(todo.images(), todo.bytes(), todo.done(), todo.givenUp()));
    ImageRef otherLength = ref("a.jpg", 11, "f");
    ImageRef otherSettings = ref("b.jpg", 10, "g");
    ImageRef otherTime = new ImageRef(repaired.uri(), "z", 10, TIME + 1, List.of(), "f");
    assertEquals(List.of(otherLength, otherTime, otherSettings).stream().map(ImageRef::uri).toList(),
        left(todo(3, otherLength, otherSettings, otherTime)).stream().map(ImageRef::uri).toList());
  }

  @Test
  void anOutageIsNoFailureOfTheImage() throws Exception {
    ImageRef image = ref("a.jpg", 10, "f");
    ImageFailure outage = new ImageFailure(ErrorKind.UNAVAILABLE, "the store did not serve it");
    for (String run : List.of("run1", "run2", "run3")) {
      log.publish(DAY, run, 1, List.of(LogRow.failed(new LogRow.Origin(run, 1, "m", "ab", 1, "host"), image, new RepairTrace(), outage)),
          Retries.NONE);
    }
    assertEquals(1, todo(2, image).images());
    log.publish(DAY, "run4", 1, List.of(LogRows.row("run4", image, Status.FAILED, null, TIME)), Retries.NONE);
    assertEquals(1, todo(2, image).images());
    assertEquals(1, todo(1, image).givenUp());
  }

  @Test
  void aFailureIsTriedAgainForSoManyRuns() throws Exception {
    ImageRef image = ref("a.jpg", 10, "f");
    for (String run : List.of("run1", "run2")) {
      log.publish(DAY, run, 1, List.of(LogRows.row(run, image, Status.FAILED, null, TIME)), Retries.NONE);
      log.publish(DAY, run, 2, List.of(LogRows.row(run, image, Status.FAILED, null, TIME)), Retries.NONE);
    }
    assertEquals(1, todo(3, image).images());
    ResultLog.Todo givenUp = todo(2, image);
    assertEquals(List.of(0L, 1L), List.of(givenUp.images(), givenUp.givenUp()));
    assertEquals(1, todo(2, ref("a.jpg", 10, "g")).images(), "with other settings it may work");
    log.publish(DAY, "run3", 1, List.of(LogRows.done("run3", image, out(image))), Retries.NONE);
    assertEquals(1, todo(2, image).done());
  }

  @Test
  void settingsChangedAndChangedBackAreDoneAgain() throws Exception {
    ImageRef first = ref("a.jpg", 10, "f");
    ImageRef second = ref("a.jpg", 10, "g");
    log.publish(DAY, "run1", 1, List.of(LogRows.row("run1", first, Status.REPAIRED, out(first), TIME)), Retries.NONE);
    log.publish(DAY, "run2", 1, List.of(LogRows.row("run2", second, Status.REPAIRED, out(first), TIME + 5)), Retries.NONE);
    assertEquals(1, todo(3, second).done());
    assertEquals(1, todo(3, first).images(), "the output is the second run's");
    log.publish(DAY, "run3", 1, List.of(LogRows.row("run3", first, Status.REPAIRED, "file:/elsewhere/a.jpg", TIME + 9)), Retries.NONE);
    assertEquals(List.of(1L, 1L), List.of(todo(3, first).done(), todo(3, second).done()), "two outputs, both whole");
  }

  @Test
  void aRowSaysHowFarAnImageCame() {
    RepairTrace trace = new RepairTrace();
    trace.size(640, 480);
    trace.format("jpeg");
    LogRow.Origin origin = new LogRow.Origin("run", 3, "lama-lite", "ab", 2, "host");
    ImageRef ref = ref("a.jpg", 10, "f");
    LogRow row = LogRow.failed(origin, ref, trace, new ImageFailure(ErrorKind.TRUNCATED, "cut"));
    assertEquals(List.of(Status.FAILED, ErrorKind.TRUNCATED, "cut", 640, "jpeg", 2, 3),
        List.of(row.status(), row.errorKind(), row.errorMessage(), row.width(), row.format(), row.attempt(), row.slice()));
    assertEquals(row, ResultLog.fromRow(ResultLog.toRow(row)));
  }
}
