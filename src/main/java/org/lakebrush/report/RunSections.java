package org.lakebrush.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.report.NightReport.Machine;
import org.lakebrush.report.NightReport.ModelUse;
import org.lakebrush.report.NightReport.SlowImage;
import org.lakebrush.report.NightReport.StageTime;
import org.lakebrush.report.NightReport.Throughput;
import org.lakebrush.sink.Status;

/** How a run went on: against those before it, over time, by stage, by size of hole, image by image and machine by machine. */
final class RunSections {
  private final NightReport report;
  private final Night night;

  RunSections(NightReport report) {
    this.report = report;
    this.night = report.night();
  }

  /** The runs and the throughput. */
  Markup trend() {
    List<List<?>> nights = new ArrayList<>();
    for (Night n : report.nights()) {
      nights.add(List.of(Words.shortDay(n.startedAt()) + " " + Words.clock(n.startedAt()), Words.count(n.images()),
          count(n, Status.REPAIRED), count(n, Status.REVIEW), count(n, Status.UNCHANGED), count(n, Status.FAILED),
          Words.percent(n.share(Status.FAILED)),
          Words.decimal(n.rate()), Words.duration(n.wall())));
    }
    Throughput time = report.throughput();
    List<List<?>> buckets = new ArrayList<>();
    for (int i = 0; i < time.images().size(); i++) {
      Map<Status, Long> images = time.images().get(i);
      List<Object> row = new ArrayList<>(List.of(Words.clockSeconds(time.start() + i * time.step())));
      for (Status status : Status.values()) {
        row.add(Words.count(images.getOrDefault(status, 0L)));
      }
      buckets.add(row);
    }
    String lead = night.images() == 0 ? "No image was done." : Words.decimal(night.rate()) + " images/s over "
        + Words.duration(night.wall()) + ", by the time at which they were done, UTC.";
    return Markup.of("<div class=\"two\">{}{}</div>\n", Parts.chart("nights", "This run and those before", report.before().isEmpty()
        ? "The log has no earlier run of this job." : "Images by what became of them, the newest run on the right.", "",
        Parts.statusLegend(Status.values()), Parts.table(List.of("Run, UTC", "Images", "Repaired", "Review", "Unchanged", "Failed",
            "Failed share", "Images/s", "Duration"), nights)),
        Parts.chart("throughput", "Throughput", lead, "", Parts.statusLegend(Status.values()),
            Parts.table(List.of("From, UTC", "Repaired", "Review", "Unchanged", "Failed"), buckets)));
  }

  private static String count(Night night, Status status) {
    return Words.count(night.count(status));
  }

  /** Time by stage, and sizes of holes. */
  Markup images() {
    double all = report.stages().stream().mapToDouble(StageTime::total).sum();
    List<List<?>> stages = new ArrayList<>();
    for (StageTime s : report.stages()) {
      stages.add(List.of(Parts.lower(s.stage()), Words.millis(s.total()), Words.percent(all == 0 ? 0 : s.total() / all),
          Words.millis(s.median()), Words.millis(s.p95()), Words.millis(s.p99())));
    }
    Optional<StageTime> most = report.stages().stream().max((a, b) -> Double.compare(a.total(), b.total()));
    String lead = all == 0 ? "No time was spent." : Words.percent(most.get().total() / all) + " of the time went into "
        + Parts.lower(most.get().stage()) + "; " + Words.millis(all) + " in all, over all tasks.";
    List<List<?>> holes = new ArrayList<>();
    report.holes().forEach(h -> holes.add(List.of(h.range(), Words.count(h.repaired()), Words.count(h.review()))));
    return Markup.of("<div class=\"two\">{}{}</div>\n", Parts.chart("stages", "Time by stage", lead, "bars-7", Markup.NONE,
        Parts.table(List.of("Stage", "Total", "Share", "Median", "95%", "99%"), stages)),
        Parts.chart("holes", "Size of the holes", "Repaired images by their hole's share of the image.", "",
            Parts.statusLegend(Status.REPAIRED, Status.REVIEW), Parts.table(List.of("Hole", "Repaired", "Review"), holes)));
  }

  /** The slowest images. */
  Markup slowest() {
    if (report.slowest().isEmpty()) {
      return Markup.of("<section class=\"panel none\" id=\"slowest\"><h2>Slowest images</h2>"
          + "<p class=\"about\">No image was done.</p></section>\n");
    }
    double most = report.slowest().get(0).total();
    return Markup.of("""
        <section class="panel" id="slowest" aria-labelledby="slowest-title"><h2 id="slowest-title">Slowest images</h2>
        <ul class="legend">{}</ul><ol class="slow">{}</ol></section>
        """, Markup.each(List.of(Stage.values()), s -> Markup.of("<li><i class=\"dot {}\"></i>{}</li>", Parts.lower(s), Parts.lower(s))),
        Markup.each(report.slowest(), image -> slow(image, most)));
  }

  private Markup slow(SlowImage image, double most) {
    List<Markup> parts = new ArrayList<>();
    List<String> said = new ArrayList<>();
    double x = 0;
    for (Stage stage : Stage.values()) {
      double ms = image.millis()[stage.ordinal()];
      double width = most == 0 ? 0 : 1000 * ms / most;
      if (width > 0) {
        parts.add(Markup.of("<rect class=\"fill-{}\" x=\"{}\" width=\"{}\" height=\"10\"/>", Parts.lower(stage), Parts.number(x),
            Parts.number(width)));
        said.add(Parts.lower(stage) + " " + Words.millis(ms));
      }
      x += width;
    }
    return Markup.of("""
        <li><p class="where">{}</p><p class="took"><b>{}</b> <span class="quiet">{}{} on {}</span></p>
        <svg viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg></li>
        """, Parts.uri(image.uri()), Words.millis(image.total()), image.width() == 0 ? "" : image.width() + " × " + image.height() + " "
            + (image.format() == null ? "" : image.format()) + ", ", Parts.lower(image.status()), image.host(),
        String.join(", ", said), Markup.each(parts, p -> p));
  }

  /** Machines and models. */
  Markup machines() {
    if (report.machines().isEmpty()) {
      return Markup.of("<section class=\"panel none\" id=\"machines\"><h2>Machines and models</h2><p class=\"about\">No image was done.</p>"
          + "</section>\n");
    }
    List<List<?>> machines = new ArrayList<>();
    for (Machine m : report.machines()) {
      machines.add(List.of(m.host(), m.devices().isEmpty() ? "-" : String.join(", ", m.devices()), Words.count(m.images()),
          Words.percent((double) m.images() / night.images()), Words.count(m.failed()), Words.millis(m.busy() / m.images()),
          m.filled() == 0 ? "-" : Words.millis(m.inpaint() / m.filled())));
    }
    List<List<?>> models = new ArrayList<>();
    for (ModelUse m : report.models()) {
      models.add(List.of(m.name(), Markup.of("<code>{}</code>", m.sha256().substring(0, Math.min(12, m.sha256().length()))),
          Words.count(m.images()), Words.count(m.crops()), Words.count(m.fp32Crops())));
    }
    return Markup.of("""
        <section class="panel" id="machines" aria-labelledby="machines-title"><h2 id="machines-title">Machines and models</h2>
        <div class="scroll" tabindex="0" role="region" aria-label="Machines">{}</div>
        <div class="scroll" tabindex="0" role="region" aria-label="Models">{}</div></section>
        """, Parts.table(List.of("Host", "Device", "Images", "Share", "Failed", "Mean time", "Mean fill"), machines),
        Parts.table(List.of("Model", "SHA-256", "Images", "Crops", "Again in fp32"), models));
  }
}
