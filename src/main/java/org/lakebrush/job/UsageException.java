package org.lakebrush.job;

/** The run is refused before any work: what is wrong, where, and what to do. Exit code 2. */
public final class UsageException extends Exception {
  public UsageException(String message) {
    super(message);
  }

  public UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
