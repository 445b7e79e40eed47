package org.lakebrush.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.Planes;

/** A model that is fed ready crops, as many as it takes at once, so that it never waits. */
final class ModelAlone {
  private static final long SEED = 1;

  private final LamaPool pool;
  private final Holes.Size crop;

  ModelAlone(LamaPool pool, Holes.Size crop) {
    this.pool = pool;
    this.crop = crop;
  }

  /** Noise with a hole of a third of its sides in the middle. */
  private Planes planes() {
    Planes planes = new Planes(crop.width(), crop.height());
    Random random = new Random(SEED);
    for (int i = 0; i < 3 * planes.plane(); i++) {
      planes.data()[i] = random.nextFloat();
    }
    for (int y = crop.height() / 3; y < 2 * crop.height() / 3; y++) {
      int row = 3 * planes.plane() + y * crop.width();
      Arrays.fill(planes.data(), row + crop.width() / 3, row + 2 * crop.width() / 3, 1);
    }
    return planes;
  }

  /** Runs the model on one crop, with nothing beside it; seconds. */
  double one() throws ImageFailure, InterruptedException {
    List<Planes> crops = List.of(planes());
    long start = System.nanoTime();
    pool.fill(crops);
    return (System.nanoTime() - start) / 1e9;
  }

  /**
   * Runs the model on crops until so many are done or the time is over.
   *
   * @return how many were done
   */
  long run(long crops, double seconds) throws ImageFailure, InterruptedException {
    int batch = pool.batch();
    int feeders = Math.max(2, (pool.places() + batch - 1) / batch);
    long end = System.nanoTime() + (long) (seconds * 1e9);
    AtomicLong begun = new AtomicLong();
    AtomicLong done = new AtomicLong();
    Threads.run(feeders, () -> {
      List<Planes> some = new ArrayList<>();
      for (int i = 0; i < batch; i++) {
        some.add(planes());
      }
      while (begun.getAndAdd(batch) < crops && System.nanoTime() < end) {
        pool.fill(some);
        done.addAndGet(batch);
      }
    });
    return done.get();
  }
}
