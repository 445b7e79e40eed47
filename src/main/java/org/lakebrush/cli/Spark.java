package org.lakebrush.cli;

import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Gets a session: spark-submit's, or an embedded one on all cores. */
final class Spark {
  private Spark() {}

  /** Whether spark-submit started this JVM. */
  static boolean isSubmitted() {
    return new SparkConf().contains("spark.master");
  }

  static SparkSession session() {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.app.name", "lakebrush");
    if (!isSubmitted()) {
      conf.setMaster("local[*,4]");
      // One process on one machine: nothing to resolve, nobody to show a page to, little to shuffle.
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
      conf.setIfMissing("spark.ui.enabled", "false");
      conf.setIfMissing("spark.sql.shuffle.partitions", "4");
    }
    return SparkSession.builder().config(conf).getOrCreate();
  }
}
