package org.lakebrush.testing;

import org.apache.spark.sql.SparkSession;

/** The one Spark session of the test JVM. */
public final class LocalSpark {
  private LocalSpark() {}

  /**
   * Two threads, four attempts a task, no user interface. Whoever sets Hadoop options on it takes keys of its own, for instance by
   * bucket.
   */
  public static SparkSession get() {
    return SparkSession.builder().master("local[2,4]").appName("lakebrush-test")
        .config("spark.ui.enabled", false)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        // In local mode nothing wakes a task that waits for a place nearer to its data.
        .config("spark.locality.wait", "0s")
        .config("spark.sql.datetime.java8API.enabled", true)
        .config("spark.sql.shuffle.partitions", 2)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", "target/warehouse")
        .config("spark.hadoop.fs.fault.impl", FaultFileSystem.class.getName())
        .getOrCreate();
  }
}
