package org.lakebrush.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Secrets;

/** How a run went, what to look at first, and its numbers against those before. */
final class Headline {
  private final NightReport report;
  private final Night night;
  private final List<Night> compared;

  Headline(NightReport report) {
    this.report = report;
    this.night = report.night();
    this.compared = Finding.compared(report);
  }

  /** How it went. */
  Markup hero(Finding.Verdict verdict) {
    List<Markup> facts = new ArrayList<>();
    if (night.name() != null) {
      fact(facts, "Job", Markup.of("{}", night.name()));
    }
    fact(facts, "Run", Markup.of("<code>{}</code>{}", night.runId(), Parts.copy(night.runId())));
    fact(facts, "Time", time());
    report.record().ifPresent(record -> {
      fact(facts, "Input", Parts.uri(record.input()));
      fact(facts, "Output", Parts.uri(record.output()));
    });
    fact(facts, "Log", Parts.uri(report.log()));
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
        """, Parts.lower(verdict.level()), Parts.sign(verdict.level()), Words.day(night.startedAt()), verdict.title(),
        Secrets.hidden(verdict.text()), progress(), Markup.each(facts, f -> f));
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
        parts.add(Markup.of("<rect class=\"fill-{}\" x=\"{}\" width=\"{}\" height=\"12\"/>", Parts.lower(status), Parts.number(x),
            Parts.number(Math.max(width, 2))));
      }
      x += width;
      legend.add(Markup.of("<li><i class=\"dot {}\"></i>{} <b>{}</b></li>", Parts.lower(status), Parts.lower(status),
          Words.percent(night.count(status) / all)));
    }
    if (left > 0) {
      legend.add(Markup.of("<li><i class=\"dot\"></i>not done <b>{}</b></li>", Words.percent(left / all)));
    }
    return Markup.of("<svg class=\"progress\" viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">{}</svg>"
        + "<ul class=\"legend\">{}</ul>", Markup.each(parts, p -> p), Markup.each(legend, l -> l));
  }

  /** What to look at first; nothing where that is nothing. */
  Markup findings() {
    List<Finding> findings = Finding.of(report);
    if (findings.isEmpty()) {
      return Markup.NONE;
    }
    return Markup.of("""
        <section class="findings" aria-labelledby="findings-title"><h2 id="findings-title">What to look at</h2>
        <ul>{}</ul></section>
        """, Markup.each(findings, f -> Markup.of("<li class=\"{}\"><a href=\"#{}\"><span class=\"badge\" aria-hidden=\"true\">{}</span>"
            + "<span><b>{}</b> {}</span></a></li>", Parts.lower(f.level()), f.section(), Parts.sign(f.level()), f.title(),
            Secrets.hidden(f.text()))));
  }

  /** The numbers that matter most. */
  Markup cards() {
    List<Markup> cards = new ArrayList<>();
    cards.add(card("Images", Words.count(night.images()), planned(), n -> n.images(), Words::decimalCount, ""));
    for (Status status : Status.values()) {
      cards.add(card(title(status), Words.count(night.count(status)), Words.percent(night.share(status)) + " of the images",
          n -> n.share(status), Words::percent, Parts.lower(status)));
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
    List<Night> nights = report.nights();
    if (nights.size() < 2) {
      return Markup.NONE;
    }
    double most = nights.stream().mapToDouble(number).max().orElse(0);
    List<Markup> bars = new ArrayList<>();
    for (int i = 0; i < nights.size(); i++) {
      double v = number.applyAsDouble(nights.get(i));
      double height = most == 0 ? 0 : 26 * v / most;
      bars.add(Markup.of("<rect x=\"{}\" y=\"{}\" width=\"7\" height=\"{}\" rx=\"1.5\"{}/>", 10 * i,
          Parts.number(28 - Math.max(height, 1.5)), Parts.number(Math.max(height, 1.5)),
          i == nights.size() - 1 ? new Markup(" class=\"now\"") : Markup.NONE));
    }
    String label = "Last " + nights.size() + " runs: " + nights.stream().map(n -> say.apply(number.applyAsDouble(n)))
        .collect(Collectors.joining(", "));
    return Markup.of("<svg class=\"spark\" viewBox=\"0 0 {} 28\" role=\"img\" aria-label=\"{}\">{}</svg>", 10 * nights.size() - 3, label,
        Markup.each(bars, b -> b));
  }
}
