package org.lakebrush.sink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.source.ImageBytes;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.ImageRefs;
import org.lakebrush.source.Lake;
import org.lakebrush.source.Reach;
import org.lakebrush.source.Retries;
import org.lakebrush.testing.LocalSpark;
import org.lakebrush.testing.MiniHdfs;

/** Reading and writing on HDFS. */
class HdfsStorageTest {
  // HDFS has no names with a colon.
  private static final List<String> NAMES = List.of("a b.jpg", "50%20.jpg", "#1.png", "it's \"q\".png", "grüße-画像.webp", "[x].png",
      "_sub/.b.png", "deep/er/+&=.tif");

  @TempDir
  static java.nio.file.Path dir;

  private static MiniHdfs hdfs;
  private static FileSystem fs;

  private final Configuration conf = new Configuration();

  @BeforeAll
  static void start() throws Exception {
    hdfs = MiniHdfs.start(dir);
    fs = hdfs.fileSystem();
  }

  @AfterAll
  static void stop() {
    hdfs.close();
  }

  private static void write(String path, byte[] bytes) throws Exception {
    try (FSDataOutputStream out = fs.create(new Path(hdfs.uri() + path))) {
      out.write(bytes);
    }
  }

  private static byte[] read(String uri) throws Exception {
    try (FSDataInputStream in = fs.open(new Path(uri))) {
      return in.readAllBytes();
    }
  }

  private static long files(String path) throws Exception {
    return fs.getContentSummary(new Path(path)).getFileCount();
  }

  @Test
  void aLakeIsListedReadWrittenAndLogged() throws Exception {
    SparkSession spark = LocalSpark.get();
    for (String name : NAMES) {
      write("/in/" + name, name.getBytes("UTF-8"));
    }
    Lake lake = Lake.read(spark, hdfs.uri() + "/in", false, List.of(), "job", new Path(hdfs.uri() + "/log/_staging/r"), List.of());
    Map<String, ImageRef> refs = new TreeMap<>();
    lake.refs().collectAsList().forEach(r -> refs.put(ImageRefs.fromRow(r).path(), ImageRefs.fromRow(r)));
    assertEquals(NAMES.stream().sorted().toList(), List.copyOf(refs.keySet()));
    Path out = new Path(hdfs.uri() + "/out [1]");
    ResultLog log = new ResultLog(conf, new Path(hdfs.uri() + "/log [1]"));
    try (AtomicFiles files = AtomicFiles.ofOutput(conf, out, "run", "1", Retries.of(1))) {
      for (ImageRef ref : refs.values()) {
        byte[] bytes = new ImageBytes(conf, new Reach(List.of(ref.uri()), List.of()), Retries.of(1)).read(ref);
        assertArrayEquals(ref.path().getBytes("UTF-8"), bytes);
        files.write(ref.path(), new byte[100]);
        Written written = files.write(ref.path(), bytes);
        assertEquals(new Written(hdfs.uri() + "/out [1]/" + ref.path(), bytes.length, Sha256.hex(ref.path())), written);
        assertArrayEquals(bytes, read(written.uri()));
      }
    }
    AtomicFiles.sweepOutput(conf, out, "run");
    assertEquals(NAMES.size(), files("/out [1]"));
    assertFalse(fs.exists(new Path(out, "_lakebrush")));

    List<LogRow> rows = refs.values().stream().map(r -> LogRows.done("run", r, out + "/" + r.path())).toList();
    log.publish(LocalDate.of(2026, 11, 1), "run", 1, rows.subList(0, 3), Retries.NONE);
    log.publish(LocalDate.of(2026, 11, 1), "run", 1, rows.subList(0, 2), Retries.NONE);
    assertEquals(2, log.read(spark).count());
    ResultLog.Todo todo = log.todo(spark, lake.refs(), NAMES.size(), 3, new Path(hdfs.uri() + "/log [1]/_staging/r/todo"));
    assertEquals(NAMES.size() - 2, todo.images());
    assertEquals(NAMES.stream().sorted().skip(2).toList(),
        todo.refs().collectAsList().stream().map(r -> ImageRefs.fromRow(r).path()).toList());
  }

  @Test
  void whatIsNotAsListedIsToldApart() throws Exception {
    write("/bad/a.jpg", new byte[10]);
    String root = hdfs.uri() + "/bad/";
    assertEquals(ErrorKind.CHANGED, failure(conf, root + "a.jpg", 9));
    assertEquals(ErrorKind.CHANGED, failure(conf, root + "a.jpg", 11));
    assertEquals(ErrorKind.VANISHED, failure(conf, root + "none.jpg", 10));
    fs.setPermission(new Path(root + "a.jpg"), new FsPermission("000"));
    UserGroupInformation.createRemoteUser("nobody").doAs((java.security.PrivilegedExceptionAction<Void>) () -> {
      assertEquals(ErrorKind.UNREADABLE, failure(conf, root + "a.jpg", 10));
      return null;
    });
  }

  private static ErrorKind failure(Configuration conf, String uri, long length) {
    ImageRef ref = new ImageRef(uri, "", length, 0, List.of(), "");
    ImageBytes bytes = new ImageBytes(conf, new Reach(List.of(ref.uri()), List.of()), Retries.of(1));
    ImageFailure failure = assertThrows(ImageFailure.class, () -> bytes.read(ref));
    assertEquals(1, failure.getMessage().lines().count());
    return failure.kind();
  }

  @Test
  void aWriteThatFailsInTheMiddleLeavesNothing() throws Exception {
    Path out = new Path(hdfs.uri() + "/full");
    fs.mkdirs(out);
    // Space for less than a block: the file can be created, and its bytes have no place.
    ((DistributedFileSystem) fs).setQuota(out, Long.MAX_VALUE - 1, 1024);
    try (AtomicFiles files = AtomicFiles.ofOutput(conf, out, "run", "1", Retries.of(1))) {
      ImageFailure failure = assertThrows(ImageFailure.class, () -> files.write("sub/a.jpg", new byte[5000]));
      assertEquals(ErrorKind.WRITE, failure.kind());
      assertTrue(failure.getMessage().contains("/full/sub/a.jpg"), failure.getMessage());
      assertEquals(0, files("/full"));
    }
    assertFalse(fs.exists(new Path(out, "_lakebrush/run/1")));
  }

  @Test
  void aDraftIsPublishedWholeOrNotAtAll() throws Exception {
    try (AtomicFiles files = AtomicFiles.ofOutput(conf, new Path(hdfs.uri() + "/drafts"), "run", "1", Retries.of(1))) {
      for (byte[] bytes : List.of(new byte[] {1, 2}, new byte[] {3})) {
        try (AtomicFiles.Draft draft = files.create("sub/a")) {
          draft.write(bytes);
          draft.publish();
        }
        assertArrayEquals(bytes, read(hdfs.uri() + "/drafts/sub/a"));
      }
      try (AtomicFiles.Draft draft = files.create("sub/b")) {
        draft.write(new byte[100]);
      }
    }
    assertEquals(List.of("a"), java.util.Arrays.stream(fs.listStatus(new Path("/drafts/sub"))).map(f -> f.getPath().getName()).toList());
    assertFalse(fs.exists(new Path("/drafts/_lakebrush/run/1")));
  }
}
