package org.lakebrush.source;

import java.io.IOException;
import java.time.Duration;

/** A store did not serve a request for as long as {@code retry.seconds} allows. The message says how long, and what it said last. */
public final class UnavailableException extends IOException {
  private static final long serialVersionUID = 1;

  UnavailableException(Duration waited, int retries, IOException last) {
    super("the store did not serve it in " + Math.round(waited.toMillis() / 1e3) + " s and " + retries + " retries (retry.seconds); at"
        + " last " + Causes.inOneLine(last), last);
  }
}
