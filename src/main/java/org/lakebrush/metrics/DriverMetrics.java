package org.lakebrush.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.lakebrush.job.RunProgress;

/** The driver's metrics: its own, and the sums over all executors, as they send them. */
final class DriverMetrics implements DriverPlugin, Samples {
  /** After so long without a sample an executor is taken for gone: what it did counts on, what it had in hand does not. */
  private static final long GONE_NANOS = TimeUnit.SECONDS.toNanos(15 * ExecutorMetrics.PERIOD_SECONDS);

  private record Heard(Sample sample, long time) {}

  private final LongSupplier nanoTime;
  private final Map<String, Heard> executors = new ConcurrentHashMap<>();

  /**
   * No executor was heard of yet.
   *
   * @param nanoTime the time, in ns from any moment on
   */
  DriverMetrics(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  @Override
  public Map<String, String> init(SparkContext spark, PluginContext context) {
    return Map.of();
  }

  @Override
  public void registerMetrics(String application, PluginContext context) {
    MetricRegistry registry = context.metricRegistry();
    register(registry);
    registry.register("executors", (Gauge<Integer>) () -> alive().size());
    run(registry, "run.todo", RunProgress::todo);
    run(registry, "run.done", RunProgress::done);
    run(registry, "run.failed", RunProgress::failed);
    run(registry, "run.slices", RunProgress::slices);
  }

  private static void run(MetricRegistry registry, String name, ToLongFunction<RunProgress> value) {
    registry.register(name, (Gauge<Long>) () -> value.applyAsLong(RunProgress.now()));
  }

  @Override
  public Object receive(Object message) {
    executors.put(Sample.executor(message), new Heard(Sample.of(message), nanoTime.getAsLong()));
    return null;
  }

  @Override
  public Collection<Sample> all() {
    return executors.values().stream().map(Heard::sample).toList();
  }

  @Override
  public Collection<Sample> alive() {
    long now = nanoTime.getAsLong();
    return executors.values().stream().filter(heard -> now - heard.time() < GONE_NANOS).map(Heard::sample).toList();
  }
}
