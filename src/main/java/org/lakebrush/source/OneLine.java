package org.lakebrush.source;

import java.util.Locale;

/** Texts from outside, such as names of files, in lines of logs. */
public final class OneLine {
  private OneLine() {}

  /** A text as part of a line: without keys and passwords, and with what would end the line, or steer a terminal, as {@code \}{@code u000a}. */
  public static String of(String text) {
    String shown = Secrets.hidden(text);
    if (shown == null || shown.codePoints().noneMatch(OneLine::steers)) {
      return shown;
    }
    StringBuilder line = new StringBuilder();
    shown.codePoints().forEach(c -> {
      if (steers(c)) {
        line.append(String.format(Locale.ROOT, "\\u%04x", c));
      } else {
        line.appendCodePoint(c);
      }
    });
    return line.toString();
  }

  private static boolean steers(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE -> true;
      default -> false;
    };
  }
}
