package org.lakebrush.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.report.NightReport.FailedImage;
import org.lakebrush.report.NightReport.FailureGroup;
import org.lakebrush.report.NightReport.FailureKind;
import org.lakebrush.report.NightReport.Folder;
import org.lakebrush.report.NightReport.Throughput;
import org.lakebrush.sink.Status;

/** What failed, why, when and where. */
final class FailureSection {
  /** Of the kinds of failures, the most frequent first, as report.js has them. */
  private static final List<String> KIND_COLOURS = List.of("failed", "review", "mask", "read", "encode", "decode", "write");

  private final NightReport report;
  private final Night night;
  private final List<Night> compared;
  private final double quality;

  /**
   * The section of a report.
   *
   * @param quality of its JPEGs, 0..1
   */
  FailureSection(NightReport report, double quality) {
    this.report = report;
    this.night = report.night();
    this.compared = Finding.compared(report);
    this.quality = quality;
  }

  /** The section. */
  Markup html() {
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
        {}{}""", Parts.chart("failures", "Failures by kind", Words.count(night.count(Status.FAILED), "image") + " failed, "
            + Words.percent(night.share(Status.FAILED)) + " of all.", "bars-" + Math.min(8, report.failures().size()), Markup.NONE,
            Parts.table(List.of("Kind", "Images", "Share", "Usually"), kinds)), when(),
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
    return Parts.chart("when", "When they failed", "Failures by the time at which they were found, UTC.", "",
        Markup.of("<ul class=\"legend\">{}</ul>", Markup.each(report.failures().stream().limit(KIND_COLOURS.size()).toList(),
            f -> Markup.of("<li><i class=\"dot {}\"></i>{}</li>", KIND_COLOURS.get(report.failures().indexOf(f)), f.kind()))),
        Parts.table(Stream.concat(Stream.of("From, UTC"), report.failures().stream().map(f -> f.kind().name())).toList(), buckets));
  }

  private Markup folders() {
    if (report.folders().isEmpty() || report.folders().stream().allMatch(f -> f.path().isEmpty())) {
      return Markup.NONE;
    }
    return Markup.of("<section class=\"panel\" id=\"folders\" aria-labelledby=\"folders-title\">"
        + "<h2 id=\"folders-title\">Where they lie</h2><p class=\"about\">The folders with the most failures, relative to the input.</p>"
        + "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Folders with failures\">{}</div></section>\n",
        Parts.table(List.of("Folder", "Kind", "Failed", "Images", "Share"), report.folders().stream().map(this::folder).toList()));
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
    return Markup.of("<li><p class=\"message\">{}</p><p class=\"where\">{}{}</p></li>", Parts.message(group.message(), group.uri()),
        Parts.uri(group.uri()), group.images() == 1 ? Markup.NONE
            : Markup.of(" <span class=\"quiet\">and {} like it</span>", Words.count(group.images() - 1)));
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
        Parts.name(image.uri()), new Markup(t.dataUri(quality)))).orElse(Markup.of("<span class=\"blank\">No picture to show</span>"));
    return Markup.of("""
        <li><div class="frame">{}</div><div><p><span class="chip">{}</span> <span class="quiet">{}</span></p>
        <p class="where">{}</p><p class="message">{}</p></div></li>
        """, picture, image.kind(), size(image.width(), image.height(), image.length()), Parts.uri(image.uri()),
        Parts.message(image.message(), image.uri()));
  }

  private static String size(int width, int height, long length) {
    return (width == 0 ? "" : width + " × " + height + ", ") + (length < 0 ? "size unknown" : Words.bytes(length));
  }
}
