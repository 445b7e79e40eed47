package org.lakebrush.source;

/** Exceptions in messages. */
public final class Causes {
  private static final int LONGEST = 300;

  private Causes() {}

  /** An exception's class and message in one line of at most about 300 characters, without keys and passwords. */
  public static String inOneLine(Throwable e) {
    String text = e.getMessage() == null ? "" : Secrets.hidden(e.getMessage()).strip().replaceAll("\\s+", " ");
    String cut = text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
    return cut.isEmpty() ? e.getClass().getSimpleName() : e.getClass().getSimpleName() + ": " + cut;
  }
}
