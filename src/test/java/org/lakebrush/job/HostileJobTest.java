package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.hostile.HostileLake;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Status;

/** A whole run over hostile files: none ends it, and each has its row. */
class HostileJobTest {
  @TempDir Path folder;

  @Test
  void eachHostileFileIsARow() throws Exception {
    Set<String> names = HostileLake.fill(folder.resolve("in"), 70);
    Runs runs = Runs.in(folder);

    RunSummary run = runs.run("masks: [{kind: box, anchor: center, width: 8, height: 8}]\n", "limits.max_pixels=500k");

    assertEquals(3, run.exitCode(), "most have failed, and nothing else went wrong: " + run.failedSlices());
    Map<String, LogRow> rows = runs.rows(run);
    assertEquals(names, rows.keySet());
    Set<String> written = new TreeSet<>();
    for (LogRow row : rows.values()) {
      if (row.status() == Status.FAILED) {
        assertNotEquals(ErrorKind.INTERNAL, row.errorKind(), row.errorMessage());
        assertNotEquals(ErrorKind.CRASHED, row.errorKind(), row.errorMessage());
        assertTrue(!row.errorMessage().isBlank() && row.errorMessage().indexOf('\n') < 0, row.errorMessage());
      } else {
        written.add(row.path());
      }
    }
    assertTrue(written.size() > 10 && written.size() < names.size() - 10, written.size() + " of " + names.size());
    assertEquals(written, new TreeSet<>(Runs.files(runs.output)));
  }
}
