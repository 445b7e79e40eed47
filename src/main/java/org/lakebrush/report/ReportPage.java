package org.lakebrush.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.report.NightReport.Counted;
import org.lakebrush.report.NightReport.FailedImage;
import org.lakebrush.report.NightReport.FailureGroup;
import org.lakebrush.report.NightReport.FailureKind;
import org.lakebrush.report.NightReport.Folder;
import org.lakebrush.report.NightReport.HoleBin;
import org.lakebrush.report.NightReport.Machine;
import org.lakebrush.report.NightReport.ModelUse;
import org.lakebrush.report.NightReport.Sample;
import org.lakebrush.report.NightReport.SlowImage;
import org.lakebrush.report.NightReport.StageTime;
import org.lakebrush.report.NightReport.Throughput;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Secrets;

/** The morning report as one HTML file. All that the log says is escaped, and shown without secrets. */
final class ReportPage {
  private static final String CHARTS = "/META-INF/resources/webjars/chart.js/";
  private static final String CHARTS_VERSION = "/META-INF/maven/org.webjars.npm/chart.js/pom.properties";
  private static final double QUALITY = 0.8;
  /** Of the kinds of failures, the most frequent first, as report.js has them. */
  private static final List<String> KIND_COLOURS = List.of("failed", "review", "mask", "read", "encode", "decode", "write");
  private static final int LONGEST_MESSAGE = 600;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final NightReport report;
  private final Night night;
  private final List<Night> compared;

  ReportPage(NightReport report) {
    this.report = report;
    this.night = report.night();
    this.compared = Finding.compared(report);
  }

  /** The whole file. */
  String html() {
    Finding.Verdict verdict = Finding.verdict(report);
    String title = verdict.title() + " - " + (night.name() == null ? "Lakebrush" : night.name()) + ", " + Words.shortDay(night.startedAt());
    Markup body = header().then(Markup.of("<main id=\"main\">\n{}{}{}{}{}{}{}{}{}{}\n</main>\n{}{}", hero(verdict), findings(), cards(),
        trend(), failures(), samples(), images(), slowest(), machines(), about(), footer(), data()));
    String charts = resource(CHARTS + chartsVersion() + "/dist/chart.umd.min.js").replaceAll("(?m)^//# sourceMappingURL=.*$", "");
    return new Page(title, List.of(Page.resource("report.css"), Slider.styles()),
        List.of(charts, Page.resource("report.js"), Slider.script()), body.html()).html();
  }

  private Markup header() {
    return Markup.of("""
        <a class="skip" href="#main">Skip to the report</a>
        <header class="top"><div class="in">
        <a class="brand" href="#main"><svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true"><rect class="mark-a" width="32" \
        height="32" rx="8"/><path class="mark-b" d="M6 20c4-4 7-4 10-1s6 3 10-1v5a3 3 0 0 1-3 3H9a3 3 0 0 1-3-3z"/><circle class="mark-b" \
        cx="21" cy="10" r="3.2"/></svg> Lakebrush</a>
        <nav aria-label="Parts of the report"><a href="#nights">Nights</a><a href="#throughput">Throughput</a>\
        <a href="#failures">Failures</a><a href="#samples">Samples</a><a href="#slowest">Slowest</a><a href="#machines">Machines</a></nav>
        <button id="theme" type="button" hidden><svg viewBox="0 0 16 16" \
        aria-hidden="true"><circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M8 2.2a5.8 5.8 0 \
        0 1 0 11.6z"/></svg> <span id="theme-name">auto</span></button>
        </div></header>
        """);
  }

  private Markup hero(Finding.Verdict verdict) {
    List<Markup> facts = new ArrayList<>();
    if (night.name() != null) {
      fact(facts, "Job", Markup.of("{}", night.name()));
    }
    fact(facts, "Run", Markup.of("<code>{}</code>{}", night.runId(), copy(night.runId())));
    fact(facts, "Time", time());
    report.record().ifPresent(record -> {
      fact(facts, "Input", uri(record.input()));
      fact(facts, "Output", uri(record.output()));
    });
    fact(facts, "Log", uri(report.log()));
    String models = String.join(", ", night.models());
    String devices = String.join(", ", night.devices());
    if (!models.isEmpty()) {
      fact(facts, "Model", Markup.of("{}{}", models, devices.isEmpty() ? "" : " on " + devices));
    }
    return Markup.of("""
        <section class="hero {}" aria-labelledby="verdict">
        <div class="hero-head"><span class="badge" aria-hidden="true">{}</span><div>
        <p class="eyebrow">{}</p>
        <h1 id="verdict">{}</h1>
        <p class="lead">{}</p></div></div>
        {}
        <dl class="facts">{}</dl>
        </section>
        """, level(verdict.level()), sign(verdict.level()), Words.day(night.startedAt()), verdict.title(), Secrets.hidden(verdict.text()),
        progress(), Markup.each(facts, f -> f));
  }

  private static void fact(List<Markup> facts, String name, Markup value) {
    facts.add(Markup.of("<div><dt>{}</dt><dd>{}</dd></div>", name, value));
  }

  private Markup time() {
    boolean oneDay = Words.day(night.startedAt()).equals(Words.day(night.endedAt()));
    return Markup.of("<time class=\"local\" data-from=\"{}\" data-to=\"{}\">{} to {}{} UTC</time>{}", night.startedAt(), night.endedAt(),
        Words.clock(night.startedAt()), Words.clock(night.endedAt()), oneDay ? "" : ", " + Words.shortDay(night.endedAt()),
        night.images() == 0 ? "" : " (" + Words.duration(night.wall()) + ")");
  }

  private static String level(Finding.Level level) {
    return level.name().toLowerCase(Locale.ROOT);
  }

  private static Markup sign(Finding.Level level) {
    return Markup.of("<svg viewBox=\"0 0 16 16\"><path d=\"{}\"/></svg>", switch (level) {
      case GOOD -> "M3.5 8.6l3 3 6-7";
      case LOOK -> "M8 3v6M8 12.6v.4";
      case BAD -> "M4 4l8 8M12 4l-8 8";
    });
  }

  /** All images of the plan in one bar, by what became of them. */
  private Markup progress() {
    long left = Math.max(0, report.record().map(RunRecord::plan).map(plan -> plan.todo() - night.images()).orElse(0L));
    double all = Math.max(1, night.images() + left);
    List<Markup> parts = new ArrayList<>();
    List<Markup> legend = new ArrayList<>();
    double x = 0;
    for (Status status : Status.values()) {
      double width = 1000 * night.count(status) / all;
      if (width > 0) {
        parts.add(Markup.of("<rect class=\"fill-{}\" x=\"{}\" width=\"{}\" height=\"12\"/>", lower(status), number(x),
            number(Math.max(width, 2))));
      }
      x += width;
      legend.add(Markup.of("<li><i class=\"dot {}\"></i>{} <b>{}</b></li>", lower(status), lower(status),
          Words.percent(night.count(status) / all)));
    }
    if (left > 0) {
      legend.add(Markup.of("<li><i class=\"dot\"></i>not done <b>{}</b></li>", Words.percent(left / all)));
    }
    return Markup.of("<svg class=\"progress\" viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">{}</svg>"
        + "<ul class=\"legend\">{}</ul>", Markup.each(parts, p -> p), Markup.each(legend, l -> l));
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String number(double v) {
    return String.format(Locale.ROOT, "%.2f", v);
  }

  private Markup findings() {
    List<Finding> findings = Finding.of(report);
    if (findings.isEmpty()) {
      return Markup.NONE;
    }
    return Markup.of("""
        <section class="findings" aria-labelledby="findings-title"><h2 id="findings-title">What to look at</h2>
        <ul>{}</ul></section>
        """, Markup.each(findings, f -> Markup.of("<li class=\"{}\"><a href=\"#{}\"><span class=\"badge\" aria-hidden=\"true\">{}</span>"
            + "<span><b>{}</b> {}</span></a></li>", level(f.level()), f.section(), sign(f.level()), f.title(), Secrets.hidden(f.text()))));
  }

  private Markup cards() {
    List<Markup> cards = new ArrayList<>();
    cards.add(card("Images", Words.count(night.images()), planned(), n -> n.images(), Words::decimalCount, ""));
    for (Status status : Status.values()) {
      cards.add(card(title(status), Words.count(night.count(status)), Words.percent(night.share(status)) + " of the images",
          n -> n.share(status), Words::percent, lower(status)));
    }
    cards.add(card("Images a second", Words.decimal(night.rate()), Words.bytes(night.bytesIn()) + " in, " + Words.bytes(night.bytesOut())
        + " out", Night::rate, Words::decimal, ""));
    cards.add(card("Duration", night.images() == 0 ? "0 s" : Words.duration(night.wall()), Words.count(night.crops(), "crop") + ", "
        + (night.retries() == 1 ? "1 retry" : Words.count(night.retries()) + " retries"), n -> n.wall().toMillis(), Words::millis, ""));
    return Markup.of("<section class=\"cards\" aria-label=\"Headline numbers\">{}</section>\n", Markup.each(cards, c -> c));
  }

  private String planned() {
    return report.record().map(RunRecord::plan).map(plan -> Words.count(plan.alreadyDone()) + " done before"
        + (plan.givenUp() == 0 ? "" : ", " + Words.count(plan.givenUp()) + " given up")).orElse("in this run");
  }

  private static String title(Status status) {
    return switch (status) {
      case REPAIRED -> "Repaired";
      case REVIEW -> "To review";
      case UNCHANGED -> "Unchanged";
      case FAILED -> "Failed";
    };
  }

  private Markup card(String title, String value, String more, ToDoubleFunction<Night> number, Function<Double, String> say,
      String status) {
    return Markup.of("""
        <div class="card {}"><h3>{}</h3><p class="value">{}</p><p class="more">{}</p><p class="delta">{}</p>{}</div>
        """, status, title, value, more, delta(number, say, status), spark(number, say));
  }

  private Markup delta(ToDoubleFunction<Night> number, Function<Double, String> say, String status) {
    if (compared.isEmpty()) {
      return Markup.of("first run");
    }
    double usual = Finding.median(compared, number);
    double now = number.applyAsDouble(night);
    if (Math.abs(now - usual) <= 0.02 * usual) {
      return Markup.of("as usual");
    }
    boolean worse = now > usual && (status.equals("failed") || status.equals("review"));
    return Markup.of("<span class=\"{}\"><span aria-hidden=\"true\">{}</span><span class=\"hidden\">{}</span> usually {}</span>",
        worse ? "worse" : "", now > usual ? "▲" : "▼", now > usual ? "more," : "less,", say.apply(usual));
  }

  /** The nights as small bars, this one the last. */
  private Markup spark(ToDoubleFunction<Night> number, Function<Double, String> say) {
    List<Night> nights = nights();
    if (nights.size() < 2) {
      return Markup.NONE;
    }
    double most = nights.stream().mapToDouble(number).max().orElse(0);
    List<Markup> bars = new ArrayList<>();
    for (int i = 0; i < nights.size(); i++) {
      double v = number.applyAsDouble(nights.get(i));
      double height = most == 0 ? 0 : 26 * v / most;
      bars.add(Markup.of("<rect x=\"{}\" y=\"{}\" width=\"7\" height=\"{}\" rx=\"1.5\"{}/>", 10 * i, number(28 - Math.max(height, 1.5)),
          number(Math.max(height, 1.5)), i == nights.size() - 1 ? new Markup(" class=\"now\"") : Markup.NONE));
    }
    String label = "Last " + nights.size() + " runs: " + nights.stream().map(n -> say.apply(number.applyAsDouble(n)))
        .collect(Collectors.joining(", "));
    return Markup.of("<svg class=\"spark\" viewBox=\"0 0 {} 28\" role=\"img\" aria-label=\"{}\">{}</svg>", 10 * nights.size() - 3, label,
        Markup.each(bars, b -> b));
  }

  private List<Night> nights() {
    return Stream.concat(report.before().stream(), Stream.of(night)).toList();
  }

  /**
   * A chart with its numbers as a table.
   *
   * @param lead what it shows, in a sentence
   */
  private static Markup chart(String id, String title, String lead, String style, Markup legend, Markup table) {
    return Markup.of("""
        <section class="panel" id="{}" aria-labelledby="{}-title"><h2 id="{}-title">{}</h2><p class="about">{}</p>{}
        <div class="chart {}" tabindex="0" role="group" aria-label="{}, chart. Left and right keys step through it."><canvas \
        data-chart="{}" role="img" aria-label="{}"></canvas><p class="hidden" aria-live="polite"></p></div>
        <details><summary>As a table</summary><div class="scroll" tabindex="0" role="region" aria-label="{}, table">{}</div></details>\
        </section>
        """, id, id, id, title, lead, legend, style, title, id, title + ". " + lead, title, table);
  }

  private static Markup statusLegend(Status... statuses) {
    return Markup.of("<ul class=\"legend\">{}</ul>", Markup.each(List.of(statuses),
        s -> Markup.of("<li><i class=\"dot {}\"></i>{}</li>", lower(s), lower(s))));
  }

  private static Markup table(List<String> heads, List<List<?>> rows) {
    return Markup.of("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
        Markup.each(heads, h -> Markup.of("<th scope=\"col\">{}</th>", h)), Markup.each(rows,
            row -> Markup.of("<tr><th scope=\"row\">{}</th>{}</tr>", row.get(0),
                Markup.each(row.subList(1, row.size()), cell -> Markup.of("<td>{}</td>", cell)))));
  }

  private Markup trend() {
    List<List<?>> nights = new ArrayList<>();
    for (Night n : nights()) {
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
    return Markup.of("<div class=\"two\">{}{}</div>\n", chart("nights", "This run and those before", report.before().isEmpty()
        ? "The log has no earlier run of this job." : "Images by what became of them, the newest run on the right.", "",
        statusLegend(Status.values()), table(List.of("Run, UTC", "Images", "Repaired", "Review", "Unchanged", "Failed", "Failed share",
            "Images/s", "Duration"), nights)),
        chart("throughput", "Throughput", lead, "", statusLegend(Status.values()),
            table(List.of("From, UTC", "Repaired", "Review", "Unchanged", "Failed"), buckets)));
  }

  private static String count(Night night, Status status) {
    return Words.count(night.count(status));
  }

  private Markup failures() {
    if (report.failures().isEmpty()) {
      return Markup.of("""
          <section class="panel none" id="failures" aria-labelledby="failures-title"><h2 id="failures-title">Failures</h2>
          <p class="about">{}</p></section>
          """, night.images() == 0 ? "No image was done, and none failed." : "None. Every image that came into hand was dealt with.");
    }
    List<List<?>> kinds = new ArrayList<>();
    report.failures().forEach(f -> kinds.add(List.of(f.kind().name(), Words.count(f.images()),
        Words.percent((double) f.images() / night.images()), usual(f.kind()))));
    return Markup.of("""
        <div class="two">{}{}</div>
        <section class="panel" aria-labelledby="kinds-title"><h2 id="kinds-title">What failed, and why</h2>{}</section>
        {}{}""", chart("failures", "Failures by kind", Words.count(night.count(Status.FAILED), "image") + " failed, "
            + Words.percent(night.share(Status.FAILED)) + " of all.", "bars-" + Math.min(8, report.failures().size()), Markup.NONE,
            table(List.of("Kind", "Images", "Share", "Usually"), kinds)), when(),
        Markup.each(report.failures(), this::kind), folders(), failed());
  }

  private Markup when() {
    Throughput time = report.throughput();
    List<List<?>> buckets = new ArrayList<>();
    for (int i = 0; i < time.images().size(); i++) {
      if (time.images().get(i).getOrDefault(Status.FAILED, 0L) > 0) {
        List<Object> row = new ArrayList<>(List.of(Words.clockSeconds(time.start() + i * time.step())));
        for (FailureKind failure : report.failures()) {
          row.add(Words.count(time.failures().get(failure.kind())[i]));
        }
        buckets.add(row);
      }
    }
    return chart("when", "When they failed", "Failures by the time at which they were found, UTC.", "",
        Markup.of("<ul class=\"legend\">{}</ul>", Markup.each(report.failures().stream().limit(KIND_COLOURS.size()).toList(),
            f -> Markup.of("<li><i class=\"dot {}\"></i>{}</li>", KIND_COLOURS.get(report.failures().indexOf(f)), f.kind()))),
        table(Stream.concat(Stream.of("From, UTC"), report.failures().stream().map(f -> f.kind().name())).toList(), buckets));
  }

  private Markup folders() {
    if (report.folders().isEmpty() || report.folders().stream().allMatch(f -> f.path().isEmpty())) {
      return Markup.NONE;
    }
    return Markup.of("<section class=\"panel\" id=\"folders\" aria-labelledby=\"folders-title\">"
        + "<h2 id=\"folders-title\">Where they lie</h2><p class=\"about\">The folders with the most failures, relative to the input.</p>"
        + "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Folders with failures\">{}</div></section>\n",
        table(List.of("Folder", "Kind", "Failed", "Images", "Share"), report.folders().stream().map(this::folder).toList()));
  }

  private List<?> folder(Folder folder) {
    return List.of(folder.path().isEmpty() ? "(the input itself)" : folder.path(), folder.kind(), Words.count(folder.failed()),
        Words.count(folder.images()), Words.percent((double) folder.failed() / folder.images()));
  }

  private String usual(ErrorKind kind) {
    double usual = Finding.median(compared, n -> n.kinds().getOrDefault(kind, 0L));
    return compared.isEmpty() ? "-" : usual == Math.rint(usual) ? Words.count((long) usual) : Words.decimal(usual);
  }

  private Markup kind(FailureKind failure) {
    long more = failure.ways() - failure.groups().size();
    return Markup.of("""
        <article class="kind" id="kind-{}"><h3><span class="chip">{}</span> <b>{}</b> <span class="quiet">{}</span></h3>
        <p class="about">{}</p><ul class="messages">{}</ul>{}</article>
        """, failure.kind(), failure.kind(), Words.count(failure.images(), "image"),
        compared.isEmpty() ? "" : "usually " + usual(failure.kind()), code(failure.kind().meaning()),
        Markup.each(failure.groups(), this::group), more <= 0 ? Markup.NONE
            : Markup.of("<p class=\"quiet\">and {}</p>", Words.count(more, "other message")));
  }

  /** A text whose backquotes set off keys. */
  private static Markup code(String text) {
    return new Markup(Html.text(text).replaceAll("`([^`]+)`", "<code>$1</code>"));
  }

  private Markup group(FailureGroup group) {
    return Markup.of("<li><p class=\"message\">{}</p><p class=\"where\">{}{}</p></li>", message(group.message(), group.uri()),
        uri(group.uri()), group.images() == 1 ? Markup.NONE
            : Markup.of(" <span class=\"quiet\">and {} like it</span>", Words.count(group.images() - 1)));
  }

  /** What is said of an image: its URI, which stands beside it, is cut to its name. */
  private static String message(String message, String uri) {
    String shown = Secrets.hidden(message.replace(uri, uri.substring(uri.lastIndexOf('/') + 1)));
    return shown.length() > LONGEST_MESSAGE ? shown.substring(0, LONGEST_MESSAGE) + "…" : shown;
  }

  private Markup failed() {
    return Markup.of("""
        <section class="panel" id="failed" aria-labelledby="failed-title"><h2 id="failed-title">Failed images</h2>
        <p class="about">{} of {}, some of each kind, with the input where it can be shown.</p>
        <ul class="sheet">{}</ul></section>
        """, report.failed().size(), Words.count(night.count(Status.FAILED)), Markup.each(report.failed(), this::failed));
  }

  private Markup failed(FailedImage image) {
    Markup picture = image.input().map(t -> Markup.of("<img width=\"{}\" height=\"{}\" alt=\"Input {}\" src=\"{}\">", t.width(), t.height(),
        name(image.uri()), new Markup(t.dataUri(QUALITY)))).orElse(Markup.of("<span class=\"blank\">No picture to show</span>"));
    return Markup.of("""
        <li><div class="frame">{}</div><div><p><span class="chip">{}</span> <span class="quiet">{}</span></p>
        <p class="where">{}</p><p class="message">{}</p></div></li>
        """, picture, image.kind(), size(image.width(), image.height(), image.length()), uri(image.uri()),
        message(image.message(), image.uri()));
  }

  private static String size(int width, int height, long length) {
    return (width == 0 ? "" : width + " × " + height + ", ") + (length < 0 ? "size unknown" : Words.bytes(length));
  }

  private static String name(String uri) {
    return Secrets.hidden(uri.substring(uri.lastIndexOf('/') + 1));
  }

  private Markup samples() {
    if (report.samples().isEmpty()) {
      return Markup.of("""
          <section class="panel none" id="samples" aria-labelledby="samples-title"><h2 id="samples-title">Repaired images</h2>
          <p class="about">No image was repaired.</p></section>
          """);
    }
    return Markup.of("""
        <section class="panel" id="samples" aria-labelledby="samples-title"><div class="bar"><h2 id="samples-title">Repaired images</h2>
        <label class="check"><input type="checkbox" data-outlines> show what was changed</label></div>
        <p class="about">{} of {}: first those that need a look, then small holes and large ones. Drag the line, or use the arrow keys.</p>
        <ul class="sheet wide">{}</ul></section>
        """, report.samples().size(), Words.count(night.count(Status.REPAIRED) + night.count(Status.REVIEW)),
        Markup.each(report.samples(), this::sample));
  }

  private Markup sample(Sample s) {
    Markup picture = s.views().map(views -> new Markup(Slider.html(name(s.uri()), views, QUALITY)))
        .orElse(Markup.of("<div class=\"frame\"><span class=\"blank\">{}</span></div>", s.why()));
    List<String> facts = new ArrayList<>();
    if (s.closeUp()) {
      facts.add("close-up");
    }
    facts.add("hole " + Words.percent(s.hole()));
    if (s.residual() != null) {
      facts.add("left " + Words.percent(s.residual()));
    }
    if (s.damage() != null) {
      facts.add("stands out " + Words.percent(s.damage()));
    }
    if (!s.maskKinds().isEmpty()) {
      facts.add(String.join(" + ", s.maskKinds()));
    }
    facts.add(Words.millis(s.millis()));
    return Markup.of("""
        <li>{}<p><span class="chip {}">{}</span> <span class="quiet">{} × {} {}</span></p><p class="tags">{}</p>
        <p class="where">{}</p></li>
        """, picture, lower(s.status()), s.status(), s.width(), s.height(), s.format() == null ? "" : s.format(),
        Markup.each(facts, f -> Markup.of("<span>{}</span>", f)), uri(s.output() == null ? s.uri() : s.output()));
  }

  private Markup images() {
    double all = report.stages().stream().mapToDouble(StageTime::total).sum();
    List<List<?>> stages = new ArrayList<>();
    for (StageTime s : report.stages()) {
      stages.add(List.of(lower(s.stage()), Words.millis(s.total()), Words.percent(all == 0 ? 0 : s.total() / all), Words.millis(s.median()),
          Words.millis(s.p95()), Words.millis(s.p99())));
    }
    Optional<StageTime> most = report.stages().stream().max((a, b) -> Double.compare(a.total(), b.total()));
    String lead = all == 0 ? "No time was spent." : Words.percent(most.get().total() / all) + " of the time went into "
        + lower(most.get().stage()) + "; " + Words.millis(all) + " in all, over all tasks.";
    List<List<?>> holes = new ArrayList<>();
    report.holes().forEach(h -> holes.add(List.of(range(h), Words.count(h.repaired()), Words.count(h.review()))));
    return Markup.of("<div class=\"two\">{}{}</div>\n", chart("stages", "Time by stage", lead, "bars-7", Markup.NONE,
        table(List.of("Stage", "Total", "Share", "Median", "95%", "99%"), stages)),
        chart("holes", "Size of the holes", "Repaired images by their hole's share of the image.", "",
            statusLegend(Status.REPAIRED, Status.REVIEW), table(List.of("Hole", "Repaired", "Review"), holes)));
  }

  private static String label(HoleBin bin) {
    return bin.to() == 1 ? "≥" + Words.share(bin.from()) : "<" + Words.share(bin.to());
  }

  private static String range(HoleBin bin) {
    return bin.from() == 0 || bin.to() == 1 ? label(bin) : Words.share(bin.from()) + " to " + Words.share(bin.to());
  }

  private Markup slowest() {
    if (report.slowest().isEmpty()) {
      return Markup.of("<section class=\"panel none\" id=\"slowest\"><h2>Slowest images</h2>"
          + "<p class=\"about\">No image was done.</p></section>\n");
    }
    double most = report.slowest().get(0).total();
    return Markup.of("""
        <section class="panel" id="slowest" aria-labelledby="slowest-title"><h2 id="slowest-title">Slowest images</h2>
        <ul class="legend">{}</ul><ol class="slow">{}</ol></section>
        """, Markup.each(List.of(Stage.values()), s -> Markup.of("<li><i class=\"dot {}\"></i>{}</li>", lower(s), lower(s))),
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
        parts.add(Markup.of("<rect class=\"fill-{}\" x=\"{}\" width=\"{}\" height=\"10\"/>", lower(stage), number(x), number(width)));
        said.add(lower(stage) + " " + Words.millis(ms));
      }
      x += width;
    }
    return Markup.of("""
        <li><p class="where">{}</p><p class="took"><b>{}</b> <span class="quiet">{}{} on {}</span></p>
        <svg viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg></li>
        """, uri(image.uri()), Words.millis(image.total()), image.width() == 0 ? "" : image.width() + " × " + image.height() + " "
            + (image.format() == null ? "" : image.format()) + ", ", image.status().name().toLowerCase(Locale.ROOT), image.host(),
        String.join(", ", said), Markup.each(parts, p -> p));
  }

  private Markup machines() {
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
        """, table(List.of("Host", "Device", "Images", "Share", "Failed", "Mean time", "Mean fill"), machines),
        table(List.of("Model", "SHA-256", "Images", "Crops", "Again in fp32"), models));
  }

  private Markup about() {
    Markup settings = report.record().filter(record -> !record.settings().isEmpty()).map(record -> Markup.of(
        "<details><summary>The job's settings</summary><pre tabindex=\"0\">{}</pre></details>",
        Secrets.hidden(String.join("\n", record.settings())))).orElse(Markup.NONE);
    Markup notes = report.notes().isEmpty() ? Markup.NONE : Markup.of("<h3>What could not come through as it was</h3>"
        + "<ul class=\"plain\">{}</ul>", Markup.each(report.notes(), this::counted));
    Markup formats = report.formats().isEmpty() ? Markup.NONE : Markup.of("<h3>Formats</h3><ul class=\"plain\">{}</ul>",
        Markup.each(report.formats(), this::counted));
    if ((settings.html() + notes.html() + formats.html()).isEmpty()) {
      return Markup.NONE;
    }
    return Markup.of("<section class=\"panel\" aria-labelledby=\"more-title\"><h2 id=\"more-title\">More</h2>{}{}{}</section>\n", formats,
        notes, settings);
  }

  private Markup counted(Counted counted) {
    return Markup.of("<li>{} <span class=\"quiet\">{}</span></li>", Secrets.hidden(counted.what()), Words.count(counted.images(), "image"));
  }

  private Markup footer() {
    String licence = resource(CHARTS + chartsVersion() + "/LICENSE.md");
    return Markup.of("""
        <footer><p>Made from the log alone, {} UTC. Times are UTC.</p>
        <details><summary>Charts: Chart.js {}, MIT licence</summary><pre tabindex="0">{}</pre></details></footer>
        <p class="hidden" id="said" aria-live="polite"></p>
        """, Words.day(System.currentTimeMillis()) + " " + Words.clock(System.currentTimeMillis()), chartsVersion(), licence.strip());
  }

  /** A URI as a text to copy; a link where a browser may open it. */
  private static Markup uri(String uri) {
    String shown = Secrets.hidden(uri);
    int slash = shown.lastIndexOf('/', shown.length() - 2);
    Markup text = Markup.of("<span class=\"dir\">{}</span>{}", shown.substring(0, slash + 1), shown.substring(slash + 1));
    boolean opens = shown.startsWith("http://") || shown.startsWith("https://");
    return Markup.of("<span class=\"uri\">{}{}</span>", opens ? Markup.of("<a href=\"{}\" rel=\"noreferrer\">{}</a>", shown, text) : text,
        copy(shown));
  }

  private static Markup copy(String text) {
    return Markup.of("<button type=\"button\" class=\"copy\" data-copy=\"{}\" hidden><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path"
        + " class=\"sheets\" d=\"M6 5.5h7.5v8H6zM10 5.5v-3H2.5v8H6\"/><path class=\"tick\" d=\"M3 8.5l3.2 3.2L13 4.5\"/></svg>"
        + "<span class=\"hidden\">Copy {}</span></button>", text, text);
  }

  /** What the charts draw. */
  private Markup data() {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("nights", nights().stream().map(n -> Map.of("label", Words.shortDay(n.startedAt()), "at", Words.clock(n.startedAt()), "counts",
        counts(n.counts()))).toList());
    Throughput time = report.throughput();
    data.put("throughput", Map.of("start", time.start(), "step", time.step(), "counts",
        time.images().stream().map(ReportPage::counts).toList()));
    data.put("failures", report.failures().stream().map(f -> Map.of("label", f.kind().name(), "images", f.images())).toList());
    data.put("when", report.failures().stream().map(f -> Map.of("label", f.kind().name(), "counts",
        time.failures().get(f.kind()))).toList());
    data.put("stages", report.stages().stream().map(s -> Map.of("label", lower(s.stage()), "seconds", s.total() / 1e3)).toList());
    data.put("holes", report.holes().stream().map(h -> Map.of("label", label(h), "range", range(h), "counts",
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

  private static String chartsVersion() {
    Properties properties = new Properties();
    try (InputStream in = ReportPage.class.getResourceAsStream(CHARTS_VERSION)) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version");
  }

  private static String resource(String path) {
    try (InputStream in = ReportPage.class.getResourceAsStream(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
