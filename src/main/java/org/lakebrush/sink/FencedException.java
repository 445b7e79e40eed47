package org.lakebrush.sink;

/** Nothing more may be written for a run: no failure of the file that was to be. The message says which run, and why. */
public final class FencedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public FencedException(String message, Throwable cause) {
    super(message, cause);
  }
}
