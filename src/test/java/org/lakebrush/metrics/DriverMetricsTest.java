package org.lakebrush.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Snapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The driver's sums over several executors, as their samples come in. */
class DriverMetricsTest {
  private long now;
  private final DriverMetrics driver = new DriverMetrics(() -> now);
  private final MetricRegistry registry = new MetricRegistry();

  /** Sends a sample as Spark does, to a JVM whose class loader of messages need not know this project. */
  private void send(String executor, Map<String, Double> counts, Map<String, Double> levels, Map<Integer, Long> batches) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new Sample(counts, levels, batches).toMessage(executor));
    }
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())) {
      @Override
      protected Class<?> resolveClass(ObjectStreamClass name) throws ClassNotFoundException {
        return Class.forName(name.getName(), false, ClassLoader.getPlatformClassLoader());
      }
    }) {
      driver.receive(in.readObject());
    }
  }

  private double value(String name) {
    return ((Number) registry.getGauges().get(name).getValue()).doubleValue();
  }

  @Test
  void sumsOverExecutorsWhatEachSentLast() throws Exception {
    driver.register(registry);
    assertEquals(0, value("images.repaired"));
    assertEquals(0, value("model.busy_share"), "no model at all");
    send("1", Map.of("images.repaired", 5.0), Map.of("queue.crops", 2.0, "model.threads", 1.0, "model.busy_threads", 0.5), Map.of(8, 10L));
    send("2", Map.of("images.repaired", 7.0), Map.of("queue.crops", 1.0, "model.threads", 3.0, "model.busy_threads", 2.5),
        Map.of(8, 70L, 4, 20L));
    send("1", Map.of("images.repaired", 6.0), Map.of("queue.crops", 0.0, "model.threads", 1.0, "model.busy_threads", 0.5), Map.of(8, 10L));
    assertEquals(13, value("images.repaired"));
    assertEquals(1, value("queue.crops"));
    assertEquals(0.75, value("model.busy_share"), 1e-9, "3 of 4 threads");

    assertEquals(100, registry.getHistograms().get("batch.size").getCount());
    Snapshot sizes = registry.getHistograms().get("batch.size").getSnapshot();
    assertEquals(8, sizes.getMax());
    assertEquals((80 * 8 + 20 * 4) / 100.0, sizes.getMean(), 1e-9);
  }

  @Test
  void whatAnExecutorDidOutlivesIt() throws Exception {
    driver.register(registry);
    send("1", Map.of("images.repaired", 5.0), Map.of("queue.crops", 2.0, "model.threads", 1.0, "model.busy_threads", 1.0), Map.of(8, 10L));
    now += TimeUnit.SECONDS.toNanos(40);
    send("2", Map.of("images.repaired", 7.0), Map.of("queue.crops", 1.0, "model.threads", 3.0, "model.busy_threads", 1.5), Map.of(8, 1L));
    assertEquals(12, value("images.repaired"));
    assertEquals(11, registry.getHistograms().get("batch.size").getCount());
    assertEquals(1, value("queue.crops"), "of the living one alone");
    assertEquals(0.5, value("model.busy_share"), 1e-9);
    assertEquals(1, driver.alive().size());
  }

  @Test
  void hasNamesThatOneCanRelyOn() {
    driver.register(registry);
    assertTrue(registry.getNames().containsAll(List.of("images.review", "failures.not_an_image", "seconds.inpaint",
        "bytes.pictures", "queue.repair", "model.busy_seconds")), registry.getNames().toString());
    assertEquals(registry.getNames().size(), registry.getNames().stream().filter(name -> name.matches("[a-z_.]+")).count());
  }
}
