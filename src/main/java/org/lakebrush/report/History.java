package org.lakebrush.report;

import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.unix_millis;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.sink.Status;

/** The runs of a log, each in numbers. */
final class History {
  private History() {}

  /**
   * Sums up runs. Spark does it, in one pass; what comes back grows with the runs alone.
   *
   * @param rows of the log
   */
  static List<Night> of(Dataset<Row> rows) {
    Dataset<Row> sums = rows.groupBy("run_id", "status", "error_kind")
        .agg(count(lit(1)), min(unix_millis(col("finished_at")).minus(NightQueries.MILLIS.cast("long"))),
            max(unix_millis(col("finished_at"))), sum(greatest(col("length"), lit(0L))), coalesce(sum("output_length"), lit(0L)),
            sum(col("crops").cast("long")),
            coalesce(sum("retries"), lit(0L)), array_sort(collect_set("device")), array_sort(collect_set("model")));
    Map<String, List<Row>> byRun = new TreeMap<>();
    for (Row row : sums.collectAsList()) {
      byRun.computeIfAbsent(row.getString(0), run -> new ArrayList<>()).add(row);
    }
    return byRun.values().stream().map(History::night).toList();
  }

  private static Night night(List<Row> rows) {
    Map<Status, Long> counts = new EnumMap<>(Status.class);
    Map<ErrorKind, Long> kinds = new EnumMap<>(ErrorKind.class);
    TreeSet<String> devices = new TreeSet<>();
    TreeSet<String> models = new TreeSet<>();
    long started = Long.MAX_VALUE;
    long ended = Long.MIN_VALUE;
    long[] sums = new long[4];
    for (Row row : rows) {
      counts.merge(Status.valueOf(row.getString(1)), row.getLong(3), Long::sum);
      if (!row.isNullAt(2)) {
        kinds.merge(ErrorKind.valueOf(row.getString(2)), row.getLong(3), Long::sum);
      }
      started = Math.min(started, row.getLong(4));
      ended = Math.max(ended, row.getLong(5));
      for (int i = 0; i < sums.length; i++) {
        sums[i] += row.getLong(6 + i);
      }
      devices.addAll(row.getList(10));
      models.addAll(row.getList(11));
    }
    return new Night(rows.get(0).getString(0), null, started, ended, counts, kinds, sums[0], sums[1], sums[2], sums[3],
        List.copyOf(devices), List.copyOf(models));
  }
}
