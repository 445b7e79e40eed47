package org.lakebrush.executor;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Status;

/** Sums over the rows that the tasks of this JVM made. Safe for any number of threads. */
final class RowCounts {
  /** Those of this JVM. */
  static final RowCounts ALL = new RowCounts();

  private final Map<Status, LongAdder> images = all(Status.class, status -> new LongAdder());
  private final Map<ErrorKind, LongAdder> failures = all(ErrorKind.class, kind -> new LongAdder());
  private final Map<Stage, DoubleAdder> millis = all(Stage.class, stage -> new DoubleAdder());

  private static <K extends Enum<K>, V> Map<K, V> all(Class<K> keys, Function<K, V> value) {
    Map<K, V> map = new EnumMap<>(keys);
    Arrays.stream(keys.getEnumConstants()).forEach(key -> map.put(key, value.apply(key)));
    return map;
  }

  /** Adds a row; gives it back. */
  LogRow add(LogRow row) {
    images.get(row.status()).increment();
    if (row.errorKind() != null) {
      failures.get(row.errorKind()).increment();
    }
    row.millis().forEach((stage, time) -> millis.get(stage).add(time));
    return row;
  }

  Map<Status, Long> images() {
    return all(Status.class, status -> images.get(status).sum());
  }

  Map<ErrorKind, Long> failures() {
    return all(ErrorKind.class, kind -> failures.get(kind).sum());
  }

  /** Seconds in each stage. */
  Map<Stage, Double> seconds() {
    return all(Stage.class, stage -> millis.get(stage).sum() / 1e3);
  }
}
