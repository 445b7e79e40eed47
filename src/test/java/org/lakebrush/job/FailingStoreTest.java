package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
  private static final int IMAGES = 40;

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
    runs = Runs.at("s3a://" + name + "-log", scratch).reading("s3a://" + name + "-in/").writing("s3a://" + name + "-out/");
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
    assertTrue(objects(lake + "-log").stream().allMatch(key -> key.matches("log/run_date=[-0-9]+/[-0-9T0-9a-f]+\\.parquet")),
        () -> "nothing but the log: " + objects(lake + "-log"));
    assertEquals(0, s3.openUploads(lake + "-out"));
  }

  private List<String> objects(String bucket) {
    return s3.keys(bucket).stream().filter(key -> !key.endsWith("/")).toList();
  }

  @Test
  void aStoreThatRefusesCutsAndDelaysLosesNothing() throws Exception {
    lake("faulty");
    s3.faults(7, 0.10, 0.02, 0.01, Duration.ofSeconds(1));
    RunSummary run = runs.run(Runs.RED, "run.slice_images=10", "run.slices_in_flight=3");
    assertEquals(0, run.exitCode(), () -> run.failedSlices() + " " + run.stoppedEarly());
    assertTrue(s3.refusals() > 10 && s3.cuts() > 0, s3.refusals() + " refused, " + s3.cuts() + " cut");
    assertWhole();
    long retries = runs.rows().stream().mapToLong(LogRow::retries).sum();
    assertTrue(retries > 0, "counted");
    assertEquals(retries, run.totals().retries());
  }

  @Test
  void anOutputThatRefusesWritesForAWhileIsWaitedFor() throws Exception {
    lake("patient");
    s3.refuse("patient-out", "PUT", "POST");
    CompletableFuture<Void> later = CompletableFuture.runAsync(() -> s3.accept("patient-out"),
        CompletableFuture.delayedExecutor(4, TimeUnit.SECONDS));
    RunSummary run = runs.run(Runs.RED);
    later.join();
    assertEquals(0, run.exitCode());
    assertTrue(run.totals().retries() > 0);
    assertWhole();
  }

  @Test
  void anOutputThatRefusesWritesForLongerFailsItsImagesAndNotTheRun() throws Exception {
    lake("outage");
    s3.refuse("outage-out", "PUT", "POST");
    // It comes back once it has cost a few images.
    CompletableFuture<Void> later = CompletableFuture.runAsync(() -> s3.accept("outage-out"),
        CompletableFuture.delayedExecutor(6, TimeUnit.SECONDS));
    RunSummary run = runs.run(Runs.RED, "retry.seconds=2", "limits.max_failures=0%");
    later.join();

    Map<String, LogRow> rows = runs.rows(run);
    List<LogRow> failed = rows.values().stream().filter(r -> r.status() == Status.FAILED).toList();
    assertEquals(IMAGES, rows.size());
    assertTrue(!failed.isEmpty() && failed.size() < IMAGES, failed.size() + " failed");
    for (LogRow row : failed) {
      assertEquals(ErrorKind.UNAVAILABLE, row.errorKind(), row.errorMessage());
      assertTrue(row.retries() > 0 && row.errorMessage().contains("s3a://outage-out/" + row.path())
          && row.errorMessage().contains("retry.seconds") && row.errorMessage().contains("503"), row.errorMessage());
    }
    assertEquals(3, run.exitCode());
    assertEquals(0, run.unprocessed());
    assertNull(run.stoppedEarly());

    RunSummary next = runs.run(Runs.RED);
    assertEquals(failed.size(), next.totals().count(Status.REPAIRED));
    assertEquals(0, next.exitCode());
    assertWhole();
  }
}
