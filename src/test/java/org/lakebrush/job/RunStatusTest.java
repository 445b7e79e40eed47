package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.Lakebrush;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.job.RunStatus.State;
import org.lakebrush.lama.Device;
import org.lakebrush.sink.Status;
import org.lakebrush.testing.Lakes;
import org.lakebrush.testing.LocalSpark;

class RunStatusTest {
  @TempDir
  Path folder;

  private RunStatus status(String run) throws Exception {
    return new RunStatusReader(LocalSpark.get(), folder.resolve("log").toString()).read(run);
  }

  private RunSummary run(String name, String... set) throws Exception {
    Runs runs = Runs.in(folder);
    JobSpec spec = JobSpecReader.read(Files.writeString(folder.resolve("job.yaml"), Runs.RED), List.of(set));
    return runs.job(spec, new RunRequest(runs.input, runs.output, runs.log, Device.parse("cpu"), OptionalInt.empty(), OptionalInt.empty(),
        false, name)).run();
  }

  @Test
  void tellsHowRunsEnded() throws Exception {
    Lakes.fill(folder.resolve("in"), 4);
    RunSummary good = run("nightly");
    Lakes.write(folder.resolve("in/new.png"), 9);
    Files.writeString(folder.resolve("in/torn-a.png"), "x");
    Files.writeString(folder.resolve("in/torn-b.png"), "x");
    RunSummary bad = run("nightly", "limits.max_failures=50%");

    RunStatus newest = status(null);
    assertEquals(bad.runId(), newest.runId());
    assertEquals(State.ENDED, newest.state());
    assertEquals(3, newest.exitCode());
    assertEquals(Map.of(Status.REPAIRED, 1L, Status.FAILED, 2L), newest.images());
    RunStatus.Failure failure = newest.failures().get(ErrorKind.NOT_AN_IMAGE);
    assertEquals(2, failure.images());
    assertTrue(failure.uri().endsWith("in/torn-a.png"), failure.uri());
    assertTrue(failure.message().contains("78"), failure.message());

    assertEquals(bad.runId(), status("nightly").runId(), "the newest of that name");
    RunStatus first = status(good.runId());
    assertEquals(0, first.exitCode());
    assertEquals(Map.of(Status.REPAIRED, 4L), first.images());
    assertEquals(4, first.record().orElseThrow().plan().todo());
    assertTrue(first.rate().orElseThrow() > 0);
    String refused = assertThrows(UsageException.class, () -> status("another")).getMessage();
    assertTrue(refused.contains("another") && refused.contains(bad.runId()), refused);

    FileUtil.fullyDelete(folder.resolve("log/_runs").toFile());
    RunStatus old = status(null);
    assertEquals(bad.runId(), old.runId(), "by its rows");
    assertEquals(State.UNKNOWN, old.state());
    assertEquals(newest.images(), old.images());
    assertEquals(newest.failures(), old.failures());
    assertEquals(2, old.exitCode());
    assertEquals(first.images(), status(good.runId()).images());
    assertTrue(assertThrows(UsageException.class, () -> status("nightly")).getMessage().contains("nightly"));
  }

  @Test
  void tellsARunThatGoesOnFromOneThatDied() throws Exception {
    Lakes.fill(folder.resolve("in"), 400);
    Files.writeString(folder.resolve("job.yaml"), Runs.RED);
    Driver driver = Driver.start(folder, "driver", "--set", "run.slice_images=4", "--set", "run.slices_in_flight=1", "--run-name", "late");
    while (driver.process.isAlive() && Runs.files(folder.resolve("log").toString()).stream().noneMatch(f -> f.startsWith("run_date="))) {
      Thread.sleep(50);
    }
    RunStatus running = status("late");
    assertTrue(driver.process.isAlive(), driver::output);
    driver.process.destroyForcibly().waitFor();
    assertEquals(State.RUNNING, running.state());
    assertEquals(4, running.exitCode());
    assertTrue(running.done() >= 4 && running.done() < 400, () -> "" + running.done());
    assertEquals(400, running.record().orElseThrow().plan().todo());
    assertTrue(running.expectedEnd(running.lastRow()).orElseThrow().isAfter(running.lastRow()));

    RunStatus died = status(null);
    assertEquals(State.DIED, died.state());
    assertEquals(1, died.exitCode());
    assertEquals("late", died.record().orElseThrow().name());

    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      assertEquals(1, Lakebrush.run("status", "--log", folder.resolve("log").toString(), "--exit-code"));
    } finally {
      System.setOut(before);
    }
    String told = out.toString(StandardCharsets.UTF_8);
    assertTrue(told.contains(died.runId() + " (late)") && told.contains("of 400 to do") && told.contains("died"), told);
  }
}
