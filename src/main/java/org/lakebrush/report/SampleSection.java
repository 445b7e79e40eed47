package org.lakebrush.report;

import java.util.ArrayList;
import java.util.List;
import org.lakebrush.report.NightReport.Sample;
import org.lakebrush.sink.Status;

/** Repaired images, each before and after. */
final class SampleSection {
  private final NightReport report;
  private final Night night;
  private final double quality;

  /**
   * The section of a report.
   *
   * @param quality of its JPEGs, 0..1
   */
  SampleSection(NightReport report, double quality) {
    this.report = report;
    this.night = report.night();
    this.quality = quality;
  }

  /** The section. */
  Markup html() {
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
    Markup picture = s.views().map(views -> Slider.html(Parts.name(s.uri()), views, quality))
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
        """, picture, Parts.lower(s.status()), s.status(), s.width(), s.height(), s.format() == null ? "" : s.format(),
        Markup.each(facts, f -> Markup.of("<span>{}</span>", f)), Parts.uri(s.output() == null ? s.uri() : s.output()));
  }
}
