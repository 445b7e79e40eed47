package org.lakebrush.testing;

import org.apache.spark.sql.SparkSession;

/** One Spark session for all tests of this JVM. */
public final class LocalSpark {
  private LocalSpark() {}

  /** Two threads, no user interface. Whoever sets Hadoop options on it takes keys of its own, for instance by bucket. */
  public static SparkSession get() {
    return SparkSession.builder().master("local[2]").appName("test")
        .config("spark.ui.enabled", false)
        // In local mode nothing wakes a task that waits for a place nearer to its data.
        .config("spark.locality.wait", "0s")
        // Without --add-opens, java.sql.Timestamp cannot be collected.
        .config("spark.sql.datetime.java8API.enabled", true)
        .config("spark.sql.shuffle.partitions", 1)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", "target/warehouse")
        .getOrCreate();
  }
}
