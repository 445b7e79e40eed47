package org.lakebrush.model;

/** A model could not be fetched, and to try again at once would not help: what, from where, why, and what to do. */
public final class FetchException extends Exception {
  private static final long serialVersionUID = 1;
  private final boolean unreachable;

  public FetchException(String message) {
    this(message, null);
  }

  public FetchException(String message, Throwable cause) {
    this(message, cause, false);
  }

  private FetchException(String message, Throwable cause, boolean unreachable) {
    super(message, cause);
    this.unreachable = unreachable;
  }

  /** There is no way from here to the source. */
  static FetchException unreachable(String message, Throwable cause) {
    return new FetchException(message, cause, true);
  }

  /** Whether there is no way from here to the source: another machine may have one. */
  boolean isUnreachable() {
    return unreachable;
  }

  /** An exception in a few words. */
  static String words(Throwable e) {
    return e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
  }
}
