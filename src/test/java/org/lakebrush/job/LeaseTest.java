package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.sink.LeaseRecord;
import org.lakebrush.source.HadoopDefaults;
import org.lakebrush.testing.Jvm;
import org.lakebrush.testing.MiniHdfs;
import org.lakebrush.testing.S3Endpoint;

class LeaseTest {
  private static final org.apache.hadoop.fs.Path OUT = new org.apache.hadoop.fs.Path("file:/out");
  /** No wait ends by itself within a test. */
  private static final Lease.Timing SLOW =
      new Lease.Timing(Duration.ofMillis(50), Duration.ofMillis(20), Duration.ofMinutes(10), Duration.ofMinutes(9));

  private final Configuration conf = new Configuration();

  @TempDir
  Path dir;

  private static class Notes implements Lease.Listener {
    final List<String> waiting = new CopyOnWriteArrayList<>();
    final List<String> swept = new CopyOnWriteArrayList<>();
    final CompletableFuture<String> lost = new CompletableFuture<>();

    @Override
    public void waiting(LeaseRecord other, Duration age, Duration left) {
      waiting.add(other.runId());
    }

    @Override
    public void sweeping(LeaseRecord dead) {
      swept.add(dead.runId() + " " + dead.output());
    }

    @Override
    public void lost(String why) {
      lost.complete(why);
    }
  }

  private org.apache.hadoop.fs.Path log() {
    return new org.apache.hadoop.fs.Path("file:" + dir);
  }

  private Lease acquire(String run, boolean takeover, Lease.Timing timing, Lease.Listener listener) throws Exception {
    return Lease.acquire(conf, log(), new Lease.Request(run, OUT, true, takeover), timing, listener);
  }

  private List<String> leaseFiles() throws IOException {
    try (Stream<Path> files = Files.list(dir.resolve("_lease"))) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /** A lease of another host, made from this process's. */
  private Path foreign(String run, boolean held, Duration age) throws Exception {
    Notes notes = new Notes();
    Path file = dir.resolve("_lease/" + run + ".json");
    byte[] bytes;
    try (Lease lease = Lease.acquire(conf, new org.apache.hadoop.fs.Path("file:" + dir + "/elsewhere"),
        new Lease.Request(run, OUT, true, false), SLOW, notes)) {
      bytes = Files.readAllBytes(dir.resolve("elsewhere/_lease/" + run + ".json"));
      assertTrue(lease.held());
    }
    ObjectMapper json = new ObjectMapper();
    ObjectNode record = (ObjectNode) json.readTree(bytes);
    record.put("host", "elsewhere").put("held", held);
    Files.createDirectories(file.getParent());
    Files.write(file, json.writeValueAsBytes(record));
    Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() - age.toMillis()));
    return file;
  }

  @Test
  void theSecondGivesWayAndSaysToWhom() throws Exception {
    try (Lease first = acquire("first", false, SLOW, new Notes())) {
      assertTrue(first.held());
      LeaseHeldException e = assertThrows(LeaseHeldException.class, () -> acquire("second", false, SLOW, new Notes()));
      for (String part : List.of("first", "process " + ProcessHandle.current().pid(), dir.toString(), "--takeover")) {
        assertTrue(e.getMessage().contains(part), e.getMessage());
      }
      assertEquals("first", e.holder().runId());
      assertEquals(List.of("first.json"), leaseFiles());
      assertTrue(first.held());
    }
    assertEquals(List.of(), leaseFiles());
    try (Lease again = acquire("third", false, SLOW, new Notes())) {
      assertTrue(again.held());
    }
  }

  @Test
  void aKilledProcessIsTakenOverAtOnce() throws Exception {
    Process child = holder("child");
    Notes alive = new Notes();
    assertThrows(LeaseHeldException.class, () -> acquire("second", false, SLOW, alive));
    assertEquals(List.of(), alive.waiting, "its process is seen to live");
    child.destroyForcibly().waitFor();
    Notes notes = new Notes();
    try (Lease lease = acquire("second", false, SLOW, notes)) {
      assertTrue(lease.held());
      assertEquals(List.of("child file:/out"), notes.swept);
      assertEquals(List.of(), notes.waiting);
      assertEquals(List.of("second.json"), leaseFiles());
    }
    assertEquals(List.of(), leaseFiles());
  }

  /** A process that holds the lease until it is killed. */
  private Process holder(String run) throws Exception {
    Process child = new ProcessBuilder(Jvm.command(List.of(), LeaseHolder.class, List.of(log().toString(), run)))
        .redirectError(ProcessBuilder.Redirect.DISCARD).start();
    BufferedReader out = new BufferedReader(new InputStreamReader(child.getInputStream()));
    for (String line = out.readLine(); !"held".equals(line); line = out.readLine()) {
      assertTrue(line != null, "the child ended");
    }
    return child;
  }

  /** The child's main class. */
  static final class LeaseHolder {
    public static void main(String[] args) throws Exception {
      Lease.acquire(new Configuration(), new org.apache.hadoop.fs.Path(args[0]), new Lease.Request(args[1], OUT, true, false),
          Lease.Timing.DEFAULT, new Notes());
      System.out.println("held");
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  @Test
  void aStaleOneOfAnotherHostIsTakenOverAndAFreshOneIsWaitedFor() throws Exception {
    foreign("stale", true, Duration.ofMinutes(11));
    Notes notes = new Notes();
    acquire("second", false, SLOW, notes).close();
    assertEquals(List.of("stale file:/out"), notes.swept);

    foreign("fresh", true, Duration.ofMinutes(9));
    Lease.Timing timing = new Lease.Timing(Duration.ofMillis(50), Duration.ofMillis(20), Duration.ofSeconds(541), Duration.ofSeconds(500));
    Notes waited = new Notes();
    acquire("third", false, timing, waited).close();
    assertEquals(List.of("fresh file:/out"), waited.swept);
    assertTrue(waited.waiting.contains("fresh"));
    assertEquals(List.of("fresh.dead", "stale.dead"), leaseFiles(), "their executors may live");
  }

  @Test
  void aHeartbeatSeenWhileWaitingEndsTheWait() throws Exception {
    Path file = foreign("other", true, Duration.ofSeconds(5));
    Notes notes = new Notes() {
      @Override
      public void waiting(LeaseRecord other, Duration age, Duration left) {
        super.waiting(other, age, left);
        try {
          Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      }
    };
    LeaseHeldException e = assertThrows(LeaseHeldException.class, () -> acquire("second", false, SLOW, notes));
    assertEquals("other", e.holder().runId());
    assertEquals(List.of("other.json"), leaseFiles());
  }

  @Test
  void takeoverDoesNotWaitAndTheOtherStops() throws Exception {
    Notes first = new Notes();
    try (Lease lease = acquire("first", false, SLOW, first)) {
      Notes second = new Notes();
      try (Lease taken = acquire("second", true, SLOW, second)) {
        assertTrue(taken.held());
        assertEquals(List.of(), second.waiting);
        assertTrue(first.lost.get(20, TimeUnit.SECONDS).contains("first"));
        assertFalse(lease.held());
        assertTrue(taken.held());
        assertFalse(second.lost.isDone());
      }
    }
    assertEquals(List.of("first.dead"), leaseFiles());
  }

  @Test
  void aHolderWithoutHeartbeatsStops() throws Exception {
    Notes notes = new Notes();
    Lease.Timing timing = new Lease.Timing(Duration.ofMillis(50), Duration.ofMillis(20), Duration.ofSeconds(3), Duration.ofSeconds(2));
    try (Lease lease = acquire("first", false, timing, notes)) {
      // The log's folder is gone, and a file is in its place: no heartbeat can be written.
      Files.move(dir.resolve("_lease"), dir.resolve("gone"));
      Files.write(dir.resolve("_lease"), new byte[0]);
      notes.lost.get(20, TimeUnit.SECONDS);
      assertFalse(lease.held());
    }
  }

  @Test
  void ofManyAtOnceNeverTwoHold() throws Exception {
    rounds(conf, log(), 25);
  }

  @Test
  void ofManyAtOnceNeverTwoHoldOnS3() throws Exception {
    try (S3Endpoint s3 = S3Endpoint.start()) {
      s3.createBucket("log");
      rounds(HadoopDefaults.apply(s3.configure(new Configuration())), new org.apache.hadoop.fs.Path("s3a://log/log"), 3);
      assertEquals(List.of(), s3.keys("log").stream().filter(k -> k.contains(".json")).toList());
    }
  }

  @Test
  void ofManyAtOnceNeverTwoHoldOnHdfs() throws Exception {
    try (MiniHdfs hdfs = MiniHdfs.start(dir)) {
      rounds(conf, new org.apache.hadoop.fs.Path(hdfs.uri() + "/log"), 3);
    }
  }

  /** In each round four ask at once; every third round finds a stale lease that all want to take over. */
  private void rounds(Configuration conf, org.apache.hadoop.fs.Path log, int rounds) throws Exception {
    int contenders = 4;
    ExecutorService threads = Executors.newFixedThreadPool(contenders);
    try {
      for (int round = 0; round < rounds; round++) {
        if (round % 3 == 0 && log.toString().startsWith("file:")) {
          foreign("stale-" + round, round % 2 == 0, Duration.ofMinutes(11));
        }
        AtomicInteger holders = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger won = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < contenders; i++) {
          String run = "run-" + round + "-" + i;
          all.add(threads.submit(() -> {
            start.await();
            try (Lease lease = Lease.acquire(conf, log, new Lease.Request(run, OUT, true, false), SLOW, new Notes())) {
              most.accumulateAndGet(holders.incrementAndGet(), Math::max);
              won.incrementAndGet();
              Thread.sleep(30);
              assertTrue(lease.held());
              holders.decrementAndGet();
            } catch (LeaseHeldException e) {
              assertFalse(e.holder().runId().equals(run));
            }
            return null;
          }));
        }
        start.countDown();
        for (Future<?> one : all) {
          one.get(60, TimeUnit.SECONDS);
        }
        assertEquals(1, most.get(), "round " + round);
        assertTrue(won.get() >= 1, "round " + round);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aStoreInTroubleDoesNotCostTheLease() throws Exception {
    try (S3Endpoint s3 = S3Endpoint.start()) {
      s3.createBucket("lease-trouble");
      Configuration users = HadoopDefaults.apply(new Configuration());
      s3.clientOptions().forEach(users::set);
      Notes notes = new Notes();
      Lease.Timing timing = new Lease.Timing(Duration.ofMillis(50), Duration.ofMillis(20), Duration.ofSeconds(30), Duration.ofSeconds(25));
      s3.faults(5, 0.1, 0.02, 0.01, Duration.ofMillis(500));
      org.apache.hadoop.fs.Path log = new org.apache.hadoop.fs.Path("s3a://lease-trouble/log");
      try (Lease lease = Lease.acquire(users, log, new Lease.Request("run", OUT, true, false), timing, notes)) {
        while (s3.count("lease-trouble", "log/_lease/run.json").getOrDefault("PUT", 0L) < 20) {
          Thread.sleep(20);
        }
        assertTrue(lease.held());
        assertTrue(s3.refusals() > 0);
        assertFalse(notes.lost.isDone());
        s3.noFaults();
      }
    }
  }
}
