package org.lakebrush.sink;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring_index;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The result log as a table's files see it. */
public final class TableLog {
  /** Column of {@link #states}: what a file is to the log. */
  public static final String STATE = "state";
  /** Column of {@link #states}: rows that the log has of a file. */
  public static final String LOGGED = "logged";

  /** What a file is to the log. */
  public enum State { TO_DO, DONE, GIVEN_UP }

  private TableLog() {}

  /**
   * What the log says of each file. It is done where the run that wrote it last did so with this fingerprint and no row FAILED, and given
   * up where rows FAILED then, and in as many runs with this fingerprint as {@code maxNights}.
   *
   * @param log rows of {@link ResultLog#SCHEMA}; those of a file's images have its URI, {@code #} and a key as URI
   * @param files has columns {@code uri} and {@code fingerprint}, by which a file that changed is another
   * @return the files with {@link #STATE} and {@link #LOGGED}
   */
  public static Dataset<Row> states(Dataset<Row> log, Dataset<Row> files, int maxNights) {
    Dataset<Row> refs = files.select(col("uri").as("file"), col("fingerprint").as("wanted"), stem("uri").as("stem"));
    Column of = col("uri").equalTo(col("file")).or(col("uri").startsWith(concat(col("file"), lit("#"))));
    Dataset<Row> last = log.withColumn("stem", stem("uri")).join(refs, "stem").where(of)
        .groupBy("file", "wanted", "run_id", "fingerprint")
        .agg(max("finished_at").as("at"), count(lit(1)).as("rows"), count_if(col("status").equalTo(Status.FAILED.name())).as("failed"))
        .groupBy("file", "wanted")
        .agg(max(struct("at", "run_id", "fingerprint", "rows", "failed")).as("last"),
            count_if(col("failed").gt(0).and(col("fingerprint").equalTo(col("wanted")))).as("nights"));
    Column state = when(col("last.fingerprint").equalTo(col("wanted")).and(col("last.failed").equalTo(0)), lit(State.DONE.name()))
        .when(col("last.fingerprint").equalTo(col("wanted")).and(col("nights").geq(maxNights)), lit(State.GIVEN_UP.name()))
        .otherwise(lit(State.TO_DO.name()));
    Dataset<Row> states = last.select(col("file").as("uri"), state.as(STATE), col("last.rows").as(LOGGED));
    return files.join(states, new String[] {"uri"}, "left").withColumn(STATE, coalesce(col(STATE), lit(State.TO_DO.name())));
  }

  /** What a file's URI and those of its images have in common, whatever is in the keys: equal, so that Spark can join by it. */
  private static Column stem(String uri) {
    return substring_index(col(uri), "#", 1);
  }
}
