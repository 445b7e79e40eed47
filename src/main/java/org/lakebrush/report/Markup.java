package org.lakebrush.report;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A piece of HTML. What is put into it is escaped, unless it is such a piece itself. */
record Markup(String html) {
  static final Markup NONE = new Markup("");
  private static final String PLACE = "{}";

  /**
   * A piece with values in it.
   *
   * @param template HTML in which each {@code {}} is taken by the next value
   */
  static Markup of(String template, Object... values) {
    StringBuilder html = new StringBuilder(template.length() + 64);
    int from = 0;
    for (Object value : values) {
      int at = template.indexOf(PLACE, from);
      if (at < 0) {
        throw new IllegalArgumentException("more values than places: " + template);
      }
      html.append(template, from, at).append(value instanceof Markup markup ? markup.html : Html.text(String.valueOf(value)));
      from = at + PLACE.length();
    }
    if (template.indexOf(PLACE, from) >= 0) {
      throw new IllegalArgumentException("more places than values: " + template);
    }
    return new Markup(html.append(template, from, template.length()).toString());
  }

  /** One piece for each. */
  static <T> Markup each(List<T> list, Function<T, Markup> piece) {
    return new Markup(list.stream().map(item -> piece.apply(item).html).collect(Collectors.joining("\n")));
  }

  /** This and then that. */
  Markup then(Markup next) {
    return new Markup(html + next.html);
  }
}
