package org.lakebrush.job;

import java.util.List;

/** A job cannot stand: all that is wrong with it. Ends the run before any work, with exit code 2. */
public final class JobSpecException extends Exception {
  private final List<String> messages;

  /**
   * @param messages one line for each error, in the order of the file: place, key, what is wrong, what is allowed
   */
  public JobSpecException(List<String> messages) {
    super(String.join(System.lineSeparator(), messages));
    this.messages = List.copyOf(messages);
  }

  /** One line for each error, in the order of the file, then of the overrides. */
  public List<String> messages() {
    return messages;
  }
}
