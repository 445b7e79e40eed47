package org.lakebrush.metrics;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.lakebrush.executor.ExecutorStatistics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An executor's metrics: sampled every two seconds, and sent to the driver. */
final class ExecutorMetrics implements ExecutorPlugin, Samples {
  /** What Spark calls the driver, among executors. */
  private static final String DRIVER = "driver";
  /** Between two samples. */
  static final long PERIOD_SECONDS = 2;
  /** Over which it is averaged how busy the model is: longer than most of its runs, and shorter than what scrapes are apart. */
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final Logger LOG = LoggerFactory.getLogger(ExecutorMetrics.class);

  /**
   * A look at the model.
   *
   * @param time of the look, in ns
   * @param busySeconds that it had run by then
   */
  private record Reading(long time, double busySeconds) {}

  private final ScheduledExecutorService sampler = Executors.newSingleThreadScheduledExecutor(work -> {
    Thread thread = new Thread(work, "lakebrush-metrics");
    thread.setDaemon(true);
    return thread;
  });
  /** The sampler's alone. */
  private final Deque<Reading> window = new ArrayDeque<>();
  private volatile Sample newest;
  private PluginContext context;

  @Override
  public void init(PluginContext context, Map<String, String> none) {
    this.context = context;
    newest = Sample.of(ExecutorStatistics.now(), 0);
    // In local mode the driver has the same names in the same registry.
    if (!context.executorID().equals(DRIVER)) {
      register(context.metricRegistry());
    }
    sampler.scheduleAtFixedRate(this::sample, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
  }

  private synchronized void sample() {
    try {
      ExecutorStatistics now = ExecutorStatistics.now();
      newest = Sample.of(now, busyThreads(new Reading(System.nanoTime(), now.busySeconds()), now.modelThreads()));
      context.send(newest.toMessage(context.executorID()));
    } catch (IOException | RuntimeException e) {
      // The driver is gone, and soon this process will be; or the next sample is heard, which none would be that follows an exception.
      LOG.debug("a sample of the metrics did not go out", e);
    }
  }

  private double busyThreads(Reading now, int threads) {
    while (window.size() > 1 && now.time() - window.peek().time() > WINDOW_NANOS) {
      window.remove();
    }
    Reading first = window.isEmpty() ? now : window.peek();
    window.add(now);
    double seconds = (now.time() - first.time()) / 1e9;
    return seconds <= 0 ? 0 : Math.max(0, Math.min(threads, (now.busySeconds() - first.busySeconds()) / seconds));
  }

  @Override
  public Collection<Sample> all() {
    return List.of(newest);
  }

  @Override
  public Collection<Sample> alive() {
    return all();
  }

  @Override
  public void shutdown() {
    sampler.shutdownNow();
    sample();
  }
}
