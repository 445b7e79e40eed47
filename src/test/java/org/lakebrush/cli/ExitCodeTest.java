package org.lakebrush.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.Lakebrush;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.RunRecords;

/** Exit codes: 2 for what is refused before any work, with a message that says what, where and what to do; and those of a run. */
class ExitCodeTest {
  @TempDir
  Path folder;

  private record Ended(int code, String errors) {}

  private static Ended lakebrush(String... args) {
    PrintStream before = System.err;
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    try {
      return new Ended(Lakebrush.run(args), errors.toString(StandardCharsets.UTF_8));
    } finally {
      System.setErr(before);
    }
  }

  private Ended run(Path job, String... more) {
    List<String> args = new java.util.ArrayList<>(List.of("run", "--input", folder.resolve("in").toString(), "--output",
        folder.resolve("out").toString(), "--log", folder.resolve("log").toString(), "--job", job.toString()));
    args.addAll(List.of(more));
    return lakebrush(args.toArray(String[]::new));
  }

  @Test
  void aJobThatCannotStandIsRefusedWithEveryErrorAndItsLine() throws Exception {
    Path job = Files.writeString(folder.resolve("job.yaml"), "masks:\n  - {kind: bax}\nmask: {grow: -1}\n");
    Ended ended = run(job);
    assertEquals(2, ended.code());
    assertTrue(ended.errors().contains("job.yaml:2: masks.0.kind") && ended.errors().contains("box"), ended.errors());
    assertTrue(ended.errors().contains("job.yaml:3: mask.grow"), ended.errors());
    assertFalse(Files.exists(folder.resolve("log")), "before any work");
  }

  @Test
  void wrongOptionsAreRefused() throws Exception {
    Path job = Files.writeString(folder.resolve("job.yaml"), "masks: [{kind: full}]\n");
    assertEquals(2, run(folder.resolve("none.yaml")).code());
    assertTrue(run(job, "--device", "gpu").errors().contains("cuda:N"));
    assertEquals(2, run(job, "--device", "gpu").code());
    assertTrue(run(job, "--sample", "0").errors().contains("--sample 0"));
    assertEquals(2, run(job, "--sample", "0").code());
    assertEquals(2, run(job, "--colour").code());
    assertTrue(run(job, "--run-name", "last night").errors().contains("--run-name last night"));
    assertEquals(2, run(job, "--input-table", "t").code());
    assertTrue(run(job, "--key-column", "k").errors().contains("without --input-table"));
    assertEquals(2, run(job, "--key-column", "k").code());
    assertEquals(2, lakebrush("bench", "--images", "0").code());
    Ended many = lakebrush("preview", "--input", "in", "--job", job.toString(), "--n", "37");
    assertEquals(2, many.code());
    assertTrue(many.errors().contains("--n 37"), many.errors());
    assertEquals(2, lakebrush("paint").code());
    assertEquals(2, lakebrush().code());
  }

  @Test
  void aBadRunEndsWithItsCodeUnlessTheLogAloneIsToTell() throws Exception {
    Path job = Files.writeString(folder.resolve("job.yaml"), "masks: [{kind: center}]\n");
    Files.createDirectories(folder.resolve("in"));
    Files.writeString(folder.resolve("in/broken.png"), "no picture");
    assertEquals(3, run(job, "--device", "cpu").code());
    assertEquals(0, run(job, "--device", "cpu", "--set", "limits.fail_on=never", "--run-name", "night:2026-11-01").code());
    List<RunRecord> runs = RunRecords.read(new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve("log").toUri()));
    assertEquals(List.of(3, 3), runs.stream().map(run -> run.end().verdict()).toList(), "the verdict is the same");
    assertEquals("night:2026-11-01", runs.get(0).name());
  }

  @Test
  void anInputWithoutImagesIsRefusedUnlessItMayBeEmptyAndOneThatIsNotThereAlways() throws Exception {
    Path job = Files.writeString(folder.resolve("job.yaml"), "masks: [{kind: center}]\n");
    Ended missing = run(job, "--set", "limits.empty_input=done");
    assertEquals(2, missing.code());
    assertTrue(missing.errors().contains("in does not exist"), missing.errors());
    Files.createDirectories(folder.resolve("in"));
    Files.writeString(folder.resolve("in/_SUCCESS"), "");
    Ended empty = run(job);
    assertEquals(2, empty.code());
    assertTrue(empty.errors().contains("limits.empty_input"), empty.errors());
    assertEquals(0, run(job, "--set", "limits.empty_input=done").code());
    assertEquals(0, run(job, "--set", "limits.empty_input=done", "--sample", "20").code());
    List<RunRecord> runs = RunRecords.read(new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve("log").toUri()));
    assertEquals(List.of(0, 0, 2), runs.stream().limit(3).map(run -> run.end().verdict()).toList());
  }
}
