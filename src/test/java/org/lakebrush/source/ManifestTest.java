package org.lakebrush.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.mask.ManifestMask;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.mask.SidecarMask;
import org.lakebrush.testing.LocalSpark;

class ManifestTest {
  private static final SparkSession SPARK = LocalSpark.get();
  private static final long TIME = Instant.parse("2026-11-01T02:03:04Z").toEpochMilli();

  @TempDir
  Path dir;

  private int runs;

  private Lake read(String manifest, String base, MaskSpec... masks) throws Exception {
    org.apache.hadoop.fs.Path staging = new org.apache.hadoop.fs.Path("file:" + dir + "/staging [1]/" + runs++);
    return Lake.read(SPARK, new Input.Manifest(manifest, base), List.of(masks), "job", staging,
        List.of(new org.apache.hadoop.fs.Path("s3a://lake/out"), new org.apache.hadoop.fs.Path("s3a://lake/log")));
  }

  private static Map<String, ImageRef> refs(Lake lake) {
    Map<String, ImageRef> refs = new TreeMap<>();
    for (Row row : lake.refs().collectAsList()) {
      ImageRef ref = ImageRefs.fromRow(row);
      assertEquals(null, refs.put(ref.uri(), ref), "twice");
    }
    assertEquals(lake.images(), refs.size());
    assertEquals(lake.bytes(), refs.values().stream().mapToLong(r -> Math.max(0, r.length())).sum());
    return refs;
  }

  private String csv(String name, String... lines) throws Exception {
    Path file = dir.resolve(name);
    Files.createDirectories(file.getParent());
    byte[] bytes = (String.join("\n", lines) + "\n").getBytes("UTF-8");
    if (name.endsWith(".gz")) {
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
        out.write(bytes);
      }
    } else {
      Files.write(file, bytes);
    }
    return file.toString();
  }

  private static String text(ImageRef ref) {
    return ref.path() + " " + ref.length() + " " + ref.modificationTime() + " " + ref.sidecars() + " " + ref.boxes();
  }

  @Test
  void aCsvNamesImagesByTheirUri() throws Exception {
    String manifest = csv("m [1].csv", "URI,Size,last_modified,mask,boxes",
        "s3a://lake/a/x.jpg,10,2026-11-01T02:03:04Z,masks/x.png,",
        "\"s3://lake/a/with \"\"quotes\"\", comma.png\",20," + TIME + ",,\"1,2,3,4;5,6,7,8\"");
    Map<String, ImageRef> refs = refs(read(manifest, "s3a://lake", new ManifestMask()));
    assertEquals(List.of("s3a://lake/a/with \"quotes\", comma.png", "s3a://lake/a/x.jpg"), List.copyOf(refs.keySet()));
    assertEquals("a/x.jpg 10 " + TIME + " [file:" + dir + "/masks/x.png] null", text(refs.get("s3a://lake/a/x.jpg")));
    assertEquals("a/with \"quotes\", comma.png 20 " + TIME + " [null] 1,2,3,4;5,6,7,8",
        text(refs.get("s3a://lake/a/with \"quotes\", comma.png")));
  }

  @Test
  void pathsAreOfTheManifestsOwnDisk() throws Exception {
    Lake lake = read(csv("m.csv", "path,size,last_modified", "rel ü#%20.tif,,", "./as/find:writes.png,1,1", "no:scheme.png,1,1",
        "file:///host//less.png,1,1", "/abs/hash0123,5,2026-11-01 02:03:04"), null);
    Map<String, ImageRef> refs = refs(lake);
    assertEquals(Set.of("file:/abs/hash0123", "file:" + dir + "/rel ü#%20.tif", "file:" + dir + "/as/find:writes.png",
        "file:" + dir + "/no:scheme.png", "file:/host/less.png"), refs.keySet());
    assertEquals(dir.toString().substring(1) + "/rel ü#%20.tif -1 0 [] null", text(refs.get("file:" + dir + "/rel ü#%20.tif")));
    assertEquals("abs/hash0123 5 " + TIME + " [] null", text(refs.get("file:/abs/hash0123")));
    assertEquals(2, lake.notes().size(), lake.notes().toString());
    assertTrue(lake.notes().get(0).contains("length of 1 images is not given"), lake.notes().toString());
    assertTrue(lake.notes().get(1).contains("modification time of 1 images is not given"), lake.notes().toString());
  }

  @Test
  void aFolderOfZippedCsvIsOneManifest() throws Exception {
    csv("m/_ignored.txt", "x");
    csv("m/1.csv.gz", "uri,length,modification_time", "s3a://lake/a.jpg,1,1");
    csv("m/2.csv.gz", "uri,length,modification_time", "s3a://lake/b.jpg,2,2");
    assertEquals(List.of("s3a://lake/a.jpg", "s3a://lake/b.jpg"), List.copyOf(refs(read(dir + "/m", "s3a://lake")).keySet()));
    csv("m/3.csv.gz", "length,uri,modification_time", "3,s3a://lake/c.jpg,3");
    InputException e = assertThrows(InputException.class, () -> read(dir + "/m", "s3a://lake"));
    assertTrue(e.getMessage().contains("3.csv.gz") && e.getMessage().contains("header"), e.getMessage());
  }

  @Test
  void parquetHasTypedColumns() throws Exception {
    StructType box = new StructType().add("x", DataTypes.IntegerType).add("y", DataTypes.IntegerType).add("width", DataTypes.DoubleType)
        .add("height", DataTypes.IntegerType);
    StructType type = new StructType().add("path", DataTypes.StringType).add("length", DataTypes.IntegerType)
        .add("modificationTime", DataTypes.TimestampType).add("boxes", DataTypes.createArrayType(box));
    List<Row> rows = List.of(
        RowFactory.create("hdfs://localhost:3/a.jpg", 7, Instant.ofEpochMilli(TIME), new Row[] {RowFactory.create(1, 2, 3.5, 4),
            RowFactory.create(5, 6, 7.0, 8)}),
        RowFactory.create("hdfs://localhost:3/b.jpg", null, null, new Row[0]));
    SPARK.createDataFrame(rows, type).write().parquet(dir + "/m.parquet");
    Map<String, ImageRef> refs = refs(read(dir + "/m.parquet", "hdfs://localhost:3/", new ManifestMask()));
    assertEquals("a.jpg 7 " + TIME + " [null] 1,2,3.5,4;5,6,7.0,8", text(refs.get("hdfs://localhost:3/a.jpg")));
    assertEquals("b.jpg -1 0 [null] null", text(refs.get("hdfs://localhost:3/b.jpg")));
  }

  @Test
  void masksAndBoxesChangeAnImagesFingerprint() throws Exception {
    String a = "s3a://lake/a.jpg";
    String none = refs(read(csv("1.csv", "uri,mask,boxes", a + ",,"), "s3a://lake", new ManifestMask())).get(a).fingerprint();
    String mask = refs(read(csv("2.csv", "uri,mask,boxes", a + ",s3a://m/a.png,"), "s3a://lake", new ManifestMask())).get(a).fingerprint();
    String boxes = refs(read(csv("3.csv", "uri,mask,boxes", a + ",,\"1,1,1,1\""), "s3a://lake", new ManifestMask())).get(a).fingerprint();
    assertNotEquals(none, mask);
    assertNotEquals(none, boxes);
    assertNotEquals(mask, boxes);
    Lake unused = read(dir + "/2.csv", "s3a://lake");
    assertEquals(refs(read(dir + "/1.csv", "s3a://lake")).get(a).fingerprint(), refs(unused).get(a).fingerprint(),
        "without the kind they are no matter");
    assertTrue(unused.notes().toString().contains("not used"), unused.notes().toString());
  }

  @Test
  void aMaskFolderMirrorsThePathsBelowTheBase() throws Exception {
    Path mask = Files.createDirectories(dir.resolve("masks/x")).resolve("a.png");
    Files.writeString(mask, "mask");
    String manifest = csv("m.csv", "uri", "s3a://lake/deep/x/a.jpg", "s3a://lake/elsewhere/b.jpg", "file:" + mask);
    Lake lake = read(manifest, "s3a://lake/deep/", new SidecarMask.Dir(dir + "/masks"));
    ImageRef ref = refs(lake).get("s3a://lake/deep/x/a.jpg");
    assertEquals("x/a.jpg", ref.path());
    assertEquals(List.of("file:" + mask), ref.sidecars());
    assertEquals(2, lake.images(), "the mask is none");
    assertTrue(lake.notes().get(0).startsWith("manifest: 1 rows are refused, for they lead outside of s3a://lake/deep; for example"
        + " 's3a://lake/elsewhere/b.jpg' in file://" + dir + "/m.csv"), lake.notes().get(0));
    InputException e = assertThrows(InputException.class, () -> read(manifest, null, new SidecarMask.Suffix("_mask")));
    assertTrue(e.getMessage().contains("column mask"), e.getMessage());
  }

  @Test
  void badRowsAreCountedAndTold() throws Exception {
    String manifest = csv("m.csv", "uri,length,modification_time", "s3a://lake/a.jpg,1,1", ",1,1",
        "s3a://lake/b.jpg,many,1", "s3a://lake/c.jpg,3,yesterday", "s3a://lake/notes.txt,1,1", "s3a://lake/out/a.jpg,1,1",
        "s3a://lake/x/_lakebrush/a.jpg,1,1", "s3a://lake/outer.jpg,1,1");
    Lake lake = read(manifest, "s3a://lake");
    assertEquals(List.of("s3a://lake/a.jpg", "s3a://lake/b.jpg", "s3a://lake/c.jpg", "s3a://lake/outer.jpg"), List.copyOf(refs(lake).keySet()));
    assertEquals(3, lake.otherFiles(), "a text file, and two of Lakebrush's own");
    assertTrue(lake.notes().get(0).startsWith("manifest: 1 rows left out, for they have no URI; for example one in file:"),
        lake.notes().toString());
    assertTrue(lake.notes().get(1).startsWith("manifest: 2 rows have a length or modification time that cannot be read"), lake.notes().toString());
    assertEquals(ImageRef.UNKNOWN_LENGTH, refs(lake).get("s3a://lake/b.jpg").length());
    assertEquals(ImageRef.UNKNOWN_TIME, refs(lake).get("s3a://lake/c.jpg").modificationTime());
  }

  @Test
  void whatLeadsElsewhereIsThereToBeRefusedUnderItsOwnName() throws Exception {
    List<String> refused = List.of("s3a://lake/in/../up.jpg", "s3a://lake/in/./a.jpg", "s3a://lake/in//a.jpg", "s3a://lake/out.jpg",
        "s3a://lakes/in/a.jpg", "s3a:///in/a.jpg", "http://host/a.jpg", "file:/etc/a.jpg", "hdfs://localhost:3/in/a.jpg",
        "//lake/in/a.jpg");
    List<String> lines = new ArrayList<>(List.of("uri,length,modification_time", "s3a://lake/in/a%2F..%2Fb.jpg,1,1",
        "s3a://lake/in/..a/b...jpg,1,1", "s3a://k:s/c@lake/in/a.jpg,1,1", "S3://lake/in/c.jpg,1,1"));
    refused.forEach(uri -> lines.add(uri + ",1,1"));
    Lake lake = read(csv("m.csv", lines.toArray(String[]::new)), "s3a://lake/in");
    Map<String, ImageRef> refs = refs(lake);
    assertEquals(Set.of("a%2F..%2Fb.jpg", "..a/b...jpg", "c.jpg"),
        refs.values().stream().map(ImageRef::path).filter(p -> !refs.containsKey(p)).collect(Collectors.toSet()));
    assertEquals(refused.size() + 1 + 3, refs.size());
    assertTrue(refs.containsKey("s3a://***:***@lake/in/a.jpg"), "no key: " + refs.keySet());
    for (ImageRef ref : refs.values()) {
      if (ref.path().equals(ref.uri())) {
        assertEquals(ErrorKind.REFUSED, assertThrows(ImageFailure.class, () -> lake.reach().checkImage(ref.uri())).kind());
      } else {
        lake.reach().checkImage(ref.uri());
      }
    }
    InputException e = assertThrows(InputException.class, () -> read(csv("all.csv", "uri", "s3a://lake/a.jpg"), null));
    assertTrue(e.getMessage().contains("1 lie outside of file:/") && e.getMessage().contains("--base"), e.getMessage());
  }

  @Test
  void aLineBreakInQuotesIsPartOfAName() throws Exception {
    Lake lake = read(csv("m.csv", "uri,length,modification_time", "\"s3a://lake/line", "break.jpg\",1,1", "s3a://lake/a.jpg,2,2"),
        "s3a://lake");
    assertEquals(Set.of("s3a://lake/line\nbreak.jpg", "s3a://lake/a.jpg"), refs(lake).keySet());
  }

  @Test
  void theBaseOfAnInventorySaysWhichPartIsMeant() throws Exception {
    String csv = csv("inventory.csv", "\"lake\",\"a/x.jpg\",\"1\"", "\"lake\",\"b/y.jpg\",\"1\"", "\"lake\",\"a/%2E%2E/z.jpg\",\"1\"");
    Lake lake = read(inventory("CSV", "Bucket, Key, Size", Path.of(csv), ".csv"), "s3a://lake/a");
    assertEquals(Set.of("s3a://lake/a/x.jpg", "s3a://lake/a/../z.jpg"), refs(lake).keySet());
    assertEquals(1, lake.otherFiles());
  }

  @Test
  void aFolderIsReadWithAllBelowIt() throws Exception {
    csv("m/1.csv", "uri", "s3a://lake/a.jpg");
    csv("m/deeper/still/2.csv", "uri", "s3a://lake/b.jpg");
    csv("m/run_date=2026-11-01/3.csv", "uri", "s3a://lake/c.jpg");
    assertEquals(List.of("s3a://lake/a.jpg", "s3a://lake/b.jpg", "s3a://lake/c.jpg"),
        List.copyOf(refs(read(dir + "/m", "s3a://lake")).keySet()));
  }

  @Test
  void uriWithoutAuthorityLiesInTheDefaultFileSystem() throws Exception {
    Configuration conf = SPARK.sparkContext().hadoopConfiguration();
    // A host of its own: Hadoop keeps a file system with the settings that it was first opened with.
    conf.set("fs.defaultFS", "hdfs://localhost:2");
    try {
      String manifest = "file:" + csv("m.csv", "uri", "hdfs:///lake/a.jpg", "hdfs://localhost:2/lake/b.jpg", "file:///lake/c.jpg");
      Lake lake = read(manifest, "hdfs:///lake");
      assertEquals(Set.of("hdfs://localhost:2/lake/a.jpg", "hdfs://localhost:2/lake/b.jpg", "file:/lake/c.jpg"), refs(lake).keySet());
      assertEquals("file:/lake/c.jpg", refs(lake).get("file:/lake/c.jpg").path(), "is refused, and is no other's path");
      assertEquals("a.jpg", refs(lake).get("hdfs://localhost:2/lake/a.jpg").path());
    } finally {
      conf.unset("fs.defaultFS");
    }
  }

  @Test
  void severalRowsForAnImageAreOne() throws Exception {
    Lake lake = read(csv("m.csv", "uri,length,modification_time,mask,boxes", "s3a://lake/a.jpg,1,1,,\"5,5,1,1\"",
        "s3a://lake/a.jpg,1,1,,\"1,1,2,2\"", "s3a://lake/a.jpg,1,1,,\"1,1,2,2\"", "s3a://lake/b.jpg,1,1,,", "s3://lake/b.jpg,1,1,,"),
        "s3a://lake", new ManifestMask());
    assertEquals("1,1,2,2;5,5,1,1", refs(lake).get("s3a://lake/a.jpg").boxes());
    assertEquals(null, refs(lake).get("s3a://lake/b.jpg").boxes());
    assertEquals(2, lake.images());
    assertTrue(lake.notes().get(0).startsWith("manifest: 3 rows name an image that another row names"), lake.notes().toString());
  }

  @Test
  void whatIsNoManifestIsRefused() throws Exception {
    for (String[] c : new String[][] {{"none.csv", "does not exist"}, {csv("m.txt", "uri"), ".parquet, .csv or .csv.gz"},
        {csv("nothing.csv", "uri"), "names no image"}, {csv("other.csv", "image,id", "a,b"), "no column uri"},
        {csv("x/manifest.json", "{\"files\": []}"), "no fileFormat"}, {csv("y/manifest.json", "no"), "is no JSON"}}) {
      String path = c[0].startsWith("/") ? c[0] : dir + "/" + c[0];
      InputException e = assertThrows(InputException.class, () -> read(path, null), c[1]);
      assertTrue(e.getMessage().contains(c[1]), e.getMessage());
    }
    String plain = csv("plain.csv", "uri", "s3a://lake/a.jpg");
    assertThrows(InputException.class, () -> read(plain, null, new ManifestMask()), "the kind without the columns");
    InputException e = assertThrows(InputException.class, () -> Lake.read(SPARK, dir.toString(), false, List.of(new ManifestMask()), "job",
        new org.apache.hadoop.fs.Path(dir + "/s"), List.of()));
    assertTrue(e.getMessage().contains("--manifest"), e.getMessage());
  }

  /** The objects of the inventories below: a current one, one with a strange key, an old version, a delete marker, no image, our own. */
  private static List<Row> objects() {
    return List.of(object("a/x.jpg", true, false, 10), object("a/b c+d=ü, \"e\".png", true, false, 20), object("a/x.jpg", false, false, 9),
        object("gone.jpg", true, true, 0), object("readme.txt", true, false, 5), object("nameless", true, false, 5),
        object("out/a/x.jpg", true, false, 11));
  }

  private static Row object(String key, boolean latest, boolean deleted, long size) {
    return RowFactory.create("lake", key, "v1", latest, deleted, size, Instant.ofEpochMilli(TIME), "etag");
  }

  private static Dataset<Row> objectTable() {
    return SPARK.createDataFrame(objects(), new StructType().add("bucket", DataTypes.StringType).add("key", DataTypes.StringType)
        .add("version_id", DataTypes.StringType).add("is_latest", DataTypes.BooleanType).add("is_delete_marker", DataTypes.BooleanType)
        .add("size", DataTypes.LongType).add("last_modified_date", DataTypes.TimestampType).add("e_tag", DataTypes.StringType)).coalesce(1);
  }

  /** An inventory as AWS lays it out, but for the destination bucket's root, which is that of the local disk. */
  private String inventory(String format, String schema, Path written, String extension) throws Exception {
    Path data = Files.createDirectories(dir.resolve(format + "/lake/daily/data")).resolve("0a1b" + extension);
    Files.copy(written, data);
    Path folder = Files.createDirectories(dir.resolve(format + "/lake/daily/2026-11-02T01-00Z"));
    Files.writeString(folder.resolve("manifest.checksum"), "0123");
    return Files.writeString(folder.resolve("manifest.json"), """
        {
          "sourceBucket" : "lake",
          "destinationBucket" : "arn:aws:s3:::inventories",
          "version" : "2016-11-30",
          "creationTimestamp" : "1793581200000",
          "fileFormat" : "%s",
          "fileSchema" : "%s",
          "files" : [ {
            "key" : "%s",
            "size" : %d,
            "MD5checksum" : "f11166069f1990abeb9c97ace9cdfabc"
          } ]
        }
        """.formatted(format, schema, data.toString().substring(1), Files.size(data))).toString();
  }

  private static Path only(Path folder, String extension) throws Exception {
    try (var files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(extension)).findFirst().orElseThrow();
    }
  }

  private void isTheInventory(Lake lake) {
    Map<String, ImageRef> refs = refs(lake);
    assertEquals(List.of("s3a://lake/a/b c+d=ü, \"e\".png", "s3a://lake/a/x.jpg"), List.copyOf(refs.keySet()));
    assertEquals("a/x.jpg 10 " + TIME + " [] null", text(refs.get("s3a://lake/a/x.jpg")));
    assertEquals(3, lake.otherFiles());
    assertEquals(List.of(), lake.notes());
  }

  @Test
  void anInventoryIsReadInEachOfItsFormats() throws Exception {
    // As AWS writes it: no header, all quoted, keys URL-encoded.
    String csv = csv("inventory.csv.gz",
        "\"lake\",\"a/x.jpg\",\"v1\",\"true\",\"false\",\"10\",\"2026-11-01T02:03:04.000Z\",\"etag\"",
        "\"lake\",\"a/b+c%2Bd%3D%C3%BC%2C+%22e%22.png\",\"v1\",\"true\",\"false\",\"20\",\"2026-11-01T02:03:04.000Z\",\"etag\"",
        "\"lake\",\"a/x.jpg\",\"v0\",\"false\",\"false\",\"9\",\"2026-10-01T02:03:04.000Z\",\"etag\"",
        "\"lake\",\"gone.jpg\",\"v1\",\"true\",\"true\",\"\",\"2026-11-01T02:03:04.000Z\",\"\"",
        "\"lake\",\"readme.txt\",\"v1\",\"true\",\"false\",\"5\",\"2026-11-01T02:03:04.000Z\",\"etag\"",
        "\"lake\",\"nameless\",\"v1\",\"true\",\"false\",\"5\",\"2026-11-01T02:03:04.000Z\",\"etag\"",
        "\"lake\",\"out/a/x.jpg\",\"v1\",\"true\",\"false\",\"11\",\"2026-11-01T02:03:04.000Z\",\"etag\"");
    String columns = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag";
    isTheInventory(read(inventory("CSV", columns, Path.of(csv), ".csv.gz"), null));

    objectTable().write().parquet(dir + "/p");
    String message = "message s3.inventory {  required binary bucket (UTF8);  required binary key (UTF8);}";
    isTheInventory(read(inventory("Parquet", message, only(dir.resolve("p"), ".parquet"), ".parquet"), null));

    objectTable().write().orc(dir + "/o");
    String struct = "struct<bucket:string,key:string,version_id:string,is_latest:boolean,is_delete_marker:boolean,size:bigint>";
    String orc = inventory("ORC", struct, only(dir.resolve("o"), ".orc"), ".orc");
    isTheInventory(read(orc, null));

    // A copy: its files no longer lie where their keys say.
    Path copy = dir.resolve("copy");
    Files.move(dir.resolve("ORC/lake"), copy);
    isTheInventory(read(copy.resolve("daily/2026-11-02T01-00Z/manifest.json").toString(), null));
    Files.write(copy.resolve("daily/data/0a1b.orc"), new byte[] {1}, java.nio.file.StandardOpenOption.APPEND);
    InputException e = assertThrows(InputException.class, () -> read(copy + "/daily/2026-11-02T01-00Z/manifest.json", null));
    assertTrue(e.getMessage().contains("bytes"), e.getMessage());
    Files.delete(copy.resolve("daily/data/0a1b.orc"));
    e = assertThrows(InputException.class, () -> read(copy + "/daily/2026-11-02T01-00Z/manifest.json", null));
    assertTrue(e.getMessage().contains("0a1b.orc, which does not exist"), e.getMessage());
  }
}
