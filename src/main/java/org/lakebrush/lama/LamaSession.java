package org.lakebrush.lama;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.lama.Batcher.Work;

/** A model that is open on one device, with the owner threads that run batches on it. */
final class LamaSession implements AutoCloseable {

  /**
   * How a device is run.
   *
   * @param owners threads that run the model at the same time
   * @param whole whether a batch that is not full is run as if it were, so that a device whose kernels are chosen by the shape sees few
   *     shapes, and makes the same of a crop whatever shares its batch
   * @param stay how long an owner keeps to batches of one size while there are some, in ns
   */
  record Layout(int owners, boolean whole, long stay) {}

  /** What was done so far; added to by all owners. */
  static final class Counters {
    final LongAdder runs = new LongAdder();
    final BusyClock busy = new BusyClock();
    final LongAdder halved = new LongAdder();
    /** How many batches had so many crops. */
    final Map<Integer, LongAdder> batches = new ConcurrentHashMap<>();
  }

  private final String device;
  private final LamaModel model;
  private final Network network;
  private final Network half;
  private final Layout layout;
  private final Batcher batcher;
  private final Counters counters;
  private final List<Thread> owners = new ArrayList<>();
  private volatile boolean closing;

  /**
   * Starts the owners.
   *
   * @param network closed with the session, also where this throws
   * @param half the model's half-precision form, likewise, or null
   */
  LamaSession(String device, LamaModel model, Network network, Network half, Layout layout, Batcher batcher, Counters counters) {
    this.device = device;
    this.model = model;
    this.network = network;
    this.half = half;
    this.layout = layout;
    this.batcher = batcher;
    this.counters = counters;
    try {
      for (int i = 0; i < layout.owners(); i++) {
        Thread owner = new Thread(this::serve, "lama-" + device + "-" + i);
        owner.setDaemon(true);
        owner.start();
        owners.add(owner);
      }
    } catch (Throwable t) {
      // No thread to be had: nobody else would free the native sessions.
      batcher.close();
      close();
      throw t;
    }
  }

  /** Where it runs: {@code cpu} or {@code cuda:N}. */
  String device() {
    return device;
  }

  /** How many batches it runs at the same time. */
  int owners() {
    return layout.owners();
  }

  /** Waits for the owners, which end when their batcher is closed, and frees the model. A run that may take long is cut short. */
  @Override
  public void close() {
    closing = true;
    network.terminate();
    if (half != null) {
      half.terminate();
    }
    boolean interrupted = false;
    for (Thread owner : owners) {
      while (owner.isAlive()) {
        try {
          owner.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    network.close();
    if (half != null) {
      half.close();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve() {
    try {
      Batcher.Place place = new Batcher.Place();
      for (Work work = batcher.take(place, layout.stay()); work != null; work = batcher.take(place, layout.stay())) {
        try {
          new Run(work).run();
        } catch (Throwable t) {
          Arrays.fill(work.failures(), t);
        } finally {
          batcher.done(work);
        }
      }
    } finally {
      // Also where the thread ends for want of memory: nobody must wait for it.
      batcher.close();
    }
  }

  /** Some of a batch, until each crop is done or has failed. */
  private final class Run {
    private final Batch batch;
    private final Work work;
    private final Network on;
    /** Whether the device's memory is given back: where not enough was left, or none like it will follow. */
    private boolean shrink;

    Run(Work work) {
      this.work = work;
      this.batch = work.batch();
      this.on = half == null || work.again() ? network : half;
      this.shrink = work.again();
    }

    void run() {
      counters.batches.computeIfAbsent(work.count(), size -> new LongAdder()).increment();
      boolean whole = (layout.whole() || model.fixedBatch() > 0) && !work.again();
      run(0, whole ? batch.slots.length : work.count());
    }

    /** Runs {@code n} crops from {@code first} on; where that fails each half, so that one image's crop fails no other's. */
    private void run(int first, int n) {
      counters.busy.start();
      OrtException failure = null;
      try {
        int from = work.from() + first;
        on.run(batch.image(from, n), batch.mask(from, n), batch.output(from, n), n, batch.height, batch.width, shrink);
      } catch (OrtException e) {
        failure = e;
      } finally {
        counters.runs.increment();
        counters.busy.stop();
      }
      if (failure == null) {
        return;
      }
      if (closing) {
        Arrays.fill(work.failures(), first, Math.min(first + n, work.count()), Batcher.closedException());
        return;
      }
      boolean tooLarge = isOutOfMemory(failure);
      shrink = tooLarge;
      if (n > 1 && model.fixedBatch() == 0) {
        if (tooLarge) {
          counters.halved.increment();
        }
        int more = n / 2;
        run(first, n - more);
        if (first + n - more < work.count()) {
          run(first + n - more, more);
        }
        return;
      }
      Arrays.fill(work.failures(), first, Math.min(first + n, work.count()), failure(failure, tooLarge));
    }

    private Exception failure(OrtException e, boolean tooLarge) {
      String said = String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " ");
      if (tooLarge) {
        return new CropTooLarge("The memory of " + device + " does not hold a crop of " + batch.width + "x" + batch.height + "; lower "
            + "inpaint.max_side, or inpaint.batch where other batches share the device: " + said, e);
      }
      return new ImageFailure(ErrorKind.MODEL, "Model " + model.name() + " failed on a crop of " + batch.width + "x" + batch.height + " on "
          + device + ": " + said, e);
    }
  }

  /** Whether ONNX Runtime failed for want of the device's memory, which it says in words alone. */
  static boolean isOutOfMemory(OrtException e) {
    String said = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return said.contains("failed to allocate memory") || said.contains("bfcarena") || said.contains("bfc_arena")
        || said.contains("bad_alloc") || said.contains("bad allocation")
        || said.contains("out of memory") || said.contains("available memory of")
        || said.contains("alloc_failed") || said.contains("allocation_failed") || said.contains("cudaerrormemoryallocation");
  }
}
