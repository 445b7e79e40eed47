package org.lakebrush.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.lakebrush.executor.ExecutorStatistics;

/**
 * An executor's numbers, by the names of the metrics. All can be added to those of others.
 *
 * @param counts that only grow
 * @param levels that are true for a moment
 * @param batches how many batches of the model had so many crops, by that number
 */
record Sample(Map<String, Double> counts, Map<String, Double> levels, Map<Integer, Long> batches) {
  /** Threads that run the model at the same time. */
  static final String MODEL_THREADS = "model.threads";
  /** How many of them were busy, on the average of the last seconds. */
  static final String MODEL_BUSY_THREADS = "model.busy_threads";

  static Sample of(ExecutorStatistics now, double busyThreads) {
    Map<String, Double> counts = new TreeMap<>();
    now.images().forEach((status, n) -> counts.put("images." + lower(status), (double) n));
    now.failures().forEach((kind, n) -> counts.put("failures." + lower(kind), (double) n));
    now.seconds().forEach((stage, seconds) -> counts.put("seconds." + lower(stage), seconds));
    counts.put("crops", (double) now.crops());
    counts.put("model.busy_seconds", now.busySeconds());
    Map<String, Double> levels = new TreeMap<>();
    levels.put("queue.read", (double) now.toRead());
    levels.put("queue.repair", (double) now.toRepair());
    levels.put("queue.write", (double) now.toWrite());
    levels.put("queue.crops", (double) now.waitingCrops());
    levels.put("bytes.files", (double) now.fileBytes());
    levels.put("bytes.pictures", (double) now.pictureBytes());
    levels.put("bytes.row_groups", (double) now.rowGroupBytes());
    levels.put(MODEL_THREADS, (double) now.modelThreads());
    levels.put(MODEL_BUSY_THREADS, busyThreads);
    return new Sample(counts, levels, now.batches());
  }

  private static String lower(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }

  /** As it goes to the driver: of the JDK's classes alone, since it is not this jar's class loader that reads it there. */
  Object toMessage(String executor) {
    return new ArrayList<>(List.of(executor, new TreeMap<>(counts), new TreeMap<>(levels), new TreeMap<>(batches)));
  }

  /** The executor that sent a message. */
  static String executor(Object message) {
    return (String) ((List<?>) message).get(0);
  }

  /** What it sent. */
  @SuppressWarnings("unchecked")
  static Sample of(Object message) {
    List<?> parts = (List<?>) message;
    return new Sample((Map<String, Double>) parts.get(1), (Map<String, Double>) parts.get(2), (Map<Integer, Long>) parts.get(3));
  }
}
