package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.HashSet;
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

/** The command line in a JVM of its own, told to end by signals. */
class EndedDriverTest {
  /** How often; {@code -Dlakebrush.ends=10} for a longer look. */
  private static final int ENDS = Integer.getInteger("lakebrush.ends", 1);
  private static final int IMAGES = 120 * ENDS + 60;
  private static final int SIGTERM = 143;

  @TempDir
  Path folder;

  @Test
  void whatIsInHandIsFinishedAndTheNextRunGoesOn() throws Exception {
    for (int i = 0; i < IMAGES; i++) {
      Lakes.write(folder.resolve(String.format("in/d%d/a%04d.%s", i % 5, i, i % 3 == 0 ? "png" : "jpg")), i);
    }
    Files.writeString(folder.resolve("job.yaml"), Runs.RED + "run: {slice_images: 12, slices_in_flight: 2}\n");
    Runs runs = Runs.in(folder);
    Random random = new Random(ENDS);
    Map<String, FileTime> before = new HashMap<>();
    for (int end = 0; end < ENDS; end++) {
      int logged = runs.rows().size();
      Driver driver = Driver.start(folder, "end" + end);
      while (driver.process.isAlive() && outputs(runs).size() == logged) {
        Thread.sleep(20);
      }
      Thread.sleep(random.nextInt(1500));
      long start = System.nanoTime();
      driver.process.destroy();
      assertEquals(SIGTERM, driver.await(), driver::output);
      List<LogRow> rows = runs.rows();
      System.out.printf("SIGTERM: ended after %.1f s, %d images done and logged since the start, %d of %d in all%n",
          (System.nanoTime() - start) / 1e9, rows.size() - logged, rows.size(), IMAGES);

      assertEquals(rows.size(), rows.stream().map(LogRow::uri).distinct().count(), "no row twice");
      assertEquals(rows.stream().map(LogRow::path).sorted().collect(Collectors.toList()), outputs(runs), "a row for each image that is there");
      assertEquals(List.of(), others(runs), "neither lease, staging nor marker is left");
      assertTrue(driver.output().contains("SIGTERM") && driver.output().contains("goes on where it stopped"), driver::output);
      for (LogRow row : rows) {
        Path file = Path.of(runs.output, row.path());
        assertEquals(row.output().sha256(), Sha256.hex(Files.readAllBytes(file)), "whole: " + file);
        FileTime time = Files.getLastModifiedTime(file);
        FileTime known = before.putIfAbsent(row.path(), time);
        assertTrue(known == null || known.equals(time), "done twice: " + file);
      }
    }
    Driver last = Driver.start(folder, "last");
    assertEquals(0, last.await(), last::output);
    List<LogRow> rows = runs.rows();
    assertEquals(IMAGES, new HashSet<>(rows.stream().map(LogRow::uri).toList()).size());
    assertEquals(IMAGES, rows.size());
    assertTrue(rows.stream().allMatch(r -> r.status() == Status.REPAIRED));
    for (Map.Entry<String, FileTime> file : before.entrySet()) {
      assertEquals(file.getValue(), Files.getLastModifiedTime(Path.of(runs.output, file.getKey())), "done twice: " + file.getKey());
    }
    assertEquals(List.of(), others(runs));
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
    driver.process.destroy();
    assertEquals(SIGTERM, driver.await(), driver::output);
    assertTrue(driver.output().contains("SIGTERM"), driver::output);
    assertEquals(List.of(), others(runs));
    assertEquals(runs.rows().stream().map(LogRow::path).sorted().toList(), outputs(runs));
    Driver again = Driver.start(folder, "again");
    assertEquals(0, again.await(), again::output);
    assertEquals(20, runs.rows().size());
  }

  private static List<String> outputs(Runs runs) throws Exception {
    return Runs.files(runs.output).stream().filter(f -> !f.startsWith("_lakebrush")).toList();
  }

  /** What is in output and log beside images and rows. */
  private static List<String> others(Runs runs) throws Exception {
    List<String> others = Runs.files(runs.log);
    others.removeIf(f -> f.matches("run_date=[0-9-]+/[^/]+\\.parquet"));
    others.addAll(Runs.files(runs.output).stream().filter(f -> f.startsWith("_lakebrush")).toList());
    return others;
  }
}
