package org.lakebrush.job;

/** Another run holds the lease on the log. */
public final class LeaseHeldException extends Exception {
  private final transient LeaseRecord holder;

  LeaseHeldException(String message, LeaseRecord holder) {
    super(message);
    this.holder = holder;
  }

  /** The other run. */
  public LeaseRecord holder() {
    return holder;
  }
}
