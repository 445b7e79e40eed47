package org.lakebrush.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.lama.CropTooLarge;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.Planes;
import org.lakebrush.lama.Slots;

/** Very many crops through a pool, as images bring them, and the memory that it takes on the way. */
final class Soak {
  private static final int LOOKS = 10;

  private final LamaPool pool;
  private final Holes.Size crop;
  private final Optional<NvidiaSmi> gpu;
  private final Planes ready;

  Soak(LamaPool pool, Holes.Size crop) {
    this.pool = pool;
    this.crop = crop;
    this.gpu = NvidiaSmi.of(pool.device());
    this.ready = Planes.of(crop.width(), crop.height());
    for (int i = 0; i < ready.plane(); i++) {
      ready.mask().put(i, i % crop.width() < crop.width() / 3 ? 1 : 0);
    }
  }

  /** Looks before, after each tenth, and so at the end. */
  List<BenchResult.Soak> run(long crops) throws ImageFailure, InterruptedException {
    fill(2L * pool.places());
    List<BenchResult.Soak> looks = new ArrayList<>(List.of(look(0)));
    long done = 0;
    for (int i = 1; i <= LOOKS; i++) {
      done += fill(crops * i / LOOKS - done);
      looks.add(look(done));
    }
    return looks;
  }

  private BenchResult.Soak look(long crops) {
    return new BenchResult.Soak(crops, Gauge.resident(), gpu.flatMap(NvidiaSmi::look).map(NvidiaSmi.Look::usedBytes).orElse(null));
  }

  private long fill(long crops) throws ImageFailure, InterruptedException {
    AtomicLong left = new AtomicLong(crops);
    AtomicLong done = new AtomicLong();
    Threads.run(pool.places(), () -> {
      while (left.getAndDecrement() > 0) {
        try (Slots slots = pool.claim(crop.width(), crop.height(), 1)) {
          slots.given(0).rgb().put(0, ready.rgb(), 0, 3 * ready.plane());
          slots.given(0).mask().put(0, ready.mask(), 0, ready.plane());
          slots.fill(1);
          done.incrementAndGet();
        } catch (CropTooLarge e) {
          throw new IllegalStateException("the device's memory does not hold one crop", e);
        }
      }
    });
    return done.get();
  }
}
