package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Status;
import org.lakebrush.testing.S3Endpoint;

/** The whole job on an S3 endpoint in trouble, with the settings that users get. */
class FailingStoreTest {
  private static final int IMAGES = 24;

  @TempDir
  Path scratch;
  private S3Endpoint s3;

  @BeforeEach
  void start() throws Exception {
    s3 = S3Endpoint.start();
  }

  @AfterEach
  void stop() throws Exception {
    s3.close();
  }

  @Test
  void aStoreThatRefusesCutsAndDelaysLosesNothing() throws Exception {
    S3Lake lake = S3Lake.of(s3, "faulty", IMAGES);
    Runs runs = lake.on(Runs.at("s3a://faulty-log", scratch));
    s3.faults(7, 0.10, 0.02, 0.01, Duration.ofSeconds(1));
    RunSummary run = runs.run(Runs.RED, "run.slice_images=8", "run.slices_in_flight=3");
    s3.noFaults();
    assertEquals(0, run.exitCode(), () -> run.failedSlices() + " " + run.stoppedEarly());
    assertTrue(s3.refusals() > 10 && s3.cuts() > 0, s3.refusals() + " refused, " + s3.cuts() + " cut");
    lake.assertRepaired(runs.rows());
    assertEquals(3, lake.objects("faulty-log").stream().filter(key -> key.startsWith("log/run_date=")).count());
    assertTrue(lake.objects("faulty-log").stream().allMatch(key -> key.matches("log/" + Runs.KEPT)), () -> "nothing but the log: "
        + lake.objects("faulty-log"));
    long retries = runs.rows().stream().mapToLong(LogRow::retries).sum();
    assertTrue(retries > 0, "counted");
    assertEquals(retries, run.totals().retries());
  }

  @Test
  void anOutputThatRefusesWritesForAWhileIsWaitedFor() throws Exception {
    S3Lake lake = S3Lake.of(s3, "patient", IMAGES);
    Runs runs = lake.on(Runs.in(scratch));
    s3.refuse("patient-out/", 30, "PUT", "POST");
    RunSummary run = runs.run(Runs.RED);
    assertEquals(0, run.exitCode());
    assertEquals(30, run.totals().retries());
    lake.assertRepaired(runs.rows());
  }

  @Test
  void anOutputThatRefusesWritesForLongerFailsItsImagesAndNotTheRun() throws Exception {
    S3Lake lake = S3Lake.of(s3, "outage", IMAGES);
    Runs runs = lake.on(Runs.in(scratch));
    s3.refuse("outage-out/d1", Integer.MAX_VALUE, "PUT", "POST");
    RunSummary run = runs.run(Runs.RED, "retry.seconds=1");

    Map<String, LogRow> rows = runs.rows(run);
    assertEquals(IMAGES, rows.size());
    for (LogRow row : rows.values()) {
      if (row.path().startsWith("d1")) {
        assertEquals(ErrorKind.UNAVAILABLE, row.errorKind(), row.errorMessage());
        assertTrue(row.retries() > 0 && row.errorMessage().contains("s3a://outage-out/" + row.path())
            && row.errorMessage().contains("retry.seconds") && row.errorMessage().contains("503"), row.errorMessage());
        assertEquals(1, row.errorMessage().lines().count(), row.errorMessage());
      } else {
        assertEquals(Status.REPAIRED, row.status(), row.errorMessage());
      }
    }
    assertEquals(3, run.exitCode());
    assertEquals(0, run.unprocessed());
    assertNull(run.stoppedEarly());

    s3.accept("outage-out/d1");
    RunSummary next = runs.run(Runs.RED);
    assertEquals(10, next.totals().count(Status.REPAIRED));
    assertEquals(0, next.exitCode());
    lake.assertRepaired(runs.rows());
  }
}
