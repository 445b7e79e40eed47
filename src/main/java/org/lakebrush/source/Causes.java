package org.lakebrush.source;

/** Exceptions in messages. */
public final class Causes {
  private static final int LONGEST = 300;

  private Causes() {}

  /** Why something failed, in one line: a message that was written for people as it is, all others after their class. */
  public static String reason(Throwable e) {
    return e instanceof UnavailableException ? e.getMessage() : inOneLine(e);
  }

  /** An exception's class and message in one line of at most about 300 characters, without keys and passwords. */
  public static String inOneLine(Throwable e) {
    String text = e.getMessage() == null ? "" : OneLine.of(e.getMessage().strip().replaceAll("\\s+", " "));
    String cut = text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
    return cut.isEmpty() ? e.getClass().getSimpleName() : e.getClass().getSimpleName() + ": " + cut;
  }
}
