package org.lakebrush.sink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.Retries;
import org.lakebrush.source.TableColumns;
import org.lakebrush.source.TableReader;
import org.lakebrush.testing.Tables;

/** A file of a table is read and written again; Spark says what is in it. */
class TableWriterTest {
  private final Configuration conf = new Configuration();

  @TempDir
  Path folder;

  private String in() {
    return folder.resolve("in").toString();
  }

  private String out() {
    return folder.resolve("out").toString();
  }

  private ImageRef ref(String file) throws Exception {
    Path path = Path.of(in(), file);
    return new ImageRef("file:" + path, file, Files.size(path), Files.getLastModifiedTime(path).toMillis(), List.of(), "f");
  }

  /** Turns each image's bytes round and gives the row names in order. */
  private List<String> turnRound(String file, String image, String key) throws Exception {
    List<String> names = new ArrayList<>();
    try (AtomicFiles files = AtomicFiles.ofOutput(conf, new org.apache.hadoop.fs.Path(out()), "run", "1", Retries.of(1));
        TableReader reader = TableReader.open(conf, ref(file), image, key);
        TableWriter writer = new TableWriter(conf, files, file, reader)) {
      for (BlockMetaData group : reader.rowGroups()) {
        reader.startRowGroup(group);
        writer.startRowGroup(group);
        for (TableReader.Cell cell = reader.next(); cell != null; cell = reader.next()) {
          names.add(cell.name());
          writer.write(cell, cell.bytes() == null ? null : turned(cell.bytes()), cell.bytes() == null ? null : Status.REPAIRED);
        }
        writer.endRowGroup();
      }
      assertFalse(Files.exists(Path.of(out(), file)), "seen before it is whole");
      writer.publish();
    }
    AtomicFiles.sweepOutput(conf, new org.apache.hadoop.fs.Path(out()), "run");
    return names;
  }

  private static byte[] turned(byte[] bytes) {
    byte[] turned = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      turned[i] = bytes[bytes.length - 1 - i];
    }
    return turned;
  }

  private static byte[] noise(int seed) {
    byte[] bytes = new byte[1000 + seed % 3 * 20_000];
    new Random(seed).nextBytes(bytes);
    return seed % 5 == 0 ? null : bytes;
  }

  /** Row groups with their rows, and each column's codecs. */
  private Map<String, Object> layout(String file) throws Exception {
    Map<String, Object> layout = new TreeMap<>();
    try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(file), conf))) {
      layout.put("rows", reader.getRowGroups().stream().map(BlockMetaData::getRowCount).toList());
      Set<String> codecs = new TreeSet<>();
      reader.getRowGroups().forEach(b -> b.getColumns().forEach(c -> codecs.add(c.getCodec().name())));
      layout.put("codecs", codecs);
    }
    return layout;
  }

  @ParameterizedTest
  @ValueSource(strings = {"snappy", "zstd", "gzip", "lz4_raw", "uncompressed"})
  void everythingButTheImagesStays(String codec) throws Exception {
    List<Row> rows = Tables.rows(60, TableWriterTest::noise);
    StructType schema = Tables.SCHEMA;
    Tables.write(rows, schema, in(), 25, codec);
    String file = Tables.files(in()).get(0);

    turnRound(file, null, null);

    List<Row> expected = Tables.read(in()).orderBy("id").collectAsList();
    List<Row> found = Tables.read(out()).orderBy("id").collectAsList();
    assertEquals(60, found.size());
    assertEquals(Tables.read(in()).schema().add(TableColumns.STATUS, DataTypes.StringType), Tables.read(out()).schema());
    int image = schema.fieldIndex("image");
    for (int i = 0; i < 60; i++) {
      for (int c = 0; c < schema.size(); c++) {
        if (c != image) {
          assertEquals(expected.get(i).get(c), found.get(i).get(c), schema.apply(c).name() + " of row " + i);
        }
      }
      byte[] bytes = noise(i);
      assertArrayEquals(bytes == null ? null : turned(bytes), found.get(i).<byte[]>getAs(image));
      assertEquals(bytes == null ? null : "REPAIRED", found.get(i).getAs(TableColumns.STATUS));
    }
    assertEquals(layout(in() + "/" + file), layout(out() + "/" + file));
    assertEquals(List.of(25L, 25L, 10L), layout(out() + "/" + file).get("rows"));
    assertEquals(List.of(file), Tables.files(folder.resolve("out").toString()));
    try (var all = Files.walk(folder.resolve("out"))) {
      assertEquals(1, all.filter(Files::isRegularFile).count(), "no .crc, no temporary files");
    }
  }

  @Test
  void imagesInStructs() throws Exception {
    StructType schema = new StructType()
        .add("image", new StructType().add("bytes", DataTypes.BinaryType).add("path", DataTypes.StringType))
        .add("label", DataTypes.LongType);
    byte[] bytes = {1, 2, 3};
    List<Row> rows = List.of(RowFactory.create(RowFactory.create(bytes, "a.png"), 1L), RowFactory.create(null, 2L),
        RowFactory.create(RowFactory.create(null, "a.png"), 3L), RowFactory.create(RowFactory.create(new byte[0], "a.png"), 4L),
        RowFactory.create(RowFactory.create(bytes, null), 5L));
    Tables.write(rows, schema, in(), 100, "snappy");

    // A null key and one that was there before have their row's number.
    assertEquals(List.of("a.png", "#1", "a.png#2", "a.png#3", "#4"), turnRound(Tables.files(in()).get(0), null, null));

    List<Row> found = Tables.read(out()).orderBy("label").collectAsList();
    assertArrayEquals(new byte[] {3, 2, 1}, found.get(0).getStruct(0).<byte[]>getAs(0));
    assertEquals("a.png", found.get(0).getStruct(0).get(1));
    assertNull(found.get(1).get(0), "the struct itself");
    assertEquals(RowFactory.create(null, "a.png"), found.get(2).getStruct(0));
    assertEquals(0, found.get(3).getStruct(0).<byte[]>getAs(0).length);
    assertEquals(Arrays.asList("REPAIRED", null, null, "REPAIRED", "REPAIRED"),
        found.stream().map(r -> r.getAs(TableColumns.STATUS)).toList());
  }

  @Test
  void saysWhichOptionToGive() throws Exception {
    StructType schema = new StructType().add("a", DataTypes.BinaryType).add("b", DataTypes.BinaryType).add("n", DataTypes.IntegerType)
        .add("tags", DataTypes.createArrayType(DataTypes.StringType));
    Tables.write(List.of(RowFactory.create(new byte[1], new byte[2], 3, null)), schema, in(), 100, "snappy");
    String file = Tables.files(in()).get(0);
    for (String[] wrong : new String[][] {{null, "n", "--image-column; the binary columns are a, b"}, {"n", "n", "--image-column n is"},
        {"c", "n", "--image-column c: the table has no such column; its columns are a, b, n, tags.list.element"},
        {"a", null, "give --key-column"}, {"a", "m", "--key-column m"}, {"a", "a", "--key-column a is the image column"},
        {"a", "tags.list.element", "several values"}}) {
      ImageFailure failure = assertThrows(ImageFailure.class, () -> TableReader.open(conf, ref(file), wrong[0], wrong[1]).close());
      assertEquals(ErrorKind.UNSUPPORTED, failure.kind());
      assertTrue(failure.getMessage().contains(wrong[2]), failure.getMessage());
    }
    TableReader.open(conf, ref(file), "a", "n").close();
    TableReader.open(conf, ref(file), "a", "b").close();
  }

  @Test
  void damagedFilesAreTold() throws Exception {
    Tables.write(Tables.rows(8, TableWriterTest::noise), Tables.SCHEMA, in(), 100, "snappy");
    String file = Tables.files(in()).get(0);
    byte[] whole = Files.readAllBytes(Path.of(in(), file));
    Map<String, byte[]> damaged = Map.of("cut", Arrays.copyOf(whole, whole.length / 2), "text", "no Parquet at all".getBytes(),
        "none", new byte[0]);
    for (Map.Entry<String, byte[]> bad : damaged.entrySet()) {
      Files.write(Path.of(in(), bad.getKey()), bad.getValue());
      ImageFailure failure = assertThrows(ImageFailure.class, () -> TableReader.open(conf, ref(bad.getKey()), null, null).close());
      assertEquals(bad.getKey().equals("none") ? ErrorKind.EMPTY_FILE : ErrorKind.CORRUPT, failure.kind());
      assertTrue(failure.getMessage().contains(bad.getKey()), failure.getMessage());
    }
    ImageRef listed = ref(file);
    Files.write(Path.of(in(), file), Arrays.copyOf(whole, whole.length - 1));
    assertEquals(ErrorKind.CHANGED, assertThrows(ImageFailure.class, () -> TableReader.open(conf, listed, null, null).close()).kind());
    Files.delete(Path.of(in(), file));
    assertEquals(ErrorKind.VANISHED, assertThrows(ImageFailure.class, () -> TableReader.open(conf, listed, null, null).close()).kind());
  }

  @Test
  void metadataThatDescribesTheColumnsHasTheNewOne() throws Exception {
    // Written by PyArrow: a dictionary "cat", a struct "image", and k=v.
    String arrow = "/////zABAAAQAAAAAAAKAA4ABgAFAAgACgAAAAABBAAQAAAAAAAKAAwAAAAEAAgACgAAADQAAAAEAAAAAQAAAAwAAAAIAAwABAAIAAgAAAAQAA"
          + "AABAAAAAEAAAB2AAAAAQAAAGsAAAACAAAAfAAAAAQAAADU////AAABDRQAAAAcAAAABAAAAAEAAAAkAAAABQAAAGltYWdlAAAAbP///xAAFAAI"
          + "AAYABwAMAAAAEAAQAAAAAAABBBAAAAAYAAAABAAAAAAAAAAFAAAAYnl0ZXMAAACk////EAAYAAgABgAHAAwAEAAUABAAAAAAAAEFFAAAAEAAAA"
          + "AcAAAABAAAAAAAAAADAAAAY2F0AAgACAAAAAQACAAAAAwAAAAIAAwACAAHAAgAAAAAAAABIAAAAAQABAAEAAAA";

    Map<String, String> metadata = TableWriter.metadata(Map.of("ARROW:schema", arrow, "huggingface", "{}"));

    assertEquals(Set.of("ARROW:schema", "huggingface"), metadata.keySet());
    Schema before = Schema.deserializeMessage(ByteBuffer.wrap(Base64.getDecoder().decode(arrow)));
    Schema after = Schema.deserializeMessage(ByteBuffer.wrap(Base64.getDecoder().decode(metadata.get("ARROW:schema"))));
    assertEquals(List.of("cat", "image", TableColumns.STATUS), after.getFields().stream().map(Field::getName).toList());
    assertEquals(before.getFields(), after.getFields().subList(0, 2));
    assertEquals(Map.of("k", "v"), after.getCustomMetadata());
    assertEquals(Set.of("huggingface"), TableWriter.metadata(Map.of("ARROW:schema", "?", "huggingface", "{}",
        "org.apache.spark.sql.parquet.row.metadata", "?")).keySet(), "what cannot be read is dropped");
  }
}
