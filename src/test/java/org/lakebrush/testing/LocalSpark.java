package org.lakebrush.testing;

import org.apache.spark.sql.SparkSession;

/** The one Spark session of the test JVM: two cores, four attempts a task. */
public final class LocalSpark {
  private LocalSpark() {}

  public static SparkSession session() {
    return SparkSession.builder().master("local[2,4]").appName("lakebrush-test")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.hadoop.fs.fault.impl", FaultFileSystem.class.getName())
        .getOrCreate();
  }
}
