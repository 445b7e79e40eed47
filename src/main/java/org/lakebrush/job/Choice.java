package org.lakebrush.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.spark_partition_id;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.OptionalInt;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.lakebrush.source.Lake;

/**
 * The images of a lake that a run is asked to look at.
 *
 * @param refs rows of {@link org.lakebrush.source.ImageRefs#SCHEMA}
 * @param images rows of {@code refs}
 */
record Choice(Dataset<Row> refs, long images) {
  /** So many rows are held and sorted at once. */
  private static final int SMALL = 10_000;

  /**
   * All, or some.
   *
   * @param sample so many spread over the lake
   * @param limit of these so many, the first by URI
   */
  static Choice of(Lake lake, OptionalInt sample, OptionalInt limit) {
    Choice all = new Choice(lake.refs(), lake.images());
    // By hash: spread over the lake, and the same each time.
    return all.first(sample, xxhash64(col("uri"))).first(limit, col("uri"));
  }

  /** The first rows by a key, and by URI where keys are the same. */
  private Choice first(OptionalInt most, Column key) {
    if (most.isEmpty() || most.getAsInt() >= images) {
      return this;
    }
    int n = most.getAsInt();
    Dataset<Row> keyed = refs.withColumn("key", key);
    if (n <= SMALL) {
      return new Choice(least(keyed, n).drop("key"), n);
    }
    // Parts by key that are small enough: all of the first ones, and some of the one in which the n-th lies.
    Row[] parts = (Row[]) keyed.select("key").repartitionByRange((int) (1 + images / SMALL), col("key"))
        .groupBy(spark_partition_id().as("part")).agg(min("key").as("from"), count(lit(1))).orderBy("part").collect();
    long before = 0;
    int part = 0;
    while (before + parts[part].getLong(2) < n) {
      before += parts[part++].getLong(2);
    }
    Column from = lit(parts[part].get(1));
    Dataset<Row> rest = keyed.where(col("key").geq(from));
    if (part + 1 < parts.length) {
      rest = rest.where(col("key").lt(lit(parts[part + 1].get(1))));
    }
    return new Choice(keyed.where(col("key").lt(from)).union(least(rest, (int) (n - before))).drop("key"), n);
  }

  private static Dataset<Row> least(Dataset<Row> keyed, int n) {
    return keyed.orderBy(col("key"), col("uri")).limit(n);
  }
}
