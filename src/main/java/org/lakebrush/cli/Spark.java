package org.lakebrush.cli;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.job.Scratch;
import org.lakebrush.metrics.LakebrushPlugin;
import org.lakebrush.source.Secrets;

/** Gets a session: spark-submit's, or an embedded one on all cores. */
public final class Spark {
  private static final String PLUGINS = "spark.plugins";

  private Spark() {}

  /** The session, made where there is none. */
  public static SparkSession session() {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.app.name", "lakebrush");
    // The log's schema is wider than the 25 columns that Spark likes to print, which it would warn of.
    conf.setIfMissing("spark.sql.debug.maxToStringFields", "100");
    // A java.sql.Timestamp is read through JDK internals that only spark-submit opens.
    conf.setIfMissing("spark.sql.datetime.java8API.enabled", "true");
    // Spark's own knows the secrets of S3, and not those of all of Hadoop's stores.
    conf.setIfMissing("spark.redaction.regex", Secrets.SETTINGS);
    // Without it the names of all metrics begin with the application's number, another each night.
    conf.setIfMissing("spark.metrics.namespace", "lakebrush");
    addPlugin(conf);
    if (!conf.contains("spark.master")) {
      // One task more than cores: while all others wait for the model, it decodes and encodes. A failed task is tried four times.
      conf.setMaster("local[" + (Runtime.getRuntime().availableProcessors() + 1) + ",4]");
      // One process on one machine: nothing to resolve, nobody to show a page to, little to shuffle.
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
      conf.setIfMissing("spark.ui.enabled", "false");
      conf.setIfMissing("spark.sql.shuffle.partitions", "16");
      // In local mode nothing wakes a task that waits for a place nearer to its data.
      conf.setIfMissing("spark.locality.wait", "0s");
      keepInScratch(conf);
    }
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /** Beside those of the user. */
  private static void addPlugin(SparkConf conf) {
    String own = LakebrushPlugin.class.getName();
    Set<String> plugins = new LinkedHashSet<>(List.of(conf.get(PLUGINS, "").split("[,\\s]+")));
    plugins.remove("");
    plugins.add(own);
    conf.set(PLUGINS, String.join(",", plugins));
  }

  /** What Spark and its compressors write of files goes where the next run finds it, should this one be killed. */
  private static void keepInScratch(SparkConf conf) {
    String scratch = Scratch.folder().toString();
    conf.setIfMissing("spark.local.dir", scratch);
    for (String key : List.of("org.xerial.snappy.tempdir", "ZstdTempFolder")) {
      if (System.getProperty(key) == null) {
        System.setProperty(key, scratch);
      }
    }
    // LZ4, the default, unpacks its library to where it cannot be told.
    conf.setIfMissing("spark.io.compression.codec", "snappy");
  }
}
