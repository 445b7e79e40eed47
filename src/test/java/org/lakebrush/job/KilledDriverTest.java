package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Sha256;
import org.lakebrush.sink.Status;
import org.lakebrush.testing.Lakes;

/** The command line in a JVM of its own, killed for real. */
class KilledDriverTest {
  /** How often the driver is killed; {@code -Dlakebrush.kills=20} for a longer look. */
  private static final int KILLS = Integer.getInteger("lakebrush.kills", 2);
  private static final int IMAGES = 60 + 20 * KILLS;
  private static final int SLICE = 4;
  private static final int IN_FLIGHT = 2;

  @TempDir
  Path folder;

  @Test
  void killedAtAnyMomentNothingIsLostAndLittleDoneAgain() throws Exception {
    for (int i = 0; i < IMAGES; i++) {
      Lakes.write(folder.resolve(String.format("in/d%d/a%03d.%s", i % 5, i, i % 3 == 0 ? "png" : "jpg")), i);
    }
    Files.writeString(folder.resolve("job.yaml"), Runs.RED);
    Runs runs = Runs.in(folder);
    Path log = folder.resolve("log");
    Random random = new Random(KILLS);
    Map<String, FileTime> written = new HashMap<>();
    int again = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      long loggedBefore = logFiles(log);
      Process driver = start("kill" + kill).process;
      // A random moment after the work has begun: at a start that takes no images there is nothing to see.
      while (driver.isAlive() && logFiles(log) == loggedBefore) {
        Thread.sleep(20);
      }
      Thread.sleep(random.nextInt(1500));
      driver.destroyForcibly().waitFor();
      System.out.println("killed with " + logFiles(log) * SLICE + " of " + IMAGES + " images logged");

      List<LogRow> logged = runs.rows();
      assertEquals(logged.size(), logged.stream().map(LogRow::uri).distinct().count(), "no row twice after kill " + kill);
      int more = writtenAgain(written);
      again += more;
      System.out.println(more + " images were done again");
    }
    Map<String, FileTime> writtenBefore = new HashMap<>();
    for (LogRow row : runs.rows()) {
      writtenBefore.put(row.path(), Files.getLastModifiedTime(Path.of(runs.output, row.path())));
    }

    Driver last = start("last");
    assertEquals(0, last.await(), last::output);

    List<LogRow> rows = runs.rows();
    assertEquals(IMAGES, rows.size(), "every image has one row");
    assertEquals(IMAGES, rows.stream().map(LogRow::uri).distinct().count());
    assertTrue(rows.stream().allMatch(r -> r.status() == Status.REPAIRED));
    assertEquals(rows.stream().map(LogRow::path).sorted().collect(Collectors.toList()), Runs.files(runs.output), "no stray file");
    for (LogRow row : rows) {
      Path file = Path.of(runs.output, row.path());
      assertEquals(row.output().sha256(), Sha256.hex(Files.readAllBytes(file)), "whole: " + file);
      FileTime before = writtenBefore.get(row.path());
      assertTrue(before == null || before.equals(Files.getLastModifiedTime(file)), "logged before the kill, and done again: " + file);
    }
    assertEquals(List.of(), runs.strays(), "neither lease nor staging is left");
    assertOnlyNatives();
    again += writtenAgain(written);
    System.out.println(again + " images done again for " + KILLS + " kills");
    assertTrue(again <= KILLS * IN_FLIGHT * SLICE, "each kill may cost the slices in flight, and no more: " + again);
    long runsSeen = rows.stream().map(LogRow::runId).distinct().count();
    assertEquals(KILLS + 1, runsSeen, "each run got its share into the log");
  }

  /** How many outputs are others than they were; keeps how they are now. */
  private int writtenAgain(Map<String, FileTime> written) throws Exception {
    int again = 0;
    for (String file : Runs.files(folder.resolve("out").toString())) {
      if (!file.startsWith("_lakebrush/")) {
        FileTime now = Files.getLastModifiedTime(folder.resolve("out").resolve(file));
        FileTime before = written.put(file, now);
        again += before == null || before.equals(now) ? 0 : 1;
      }
    }
    return again;
  }

  @Test
  void aLongCommandLineIsNoTroubleAndNothingIsLeftBehind() throws Exception {
    Lakes.fill(folder.resolve("in"), 2);
    Files.writeString(folder.resolve("job.yaml"), Runs.RED);
    Driver driver = start("only");
    assertEquals(0, driver.await(), driver::output);
    assertTrue(String.join(" ", Driver.command(folder)).length() > 8192, "the class path alone is longer than 8 kB");
    assertOnlyNatives();
    assertEquals(List.of(), Runs.files(folder.resolve("home").toString()), "files in the home folder");
    assertFalse(driver.output().contains("WARN"), driver::output);
  }

  /** ONNX Runtime's, unpacked once for all runs: what Spark kept for a killed one went with the next. */
  private void assertOnlyNatives() throws Exception {
    List<String> left = Runs.files(folder.resolve("tmp").toString());
    assertEquals(2, left.size(), left::toString);
    assertTrue(left.stream().allMatch(f -> f.matches("lakebrush-[^/]+/natives/onnxruntime-[0-9a-f]{8}/lib[^/.]+\\.(so|dylib)")),
        left::toString);
  }

  private static long logFiles(Path log) throws Exception {
    return Runs.files(log.toString()).stream().filter(f -> f.startsWith("run_date=") && f.endsWith(".parquet")).count();
  }

  private Driver start(String name) throws Exception {
    return Driver.start(folder, name, "--set", "run.slice_images=" + SLICE, "--set", "run.slices_in_flight=" + IN_FLIGHT);
  }
}
