package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Input;
import org.lakebrush.testing.Lakes;
import org.lakebrush.testing.LocalSpark;
import org.lakebrush.testing.MiniHdfs;
import org.lakebrush.testing.S3Endpoint;

/** A lake of the names that people, tools and enemies give to files, from folder to folder. */
class NamesJobTest {
  private static final String LONGEST = "n".repeat(251) + ".png";
  private static final String LONGEST_IN_UTF8 = "画".repeat(83) + "ab.png";

  private static final List<String> NAMES = List.of("a b.png", " before and after .png", "a#b.png", "a%20b.png", "a b%.png", "a%2Fb.png",
      "a+b.png", "it's.png", "say \"a\".png", "line\nbreak.png", "return\rhere.png", "tab\there.png", "back\\slash.png", "a?.png", "*.png",
      "[a-c].png", "{a,b}.png", "a,b;c.png", "&<>|;$`!~@=.png", "caf\u00e9.png", "cafe\u0301.png", "\ud83d\uddbc.png", "\u202egnp.png",
      "_under.png", ".dot.png", "-dash.png", "..two.png", "a..png", "null.png", LONGEST, LONGEST_IN_UTF8, "_f/.g/-h/ i /j#/k%/l?/m.png",
      "d/".repeat(60) + "deep.png", "folder.png/in it.png", "caf\u00e9/x.png", "cafe\u0301/x.png");

  /** What HDFS does not take. */
  private static final List<String> COLONS = List.of("a:b.png", "12:30:01.png", "s3a:x.png", "f:/x.png");

  /** Of these a mask lies in a folder of its own, under the same name, and of those beside them. */
  private static final List<String> MASKED = List.of("a#b.png", "a%20b.png", "line\nbreak.png", "[a-c].png", "caf\u00e9.png",
      "_f/.g/-h/ i /j#/k%/l?/m.png");
  private static final List<String> MASKED_BESIDE = List.of("a b.png", "cafe\u0301.png", "*.png");

  private static final String JOB = "masks: [{kind: sidecar, dir: '%s'}, {kind: sidecar, suffix: _hole}]\n"
      + "mask: {missing: unchanged, grow: 0, feather: 0}\n";

  @TempDir
  Path scratch;

  /** Where the lake lies. */
  private interface Store {
    void put(String path, byte[] bytes) throws IOException;

    byte[] get(String path) throws IOException;

    /** Paths of all files below a folder. */
    List<String> files(String folder) throws IOException;
  }

  private record OnHadoop(FileSystem fs, String root) implements Store {
    private org.apache.hadoop.fs.Path path(String path) {
      return new org.apache.hadoop.fs.Path(root + "/" + path);
    }

    @Override
    public void put(String path, byte[] bytes) throws IOException {
      try (OutputStream out = fs.create(path(path))) {
        out.write(bytes);
      }
    }

    @Override
    public byte[] get(String path) throws IOException {
      try (var in = fs.open(path(path))) {
        return in.readAllBytes();
      }
    }

    @Override
    public List<String> files(String folder) throws IOException {
      List<String> all = new ArrayList<>();
      String prefix = path(folder).toUri().getPath() + "/";
      for (var files = fs.listFiles(path(folder), true); files.hasNext();) {
        all.add(files.next().getPath().toUri().getPath().substring(prefix.length()));
      }
      return all;
    }
  }

  private record OnDisk(Path root) implements Store {
    @Override
    public void put(String path, byte[] bytes) throws IOException {
      Files.createDirectories(root.resolve(path).getParent());
      Files.write(root.resolve(path), bytes);
    }

    @Override
    public byte[] get(String path) throws IOException {
      return Files.readAllBytes(root.resolve(path));
    }

    @Override
    public List<String> files(String folder) throws IOException {
      return Runs.files(root.resolve(folder).toString());
    }
  }

  private record OnS3(S3Endpoint s3, String bucket) implements Store {
    @Override
    public void put(String path, byte[] bytes) {
      s3.put(bucket, path, bytes);
    }

    @Override
    public byte[] get(String path) throws IOException {
      return s3.get(bucket, path);
    }

    @Override
    public List<String> files(String folder) {
      return s3.keys(bucket).stream().filter(k -> k.startsWith(folder + "/") && !k.endsWith("/"))
          .map(k -> k.substring(folder.length() + 1)).toList();
    }
  }

  private static byte[] mask() {
    BufferedImage image = new BufferedImage(24, 24, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D g = image.createGraphics();
    g.setPaint(Color.WHITE);
    g.fillRect(9, 9, 5, 5);
    g.dispose();
    return Lakes.encode(image, "png");
  }

  private static String beside(String name) {
    return name.replace(".png", "_hole.png");
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\"\"") + '"';
  }

  /** The whole lake as a folder, and as these lists name it, of {@code m.csv} and {@code m.parquet}. */
  private void runs(Store store, String root, List<String> names, String... lists) throws Exception {
    Map<String, byte[]> lake = new TreeMap<>();
    for (int i = 0; i < names.size(); i++) {
      lake.put(names.get(i), Lakes.encode(Lakes.picture(24, 24, i, true), "png"));
      store.put("in/" + names.get(i), lake.get(names.get(i)));
    }
    for (String name : MASKED) {
      store.put("masks [1] #%20/" + name, mask());
    }
    for (String name : MASKED_BESIDE) {
      store.put("in/" + beside(name), mask());
    }
    StringBuilder csv = new StringBuilder("uri,mask\n");
    List<Row> rows = new ArrayList<>();
    for (String name : names) {
      String mask = MASKED.contains(name) ? root + "/masks [1] #%20/" + name : MASKED_BESIDE.contains(name) ? root + "/in/" + beside(name)
          : null;
      csv.append(quoted(root + "/in/" + name)).append(',').append(mask == null ? "" : quoted(mask)).append('\n');
      rows.add(RowFactory.create(root + "/in/" + name, mask));
    }
    // Beside the folder of masks, for those that a manifest names lie below the base or the manifest's own folder.
    store.put("m.csv", csv.toString().getBytes(StandardCharsets.UTF_8));
    LocalSpark.get().createDataFrame(rows, new StructType().add("uri", DataTypes.StringType).add("mask", DataTypes.StringType)).coalesce(1)
        .write().parquet(scratch + "/written");
    try (Stream<Path> written = Files.list(scratch.resolve("written"))) {
      store.put("m.parquet", Files.readAllBytes(written.filter(p -> p.toString().endsWith(".parquet")).findFirst().orElseThrow()));
    }

    Runs folder = Runs.at(root, scratch);
    String job = String.format(JOB, root + "/masks [1] #%20");
    goesThrough(store, "out", folder, job, lake);
    Plan again = folder.job(job).dryRun();
    assertEquals(List.of((long) lake.size(), 0L), List.of(again.alreadyDone(), again.todo()), "nothing twice");
    String own = "masks: [{kind: manifest}]\nmask: {missing: unchanged, grow: 0, feather: 0}\n";
    for (String list : lists) {
      Runs runs = Runs.at(root, scratch).reading(new Input.Manifest(root + "/" + list, root + "/in")).writing(root + "/out-" + list);
      goesThrough(store, "out-" + list, runs, own, lake);
    }
  }

  private static void goesThrough(Store store, String out, Runs runs, String job, Map<String, byte[]> lake) throws Exception {
    RunSummary first = runs.run(job);

    Map<String, LogRow> rows = runs.rows(first);
    assertSame(lake.keySet(), rows.keySet(), out + ": each has a row");
    for (String name : lake.keySet()) {
      LogRow row = rows.get(name);
      boolean masked = MASKED.contains(name) || MASKED_BESIDE.contains(name);
      assertEquals(masked ? Status.REPAIRED : Status.UNCHANGED, row.status(), () -> name + ": " + row.errorMessage());
      assertTrue(row.uri().endsWith("/in/" + name), row.uri());
    }
    assertSame(lake.keySet(), new TreeSet<>(store.files(out)), out + ": each has an output, and there is nothing else");
    for (String name : lake.keySet()) {
      if (rows.get(name).status() == Status.UNCHANGED) {
        assertArrayEquals(lake.get(name), store.get(out + "/" + name), name);
      }
    }
  }

  private static void assertSame(Set<String> expected, Set<String> actual, String what) {
    Set<String> missing = new TreeSet<>(expected);
    missing.removeAll(actual);
    Set<String> more = new TreeSet<>(actual);
    more.removeAll(expected);
    assertEquals(List.of(Set.of(), Set.of()), List.of(missing, more), what);
  }

  private static List<String> with(List<String> more) {
    List<String> all = new ArrayList<>(NAMES);
    all.addAll(more);
    return all;
  }

  @Test
  void onDisk() throws Exception {
    runs(new OnDisk(scratch), "file:" + scratch, with(COLONS), "m.csv", "m.parquet");
  }

  @Test
  void onHdfs() throws Exception {
    try (MiniHdfs hdfs = MiniHdfs.start(scratch.resolve("hdfs"))) {
      String root = hdfs.uri() + "/lake";
      runs(new OnHadoop(hdfs.fileSystem(), root), root, NAMES);
    }
  }

  @Test
  void onS3() throws Exception {
    try (S3Endpoint s3 = S3Endpoint.start()) {
      Configuration conf = LocalSpark.get().sparkContext().hadoopConfiguration();
      s3.options().forEach((key, value) -> conf.set(key.replace("fs.s3a.", "fs.s3a.bucket.names."), value));
      s3.createBucket("names");
      runs(new OnS3(s3, "names"), "s3a://names", with(COLONS), "m.parquet");
    }
  }
}
