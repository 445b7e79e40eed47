package org.lakebrush.source;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries again what a store does not serve for the moment ({@link Transient}), until it does or a time is over. Between two tries passes a
 * random time from nothing to a bound that doubles each time ("full jitter": Marc Brooker, Exponential Backoff And Jitter, AWS
 * Architecture Blog, 2015), so that the threads of all executors do not come back at once. The last try is made when the time is over.
 *
 * <p>Whoever waits here can be interrupted. Safe for any number of threads.
 */
public final class Retries {
  /**
   * The default of {@code retry.seconds}: a name node that fails over, a partition of S3 that is split and a restarted gateway are back
   * within it, and of a longer outage it costs each thread that reads or writes one image in two minutes.
   */
  public static final int DEFAULT_SECONDS = 120;
  /** For what has no {@code retry.seconds} of its own. */
  public static final Retries DEFAULT = of(DEFAULT_SECONDS);
  /** For whoever leaves it to the store's own client. */
  public static final Retries NONE = new Retries(Duration.ZERO, () -> true);

  private static final Logger LOG = LoggerFactory.getLogger(Retries.class);
  private static final long FIRST_MILLIS = 200;
  private static final long LONGEST_MILLIS = 15_000;
  /** Between two lines of a process that say that it waits. */
  private static final long NOTE_NANOS = Duration.ofSeconds(60).toNanos();
  /** What is waited for without a word. */
  private static final long QUIET_NANOS = Duration.ofSeconds(10).toNanos();
  private static final AtomicLong LAST_NOTE = new AtomicLong(System.nanoTime() - NOTE_NANOS);
  private static final ThreadLocal<Integer> OF_THREAD = ThreadLocal.withInitial(() -> 0);

  private final Duration budget;
  private final BooleanSupplier goesOn;

  private Retries(Duration budget, BooleanSupplier goesOn) {
    this.budget = budget;
    this.goesOn = goesOn;
  }

  /**
   * Retries for a time.
   *
   * @param seconds for one file; a request that is under way then is waited for
   */
  public static Retries of(int seconds) {
    return new Retries(Duration.ofSeconds(seconds), () -> true);
  }

  /** The same, as long as this says so. */
  public Retries whilst(BooleanSupplier condition) {
    return new Retries(budget, condition);
  }

  /** What a store is asked for; done from the start each time. */
  @FunctionalInterface
  public interface Work<T> {
    T run() throws IOException;
  }

  /**
   * Does the work, again where need be.
   *
   * @throws UnavailableException where the time is over; else what the work throws
   */
  public <T> T call(Work<T> work) throws IOException {
    long start = System.nanoTime();
    for (int retries = 0; ; retries++) {
      try {
        return work.run();
      } catch (IOException e) {
        Duration waited = Duration.ofNanos(System.nanoTime() - start);
        if (this == NONE || Thread.currentThread().isInterrupted() || !Transient.is(e)) {
          throw e;
        }
        long left = budget.minus(waited).toMillis();
        if (left <= 0) {
          throw new UnavailableException(waited, retries, e);
        }
        note(waited, e);
        pause(Math.min(left, jitter(retries)));
        if (!goesOn.getAsBoolean()) {
          throw e;
        }
        OF_THREAD.set(OF_THREAD.get() + 1);
      }
    }
  }

  /** How often this thread tried again since it began: whoever wants to know takes the difference. */
  public static int ofThread() {
    return OF_THREAD.get();
  }

  /** In ms. */
  private static long jitter(int retries) {
    long most = Math.min(LONGEST_MILLIS, FIRST_MILLIS << Math.min(retries, 20));
    return ThreadLocalRandom.current().nextLong(1, most + 1);
  }

  private static void pause(long millis) throws InterruptedIOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException("interrupted while waiting for a store");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  private static void note(Duration waited, IOException e) {
    long now = System.nanoTime();
    long last = LAST_NOTE.get();
    if (waited.toNanos() >= QUIET_NANOS && now - last >= NOTE_NANOS && LAST_NOTE.compareAndSet(last, now)) {
      LOG.warn("waiting for a store, {} s so far: {}", waited.toSeconds(), Causes.inOneLine(e));
    }
  }
}
