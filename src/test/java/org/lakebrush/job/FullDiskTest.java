package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.Lakebrush;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Sha256;
import org.lakebrush.sink.Status;
import org.lakebrush.testing.Jvm;
import org.lakebrush.testing.Lakes;

/** The command line in a JVM of its own, on a real disk of a few kB, which Linux gives to anybody in a name space of his own. */
class FullDiskTest {
  private static final int IMAGES = 24;

  @TempDir
  Path folder;

  @BeforeAll
  static void needsNameSpaces() throws Exception {
    boolean allowed;
    try {
      Process process = new ProcessBuilder("unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt").redirectErrorStream(true).start();
      allowed = process.waitFor() == 0;
    } catch (java.io.IOException e) {
      allowed = false;
    }
    assumeTrue(allowed, "unshare -rm is not permitted here");
  }

  /**
   * Runs a job with {@code folder/small} on a disk of its own, which is left in {@code folder/seen}.
   *
   * @param kilobytes of the disk
   * @return its exit code
   */
  private int run(int kilobytes, String output, String log) throws Exception {
    Lakes.fill(folder.resolve("in"), IMAGES);
    Files.writeString(folder.resolve("job.yaml"), Runs.RED);
    Files.createDirectories(folder.resolve("small"));
    List<String> command = new ArrayList<>(List.of("unshare", "-rm", "sh", "-c",
        "mount -t tmpfs -o size=" + kilobytes + "k tmpfs \"$0\"/small && \"$@\"; code=$?; cp -a \"$0\"/small \"$0\"/seen; exit $code",
        folder.toString()));
    command.addAll(Jvm.command(List.of("-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"), Lakebrush.class,
        List.of("run", "--input", folder.resolve("in").toString(), "--output", folder.resolve(output).toString(), "--log",
            folder.resolve(log).toString(), "--job", folder.resolve("job.yaml").toString(), "--device", "cpu", "--set",
            "run.slice_images=2")));
    Process job = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve("said.txt").toFile()).start();
    assertTrue(job.waitFor(5, TimeUnit.MINUTES), "it ends");
    return job.exitValue();
  }

  private String said() throws Exception {
    return Files.readString(folder.resolve("said.txt"));
  }

  @Test
  void aFullOutputFailsImagesWithAClearMessageAndTearsNone() throws Exception {
    int code = run(64, "small/out", "log");
    assertEquals(3, code, said());
    List<LogRow> rows = Runs.in(folder).rows();
    assertEquals(IMAGES, rows.size(), "the log, on another disk, is whole");
    List<String> repaired = new ArrayList<>();
    for (LogRow row : rows) {
      if (row.status() == Status.FAILED) {
        assertEquals(ErrorKind.WRITE, row.errorKind());
        assertTrue(row.errorMessage().contains("small/out/" + row.path()) && row.errorMessage().contains("No space left on device")
            && row.errorMessage().contains("kB are free in"), row.errorMessage());
      } else {
        repaired.add(row.path());
        assertEquals(row.output().sha256(), Sha256.hex(Files.readAllBytes(folder.resolve("seen/out").resolve(row.path()))), row.path());
      }
    }
    assertTrue(!repaired.isEmpty() && repaired.size() < IMAGES, repaired.size() + " repaired");
    assertEquals(repaired.stream().sorted().toList(), Runs.files(folder.resolve("seen/out").toString()), "no torn and no temporary file");
  }

  @Test
  void aLogThatFillsUpLosesSlicesWithAClearMessageAndTearsNone() throws Exception {
    int code = run(128, "out", "small/log");
    assertEquals(1, code, said());
    assertTrue(said().contains("Not finished: slice ") && said().contains("small/log/run_date=")
        && said().contains("No space left on device") && said().contains("kB are free in"), said());
    Files.move(folder.resolve("seen/log"), folder.resolve("log"));
    List<LogRow> rows = Runs.in(folder).rows();
    assertTrue(!rows.isEmpty() && rows.size() < IMAGES, rows.size() + " rows");
    for (LogRow row : rows) {
      assertEquals(row.output().sha256(), Sha256.hex(Files.readAllBytes(folder.resolve("out").resolve(row.path()))), row.path());
    }
    assertEquals(rows.size() / 2, Runs.files(folder.resolve("log").toString()).stream().filter(f -> f.endsWith(".parquet")).count());
    assertEquals(List.of(), Runs.in(folder).strays(), "files of slices, a record of the run, and nothing else");
  }

  @Test
  void aFullLogEndsTheRunWithAClearMessage() throws Exception {
    int code = run(4, "out", "small/log");
    assertEquals(1, code, said());
    assertTrue(said().contains("lakebrush: cannot write ") && said().contains("No space left on device") && said().contains("small/log"),
        said());
    assertEquals(List.of(), Runs.files(folder.resolve("seen").toString()));
    assertEquals(List.of(), Runs.files(folder.resolve("out").toString()));
  }
}
