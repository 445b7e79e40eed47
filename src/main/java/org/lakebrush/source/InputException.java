package org.lakebrush.source;

/** The input, or a file that the job names, is not there or holds nothing to repair. The message says what, where and what to do. */
public final class InputException extends Exception {
  /**
   * @param message what, where and what to do, in one line
   */
  public InputException(String message) {
    this(message, null);
  }

  /**
   * @param message what, where and what to do, in one line
   * @param cause what was caught, or null
   */
  public InputException(String message, Throwable cause) {
    super(message, cause);
  }
}
