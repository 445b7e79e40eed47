package org.lakebrush.lama;

/** A model file cannot be used: what was expected, what was found, what to do. Ends the run before any work. */
public final class ModelException extends Exception {
  public ModelException(String message) {
    super(message);
  }

  public ModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
