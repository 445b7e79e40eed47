package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Status;
import org.lakebrush.testing.Lakes;

/** The command line in a JVM of its own, told to end by signals. */
class EndedDriverTest {
  private static final int IMAGES = 90;
  /** So many slices, one after another, that a fast machine is not through with them before the signal. */
  private static final String JOB = Runs.RED + "run: {slice_images: 3, slices_in_flight: 1}\n";
  /** What a process that does not end by itself is given; it ends then all the same. */
  private static final Duration MOST = Duration.ofSeconds(18);
  static final int SIGTERM = 143;

  @TempDir
  Path folder;

  @Test
  void whatIsInHandIsFinishedAndTheNextRunGoesOn() throws Exception {
    for (int i = 0; i < IMAGES; i++) {
      Lakes.write(folder.resolve(String.format("in/d%d/a%04d.%s", i % 5, i, i % 3 == 0 ? "png" : "jpg")), i);
    }
    Files.writeString(folder.resolve("job.yaml"), JOB);
    Runs runs = Runs.in(folder);
    Driver driver = Driver.start(folder, "ended");
    while (driver.process.isAlive() && runs.outputs().isEmpty()) {
      Thread.sleep(20);
    }
    Thread.sleep(new Random().nextInt(500));
    end(driver, runs);
    Map<String, FileTime> before = new HashMap<>();
    for (String path : runs.outputs()) {
      before.put(path, Files.getLastModifiedTime(Path.of(runs.output, path)));
    }
    assertTrue(!before.isEmpty() && before.size() < IMAGES, "done: " + before.size());

    assertEquals(0, runs.run(Runs.RED).exitCode());
    List<LogRow> rows = runs.rows();
    assertEquals(IMAGES, new HashSet<>(rows.stream().map(LogRow::uri).toList()).size());
    assertEquals(IMAGES, rows.size());
    assertTrue(rows.stream().allMatch(r -> r.status() == Status.REPAIRED));
    for (Map.Entry<String, FileTime> file : before.entrySet()) {
      assertEquals(file.getValue(), Files.getLastModifiedTime(Path.of(runs.output, file.getKey())), "done twice: " + file.getKey());
    }
    runs.assertConsistent();
  }

  @Test
  void whilePlanningNothingIsLeftBehind() throws Exception {
    Lakes.fill(folder.resolve("in"), 20);
    Files.writeString(folder.resolve("job.yaml"), Runs.RED);
    Runs runs = Runs.in(folder);
    Driver driver = Driver.start(folder, "planning");
    while (driver.process.isAlive() && Runs.files(runs.log).stream().noneMatch(f -> f.startsWith("_lease"))) {
      Thread.sleep(5);
    }
    end(driver, runs);
    assertEquals(0, runs.run(Runs.RED).exitCode());
    assertEquals(20, runs.rows().size());
    runs.assertConsistent();
  }

  /** On a machine too busy for it to be through in time it is ended from outside, and the next run tidies up. */
  private static void end(Driver driver, Runs runs) throws Exception {
    long start = System.nanoTime();
    driver.process.destroy();
    // As timeout(1) does: to the process, and to its group.
    Thread.sleep(20);
    driver.process.destroy();
    assertEquals(SIGTERM, driver.await(), driver::output);
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    if (driver.output().contains("SIGTERM: the run ended") || driver.output().contains("Stopped early: SIGTERM")) {
      runs.assertConsistent();
    } else {
      assertTrue(taken.compareTo(MOST) > 0, () -> "ended after " + taken + " without a word: " + driver.output());
    }
  }
}
