package org.lakebrush.sink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.mask.SidecarMask;
import org.lakebrush.source.HadoopDefaults;
import org.lakebrush.source.HadoopMaskFiles;
import org.lakebrush.source.ImageBytes;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.ImageRefs;
import org.lakebrush.source.InputException;
import org.lakebrush.source.Lake;
import org.lakebrush.source.Listing;
import org.lakebrush.source.Reach;
import org.lakebrush.source.Retries;
import org.lakebrush.testing.LocalSpark;
import org.lakebrush.testing.S3Endpoint;

/** Reading and writing on S3, with the requests counted. */
class S3StorageTest {
  private static final List<String> NAMES = List.of("a b.jpg", "50%20.jpg", "#1.png", "it's \"q\".png", "grüße-画像.webp", "[x].png",
      "_sub/.b.png", "deep/er/+&=.tif", "a:b.jpg");

  private static final Reach BUCKETS = new Reach(List.of("s3a://"), List.of("s3a://"));

  private static S3Endpoint s3;
  private static int buckets;

  private final String bucket = "lake-" + ++buckets;
  private Configuration conf;

  @BeforeAll
  static void start() throws Exception {
    s3 = S3Endpoint.start();
  }

  @AfterAll
  static void stop() throws Exception {
    s3.close();
  }

  @BeforeEach
  void createBucket() {
    s3.createBucket(bucket);
    conf = HadoopDefaults.apply(s3.configure(new Configuration()));
  }

  @AfterEach
  void forget() {
    s3.forget();
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private List<Listing.Entry> list(String input) throws Exception {
    List<Listing.Entry> entries = new ArrayList<>();
    try (Listing listing = Listing.open(conf, input, false)) {
      for (Listing.Entry e = listing.next(); e != null; e = listing.next()) {
        entries.add(e);
      }
    }
    return entries;
  }

  private static ImageRef ref(String uri, long length) {
    return new ImageRef(uri, "", length, 0, List.of(), "");
  }

  private ErrorKind failure(ImageRef ref) {
    ImageFailure failure = assertThrows(ImageFailure.class, () -> new ImageBytes(conf, BUCKETS, Retries.of(1)).read(ref));
    assertEquals(1, failure.getMessage().lines().count());
    return failure.kind();
  }

  @Test
  void anImageIsReadWithOneGet() throws Exception {
    int length = 300_000;
    for (String name : NAMES) {
      s3.put(bucket, "in/" + name, bytes(length++));
    }
    List<Listing.Entry> entries = list("s3a://" + bucket + "/in");
    assertEquals(NAMES.stream().sorted().toList(), entries.stream().map(Listing.Entry::path).sorted().toList());
    long listings = s3.requests().stream().filter(r -> r.contains("list-type")).count();
    assertTrue(listings <= 2, () -> "flat, whatever the folders: " + s3.requests());
    ImageBytes images = new ImageBytes(conf, BUCKETS, Retries.of(1));
    for (Listing.Entry e : entries) {
      s3.forget();
      byte[] read = images.read(ref(e.uri(), e.length()));
      assertArrayEquals(bytes((int) e.length()), read);
      assertEquals(List.of("GET " + bucket + "/in/" + e.path()), s3.requests());
    }
  }

  @Test
  void anImageIsWrittenWithOnePut() throws Exception {
    try (AtomicFiles files = AtomicFiles.ofOutput(conf, new Path("s3a://" + bucket + "/out"), "run", "1", Retries.of(1))) {
      for (String name : NAMES) {
        for (int length : new int[] {200_000, 100}) {
          s3.forget();
          Written written = files.write(name, bytes(length));
          assertEquals(new Written("s3a://" + bucket + "/out/" + name, length, Sha256.hex(bytes(length))), written);
          assertEquals(List.of("PUT " + bucket + "/out/" + name), s3.requests());
          assertArrayEquals(bytes(length), s3.get(bucket, "out/" + name));
        }
      }
      s3.forget();
    }
    assertEquals(List.of(), s3.requests(), "nothing to tidy up");
    AtomicFiles.sweepOutput(conf, new Path("s3a://" + bucket + "/out"), "run");
    assertEquals(NAMES.size(), s3.keys(bucket).size());
  }

  @Test
  void aWriteThatFailsInTheMiddlePublishesNothing() throws Exception {
    Configuration small = new Configuration(conf);
    small.set("fs.s3a.multipart.size", "5M");
    small.set("fs.s3a.multipart.threshold", "5M");
    small.set("fs.s3a.impl.disable.cache", "true");
    // The upload's begin and its first part pass, the second part does not.
    s3.deny(bucket, "out/a.jpg", 2);
    try (AtomicFiles files = AtomicFiles.ofOutput(small, new Path("s3a://" + bucket + "/out"), "run", "1", Retries.of(1))) {
      ImageFailure failure = assertThrows(ImageFailure.class, () -> files.write("a.jpg", bytes(16 << 20)));
      assertEquals(ErrorKind.WRITE, failure.kind());
      assertEquals(List.of(), s3.keys(bucket));
      assertEquals(0, s3.openUploads(bucket));
      s3.allow(bucket, "out/a.jpg");
      files.write("a.jpg", bytes(16 << 20));
      assertArrayEquals(bytes(16 << 20), s3.get(bucket, "out/a.jpg"));
    }
  }

  @Test
  void aDeniedWriteIsThatImagesFailure() throws Exception {
    s3.deny(bucket, "out/a.jpg");
    try (AtomicFiles files = AtomicFiles.ofOutput(conf, new Path("s3a://" + bucket + "/out"), "run", "1", Retries.of(1))) {
      ImageFailure failure = assertThrows(ImageFailure.class, () -> files.write("a.jpg", bytes(10)));
      assertEquals(ErrorKind.WRITE, failure.kind());
      assertTrue(failure.getMessage().contains("out/a.jpg"), failure.getMessage());
    }
  }

  @Test
  void whatIsNotAsListedIsToldApart() {
    s3.put(bucket, "a.jpg", bytes(10));
    s3.put(bucket, "empty.jpg", bytes(0));
    String root = "s3a://" + bucket + "/";
    assertEquals(ErrorKind.CHANGED, failure(ref(root + "a.jpg", 9)));
    assertEquals(ErrorKind.CHANGED, failure(ref(root + "a.jpg", 11)));
    assertEquals(ErrorKind.CHANGED, failure(ref(root + "empty.jpg", 11)));
    assertEquals(ErrorKind.VANISHED, failure(ref(root + "none.jpg", 11)));
    s3.deny(bucket, "a.jpg");
    assertEquals(ErrorKind.UNREADABLE, failure(ref(root + "a.jpg", 10)));
    ImageFailure mask = assertThrows(ImageFailure.class, () -> new HadoopMaskFiles(conf, BUCKETS, Retries.of(1)).read(root + "none.png"));
    assertEquals(ErrorKind.MASK_MISSING, mask.kind());
  }

  /** As users have it: the shared settings have S3A try again by itself. */
  private Configuration usersConf() {
    Configuration users = HadoopDefaults.apply(new Configuration());
    s3.clientOptions().forEach(users::set);
    return users;
  }

  @Test
  void whatIsRefusedForTheMomentIsAskedForAgainHereAndNowhereElse() throws Exception {
    String root = "s3a://" + bucket + "/";
    s3.put(bucket, "a.jpg", bytes(1000));
    s3.put(bucket, "mask.png", bytes(100));
    s3.refuse(bucket + "/", 3, "GET");
    int before = Retries.ofThread();
    assertArrayEquals(bytes(1000), new ImageBytes(usersConf(), BUCKETS, Retries.of(60)).read(ref(root + "a.jpg", 1000)));
    assertEquals(3, Retries.ofThread() - before);
    assertEquals(Map.of("GET", 4L), s3.count(bucket, "a.jpg"));
    s3.refuse(bucket + "/", 2, "GET", "HEAD");
    assertArrayEquals(bytes(100), new HadoopMaskFiles(usersConf(), BUCKETS, Retries.of(60)).read(root + "mask.png"));
    assertEquals(5, Retries.ofThread() - before);
    s3.refuse(bucket + "/", 3, "PUT");
    try (AtomicFiles files = AtomicFiles.ofOutput(usersConf(), new Path(root + "out"), "run", "1", Retries.of(60))) {
      assertEquals(Sha256.hex(bytes(2000)), files.write("a.jpg", bytes(2000)).sha256());
      assertEquals(8, Retries.ofThread() - before);
      assertEquals(Map.of("PUT", 4L), s3.count(bucket, "out/a.jpg"));
      s3.refuse(bucket + "/", Integer.MAX_VALUE, "PUT");
    }
    try (AtomicFiles files = AtomicFiles.ofOutput(usersConf(), new Path(root + "out"), "run", "1", Retries.of(1))) {
      ImageFailure failure = assertThrows(ImageFailure.class, () -> files.write("b.jpg", bytes(2000)));
      assertEquals(ErrorKind.UNAVAILABLE, failure.kind());
      assertTrue(failure.getMessage().contains(root + "out/b.jpg") && failure.getMessage().contains("503"), failure.getMessage());
    }
    assertArrayEquals(bytes(2000), s3.get(bucket, "out/a.jpg"));
  }

  @Test
  void aBodyThatBreaksOffIsNoChange() throws Exception {
    String root = "s3a://" + bucket + "/";
    s3.put(bucket, "a.jpg", bytes(100_000));
    int cuts = s3.cuts();
    int before = Retries.ofThread();
    try {
      s3.faults(3, 0, 0.5, 0, Duration.ZERO);
      for (int i = 0; i < 5; i++) {
        assertArrayEquals(bytes(100_000), new ImageBytes(usersConf(), BUCKETS, Retries.of(60)).read(ref(root + "a.jpg", 100_000)));
      }
      assertEquals(s3.cuts() - cuts, Retries.ofThread() - before);
      assertTrue(s3.cuts() > cuts);
      s3.faults(3, 0, 1, 0, Duration.ZERO);
      ImageFailure failure = assertThrows(ImageFailure.class,
          () -> new ImageBytes(usersConf(), BUCKETS, Retries.of(1)).read(ref(root + "a.jpg", 100_000)));
      assertEquals(ErrorKind.UNAVAILABLE, failure.kind(), failure.getMessage());
    } finally {
      s3.noFaults();
    }
    // What S3A gives of a file that has become shorter, without a word.
    ImageFailure failure = assertThrows(ImageFailure.class,
        () -> new ImageBytes(usersConf(), BUCKETS, Retries.of(60)).read(ref(root + "a.jpg", 100_001)));
    assertEquals(ErrorKind.CHANGED, failure.kind(), failure.getMessage());
  }

  @Test
  void whatIsRefusedForGoodIsAskedForOnce() {
    s3.deny(bucket, "out/a.jpg");
    ImageFailure failure = assertThrows(ImageFailure.class, () -> {
      try (AtomicFiles files = AtomicFiles.ofOutput(usersConf(), new Path("s3a://" + bucket + "/out"), "run", "1", Retries.of(60))) {
        files.write("a.jpg", bytes(10));
      }
    });
    assertEquals(ErrorKind.WRITE, failure.kind());
    assertEquals(Map.of("PUT", 1L), s3.count(bucket, "out/a.jpg"));
  }

  @Test
  void theUsersOwnRetriesStay() {
    Configuration mine = new Configuration();
    mine.set("fs.s3a.retry.limit", "1");
    assertEquals("1", HadoopDefaults.apply(mine).get("fs.s3a.retry.limit"));
    assertEquals("5", mine.get("fs.s3a.retry.throttle.limit"));
  }

  @Test
  void theUsersOwnStreamTypeStays() {
    Configuration mine = new Configuration();
    mine.set("fs.s3a.input.stream.type", "prefetch");
    assertEquals("prefetch", HadoopDefaults.apply(mine).get("fs.s3a.input.stream.type"));
    assertEquals("classic", HadoopDefaults.apply(new Configuration()).get("fs.s3a.input.stream.type"));
  }

  @Test
  void aLakeAndItsLogLiveInABucket() throws Exception {
    SparkSession spark = LocalSpark.get();
    s3.configure(spark.sparkContext().hadoopConfiguration());
    HadoopDefaults.apply(spark.sparkContext().hadoopConfiguration());
    s3.put(bucket, "in/a 1.jpg", bytes(10));
    s3.put(bucket, "in/x/b.jpg", bytes(20));
    s3.put(bucket, "in/x/b_mask.png", bytes(5));
    String root = "s3a://" + bucket;
    Lake lake = Lake.read(spark, root + "/in", false, List.of(new SidecarMask.Suffix("_mask")), "job", new Path(root + "/log/_staging/r"),
        List.of());
    List<ImageRef> refs = lake.refs().orderBy("uri").collectAsList().stream().map(ImageRefs::fromRow).toList();
    assertEquals(List.of("a 1.jpg", "x/b.jpg"), refs.stream().map(ImageRef::path).toList());
    assertEquals(List.of(root + "/in/x/b_mask.png"), refs.get(1).sidecars());
    assertThrows(InputException.class, () -> Listing.open(conf, root + "/none", false));

    ResultLog log = new ResultLog(conf, new Path(root + "/log"));
    assertEquals(2, log.todo(spark, lake.refs(), 2, 3, new Path(root + "/log/_staging/run/todo1")).images());
    s3.forget();
    log.publish(LocalDate.of(2026, 11, 1), "run", 3, List.of(LogRows.done("run", refs.get(0), root + "/out/a 1.jpg")), Retries.NONE);
    assertEquals(List.of("PUT " + bucket + "/log/run_date=2026-11-01/run-000003.parquet"), s3.requests());
    ResultLog.Todo todo = log.todo(spark, lake.refs(), 2, 3, new Path(root + "/log/_staging/run/todo2"));
    assertEquals(Map.of("todo", 1L, "bytes", 20L, "done", 1L), Map.of("todo", todo.images(), "bytes", todo.bytes(), "done", todo.done()));
    AtomicFiles.sweepLog(conf, new Path(root + "/log"), "run");
    assertEquals(List.of("log/run_date=2026-11-01/run-000003.parquet"),
        s3.keys(bucket).stream().filter(k -> k.startsWith("log")).toList());
  }

  @Test
  void aDraftOfManyPartsIsPublishedWholeOrNotAtAll() throws Exception {
    conf.setInt("fs.s3a.multipart.size", 5 << 20);
    conf.setBoolean("fs.s3a.impl.disable.cache", true);
    byte[] piece = bytes(3 << 20);
    try (AtomicFiles files = AtomicFiles.ofOutput(conf, new Path("s3a://" + bucket + "/out"), "run", "1", Retries.of(1))) {
      try (AtomicFiles.Draft draft = files.create("a")) {
        for (int i = 0; i < 4; i++) {
          draft.write(piece);
        }
      }
      assertEquals(List.of(), s3.keys(bucket));
      assertEquals(0, s3.openUploads(bucket), "an upload that was begun");
      try (AtomicFiles.Draft draft = files.create("a")) {
        for (int i = 0; i < 4; i++) {
          draft.write(piece);
        }
        draft.publish();
      }
    }
    assertEquals(4 * piece.length, s3.get(bucket, "out/a").length);
    assertTrue(s3.requests().stream().filter(r -> r.startsWith("PUT " + bucket + "/out/a ?partNumber")).count() > 2, "in parts");
  }
}
