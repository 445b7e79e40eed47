package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lakebrush.job.Runs.RED;

import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Sha256;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Input;
import org.lakebrush.source.InputException;
import org.lakebrush.source.TableColumns;
import org.lakebrush.testing.Lakes;
import org.lakebrush.testing.LocalSpark;
import org.lakebrush.testing.Tables;

/** Tables that Spark wrote, repaired by whole jobs and read by Spark again. */
class TableJobTest {
  private static final StructType SMALL = new StructType().add("id", DataTypes.IntegerType).add("image", DataTypes.BinaryType);

  @TempDir
  Path folder;

  private RunSummary run(Runs runs, String table, String... set) throws Exception {
    return job(runs, table, RED, set).run();
  }

  private CleanupJob job(Runs runs, String table, String job, String... set) throws Exception {
    return runs.reading(new Input.Table(table, null, null)).job(job, set);
  }

  /** Marked pictures in several formats; some rows have none, a clean one, or no picture. */
  private static byte[] image(int i) {
    return switch (i % 10) {
      case 3 -> null;
      case 5 -> "no picture".getBytes(StandardCharsets.UTF_8);
      case 7 -> Lakes.encode(Lakes.picture(112, 96, i, true), "png");
      default -> Lakes.encode(Lakes.picture(112, 96, i, false), List.of("png", "jpg", "bmp").get(i % 3));
    };
  }

  private static byte[] marked(int i) {
    return Lakes.encode(Lakes.picture(112, 96, i, false), "png");
  }

  private void small(String name, int from, int n) throws Exception {
    Path temporary = folder.resolve("written");
    Tables.write(java.util.stream.IntStream.range(from, from + n).mapToObj(i -> RowFactory.create(i, marked(i))).toList(), SMALL,
        temporary.toString(), 2, "snappy");
    Path file = folder.resolve("in").resolve(name);
    Files.createDirectories(file.getParent());
    Files.move(temporary.resolve(Tables.files(temporary.toString()).get(0)), file);
  }

  @Test
  void aTableComesOutAsItWentInButForItsImages() throws Exception {
    Runs runs = Runs.in(folder);
    Tables.write(Tables.rows(40, TableJobTest::image), Tables.SCHEMA, runs.input.uri(), 6, "zstd", "part");
    for (int i = 0; i < 40; i++) {
      if (image(i) != null) {
        Path file = folder.resolve(String.format("files/in/k%03d.%s", i, List.of("png", "jpg", "bmp").get(i % 10 == 7 ? 0 : i % 3)));
        Files.createDirectories(file.getParent());
        Files.write(file, image(i));
      }
    }

    RunSummary run = run(runs, runs.input.uri(), "limits.max_failures=20%");

    assertEquals(0, run.exitCode(), String.valueOf(run.failedSlices()));
    assertEquals(Tables.files(runs.input.uri()), Runs.files(runs.output), "the same files and no others");
    Runs asFiles = Runs.in(folder.resolve("files"));
    Map<String, LogRow> expected = asFiles.rows(asFiles.run(RED)).values().stream()
        .collect(Collectors.toMap(r -> r.path().substring(0, 4), r -> r));
    Dataset<Row> in = Tables.read(runs.input.uri()).orderBy("id");
    Dataset<Row> out = Tables.read(runs.output).orderBy("id");
    assertEquals(in.drop("part").schema().add(TableColumns.STATUS, DataTypes.StringType), out.drop("part").schema());
    assertEquals(in.drop("image").collectAsList(), out.drop("image", TableColumns.STATUS).collectAsList());
    Map<String, LogRow> log = new TreeMap<>();
    for (LogRow row : runs.rows(run).values()) {
      log.put(row.path().substring(row.path().indexOf('#') + 1), row);
      assertTrue(row.uri().matches("file:/.*/in/part=(odd|even%2Fü)/part-[^#]*parquet#k\\d+"), row.uri());
    }
    List<Row> rows = out.select("key", "image", TableColumns.STATUS).collectAsList();
    for (int i = 0; i < 40; i++) {
      Row row = rows.get(i);
      LogRow logged = log.get(String.format("k%03d", i));
      if (image(i) == null) {
        assertEquals(RowFactory.create(row.get(0), null, null), row);
        assertEquals(null, logged);
        continue;
      }
      LogRow one = expected.get(String.format("k%03d", i));
      assertEquals(one.status(), logged.status());
      assertEquals(one.status().name(), row.get(2));
      assertEquals(one.errorKind(), logged.errorKind());
      assertEquals(image(i).length, logged.length());
      byte[] image = row.getAs(1);
      if (one.status() == Status.FAILED) {
        assertArrayEquals(image(i), image);
      } else {
        assertEquals(one.output().sha256(), Sha256.hex(image), "as the file path gives it");
        assertEquals(one.output().sha256(), logged.output().sha256());
        assertEquals(image.length, logged.output().length());
      }
    }
    assertEquals(28, run.totals().count(Status.REPAIRED));
    assertEquals(4, run.totals().count(Status.UNCHANGED));
    assertEquals(4, run.totals().count(Status.FAILED));
  }

  @Test
  void whatIsDoneIsNotDoneAgain() throws Exception {
    small("a.parquet", 0, 3);
    small("b.parquet", 3, 3);
    Files.writeString(folder.resolve("in/_SUCCESS"), "");
    Tables.write(List.of(RowFactory.create(9, null)), SMALL, folder.resolve("in/null").toString(), 9, "snappy");
    Runs runs = Runs.in(folder);

    RunSummary first = run(runs, runs.input.uri());
    assertEquals(7, first.plan().todo(), "rows, with or without an image");
    assertEquals(0, first.exitCode());
    assertEquals(6, first.totals().count(Status.REPAIRED));
    assertEquals(0, run(runs, runs.input.uri()).plan().todo());

    long before = Files.getLastModifiedTime(folder.resolve("out/b.parquet")).toMillis();
    Files.delete(folder.resolve("in/a.parquet"));
    small("a.parquet", 10, 4);
    RunSummary changed = run(runs, runs.input.uri());
    assertEquals(4, changed.totals().images(), "the file that was written anew");
    assertEquals(4, changed.plan().alreadyDone(), "three images, and the file without any");
    assertEquals(before, Files.getLastModifiedTime(folder.resolve("out/b.parquet")).toMillis());

    assertEquals(7, run(runs, runs.input.uri(), "mask.grow=5").totals().count(Status.REPAIRED), "other settings");
    assertEquals(7, run(runs, runs.input.uri()).plan().todo(), "and back again; a file without images is the same with any");

    Runs elsewhere = runs.writing(folder.resolve("elsewhere").toString());
    assertEquals(8, run(elsewhere, runs.input.uri()).plan().todo(), "another output");
    assertEquals(0, run(runs, runs.input.uri()).plan().todo(), "which leaves this one as it is");
    assertEquals(0, run(elsewhere, runs.input.uri()).plan().todo());
  }

  @Test
  void filesAndImagesThatFailAreTriedAgainAndThenGivenUp() throws Exception {
    small("good.parquet", 0, 3);
    byte[] whole = Files.readAllBytes(folder.resolve("in/good.parquet"));
    Files.write(folder.resolve("in/bad.parquet"), Arrays.copyOf(whole, whole.length - 100));
    Files.writeString(folder.resolve("in/readme.txt"), "no Parquet");
    byte[] flipped = whole.clone();
    Arrays.fill(flipped, 100, 140, (byte) 0x55);
    Files.write(folder.resolve("in/flipped.parquet"), flipped);
    Tables.write(List.of(RowFactory.create(1, "no picture".getBytes(StandardCharsets.UTF_8)), RowFactory.create(2, marked(2))), SMALL,
        folder.resolve("in/mixed").toString(), 9, "snappy");
    String mixed = "mixed/" + Tables.files(folder.resolve("in/mixed").toString()).get(0);
    Runs runs = Runs.in(folder);

    RunSummary first = run(runs, runs.input.uri(), "retry.max_nights=2");

    Map<String, LogRow> rows = runs.rows(first);
    assertEquals(3, first.exitCode());
    for (String bad : List.of("bad.parquet", "readme.txt", "flipped.parquet")) {
      LogRow row = rows.get(bad);
      assertTrue(row.errorKind() == ErrorKind.CORRUPT || row.errorKind() == ErrorKind.UNREADABLE, bad + " " + row.errorKind());
      assertTrue(row.errorMessage().contains(bad), row.errorMessage());
      assertEquals(Files.size(folder.resolve("in").resolve(bad)), row.length());
    }
    assertEquals(ErrorKind.NOT_AN_IMAGE, rows.get(mixed + "#1").errorKind());
    assertEquals(Status.REPAIRED, rows.get(mixed + "#2").status());
    assertEquals(List.of("good.parquet", mixed), Runs.files(runs.output));

    RunSummary second = run(runs, runs.input.uri(), "retry.max_nights=2");
    assertEquals(3 + 2, second.totals().images(), "the files, and the images of the file that one failed in");
    assertEquals(3, second.plan().alreadyDone());
    RunSummary third = run(runs, runs.input.uri(), "retry.max_nights=2");
    assertEquals(0, third.plan().todo());
    assertEquals(5, third.plan().givenUp());
  }

  @Test
  void aTaskThatDiesLeavesNoHalfFile() throws Exception {
    small("a.parquet", 0, 8);
    small("halfway.parquet", 10, 8);
    Runs runs = Runs.in(folder);
    String table = "fault://" + runs.input.uri();

    RunSummary first = run(runs, table, "run.slice_images=8");

    assertEquals(1, first.exitCode());
    assertEquals(1, first.failedSlices().size(), String.valueOf(first.failedSlices()));
    assertEquals(8, first.unprocessed());
    assertEquals(List.of("a.parquet"), Runs.files(runs.output));

    Files.createFile(folder.resolve("in/_mended"));
    RunSummary second = run(runs, table, "run.slice_images=8");
    assertEquals(0, second.exitCode());
    assertEquals(8, second.totals().images());
    assertEquals(16, Tables.read(runs.output).where("lakebrush_status = 'REPAIRED'").count());
    assertEquals(16, runs.rows().size());
    assertEquals(List.of("a.parquet", "halfway.parquet"), Runs.files(runs.output));
  }

  @Test
  void aRowGroupThatIsLargerThanTheWindow() throws Exception {
    int n = (int) (Runtime.getRuntime().maxMemory() / 32 / 3_000_000) + 8;
    UDF1<Long, byte[]> picture = i -> {
      BufferedImage image = Lakes.picture(1000, 1000, (int) (long) i, i != 0);
      return Lakes.encode(image, "bmp");
    };
    Runs runs = Runs.in(folder);
    LocalSpark.get().range(n).coalesce(1).select(functions.col("id"), functions.udf(picture, DataTypes.BinaryType)
        .apply(functions.col("id")).as("image")).write().mode(SaveMode.Overwrite).option("compression", "uncompressed").parquet(runs.input.uri());

    RunSummary run = run(runs, runs.input.uri());

    assertEquals(0, run.exitCode());
    assertEquals(1, run.totals().count(Status.REPAIRED));
    assertEquals(n - 1, run.totals().count(Status.UNCHANGED));
    assertEquals(0, Tables.read(runs.input.uri()).where("id > 0").except(Tables.read(runs.output).drop(TableColumns.STATUS)).count());
  }

  @Test
  void refusesWhatATableCannotHave() throws Exception {
    small("a.parquet", 0, 1);
    Runs runs = Runs.in(folder);
    for (String setting : List.of("output.name=fixed_{stem}.{ext}", "output.unchanged=skip")) {
      UsageException refused = assertThrows(UsageException.class, () -> run(runs, runs.input.uri(), setting));
      assertTrue(refused.getMessage().startsWith(setting.substring(0, setting.indexOf('='))), refused.getMessage());
    }
    Files.createDirectories(folder.resolve("masks"));
    assertThrows(UsageException.class, () -> job(runs, runs.input.uri(), "masks: [{kind: sidecar, dir: masks}]\n").run());
    UsageException inside = assertThrows(UsageException.class, () -> run(runs.writing(runs.input.uri() + "/out"), runs.input.uri()));
    assertTrue(inside.getMessage().startsWith("--output"), inside.getMessage());

    Runs wrong = runs.reading(new Input.Table(runs.input.uri(), "id", null));
    assertTrue(assertThrows(InputException.class, () -> wrong.run(RED)).getMessage().startsWith("--image-column id"));
    run(runs, runs.input.uri());
    Runs again = runs.writing(folder.resolve("again").toString());
    assertTrue(assertThrows(InputException.class, () -> run(again, runs.output)).getMessage().contains("lakebrush_status"));
    Files.createDirectories(folder.resolve("in/_delta_log"));
    Files.writeString(folder.resolve("in/_delta_log/00.json"), "{}");
    assertTrue(assertThrows(InputException.class, () -> run(runs, runs.input.uri())).getMessage().contains("Delta"));
    Files.createDirectories(folder.resolve("empty"));
    assertNotNull(assertThrows(InputException.class, () -> run(runs, folder.resolve("empty").toString())).getMessage());
  }

  @Test
  void convertsAndTakesTheFirstFiles() throws Exception {
    small("a.parquet", 0, 2);
    small("b.parquet", 2, 2);
    Runs runs = Runs.in(folder);
    RunSummary run = runs.reading(new Input.Table(runs.input.uri(), "image", "id")).job(RED, OptionalInt.of(1), OptionalInt.empty(),
        "output.format=jpeg").run();
    assertEquals(2, run.totals().images());
    assertEquals(List.of("a.parquet"), Runs.files(runs.output));
    for (Row row : Tables.read(runs.output).collectAsList()) {
      byte[] image = row.getAs("image");
      assertEquals(0xFF, image[0] & 255);
      assertEquals(0xD8, image[1] & 255);
    }
  }
}
