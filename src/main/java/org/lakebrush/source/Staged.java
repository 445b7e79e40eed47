package org.lakebrush.source;

import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Rows that are computed once and kept on disk, whatever becomes of them: what grows with the lake has no place in memory. */
public final class Staged {
  /** Small, for several row groups are written at once, in the heap. */
  private static final long ROW_GROUP_BYTES = 16L << 20;

  private Staged() {}

  /**
   * Writes rows, and reads them from there. Not a cache: that would serve the next run of the session too, whose plan looks the same.
   *
   * @param folder of this run, not there yet; it must stay as long as the result is used
   */
  public static Dataset<Row> of(SparkSession spark, Dataset<Row> rows, Path folder) {
    rows.write().option("parquet.block.size", ROW_GROUP_BYTES).parquet(folder.toString());
    // The path is meant as it is written, whatever brackets are in it.
    return spark.read().schema(rows.schema()).option("__globPaths__", "false").parquet(folder.toString());
  }
}
