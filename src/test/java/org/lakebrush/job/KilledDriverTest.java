package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Sha256;
import org.lakebrush.sink.Status;
import org.lakebrush.testing.Lakes;

/** The command line in a JVM of its own, killed for real. */
class KilledDriverTest {
  /** How often the driver is killed; {@code -Dlakebrush.kills=10} for a longer look. */
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
    for (int kill = 0; kill < KILLS; kill++) {
      long loggedBefore = logFiles(log);
      Process driver = driver("kill" + kill);
      // A random moment after the work has begun: at a start that takes no images there is nothing to see.
      while (driver.isAlive() && logFiles(log) == loggedBefore) {
        Thread.sleep(20);
      }
      Thread.sleep(random.nextInt(1500));
      driver.destroyForcibly().waitFor();
      System.out.println("killed with " + logFiles(log) * SLICE + " of " + IMAGES + " images logged");

      List<LogRow> logged = runs.rows();
      assertEquals(logged.size(), logged.stream().map(LogRow::uri).distinct().count(), "no row twice after kill " + kill);
    }
    Map<String, FileTime> writtenBefore = new HashMap<>();
    for (LogRow row : runs.rows()) {
      writtenBefore.put(row.path(), Files.getLastModifiedTime(Path.of(runs.output, row.path())));
    }

    Process last = driver("last");
    assertTrue(last.waitFor(3, TimeUnit.MINUTES), "the last run ends");
    assertEquals(0, last.exitValue(), () -> output("last"));

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
    assertEquals(List.of(), Runs.files(runs.log).stream().filter(f -> !f.matches("run_date=[0-9-]+/[^/]+\\.parquet")).toList(),
        "neither lease nor staging is left");
    assertOnlyNatives();
    // Each kill may cost the slices in flight, and no more: what was not logged is at most that much per run.
    long runsSeen = rows.stream().map(LogRow::runId).distinct().count();
    assertEquals(KILLS + 1, runsSeen, "each run got its share into the log");
  }

  @Test
  void aLongCommandLineIsNoTroubleAndNothingIsLeftBehind() throws Exception {
    Lakes.fill(folder.resolve("in"), 2);
    Files.writeString(folder.resolve("job.yaml"), Runs.RED);
    Process driver = driver("only");
    assertTrue(driver.waitFor(2, TimeUnit.MINUTES));
    assertEquals(0, driver.exitValue(), () -> output("only"));
    assertTrue(String.join(" ", command("only")).length() > 8192, "the class path alone is longer than 8 kB");
    assertOnlyNatives();
    assertEquals(List.of(), Runs.files(folder.resolve("home").toString()), "files in the home folder");
    assertFalse(output("only").contains("WARN"), () -> output("only"));
  }

  /** ONNX Runtime's, unpacked once for all runs: what Spark kept for a killed one went with the next. */
  private void assertOnlyNatives() throws Exception {
    List<String> left = Runs.files(folder.resolve("tmp").toString());
    assertEquals(2, left.size(), left::toString);
    assertTrue(left.stream().allMatch(f -> f.matches("lakebrush-[^/]+/natives/onnxruntime-[0-9a-f]{8}/lib[^/.]+\\.(so|dylib)")),
        left::toString);
  }

  private static long logFiles(Path log) throws Exception {
    if (!Files.isDirectory(log)) {
      return 0;
    }
    long files = 0;
    // Not below _staging, where files vanish while one looks.
    try (DirectoryStream<Path> days = Files.newDirectoryStream(log, "run_date=*")) {
      for (Path day : days) {
        files += Runs.files(day.toString()).stream().filter(f -> f.endsWith(".parquet")).count();
      }
    }
    return files;
  }

  private String output(String name) {
    try {
      return Files.readString(folder.resolve(name + ".txt"));
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }

  private List<String> command(String name) {
    List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-Xmx1g",
        "-Djava.io.tmpdir=" + folder.resolve("tmp"), "-Duser.home=" + folder.resolve("home"), "-Djava.awt.headless=true",
        "-Dlog4j2.configurationFile=" + new File("conf/log4j2.properties").getAbsolutePath(), "-cp", System.getProperty("java.class.path"),
        "org.lakebrush.Lakebrush", "run"));
    for (String place : List.of("input", "output", "log")) {
      command.add("--" + place);
      command.add(folder.resolve(place.equals("input") ? "in" : place.equals("output") ? "out" : place).toString());
    }
    command.addAll(List.of("--job", folder.resolve("job.yaml").toString(), "--device", "cpu", "--set", "run.slice_images=" + SLICE, "--set",
        "run.slices_in_flight=" + IN_FLIGHT));
    return command;
  }

  private Process driver(String name) throws Exception {
    Files.createDirectories(folder.resolve("tmp"));
    Files.createDirectories(folder.resolve("home"));
    return new ProcessBuilder(command(name)).redirectErrorStream(true).redirectOutput(folder.resolve(name + ".txt").toFile()).start();
  }
}
