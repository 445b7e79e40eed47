package org.lakebrush.report;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.sink.Status;

/**
 * A run in numbers, summed over its rows in the log.
 *
 * @param name what the user calls the run, or null
 * @param startedAt when its first image came into hand, in ms since 1970; without rows when the run began
 * @param endedAt when its last image was done, in ms since 1970
 * @param counts images by status; one that is not there has none
 * @param kinds FAILED images by kind, likewise
 * @param bytesIn length of the images as listed, as far as it is known
 * @param bytesOut length of what was written
 * @param crops runs of the model
 * @param retries requests that were tried again
 * @param devices where the model ran, sorted
 * @param models their names, sorted
 */
record Night(String runId, String name, long startedAt, long endedAt, Map<Status, Long> counts, Map<ErrorKind, Long> kinds,
    long bytesIn, long bytesOut, long crops, long retries, List<String> devices, List<String> models) {

  Night {
    counts = copy(Status.class, counts);
    kinds = copy(ErrorKind.class, kinds);
    devices = List.copyOf(devices);
    models = List.copyOf(models);
  }

  private static <E extends Enum<E>> Map<E, Long> copy(Class<E> type, Map<E, Long> map) {
    Map<E, Long> copy = new EnumMap<>(type);
    copy.putAll(map);
    return Collections.unmodifiableMap(copy);
  }

  /** A run that has no rows. */
  static Night empty(String runId, String name, long startedAt) {
    return new Night(runId, name, startedAt, startedAt, Map.of(), Map.of(), 0, 0, 0, 0, List.of(), List.of());
  }

  /** The same under a name. */
  Night named(String newName) {
    return new Night(runId, newName, startedAt, endedAt, counts, kinds, bytesIn, bytesOut, crops, retries, devices, models);
  }

  /** Images logged with a status. */
  long count(Status status) {
    return counts.getOrDefault(status, 0L);
  }

  /** Images logged. */
  long images() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Share of the images with a status, 0..1; 0 without images. */
  double share(Status status) {
    return images() == 0 ? 0 : (double) count(status) / images();
  }

  /** From the first image in hand to the last one done. */
  Duration wall() {
    return Duration.ofMillis(endedAt - startedAt);
  }

  /** Images a second; 0 without images. */
  double rate() {
    return images() / Math.max((endedAt - startedAt) / 1e3, 1e-3);
  }
}
