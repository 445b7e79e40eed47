package org.lakebrush.job;

import com.codahale.metrics.Gauge;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.cli.Spark;

/** A run in the embedded session with its page on, which is read when the run has ended. */
final class WatchedRun {
  private WatchedRun() {}

  /** Somebody else's. */
  public static final class OtherPlugin implements SparkPlugin {
    @Override
    public DriverPlugin driverPlugin() {
      return new DriverPlugin() {
        @Override
        public Map<String, String> init(SparkContext spark, PluginContext context) {
          return Map.of();
        }

        @Override
        public void registerMetrics(String application, PluginContext context) {
          context.metricRegistry().register("here", (Gauge<Integer>) () -> 1);
        }
      };
    }

    @Override
    public ExecutorPlugin executorPlugin() {
      return null;
    }
  }

  /**
   * Repairs {@code in} of a folder; leaves {@code metrics.txt} and {@code jobs.html} there, as Spark's page has them.
   *
   * @param args the folder, and how many images the metrics must have counted at last
   */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    System.setProperty("spark.ui.enabled", "true");
    System.setProperty("spark.ui.port", "0");
    System.setProperty("spark.metrics.conf", Path.of("conf/metrics.properties").toAbsolutePath().toString());
    System.setProperty("spark.plugins", OtherPlugin.class.getName());
    try (SparkSession spark = Spark.session()) {
      Runs.in(folder).run(Runs.RED, "run.slice_images=5");
      String page = spark.sparkContext().uiWebUrl().get();
      String metrics = get(page + "/metrics/prometheus/");
      // The newest sample may be one of before the end.
      for (int i = 0; i < 100 && images(metrics) < Integer.parseInt(args[1]); i++) {
        Thread.sleep(200);
        metrics = get(page + "/metrics/prometheus/");
      }
      Files.writeString(folder.resolve("metrics.txt"), metrics);
      Files.writeString(folder.resolve("jobs.html"), get(page + "/jobs/"));
    }
  }

  private static double images(String metrics) {
    return metrics.lines().filter(line -> line.matches(".*LakebrushPlugin_images_\\w+_Value.*"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ')))).sum();
  }

  private static String get(String uri) throws Exception {
    return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(uri)).build(), BodyHandlers.ofString()).body();
  }
}
