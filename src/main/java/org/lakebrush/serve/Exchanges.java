package org.lakebrush.serve;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.lakebrush.serve.ApiException.Kind;

/** The requests in hand, and how long there will be some. Safe for any number of threads. */
final class Exchanges {
  private final Set<Exchange> all = ConcurrentHashMap.newKeySet();
  private volatile boolean ending;
  private volatile boolean givenUp;

  /** Those that have no whole answer yet; a view. */
  Set<Exchange> all() {
    return all;
  }

  /** No more are to begin. */
  void end() {
    ending = true;
  }

  /** Whether no more are to begin. */
  boolean isEnding() {
    return ending;
  }

  /** Bodies that are still not whole are not waited for. */
  void endBodies() {
    all.forEach(exchange -> exchange.endBody(stopping()));
  }

  /** Nor are images. */
  void giveUp() {
    givenUp = true;
  }

  /** Whether images are given up. */
  boolean isGivenUp() {
    return givenUp;
  }

  /** What is said to those that come too late. */
  static ApiException stopping() {
    return new ApiException(Kind.STOPPING, "this server ends: ask another, or again later");
  }
}
