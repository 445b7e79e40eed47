package org.lakebrush.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.lakebrush.executor.ExecutorStatistics;

/** The newest samples of one executor or more. Safe for any number of threads. */
interface Samples {
  /** Of all that were heard of. */
  Collection<Sample> all();

  /** Of those that are there now. */
  Collection<Sample> alive();

  /** Puts metrics into a registry that are the sums over these. */
  default void register(MetricRegistry registry) {
    Sample names = Sample.of(ExecutorStatistics.now(), 0);
    names.counts().keySet().forEach(name -> registry.register(name, (Gauge<Double>) () -> sum(all(), Sample::counts, name)));
    names.levels().keySet().forEach(name -> registry.register(name, (Gauge<Double>) () -> sum(alive(), Sample::levels, name)));
    registry.register("model.busy_share", (Gauge<Double>) this::busyShare);
    registry.register("batch.size", new BatchSizes(this::batches));
  }

  private static double sum(Collection<Sample> samples, Function<Sample, Map<String, Double>> numbers, String name) {
    return samples.stream().mapToDouble(sample -> numbers.apply(sample).getOrDefault(name, 0.0)).sum();
  }

  /** Of the time that the model could have run, on all devices, the share in which it did; 0..1. */
  private double busyShare() {
    Collection<Sample> alive = alive();
    double threads = sum(alive, Sample::levels, Sample.MODEL_THREADS);
    return threads == 0 ? 0 : Math.min(1, sum(alive, Sample::levels, Sample.MODEL_BUSY_THREADS) / threads);
  }

  private Map<Integer, Long> batches() {
    Map<Integer, Long> batches = new TreeMap<>();
    all().forEach(sample -> sample.batches().forEach((size, n) -> batches.merge(size, n, Long::sum)));
    return batches;
  }
}
