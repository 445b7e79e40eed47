package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Causes;
import org.lakebrush.source.HadoopDefaults;
import org.lakebrush.testing.S3Endpoint;

/**
 * A job on an S3 endpoint in trouble, at full length: {@code mvn test -Dtest=FailingStoreMeasure -Dlakebrush.measure=faults};
 * {@code -Dlakebrush.measure.count=N} for other than 300 images.
 */
class FailingStoreMeasure {
  private static final int IMAGES = Integer.getInteger("lakebrush.measure.count", 300);

  @TempDir
  Path scratch;

  @BeforeEach
  void wanted() {
    assumeTrue(System.getProperty("lakebrush.measure") != null, "-Dlakebrush.measure=faults");
  }

  /** 10% of requests are refused, 2% of bodies cut, 1% of answers 30 s late; input, output and log are there. */
  @Test
  void refusedCutAndDelayed() throws Exception {
    try (S3Endpoint s3 = S3Endpoint.start()) {
      S3Lake lake = S3Lake.of(s3, "measured", IMAGES);
      Runs runs = lake.on(Runs.at("s3a://measured-log", scratch));
      s3.faults(1, 0.10, 0.02, 0.01, Duration.ofSeconds(30));
      long start = System.nanoTime();
      RunSummary run = runs.run(Runs.RED, "run.slice_images=32");
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
      s3.noFaults();
      System.out.printf("%d images, %d repaired, exit code %d, %d s; %d requests: %d answered with 503, %d cut, %d 30 s late; retries in"
          + " the log: %d%n", IMAGES, run.totals().count(Status.REPAIRED), run.exitCode(), seconds, s3.requests().size(),
          s3.refusals(), s3.cuts(), s3.delays(), run.totals().retries());
      assertEquals(0, run.exitCode());
      lake.assertRepaired(runs.rows());
    }
  }

  /** The output's bucket refuses writes for five minutes from the first on. */
  @Test
  void fiveMinutesWithoutOutput() throws Exception {
    try (S3Endpoint s3 = S3Endpoint.start()) {
      S3Lake lake = S3Lake.of(s3, "minutes", IMAGES);
      Runs runs = lake.on(Runs.in(scratch));
      s3.refuse("minutes-out/", Integer.MAX_VALUE, "PUT", "POST");
      Thread outage = new Thread(() -> {
        try {
          while (s3.refusals() == 0) {
            Thread.sleep(100);
          }
          Thread.sleep(TimeUnit.MINUTES.toMillis(5));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        s3.accept("minutes-out/");
      });
      outage.setDaemon(true);
      outage.start();
      long start = System.nanoTime();
      RunSummary run = runs.run(Runs.RED);
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
      Map<ErrorKind, Long> failed = run.totals().byKind();
      System.out.printf("%d images, %d repaired, %s, exit code %d, %d s; %d requests refused, retries in the log: %d%n", IMAGES,
          run.totals().count(Status.REPAIRED), failed, run.exitCode(), seconds, s3.refusals(), run.totals().retries());
      assertEquals(0, run.unprocessed());
      assertEquals(IMAGES, run.totals().count(Status.REPAIRED) + failed.getOrDefault(ErrorKind.UNAVAILABLE, 0L));
      RunSummary next = runs.run(Runs.RED);
      System.out.printf("the next run: %d repaired, exit code %d%n", next.totals().count(Status.REPAIRED), next.exitCode());
      lake.assertRepaired(runs.rows());
    }
  }

  /** How long one call of S3A takes to fail, with the defaults that a job sets. */
  @Test
  void oneCallThatFails() throws Exception {
    try (S3Endpoint s3 = S3Endpoint.start()) {
      s3.createBucket("one-call");
      s3.refuse("one-call", Integer.MAX_VALUE, "GET", "HEAD");
      Configuration conf = HadoopDefaults.apply(new Configuration());
      s3.clientOptions().forEach(conf::set);
      fail(conf, "refused with 503");
      try (ServerSocket closed = new ServerSocket(0)) {
        conf.set("fs.s3a.endpoint", "http://127.0.0.1:" + closed.getLocalPort());
      }
      fail(conf, "without a server");
    }
  }

  private static void fail(Configuration conf, String how) throws IOException {
    try (FileSystem fs = FileSystem.newInstance(new org.apache.hadoop.fs.Path("s3a://one-call/").toUri(), conf)) {
      long start = System.nanoTime();
      IOException e = assertThrows(IOException.class, () -> fs.getFileStatus(new org.apache.hadoop.fs.Path("s3a://one-call/a")));
      System.out.printf("a call %s: %d s, %s%n", how, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start), Causes.inOneLine(e));
    }
  }
}
