package org.lakebrush.report;

/** Text in HTML. */
public final class Html {
  private Html() {}

  /**
   * A text as it stands between tags and in quoted attributes. What would break the page, or have a reader see another name than there is
   * (controls, marks of direction, halves of characters), becomes U+FFFD.
   */
  public static String text(String text) {
    StringBuilder html = new StringBuilder(text.length() + 16);
    plain(text).codePoints().forEach(c -> {
      switch (c) {
        case '&' -> html.append("&amp;");
        case '<' -> html.append("&lt;");
        case '>' -> html.append("&gt;");
        case '"' -> html.append("&quot;");
        case '\'' -> html.append("&#39;");
        default -> html.appendCodePoint(c);
      }
    });
    return html.toString();
  }

  /** A text as it is shown where there are no tags. */
  static String plain(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    text.codePoints().forEach(c -> plain.appendCodePoint(isPlain(c) ? c : 0xFFFD));
    return plain.toString();
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL -> c == '\n' || c == '\t';
      // The joiners of emoji and of some scripts' letters.
      case Character.FORMAT -> c == 0x200C || c == 0x200D;
      case Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
      default -> Character.isDefined(c) || c > 0xFFFF && (c & 0xFFFE) != 0xFFFE;
    };
  }
}
