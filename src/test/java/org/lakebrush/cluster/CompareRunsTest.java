package org.lakebrush.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.sink.Sha256;
import org.lakebrush.sink.Status;
import org.lakebrush.sink.Written;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.Retries;

/** What tells runs apart must be able to. */
class CompareRunsTest {
  private static final List<String> IMAGES = List.of("a.png", "b/c.png");

  @TempDir
  Path folder;

  private ResultLog log(String name) {
    return new ResultLog(new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve(name + "/log").toString()));
  }

  private static LogRow row(String name, String image, String host, int attempt, int crops) throws Exception {
    RepairTrace trace = new RepairTrace();
    trace.crops(crops);
    return LogRow.done(new LogRow.Origin("run-" + name, 0, "lama-lite", "ab", attempt, host),
        new ImageRef("file:/in/" + image, image, 9, 1_700_000_000_000L, List.of(), "print"), trace, Status.REPAIRED,
        new Written("file:/out/" + image, image.length(), Sha256.hex(image.getBytes())));
  }

  /** A run whose outputs hold their own names. */
  private void run(String name, String host, int attempt, int crops) throws Exception {
    List<LogRow> rows = new ArrayList<>();
    for (String image : IMAGES) {
      Path file = folder.resolve(name).resolve("out").resolve(image);
      Files.createDirectories(file.getParent());
      Files.write(file, image.getBytes());
      rows.add(row(name, image, host, attempt, crops));
    }
    log(name).publish(LocalDate.of(2026, 1, 1), "run-" + name, 0, rows, Retries.NONE);
  }

  private List<String> differences(String... names) throws Exception {
    return CompareRuns.differences(folder.toString(), List.of(names));
  }

  @Test
  void runOfTheSameJobElsewhereIsEqual() throws Exception {
    run("one", "here", 1, 1);
    run("two", "there", 1, 1);
    run("again", "there", 2, 1);
    assertEquals(List.of(), differences("one", "two", "--retried", "again"));
    assertEquals(List.of("again, row of a.png, attempt: 2 is not 1", "again, row of b/c.png, attempt: 2 is not 1"),
        differences("one", "two", "again"));
  }

  @Test
  void namesEachColumnAndFileThatDiffers() throws Exception {
    run("one", "here", 1, 1);
    run("two", "here", 1, 2);
    Files.writeString(folder.resolve("two/out/b/c.png"), "other");
    String all = String.join("\n", differences("one", "two"));
    assertTrue(all.contains("two, row of a.png, crops: 2 is not 1"), all);
    assertTrue(all.contains("two, output b/c.png: "), all);
    assertTrue(all.contains("two has outputs that are not those of its log"), all);
  }

  @Test
  void seesDoubledRowsAndWhatIsLeftBehind() throws Exception {
    run("one", "here", 1, 1);
    log("one").publish(LocalDate.of(2026, 1, 1), "run-one", 1, List.of(row("one", "a.png", "here", 1, 1)), Retries.NONE);
    Files.createFile(Files.createDirectories(folder.resolve("one/log/_staging/run")).resolve("x"));
    Files.createFile(Files.createDirectories(folder.resolve("one/out/_lakebrush/run")).resolve("y"));
    String all = String.join("\n", differences("one"));
    assertTrue(all.contains("one left in its log: _staging/run/x"), all);
    assertTrue(all.contains("one has more than one row for a.png"), all);
    assertTrue(all.contains("one has outputs that are not those of its log: [_lakebrush/run/y, a.png, b/c.png]"), all);
  }

  @Test
  void whatCrashedHasNoOutputAndTwoMarkers() throws Exception {
    run("one", "here", 1, 1);
    Path out = Files.createDirectories(folder.resolve("two/out"));
    Files.write(out.resolve("a.png"), "a.png".getBytes());
    LogRow.Origin origin = new LogRow.Origin("run-two", 3, "lama-lite", "ab", 3, "here");
    log("two").publish(LocalDate.of(2026, 1, 1), "run-two", 3, List.of(row("two", "a.png", "here", 3, 1), LogRow.failed(origin,
        new ImageRef("file:/in/b/c.png", "b/c.png", 9, 1_700_000_000_000L, List.of(), "print"), new RepairTrace(),
        new ImageFailure(ErrorKind.CRASHED, "2 processes died"))), Retries.of(1));
    Path hand = Files.createDirectories(folder.resolve("two/log/_hand"));
    Files.createFile(hand.resolve("x-y-1.image"));
    assertEquals(List.of("two left in its log: _hand/x-y-1.image"), differences("one", "--crashed", "1", "two"));
    Files.createFile(hand.resolve("x-y-2.image"));
    assertEquals(List.of(), differences("one", "--crashed", "1", "two"));
    assertEquals(List.of("two has 1 rows FAILED/CRASHED, not 2"), differences("one", "--crashed", "2", "two"));
    assertTrue(differences("one", "--retried", "two").contains("two has 1 rows FAILED/CRASHED, not 0"));
  }

  @Test
  void aMissingRunIsNoEqualRun() throws Exception {
    run("one", "here", 1, 1);
    run("two", "here", 1, 1);
    Files.delete(folder.resolve("two/out/a.png"));
    assertTrue(differences("one", "two").stream().anyMatch(d -> d.startsWith("two, output a.png: null is not ")));
  }
}
