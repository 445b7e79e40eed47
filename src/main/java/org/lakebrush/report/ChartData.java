package org.lakebrush.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.lakebrush.report.NightReport.Throughput;
import org.lakebrush.sink.Status;

/** What the charts of a report draw, as report.js reads it. */
final class ChartData {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ChartData() {}

  /** Of a report, as an element of its page. */
  static Markup of(NightReport report) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("nights", report.nights().stream().map(n -> Map.of("label", Words.shortDay(n.startedAt()), "at", Words.clock(n.startedAt()),
        "counts", counts(n.counts()))).toList());
    Throughput time = report.throughput();
    data.put("throughput", Map.of("start", time.start(), "step", time.step(), "counts",
        time.images().stream().map(ChartData::counts).toList()));
    data.put("failures", report.failures().stream().map(f -> Map.of("label", f.kind().name(), "images", f.images())).toList());
    data.put("when", report.failures().stream().map(f -> Map.of("label", f.kind().name(), "counts",
        time.failures().get(f.kind()))).toList());
    data.put("stages", report.stages().stream().map(s -> Map.of("label", Parts.lower(s.stage()), "seconds", s.total() / 1e3)).toList());
    data.put("holes", report.holes().stream().map(h -> Map.of("label", h.label(), "range", h.range(), "counts",
        new long[] {h.repaired(), h.review()})).toList());
    try {
      return new Markup("<script type=\"application/json\" id=\"data\">" + inScript(JSON.writeValueAsString(data)) + "</script>");
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long[] counts(Map<Status, Long> counts) {
    return Stream.of(Status.values()).mapToLong(status -> counts.getOrDefault(status, 0L)).toArray();
  }

  /** JSON in which nothing ends the script that it is in. */
  private static String inScript(String json) {
    return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }
}
