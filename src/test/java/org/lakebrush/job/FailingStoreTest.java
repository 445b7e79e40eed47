package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Sha256;
import org.lakebrush.sink.Status;
import org.lakebrush.testing.Lakes;
import org.lakebrush.testing.LocalSpark;
import org.lakebrush.testing.S3Endpoint;

/** The whole job on an S3 endpoint in trouble, with the settings that users get. */
class FailingStoreTest {
  private static final int IMAGES = 24;

  @TempDir
  Path scratch;
  private S3Endpoint s3;
  private String lake;
  private Runs runs;

  @BeforeEach
  void start() throws Exception {
    s3 = S3Endpoint.start();
  }

  /** Buckets of their own for a test: Hadoop keeps a client for each. */
  private void lake(String name) {
    lake = name;
    Configuration conf = LocalSpark.get().sparkContext().hadoopConfiguration();
    for (String bucket : List.of(name + "-in", name + "-out", name + "-log")) {
      s3.clientOptions().forEach((key, value) -> conf.set(key.replace("fs.s3a.", "fs.s3a.bucket." + bucket + "."), value));
      s3.createBucket(bucket);
    }
    IntStream.range(0, IMAGES).forEach(i -> s3.put(name + "-in", path(i), Lakes.encode(Lakes.picture(112, 96, i, false), "png")));
  }

  private Runs runs(String root) {
    runs = Runs.at(root, scratch).reading("s3a://" + lake + "-in/").writing("s3a://" + lake + "-out/");
    return runs;
  }

  private static String path(int i) {
    return String.format("d%d/a%03d.png", i / 10, i);
  }

  @AfterEach
  void stop() throws Exception {
    s3.close();
  }

  /** What is left: each image, once, as the log says, and the log. */
  private void assertWhole() throws Exception {
    s3.noFaults();
    Map<String, String> hashes = runs.rows().stream().filter(r -> r.status() == Status.REPAIRED)
        .collect(Collectors.toMap(LogRow::path, r -> r.output().sha256()));
    assertEquals(IMAGES, hashes.size());
    for (int i = 0; i < IMAGES; i++) {
      assertEquals(hashes.get(path(i)), Sha256.hex(s3.get(lake + "-out", path(i))), path(i));
    }
    assertEquals(IMAGES, objects(lake + "-out").size(), () -> "nothing but images: " + objects(lake + "-out"));
    assertEquals(0, s3.openUploads(lake + "-out"));
  }

  private List<String> objects(String bucket) {
    return s3.keys(bucket).stream().filter(key -> !key.endsWith("/")).toList();
  }

  @Test
  void aStoreThatRefusesCutsAndDelaysLosesNothing() throws Exception {
    lake("faulty");
    s3.faults(7, 0.10, 0.02, 0.01, Duration.ofSeconds(1));
    RunSummary run = runs("s3a://faulty-log").run(Runs.RED, "run.slice_images=8", "run.slices_in_flight=3");
    assertEquals(0, run.exitCode(), () -> run.failedSlices() + " " + run.stoppedEarly());
    assertTrue(s3.refusals() > 10 && s3.cuts() > 0, s3.refusals() + " refused, " + s3.cuts() + " cut");
    assertWhole();
    assertEquals(3, objects("faulty-log").stream().filter(key -> key.startsWith("log/run_date=")).count());
    assertEquals(3, objects("faulty-log").size(), () -> "nothing but the log: " + objects("faulty-log"));
    long retries = runs.rows().stream().mapToLong(LogRow::retries).sum();
    assertTrue(retries > 0, "counted");
    assertEquals(retries, run.totals().retries());
  }

  @Test
  void anOutputThatRefusesWritesForAWhileIsWaitedFor() throws Exception {
    lake("patient");
    s3.refuse("patient-out/", 30, "PUT", "POST");
    RunSummary run = runs(scratch.toString()).run(Runs.RED);
    assertEquals(0, run.exitCode());
    assertEquals(30, run.totals().retries());
    assertWhole();
  }

  @Test
  void anOutputThatRefusesWritesForLongerFailsItsImagesAndNotTheRun() throws Exception {
    lake("outage");
    s3.refuse("outage-out/d1", Integer.MAX_VALUE, "PUT", "POST");
    RunSummary run = runs(scratch.toString()).run(Runs.RED, "retry.seconds=1", "limits.max_failures=10%");

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
    assertWhole();
  }
}
