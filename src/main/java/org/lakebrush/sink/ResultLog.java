package org.lakebrush.sink;

import java.io.IOException;
import java.time.LocalDate;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * The result log: Parquet, one row for each image and run, in folders {@code run_date=YYYY-MM-DD}, one file a slice. Safe for any
 * number of threads.
 */
public final class ResultLog {
  /** The columns of a row, without the partition column {@code run_date}. */
  public static final StructType SCHEMA = new StructType();

  /**
   * @param log the folder; need not exist
   */
  public ResultLog(Configuration conf, Path log) {
    throw new UnsupportedOperationException();
  }

  /** A row of {@link #SCHEMA}: what executors send to the driver. */
  public static Row toRow(LogRow row) {
    throw new UnsupportedOperationException();
  }

  /** Reads a row that has {@link #SCHEMA}'s columns first and in order. */
  public static LogRow fromRow(Row row) {
    throw new UnsupportedOperationException();
  }

  /**
   * Publishes a slice as the file {@code run_date=<runDate>/<runId>-<slice>.parquet}, whole or not at all. The same slice again
   * takes the file's place.
   *
   * @param runDate of the run's start, UTC, the same for all its slices
   * @throws IOException with what, where and what to do
   */
  public void publish(LocalDate runDate, String runId, int slice, List<LogRow> rows) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** All rows: {@link #SCHEMA} and the partition column {@code run_date}. Empty where there is no log yet. */
  public Dataset<Row> read(SparkSession spark) {
    throw new UnsupportedOperationException();
  }

  /**
   * What is left to do.
   *
   * @param refs rows of {@link org.lakebrush.source.ImageRefs#SCHEMA}, sorted by URI
   * @param images rows of {@code refs}
   * @param bytes their length, summed
   * @param done images that the log has as done
   * @param givenUp images that failed in as many runs as {@code retry.max_nights} allows
   */
  public record Todo(Dataset<Row> refs, long images, long bytes, long done, long givenUp) {}

  /**
   * The listing minus what the log has.
   *
   * @param refs rows of {@link org.lakebrush.source.ImageRefs#SCHEMA}
   * @param maxNights runs after which a FAILED image, unchanged, is not tried again
   */
  public Todo todo(SparkSession spark, Dataset<Row> refs, int maxNights) {
    throw new UnsupportedOperationException();
  }
}
