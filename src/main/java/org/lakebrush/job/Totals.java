package org.lakebrush.job;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Status;

/** Running sums over the rows of a run. Safe for any number of threads. */
public final class Totals {
  private final Map<Status, Long> byStatus = new EnumMap<>(Status.class);
  private final Map<ErrorKind, Long> byKind = new EnumMap<>(ErrorKind.class);
  private final Map<Stage, Double> millis = new EnumMap<>(Stage.class);
  private long crops;
  private long bytesIn;
  private long bytesOut;
  private long retries;

  /** Adds a published slice. */
  synchronized void add(Collection<LogRow> rows) {
    for (LogRow row : rows) {
      byStatus.merge(row.status(), 1L, Long::sum);
      if (row.errorKind() != null) {
        byKind.merge(row.errorKind(), 1L, Long::sum);
      }
      row.millis().forEach((stage, time) -> millis.merge(stage, time, Double::sum));
      crops += row.crops();
      bytesIn += row.length();
      bytesOut += row.output() == null ? 0 : row.output().length();
      retries += row.retries();
    }
  }

  /** Images logged with a status. */
  public synchronized long count(Status status) {
    return byStatus.getOrDefault(status, 0L);
  }

  /** Images logged so far. */
  public synchronized long images() {
    return byStatus.values().stream().mapToLong(Long::longValue).sum();
  }

  /** FAILED images by error kind. */
  public synchronized Map<ErrorKind, Long> byKind() {
    return new EnumMap<>(byKind);
  }

  /** Time in a stage, summed over all images, in milliseconds. */
  public synchronized double millis(Stage stage) {
    return millis.getOrDefault(stage, 0.0);
  }

  /** Crops given to the model. */
  public synchronized long crops() {
    return crops;
  }

  /** Bytes of the images as listed. */
  public synchronized long bytesIn() {
    return bytesIn;
  }

  /** Requests that were tried again, as the log's rows count them. */
  public synchronized long retries() {
    return retries;
  }

  /** Bytes written. */
  public synchronized long bytesOut() {
    return bytesOut;
  }
}
