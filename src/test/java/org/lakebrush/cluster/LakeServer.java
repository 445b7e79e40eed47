package org.lakebrush.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.lakebrush.testing.Lakes;
import org.lakebrush.testing.MiniHdfs;
import org.lakebrush.testing.S3Endpoint;

/**
 * {@code LakeServer hdfs|s3|disk FOLDER [IMAGES]}: serves a lake from a JVM of its own until that is ended. In the folder it writes
 * {@code conf/core-site.xml}, what a client needs to be told, and, once the lake is filled, {@code root}: the URI with the lake's images
 * in {@code in}. With IMAGES it holds so many, all of them to be repaired, the one with number i 320 + i pixels wide; else a few of all
 * sorts.
 */
public final class LakeServer {
  private static final int IMAGES = 24;
  private static final String[] FORMATS = {"jpg", "png", "bmp", "tiff"};

  private LakeServer() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    String root;
    Map<String, String> options;
    if (args[0].equals("s3")) {
      S3Endpoint s3 = S3Endpoint.start();
      s3.createBucket("lake");
      root = "s3a://lake/night";
      options = s3.options();
    } else if (args[0].equals("disk")) {
      root = "file:" + folder.resolve("disk");
      options = Map.of();
    } else {
      MiniHdfs hdfs = MiniHdfs.start(folder.resolve("hdfs"));
      root = hdfs.uri() + "/night";
      options = hdfs.options();
    }
    Configuration conf = new Configuration(false);
    options.forEach(conf::set);
    try (OutputStream site = Files.newOutputStream(Files.createDirectories(folder.resolve("conf")).resolve("core-site.xml"))) {
      conf.writeXml(site);
    }
    Configuration all = new Configuration();
    all.addResource(conf);
    org.apache.hadoop.fs.Path in = new org.apache.hadoop.fs.Path(root, "in");
    if (args.length > 2) {
      fill(in, Integer.parseInt(args[2]), all);
    } else {
      fill(in, all);
    }
    Path written = Files.writeString(folder.resolve("root.part"), root);
    Files.move(written, folder.resolve("root"), StandardCopyOption.ATOMIC_MOVE);
    Thread.currentThread().join();
  }

  /** Images of four formats to repair, one that needs no repair, one that cannot be read, and a file that is none. */
  private static void fill(org.apache.hadoop.fs.Path in, Configuration conf) throws IOException {
    FileSystem fs = in.getFileSystem(conf);
    for (int i = 0; i < IMAGES; i++) {
      String format = FORMATS[i % FORMATS.length];
      put(fs, in, String.format("d%d/ü b%%20#%02d.%s", i / 8, i, format), Lakes.encode(Lakes.picture(320 + 16 * i, 240, i, i == 17), format));
    }
    byte[] whole = Lakes.encode(Lakes.picture(320, 240, 99, false), "jpg");
    put(fs, in, "d1/torn.jpg", Arrays.copyOf(whole, whole.length / 2));
    put(fs, in, "d2/about.txt", "no image".getBytes(StandardCharsets.UTF_8));
  }

  private static void fill(org.apache.hadoop.fs.Path in, int images, Configuration conf) throws IOException {
    FileSystem fs = in.getFileSystem(conf);
    for (int i = 0; i < images; i++) {
      String format = FORMATS[i % FORMATS.length];
      put(fs, in, String.format("d%02d/%04d.%s", i / 50, i, format), Lakes.encode(Lakes.picture(320 + i, 96, i, false), format));
    }
  }

  private static void put(FileSystem fs, org.apache.hadoop.fs.Path folder, String name, byte[] bytes) throws IOException {
    try (OutputStream out = fs.create(new org.apache.hadoop.fs.Path(folder, name))) {
      out.write(bytes);
    }
  }
}
