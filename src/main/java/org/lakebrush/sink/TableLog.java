package org.lakebrush.sink;

import static org.apache.spark.sql.functions.bool_or;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.substring_index;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.lakebrush.failure.ErrorKind;

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
   * What the log says of each file. It is done where no row FAILED in the last run with this fingerprint, and given up where rows FAILED
   * then, and in as many runs with this fingerprint as {@code maxNights}, not counting those in which all that failed was UNAVAILABLE;
   * neither, where a later run with another wrote over its output.
   *
   * @param log rows of {@link ResultLog#SCHEMA}; those of a file's images have its URI, {@code #} and a key as URI
   * @param files has columns {@code uri} and {@code fingerprint}, by which a file that changed is another
   * @return the files with {@link #STATE} and {@link #LOGGED}
   */
  public static Dataset<Row> states(Dataset<Row> log, Dataset<Row> files, int maxNights) {
    Dataset<Row> refs = files.select(col("uri").as("file"), col("fingerprint").as("wanted"), stem("uri").as("stem"));
    Column of = col("uri").equalTo(col("file")).or(col("uri").startsWith(concat(col("file"), lit("#"))));
    // An image's URI and its output's end alike, in # and the key.
    Column output = substring(col("output_uri"), lit(1), length(col("output_uri")).minus(length(col("uri"))).plus(length(col("file"))));
    Column asked = col("fingerprint").equalTo(col("wanted"));
    // Where all images of a file FAILED, it was written, and the log does not say where to: that may be any place.
    Column over = not(asked).and(col("written")).and(coalesce(col("output").equalTo(col("place")), lit(true)));
    Column failed = col("status").equalTo(Status.FAILED.name());
    Dataset<Row> last = log.withColumn("stem", stem("uri")).join(refs, "stem").where(of)
        .groupBy("file", "wanted", "run_id", "fingerprint")
        .agg(max("finished_at").as("at"), count(lit(1)).as("rows"), count_if(failed).as("failed"),
            count_if(failed.and(col("error_kind").notEqual(ErrorKind.UNAVAILABLE.name()))).as("to_blame"),
            max(output).as("output"), bool_or(col("uri").notEqual(col("file"))).as("written"))
        .withColumn("place", max(when(asked, col("output"))).over(Window.partitionBy("file", "wanted")))
        .groupBy("file", "wanted")
        .agg(max(when(asked, struct("at", "run_id", "rows", "failed"))).as("last"), max(when(over, col("at"))).as("over"),
            count_if(col("to_blame").gt(0).and(asked)).as("nights"));
    Column stands = col("last").isNotNull().and(coalesce(col("over").lt(col("last.at")), lit(true)));
    Column state = when(stands.and(col("last.failed").equalTo(0)), lit(State.DONE.name()))
        .when(stands.and(col("nights").geq(maxNights)), lit(State.GIVEN_UP.name()))
        .otherwise(lit(State.TO_DO.name()));
    Dataset<Row> states = last.select(col("file").as("uri"), state.as(STATE), col("last.rows").as(LOGGED));
    return files.join(states, new String[] {"uri"}, "left").withColumn(STATE, coalesce(col(STATE), lit(State.TO_DO.name())));
  }

  /** What a file's URI and those of its images have in common, whatever is in the keys: equal, so that Spark can join by it. */
  private static Column stem(String uri) {
    return substring_index(col(uri), "#", 1);
  }
}
