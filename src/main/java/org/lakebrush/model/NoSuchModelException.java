package org.lakebrush.model;

/** Nothing can be done for want of a model: its name is unknown, or its file is not here. The message says what to do. */
public final class NoSuchModelException extends Exception {
  public NoSuchModelException(String message) {
    super(message);
  }
}
