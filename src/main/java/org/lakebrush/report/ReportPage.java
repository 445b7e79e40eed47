package org.lakebrush.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import org.lakebrush.report.NightReport.Counted;
import org.lakebrush.report.NightReport.Throughput;
import org.lakebrush.source.Secrets;

/** The morning report as one HTML file. All that the log says is escaped, and shown without secrets. */
final class ReportPage {
  private static final String CHARTS = "/META-INF/resources/webjars/chart.js/";
  private static final String CHARTS_VERSION = "/META-INF/maven/org.webjars.npm/chart.js/pom.properties";
  /** What can be mailed, in bytes. */
  private static final int MOST_BYTES = 5_000_000;
  /** Of the JPEGs: the first with which the file is small enough. */
  private static final List<Double> QUALITIES = List.of(0.8, 0.5, 0.25);

  private final NightReport report;
  private final Night night;
  private final double quality;

  private ReportPage(NightReport report, double quality) {
    this.report = report;
    this.night = report.night();
    this.quality = quality;
  }

  /** The whole file, in UTF-8. Where its pictures would make it larger than 5 MB, they are coarser. */
  static byte[] html(NightReport report) {
    byte[] html = {};
    for (double quality : QUALITIES) {
      html = new ReportPage(report, quality).html().getBytes(StandardCharsets.UTF_8);
      if (html.length <= MOST_BYTES) {
        return html;
      }
    }
    return html;
  }

  private String html() {
    Finding.Verdict verdict = Finding.verdict(report);
    String title = verdict.title() + " - " + (night.name() == null ? "Lakebrush" : night.name()) + ", " + Words.shortDay(night.startedAt());
    Headline headline = new Headline(report);
    RunSections run = new RunSections(report);
    Markup body = header().then(Markup.of("<main id=\"main\">\n{}{}{}{}{}{}{}{}{}{}\n</main>\n{}{}", headline.hero(verdict),
        headline.findings(), headline.cards(), run.trend(), new FailureSection(report, quality).html(),
        new SampleSection(report, quality).html(), run.images(), run.slowest(), run.machines(), about(), footer(), ChartData.of(report)));
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
        <footer><p>Made from the log, {} UTC. Times are UTC.</p>
        <details><summary>Charts: Chart.js {}, MIT licence</summary><pre tabindex="0">{}</pre></details></footer>
        <p class="hidden" id="said" aria-live="polite"></p>
        """, Words.day(System.currentTimeMillis()) + " " + Words.clock(System.currentTimeMillis()), chartsVersion(), licence.strip());
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
