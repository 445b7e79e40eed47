package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Sha256;
import org.lakebrush.sink.Status;
import org.lakebrush.testing.Lakes;
import org.lakebrush.testing.LocalSpark;
import org.lakebrush.testing.S3Endpoint;

/**
 * A lake of marked pictures in the bucket {@code <name>-in}, to be repaired into {@code <name>-out}, with a bucket {@code <name>-log}
 * that may hold the log. The client's settings are those that users get. A name is used once: Hadoop keeps a client for each bucket.
 */
record S3Lake(S3Endpoint s3, String name, int images) {
  static S3Lake of(S3Endpoint s3, String name, int images) {
    Configuration conf = LocalSpark.get().sparkContext().hadoopConfiguration();
    for (String bucket : List.of(name + "-in", name + "-out", name + "-log")) {
      s3.clientOptions().forEach((key, value) -> conf.set(key.replace("fs.s3a.", "fs.s3a.bucket." + bucket + "."), value));
      s3.createBucket(bucket);
    }
    IntStream.range(0, images).forEach(i -> s3.put(name + "-in", path(i), Lakes.encode(Lakes.picture(112, 96, i, false), "png")));
    return new S3Lake(s3, name, images);
  }

  /** Ten to a folder: {@code d0/a000.png} and on. */
  static String path(int i) {
    return String.format("d%d/a%03d.png", i / 10, i);
  }

  /** The same with another place for the log. */
  Runs on(Runs logged) {
    return logged.reading("s3a://" + name + "-in/").writing("s3a://" + name + "-out/");
  }

  /** Files in a bucket. */
  List<String> objects(String bucket) {
    return s3.keys(bucket).stream().filter(key -> !key.endsWith("/")).toList();
  }

  /** Each image is there, as the log says, and nothing else. */
  void assertRepaired(List<LogRow> rows) throws Exception {
    Map<String, String> hashes = rows.stream().filter(r -> r.status() == Status.REPAIRED)
        .collect(Collectors.toMap(LogRow::path, r -> r.output().sha256()));
    assertEquals(images, hashes.size());
    for (int i = 0; i < images; i++) {
      assertEquals(hashes.get(path(i)), Sha256.hex(s3.get(name + "-out", path(i))), path(i));
    }
    assertEquals(images, objects(name + "-out").size(), () -> "nothing but images: " + objects(name + "-out"));
    assertEquals(0, s3.openUploads(name + "-out"));
  }
}
