package org.lakebrush.executor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.executor.Course.Phase;
import org.lakebrush.sink.AtomicFiles;
import org.lakebrush.sink.FencedException;
import org.lakebrush.sink.LeaseFolder;
import org.lakebrush.sink.LeaseRecord;
import org.lakebrush.source.HadoopDefaults;
import org.lakebrush.source.Retries;
import org.lakebrush.testing.MiniHdfs;
import org.lakebrush.testing.S3Endpoint;

@Timeout(300)
class RunWatchTest {
  private static final String RUN = "run";
  /** Looks often, and goes by no look for long. */
  private static final RunWatch.Timing QUICK = timing(10, 10, 60_000);
  /** Looks only when a file is to be published: as after a time in which the process stood still. */
  private static final RunWatch.Timing ASKED = timing(3_600_000, 500, 60_000);

  private final Configuration conf = new Configuration();

  @TempDir
  Path dir;

  private static RunWatch.Timing timing(long look, long fresh, long stale) {
    return new RunWatch.Timing(Duration.ofMillis(look), Duration.ofMillis(fresh), Duration.ofMillis(stale), Duration.ofMillis(1000),
        Duration.ofMillis(2000));
  }

  private org.apache.hadoop.fs.Path log() {
    return new org.apache.hadoop.fs.Path("file:" + dir + "/log");
  }

  private static LeaseRecord lease(long heartbeat) {
    return new LeaseRecord(RUN, "host", "machine", 1, "", 0, "file:/out", false, true, heartbeat);
  }

  private static void waitFor(RunWatch watch, Phase phase) throws InterruptedException {
    while (watch.phase() != phase) {
      Thread.sleep(5);
    }
  }

  @Test
  void aRunThatEndsGoesThroughItsPhases() throws Exception {
    try (LeaseFolder leases = new LeaseFolder(conf, log(), RUN)) {
      leases.write(lease(1));
      RunWatch watch = RunWatch.join(conf, log(), RUN, QUICK);
      assertEquals(Phase.GOES_ON, watch.phase());
      watch.check();
      leases.end(RUN);
      List<Phase> seen = new ArrayList<>(List.of(Phase.GOES_ON));
      while (watch.phase() != Phase.OVER) {
        Phase phase = watch.phase();
        if (phase != seen.get(seen.size() - 1)) {
          seen.add(phase);
        }
        watch.check();
        Thread.sleep(5);
      }
      assertEquals(List.of(Phase.GOES_ON, Phase.FINISHES, Phase.GIVES_UP), seen);
      leases.delete(RUN);
      assertEquals(List.of(), List.of(dir.resolve("log/_lease").toFile().list()));
      waitFor(watch, Phase.GONE);
      assertThrows(FencedException.class, watch::check);
      watch.leave();
    }
  }

  @Test
  void aRunThatWasTakenOverIsGoneBeforeItsLeaseIs() throws Exception {
    try (LeaseFolder leases = new LeaseFolder(conf, log(), RUN)) {
      leases.write(lease(1));
      RunWatch watch = RunWatch.join(conf, log(), RUN, QUICK);
      leases.take(RUN, lease(1));
      waitFor(watch, Phase.GONE);
      watch.leave();
      assertThrows(FencedException.class, () -> RunWatch.join(conf, log(), RUN, QUICK), "also for the next task");
    }
  }

  @Test
  void aRunWithoutHeartbeatsIsGone() throws Exception {
    try (LeaseFolder leases = new LeaseFolder(conf, log(), RUN)) {
      leases.write(lease(1));
      RunWatch watch = RunWatch.join(conf, log(), RUN, timing(20, 20, 500));
      waitFor(watch, Phase.GONE);
      watch.leave();
    }
  }

  @Test
  void nothingOfARunThatIsGoneIsPublished() throws Exception {
    fenced(conf, "file:" + dir);
  }

  @Test
  void norOnS3() throws Exception {
    try (S3Endpoint s3 = S3Endpoint.start()) {
      s3.createBucket("fenced");
      fenced(HadoopDefaults.apply(s3.configure(new Configuration())), "s3a://fenced");
    }
  }

  @Test
  void norOnHdfs() throws Exception {
    try (MiniHdfs hdfs = MiniHdfs.start(dir.resolve("hdfs"))) {
      fenced(conf, hdfs.uri());
    }
  }

  private static void fenced(Configuration conf, String root) throws Exception {
    org.apache.hadoop.fs.Path log = new org.apache.hadoop.fs.Path(root + "/log");
    org.apache.hadoop.fs.Path out = new org.apache.hadoop.fs.Path(root + "/out");
    FileSystem fs = out.getFileSystem(conf);
    try (LeaseFolder leases = new LeaseFolder(conf, log, RUN)) {
      leases.write(lease(1));
      RunWatch watch = RunWatch.join(conf, log, RUN, ASKED);
      try (AtomicFiles files = AtomicFiles.ofOutput(conf, out, RUN, "1", Retries.of(1), watch)) {
        files.write("before.png", new byte[] {1});
        files.write("both.png", new byte[] {1});
        try (AtomicFiles.Draft draft = files.create("both.png")) {
          draft.write(new byte[] {2});
          leases.delete(RUN);
          Thread.sleep(600);
          assertThrows(FencedException.class, draft::publish);
        }
        assertThrows(FencedException.class, () -> files.write("after.png", new byte[] {3}));
      }
      watch.leave();
    }
    assertTrue(fs.exists(new org.apache.hadoop.fs.Path(out, "before.png")));
    try (var in = fs.open(new org.apache.hadoop.fs.Path(out, "both.png"))) {
      assertArrayEquals(new byte[] {1}, in.readAllBytes());
    }
    assertFalse(fs.exists(new org.apache.hadoop.fs.Path(out, "after.png")));
    var left = fs.listFiles(new org.apache.hadoop.fs.Path(root + "/out"), true);
    for (int i = 0; i < 2; i++) {
      left.next();
    }
    assertFalse(left.hasNext(), "no temporary file is left");
  }

  /** The local disk, whose folders cannot be listed for a while. */
  public static final class Silent extends RawLocalFileSystem {
    static final AtomicBoolean SILENT = new AtomicBoolean();

    @Override
    public FileStatus[] listStatus(org.apache.hadoop.fs.Path folder) throws IOException {
      if (SILENT.get()) {
        throw new IOException("no answer");
      }
      return super.listStatus(folder);
    }
  }

  @Test
  void whileTheLogDoesNotAnswerFilesWaitAndInTheEndAreRefused() throws Exception {
    Configuration silent = new Configuration();
    silent.set("fs.file.impl", Silent.class.getName());
    silent.setBoolean("fs.file.impl.disable.cache", true);
    try (LeaseFolder leases = new LeaseFolder(conf, log(), RUN)) {
      leases.write(lease(1));
      RunWatch watch = RunWatch.join(silent, log(), RUN, timing(20, 50, 5000));
      Silent.SILENT.set(true);
      Thread.sleep(100);
      Thread back = new Thread(() -> {
        try {
          Thread.sleep(200);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        Silent.SILENT.set(false);
      });
      back.start();
      watch.check();
      assertFalse(Silent.SILENT.get(), "it has waited");
      back.join();
      Silent.SILENT.set(true);
      long start = System.nanoTime();
      FencedException e = assertThrows(FencedException.class, () -> {
        while (true) {
          watch.check();
        }
      });
      assertTrue(e.getMessage().contains("no answer"), e.getMessage());
      assertTrue(System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(4500), "not at once");
      watch.leave();
    } finally {
      Silent.SILENT.set(false);
    }
  }
}
