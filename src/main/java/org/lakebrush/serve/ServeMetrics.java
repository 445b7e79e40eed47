package org.lakebrush.serve;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.repair.RepairTrace.Stage;

/** What a Prometheus server is told. Safe for any number of threads. */
final class ServeMetrics {
  private static final String PREFIX = "lakebrush_serve_";

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final Counter requests = Counter.builder().name(PREFIX + "requests").help("Requests that were answered.")
      .labelNames("path", "code").register(registry);
  private final Counter gone = Counter.builder().name(PREFIX + "gone").help("Requests whose client went away before the answer.")
      .register(registry);
  private final Counter errors = Counter.builder().name(PREFIX + "errors").help("Requests that were answered with an error, by its kind.")
      .labelNames("error_kind").register(registry);
  private final Counter images = Counter.builder().name(PREFIX + "images").help("Images repaired, by what came of them.")
      .labelNames("outcome").register(registry);
  private final Counter stages = Counter.builder().name(PREFIX + "stage_seconds").help("Time by stage, over all requests.")
      .labelNames("stage").register(registry);
  private final Histogram seconds = Histogram.builder().name(PREFIX + "request_seconds")
      .help("Time from a request's first byte to its answer.").labelNames("path").classicOnly()
      .classicUpperBounds(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300).register(registry);

  ServeMetrics(Places places, RepairService service) {
    GaugeWithCallback.builder().name(PREFIX + "in_hand").help("Requests that are worked on or wait.")
        .callback(gauge -> gauge.call(places.taken())).register(registry);
    GaugeWithCallback.builder().name(PREFIX + "queue").help("How many requests may be in hand at once.")
        .callback(gauge -> gauge.call(places.most())).register(registry);
    CounterWithCallback.builder().name(PREFIX + "crops").help("Crops that the model has filled.")
        .callback(counter -> counter.call(service.statistics().crops())).register(registry);
    CounterWithCallback.builder().name(PREFIX + "model_runs").help("Runs of the model, each on a batch of crops.")
        .callback(counter -> counter.call(service.statistics().runs())).register(registry);
    CounterWithCallback.builder().name(PREFIX + "model_busy_seconds").help("Time that the model has run, over its threads.")
        .callback(counter -> counter.call(service.statistics().busyNanos() / 1e9)).register(registry);
  }

  /** A request's answer is out. */
  void answered(String path, int code, double took) {
    requests.labelValues(path, Integer.toString(code)).inc();
    seconds.labelValues(path).observe(took);
  }

  /** A request's client is not there any more. */
  void gone() {
    gone.inc();
  }

  /** A request came to nothing. */
  void error(String kind) {
    errors.labelValues(kind).inc();
  }

  /** An image is done. */
  void image(Answer answer) {
    images.labelValues(answer.outcome().name().toLowerCase(Locale.ROOT)).inc();
  }

  /** Time that a request took. */
  void stages(RepairTrace trace) {
    for (Stage stage : Stage.values()) {
      stages.labelValues(stage.name().toLowerCase(Locale.ROOT)).inc(trace.millis(stage) / 1e3);
    }
  }

  /** All of it, as text of a media type. */
  record Page(byte[] bytes, String mediaType) {}

  /**
   * All of it.
   *
   * @param accept what the client takes, or null
   */
  Page page(String accept) {
    ExpositionFormatWriter openMetrics = formats.getOpenMetricsTextFormatWriter();
    ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : formats.getPrometheusTextFormatWriter();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      writer.write(out, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Page(out.toByteArray(), writer.getContentType());
  }
}
