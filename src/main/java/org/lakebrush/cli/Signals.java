package org.lakebrush.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * What this process does when it is told to end (SIGTERM) or interrupted (SIGINT): it brings its work to an end, and ends itself if that
 * takes longer than {@value #MOST_SECONDS} s. A second signal ends it at once, unless it comes within {@value #SAME_MILLIS} ms:
 * {@code timeout} signals its child and then the child's process group, and so the same process twice.
 */
final class Signals implements AutoCloseable {
  /** The exit code of a process that ended of a signal is this plus the signal's number. */
  static final int FIRST_CODE = 128;
  /** Of the 20 s that whoever sends a SIGTERM is told; what comes after it is a SIGKILL. */
  private static final int MOST_SECONDS = 19;
  /** Within which two signals are one. */
  private static final int SAME_MILLIS = 1000;
  private static final Map<String, Integer> NUMBERS = Map.of("INT", 2, "TERM", 15);

  private final Consumer<String> work;
  private final Map<Signal, SignalHandler> before = new HashMap<>();
  private int exitCode;
  /** Of the first signal, by System.nanoTime. */
  private long first;

  private Signals(Consumer<String> work) {
    this.work = work;
  }

  /**
   * Takes care of the signals until it is closed.
   *
   * @param work brings the work to its end, for the reason that it gets; returns at once
   */
  static Signals handle(Consumer<String> work) {
    Signals signals = new Signals(work);
    for (String name : NUMBERS.keySet()) {
      Signal signal = new Signal(name);
      try {
        signals.before.put(signal, Signal.handle(signal, signals::got));
      } catch (IllegalArgumentException e) {
        // A JVM that was told to leave signals alone (-Xrs): they end it at once.
        System.err.println("lakebrush: " + e.getMessage());
      }
    }
    return signals;
  }

  private void got(Signal signal) {
    int code = FIRST_CODE + NUMBERS.get(signal.getName());
    synchronized (this) {
      if (exitCode != 0) {
        if (System.nanoTime() - first < 1_000_000L * SAME_MILLIS) {
          return;
        }
        Runtime.getRuntime().halt(exitCode);
      }
      exitCode = code;
      first = System.nanoTime();
    }
    Thread last = new Thread(() -> {
      try {
        Thread.sleep(1000L * MOST_SECONDS);
      } catch (InterruptedException e) {
        // Nobody does.
      }
      Runtime.getRuntime().halt(code);
    }, "lakebrush-last");
    last.setDaemon(true);
    last.start();
    work.accept("SIG" + signal.getName());
  }

  /** The process's, if there was a signal. */
  synchronized OptionalInt exitCode() {
    return exitCode == 0 ? OptionalInt.empty() : OptionalInt.of(exitCode);
  }

  /** Signals do again what they did before; a process that was to end still does in time. */
  @Override
  public void close() {
    before.forEach(Signal::handle);
  }
}
