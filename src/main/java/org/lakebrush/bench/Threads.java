package org.lakebrush.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.lakebrush.failure.ImageFailure;

/** The same work on several threads. */
final class Threads {
  private Threads() {}

  /** What a thread does. */
  @FunctionalInterface
  interface Work {
    void run() throws ImageFailure, InterruptedException;
  }

  /** Runs the work on so many threads at once, and waits for all. */
  static void run(int threads, Work work) throws ImageFailure, InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        all.add(pool.submit(() -> {
          work.run();
          return null;
        }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ImageFailure failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }
}
