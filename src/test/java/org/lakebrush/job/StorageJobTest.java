package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Sha256;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Input;
import org.lakebrush.testing.Lakes;
import org.lakebrush.testing.LocalSpark;
import org.lakebrush.testing.MiniHdfs;
import org.lakebrush.testing.S3Endpoint;
import org.lakebrush.testing.Tables;

/** The whole job on a real HDFS and a real S3 endpoint. */
class StorageJobTest {
  private static final List<String> NAMES = List.of("a.png", "a.jpg", "2024/ü b%20#.png");

  @TempDir
  Path scratch;

  private static byte[] image(String name, int seed) {
    return Lakes.encode(Lakes.picture(112, 96, seed, false), name.endsWith("png") ? "png" : "jpg");
  }

  private static void assertRepaired(LogRow row, byte[] written) throws Exception {
    assertEquals(Status.REPAIRED, row.status(), row.errorMessage());
    assertEquals(Sha256.hex(written), row.output().sha256());
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(written));
    int middle = Lakes.MARK_AT + Lakes.MARK / 2;
    assertTrue((image.getRGB(middle, middle) >> 16 & 255) < 220, "the red mark is gone");
  }

  @Test
  void repairsALakeOnHdfs() throws Exception {
    try (MiniHdfs hdfs = MiniHdfs.start(scratch.resolve("hdfs"))) {
      FileSystem fs = hdfs.fileSystem();
      for (int i = 0; i < NAMES.size(); i++) {
        try (OutputStream out = fs.create(new org.apache.hadoop.fs.Path("/lake/in/" + NAMES.get(i)))) {
          out.write(image(NAMES.get(i), i));
        }
      }
      Runs runs = Runs.at(hdfs.uri() + "/lake", scratch);
      for (String job : List.of(Runs.RED, Runs.RED + "mask: {grow: 6}\n")) {
        RunSummary run = runs.run(job);
        assertEquals(0, run.exitCode());
        Map<String, LogRow> rows = runs.rows(run);
        for (String name : NAMES) {
          try (var in = fs.open(new org.apache.hadoop.fs.Path("/lake/out/" + name))) {
            assertRepaired(rows.get(name), in.readAllBytes());
          }
        }
      }
      assertEquals(3, runs.run(Runs.RED + "mask: {grow: 6}\n").plan().alreadyDone());
      List<String> all = new ArrayList<>();
      RemoteIterator<LocatedFileStatus> files = fs.listFiles(new org.apache.hadoop.fs.Path("/lake"), true);
      while (files.hasNext()) {
        all.add(files.next().getPath().toUri().getPath());
      }
      assertEquals(3 + 3 + 2 + 3, all.size(), "inputs, outputs, two runs' rows, a record of each of three, and nothing else: " + all);
    }
  }

  @Test
  void repairsALakeOnS3WithOneGetForEachImage() throws Exception {
    try (S3Endpoint s3 = S3Endpoint.start()) {
      Configuration conf = LocalSpark.get().sparkContext().hadoopConfiguration();
      s3.options().forEach((key, value) -> {
        for (String bucket : List.of("job-lake", "job-out")) {
          conf.set(key.replace("fs.s3a.", "fs.s3a.bucket." + bucket + "."), value);
        }
      });
      s3.createBucket("job-lake");
      s3.createBucket("job-out");
      for (int i = 0; i < NAMES.size(); i++) {
        s3.put("job-lake", "in/" + NAMES.get(i), image(NAMES.get(i), i));
      }
      Runs runs = Runs.at("s3a://job-out", scratch).reading("s3a://job-lake/in");
      s3.forget();
      RunSummary run = runs.run(Runs.RED);
      assertEquals(0, run.exitCode());
      for (String name : NAMES) {
        assertEquals(Map.of("GET", 1L), s3.count("job-lake", "in/" + name), "requests for the image " + name);
        assertEquals(1L, s3.count("job-out", "out/" + name).get("PUT"), "requests for its output");
      }
      Map<String, LogRow> rows = runs.rows(run);
      for (String name : NAMES) {
        assertRepaired(rows.get(name), s3.get("job-out", "out/" + name));
      }
      assertEquals(3, runs.run(Runs.RED).plan().alreadyDone());
      List<String> files = s3.keys("job-out").stream().filter(key -> !key.endsWith("/")).toList();
      assertEquals(3 + 1 + 2, files.size(), "outputs, one run's rows, a record of each of two, and nothing else: " + files);
    }
  }

  @Test
  void aTableOnS3() throws Exception {
    try (S3Endpoint s3 = S3Endpoint.start()) {
      Configuration conf = LocalSpark.get().sparkContext().hadoopConfiguration();
      s3.options().forEach((key, value) -> {
        for (String bucket : List.of("table-in", "table-out")) {
          conf.set(key.replace("fs.s3a.", "fs.s3a.bucket." + bucket + "."), value);
        }
      });
      s3.createBucket("table-in");
      s3.createBucket("table-out");
      Path local = scratch.resolve("table");
      Tables.write(Tables.rows(5, i -> image("png", i)), Tables.SCHEMA, local.toString(), 2, "snappy");
      byte[] whole = Files.readAllBytes(local.resolve(Tables.files(local.toString()).get(0)));
      byte[] flipped = whole.clone();
      Arrays.fill(flipped, whole.length / 2, whole.length / 2 + 40, (byte) 0x55);
      s3.put("table-in", "t/p=1/a.parquet", whole);
      s3.put("table-in", "t/p=2/bad.parquet", flipped);
      Runs runs = Runs.at("s3a://table-out", scratch);
      s3.forget();

      RunSummary run = runs.reading(new Input.Table("s3a://table-in/t", null, null)).run(Runs.RED);

      assertEquals(5, run.totals().count(Status.REPAIRED));
      assertEquals(1, run.totals().count(Status.FAILED));
      assertEquals(Map.of("PUT", 1L), s3.count("table-out", "out/p=1/a.parquet"));
      assertEquals(1, s3.keys("table-out").stream().filter(k -> k.startsWith("out/") && !k.endsWith("/")).count(),
          "nothing of the file that broke off: " + s3.keys("table-out"));
      assertEquals(0, s3.openUploads("table-out"));
      assertEquals(5, Tables.read("s3a://table-out/out").where("p = 1 and lakebrush_status = 'REPAIRED'").count());
    }
  }

  @Test
  void aModelOnS3GoesToAnExecutorOnceAndNotToEachTask() throws Exception {
    try (S3Endpoint s3 = S3Endpoint.start()) {
      Configuration conf = LocalSpark.get().sparkContext().hadoopConfiguration();
      s3.options().forEach((key, value) -> conf.set(key.replace("fs.s3a.", "fs.s3a.bucket.job-models."), value));
      s3.createBucket("job-models");
      byte[] model = Files.readAllBytes(Path.of("models/lama-lite.onnx"));
      s3.put("job-models", "on s3.onnx", model);
      Lakes.fill(scratch.resolve("in"), 12);
      Runs runs = Runs.in(scratch);
      RunSummary run = runs.run(Runs.RED, "inpaint.model=s3a://job-models/on s3.onnx", "run.slice_images=2", "run.slices_in_flight=3");
      assertEquals(0, run.exitCode());
      assertEquals(12, runs.rows(run).values().stream().filter(r -> r.modelSha256().equals(Sha256.hex(model))).count());
      assertEquals(3L, s3.count("job-models", "on s3.onnx").get("GET"),
          "one to look into it, one for Spark's driver, one for its executor: " + s3.requests());
    }
  }
}
