package org.lakebrush.report;

import java.util.List;
import java.util.Locale;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Secrets;

/** Pieces that several sections of a report have. */
final class Parts {
  /** What a report says of one image, at most, in characters. */
  private static final int LONGEST_MESSAGE = 600;

  private Parts() {}

  static Markup sign(Finding.Level level) {
    return Markup.of("<svg viewBox=\"0 0 16 16\"><path d=\"{}\"/></svg>", switch (level) {
      case GOOD -> "M3.5 8.6l3 3 6-7";
      case LOOK -> "M8 3v6M8 12.6v.4";
      case BAD -> "M4 4l8 8M12 4l-8 8";
    });
  }

  static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  static String number(double v) {
    return String.format(Locale.ROOT, "%.2f", v);
  }

  /**
   * A chart with its numbers as a table.
   *
   * @param lead what it shows, in a sentence
   */
  static Markup chart(String id, String title, String lead, String style, Markup legend, Markup table) {
    return Markup.of("""
        <section class="panel" id="{}" aria-labelledby="{}-title"><h2 id="{}-title">{}</h2><p class="about">{}</p>{}
        <div class="chart {}" tabindex="0" role="group" aria-label="{}, chart. Left and right keys step through it."><canvas \
        data-chart="{}" role="img" aria-label="{}"></canvas><p class="hidden" aria-live="polite"></p></div>
        <details><summary>As a table</summary><div class="scroll" tabindex="0" role="region" aria-label="{}, table">{}</div></details>\
        </section>
        """, id, id, id, title, lead, legend, style, title, id, title + ". " + lead, title, table);
  }

  static Markup statusLegend(Status... statuses) {
    return Markup.of("<ul class=\"legend\">{}</ul>", Markup.each(List.of(statuses),
        s -> Markup.of("<li><i class=\"dot {}\"></i>{}</li>", lower(s), lower(s))));
  }

  static Markup table(List<String> heads, List<List<?>> rows) {
    return Markup.of("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
        Markup.each(heads, h -> Markup.of("<th scope=\"col\">{}</th>", h)), Markup.each(rows,
            row -> Markup.of("<tr><th scope=\"row\">{}</th>{}</tr>", row.get(0),
                Markup.each(row.subList(1, row.size()), cell -> Markup.of("<td>{}</td>", cell)))));
  }

  /** A URI as a text to copy; a link where a browser may open it. */
  static Markup uri(String uri) {
    String shown = Secrets.hidden(uri);
    int slash = shown.lastIndexOf('/', shown.length() - 2);
    Markup text = Markup.of("<span class=\"dir\">{}</span>{}", shown.substring(0, slash + 1), shown.substring(slash + 1));
    boolean opens = shown.startsWith("http://") || shown.startsWith("https://");
    return Markup.of("<span class=\"uri\">{}{}</span>", opens ? Markup.of("<a href=\"{}\" rel=\"noreferrer\">{}</a>", shown, text) : text,
        copy(shown));
  }

  static Markup copy(String text) {
    return Markup.of("<button type=\"button\" class=\"copy\" data-copy=\"{}\" hidden><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path"
        + " class=\"sheets\" d=\"M6 5.5h7.5v8H6zM10 5.5v-3H2.5v8H6\"/><path class=\"tick\" d=\"M3 8.5l3.2 3.2L13 4.5\"/></svg>"
        + "<span class=\"hidden\">Copy {}</span></button>", text, text);
  }

  static String name(String uri) {
    return Secrets.hidden(uri.substring(uri.lastIndexOf('/') + 1));
  }

  /** What is said of an image: its URI, which stands beside it, is cut to its name. */
  static String message(String message, String uri) {
    String shown = Secrets.hidden(message.replace(uri, uri.substring(uri.lastIndexOf('/') + 1)));
    return shown.length() > LONGEST_MESSAGE ? shown.substring(0, LONGEST_MESSAGE) + "…" : shown;
  }
}
