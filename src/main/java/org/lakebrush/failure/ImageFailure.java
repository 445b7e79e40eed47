package org.lakebrush.failure;

import java.util.Objects;

/** One image cannot be repaired. It becomes that image's FAILED row and never the job's end. */
public final class ImageFailure extends Exception {
  private final ErrorKind kind;

  /**
   * @param kind what went wrong
   * @param message what, where and what to do, in one line
   */
  public ImageFailure(ErrorKind kind, String message) {
    this(kind, message, null);
  }

  /**
   * @param kind what went wrong
   * @param message what, where and what to do, in one line
   * @param cause what was caught, or null
   */
  public ImageFailure(ErrorKind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind);
  }

  /** What went wrong. */
  public ErrorKind kind() {
    return kind;
  }
}
