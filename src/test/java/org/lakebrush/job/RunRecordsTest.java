package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.RunRecord.Planned;
import org.lakebrush.sink.RunRecords;
import org.lakebrush.testing.Lakes;

/** What a log keeps of its runs beside the images' rows. */
class RunRecordsTest {
  @TempDir
  Path folder;

  private List<RunRecord> records() throws Exception {
    return RunRecords.read(new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve("log").toUri()));
  }

  @Test
  void eachRunLeavesWhatItPlannedAndHowItEnded() throws Exception {
    assertEquals(List.of(), records(), "no log yet");
    Lakes.fill(folder.resolve("in"), 6);
    Runs runs = Runs.in(folder);
    RunSummary first = runs.job(Runs.RED, OptionalInt.of(4), OptionalInt.empty()).run();
    RunSummary second = runs.run(Runs.RED);

    List<RunRecord> records = records();
    assertEquals(List.of(second.runId(), first.runId()), records.stream().map(RunRecord::runId).toList(), "the newest first");
    RunRecord record = records.get(0);
    assertEquals(new Planned(6, 4, 0, 2, second.plan().todoBytes()), record.plan());
    assertEquals(0, record.end().verdict());
    assertEquals(0, record.end().unprocessed());
    assertNull(record.end().message());
    assertTrue(record.end().at() >= record.startedAt());
    assertEquals("cpu", record.device());
    assertEquals(folder.resolve("in").toString(), record.input());
    assertTrue(record.settings().contains("mask.grow: 4"), record.settings()::toString);
    assertNull(record.name());

    assertEquals(first.runId(), RunRecords.find(records, first.runId()).orElseThrow().runId());
    assertTrue(RunRecords.find(records, "another").isEmpty());
  }

  @Test
  void aRunThatIsRefusedOnceItPlansIsOneThatEnded() throws Exception {
    Lakes.write(folder.resolve("in/x.png"), 1);
    Lakes.write(folder.resolve("in/x.jpg"), 2);
    UsageException refused = assertThrows(UsageException.class, () -> Runs.in(folder).run(Runs.RED, "output.name='{stem}.png'"));
    RunRecord record = records().get(0);
    assertEquals(2, record.end().verdict());
    assertEquals(refused.getMessage(), record.end().message());
    assertNull(record.plan());
  }

  @Test
  void aFileThatIsNoRecordIsLeftOut() throws Exception {
    Lakes.write(folder.resolve("in/x.png"), 1);
    assertEquals(0, Runs.in(folder).run(Runs.RED).exitCode());
    Path runs = folder.resolve("log/_runs");
    Path run = Files.list(runs).findFirst().orElseThrow();
    Files.writeString(runs.resolve("torn.json"), "{\"runId\":");
    Files.writeString(runs.resolve("nothing.json"), "null");
    Files.copy(run, runs.resolve("copy.json"));
    assertEquals(List.of(run.getFileName().toString()), records().stream().map(record -> record.runId() + ".json").toList());
  }
}
