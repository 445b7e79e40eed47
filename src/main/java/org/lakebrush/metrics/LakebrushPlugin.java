package org.lakebrush.metrics;

import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * Lakebrush's metrics in Spark's. Executors have their own in their own registry, and send them to the driver, which has the sums under the
 * same names: one place to ask, as Spark's page for Prometheus is the driver's alone. The embedded run has only the driver's.
 */
public final class LakebrushPlugin implements SparkPlugin {
  @Override
  public DriverPlugin driverPlugin() {
    return new DriverMetrics(System::nanoTime);
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorMetrics();
  }
}
