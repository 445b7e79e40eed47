package org.lakebrush.lama;

import ai.onnxruntime.OrtException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.lama.Batch.Slot;
import org.lakebrush.lama.LamaSession.Layout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One model, open on one device or more, which share the crops of all callers. What comes out for a crop does not depend on the crops
 * that share its batch, nor on the number of cores. Safe for any number of threads; the model never runs on a caller's.
 *
 * <p>On the CPU each core runs one crop at a time on a thread of its own, and weights are shared: measured with the shipped model on two
 * cores that takes 6 % less processor time than one run on all cores, batches of 4 take 5 to 10 % more, and no core waits for another.
 * Threads that decode and encode beside them are not starved: while they are behind, cores have no crops and are free.
 * A run takes about 800 bytes a pixel with the shipped model (200 MB at 512x512, 800 MB at 1024x1024) and 1,500 with the full-size one, on
 * each core. On a GPU the crops of a batch are run together by one thread.
 *
 * <p>Pixels stand in direct memory that is kept and used again: four batches of 512x512 for each that is run at the same time (28 MiB a
 * core, 112 MiB a GPU with batches of 4), at least 256 MiB.
 */
public final class LamaPool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LamaPool.class);
  private static final int MIB = 1 << 20;
  /** Crops of more pixels count for as many as they have that many: a GPU is busy with pixels, not with crops. */
  private static final long FULL_CROP = 512 * 512;
  /** Sides of the squares that a GPU is run on when it is opened, in pixels, so that no image waits for its kernels to be loaded. */
  private static final int[] WARM_UP = {256, 512};
  /**
   * How long a GPU keeps to crops of one size while there are some: where there are more sizes than sessions, a change of size takes as
   * long as several runs ({@link NetworkPerSize}).
   */
  private static final long STAY = TimeUnit.SECONDS.toNanos(1);

  private final LamaModel model;
  private final LamaSettings settings;
  private final Batcher batcher;
  private final LamaSession.Counters counters = new LamaSession.Counters();
  private final LongAdder crops = new LongAdder();
  private final LongAdder rerun = new LongAdder();
  /** Written under this pool's lock. */
  private final List<LamaSession> sessions = new CopyOnWriteArrayList<>();
  /** How many crops of up to 512x512 run together; of a fixed batch that many of any size. */
  private volatile int batch;
  private volatile int owners;
  /** Those that were seen to, whatever came of it. */
  private final Set<Device> asked = new HashSet<>();
  private boolean closed;

  private LamaPool(LamaModel model, LamaSettings settings) {
    this.model = model;
    this.settings = settings;
    this.batcher = new Batcher(settings.delay().toNanos());
  }

  /**
   * Opens a model.
   *
   * @param devices one or more
   * @throws ModelException where the model or a device cannot be used
   */
  public static LamaPool open(LamaModel model, List<Device> devices, LamaSettings settings) throws ModelException {
    LamaModel half = settings.half();
    if (half != null && (half.modulo() != model.modulo() || half.fixedSide() != model.fixedSide() || half.fixedBatch() > 1
        || model.fixedBatch() > 1)) {
      throw new ModelException("inpaint.half_model: " + half.file() + " takes other sizes than " + model.file() + ", or a fixed batch; "
          + "export both from one checkpoint, with free batch and sizes");
    }
    LamaPool pool = new LamaPool(model, settings);
    try {
      for (Device device : devices) {
        pool.ensure(device);
      }
      return pool;
    } catch (ModelException | RuntimeException | Error e) {
      pool.close();
      throw e;
    }
  }

  /** Opens a model as a test wants it run, in a network of its own. */
  static LamaPool open(LamaModel model, LamaSettings settings, Layout layout, Network network, Network half) {
    LamaPool pool = new LamaPool(model, settings);
    pool.add("cpu", layout, settings.batch(), network, half);
    return pool;
  }

  /**
   * Opens the model on a device too, where it is not open yet. Callers go on meanwhile. A GPU that may be the CPU instead is tried once.
   *
   * @throws ModelException where the device cannot be used; what is open stays so
   * @throws IllegalStateException where the pool is closed
   */
  public synchronized void ensure(Device device) throws ModelException {
    if (closed) {
      throw Batcher.closedException();
    }
    if (asked.contains(device)) {
      return;
    }
    if (device.kind() == Device.Kind.CPU) {
      ensureCpu();
    } else if (!has("cuda:" + device.ordinal())) {
      try {
        openGpu(device.ordinal());
      } catch (ModelException e) {
        if (device.kind() == Device.Kind.CUDA) {
          throw e;
        }
        if (sessions.isEmpty()) {
          ensureCpu();
        }
        LOG.warn("No GPU: the model runs on {} alone, far slower. {}", device(), e.getMessage());
      }
    }
    asked.add(device);
  }

  private boolean has(String device) {
    return sessions.stream().anyMatch(s -> s.device().equals(device));
  }

  private void ensureCpu() throws ModelException {
    if (!has("cpu")) {
      Network network = OrtNetwork.onCpu(model);
      Network half = beside(network, () -> settings.half() == null ? null : OrtNetwork.onCpu(settings.half()));
      add("cpu", new Layout(settings.threads(), false, 0), 1, network, half);
    }
  }

  private void openGpu(int ordinal) throws ModelException {
    Network network = OrtNetwork.onGpu(model, ordinal, settings.tf32());
    Network half = beside(network, () -> settings.half() == null ? null : OrtNetwork.onGpu(settings.half(), ordinal, settings.tf32()));
    boolean warm = false;
    try {
      warmUp(half == null ? network : half);
      warm = true;
    } catch (OrtException e) {
      throw GpuLibraries.refusal(ordinal, e);
    } finally {
      if (!warm) {
        network.close();
        if (half != null) {
          half.close();
        }
      }
    }
    add("cuda:" + ordinal, new Layout(1, true, STAY), settings.batch(), network, half);
  }

  @FunctionalInterface
  private interface Opening {
    Network open() throws ModelException;
  }

  /** Opens a second network; where that fails, the first is closed. */
  private static Network beside(Network network, Opening opening) throws ModelException {
    try {
      return opening.open();
    } catch (ModelException | RuntimeException | Error e) {
      network.close();
      throw e;
    }
  }

  private void add(String device, Layout layout, int most, Network network, Network half) {
    batch = Math.max(batch, model.fixedBatch() > 0 ? model.fixedBatch() : most);
    batcher.allow(memory(layout.owners()));
    sessions.add(new LamaSession(device, model, network, half, layout, batcher, counters));
    owners += layout.owners();
  }

  /** Four batches of full crops for each that runs: one runs, one waits, one is painted, one is read. */
  private long memory(int runs) {
    int side = model.fixedSide() > 0 ? model.fixedSide() : 512;
    long bytes = 4L * runs * (Batch.givenBytes(side, side, batch) + Batch.madeBytes(side, side, batch));
    long chunk = DirectMemory.CHUNK;
    return Math.max(256L * MIB, (bytes + chunk - 1) / chunk * chunk);
  }

  /** Runs a network on what a GPU will see most; what its memory does not hold will be halved when it comes. */
  private void warmUp(Network network) throws OrtException {
    for (int side : model.fixedSide() > 0 ? new int[] {model.fixedSide()} : WARM_UP) {
      int padded = (side + model.modulo() - 1) / model.modulo() * model.modulo();
      int n = model.fixedBatch() > 0 ? model.fixedBatch() : capacity(padded, padded, settings.batch());
      int pictures = 3 * n * padded * padded;
      try {
        network.run(Planes.zeros(pictures), Planes.zeros(n * padded * padded), Planes.zeros(pictures), n, padded, padded, false);
      } catch (OrtException e) {
        if (!LamaSession.isOutOfMemory(e)) {
          throw e;
        }
        LOG.warn("A GPU is short of memory: {}", e.getMessage());
      }
    }
  }

  /** The model. */
  public LamaModel model() {
    return model;
  }

  /** Where it really runs: {@code cpu}, {@code cuda:0}, {@code cuda:0,cuda:1} and so on. */
  public String device() {
    return sessions.stream().map(LamaSession::device).collect(Collectors.joining(","));
  }

  /** Whether it runs on a GPU, or one at least. */
  boolean isOnGpu() {
    return sessions.stream().anyMatch(s -> !s.device().equals("cpu"));
  }

  /** Most crops in one run, if they are no larger than 512x512. */
  public int batch() {
    return batch;
  }

  /** Crops that it can have in hand: those that run, and as many that are ready to run next. */
  public int places() {
    return 2 * owners * batch;
  }

  /** What it has done so far. */
  public LamaStatistics statistics() {
    Map<Integer, Long> batches = new TreeMap<>();
    counters.batches.forEach((size, n) -> batches.put(size, n.sum()));
    return new LamaStatistics(crops.sum(), counters.runs.sum(), counters.busy.nanos(), owners, rerun.sum(), counters.halved.sum(), batches,
        batcher.waiting(), batcher.reserved());
  }

  /**
   * Claims places for crops of one size. Waits where none is free, for others to give theirs back; so whoever holds slots must close them
   * before it claims more.
   *
   * @param width a size that the model takes
   * @param wanted how many crops there are to fill, 1 or more
   * @return some of them, at least one: as many as are run at the same time
   * @throws InterruptedException where the caller is interrupted while it waits
   * @throws IllegalStateException where the pool is closed
   */
  public Slots claim(int width, int height, int wanted) throws InterruptedException {
    int capacity = model.fixedBatch() > 0 ? model.fixedBatch() : capacity(width, height, batch);
    return batcher.claim(this, width, height, Math.min(wanted, owners * capacity), capacity);
  }

  static int capacity(int width, int height, int batch) {
    return (int) Math.max(1, Math.min(batch, batch * FULL_CROP / ((long) width * height)));
  }

  /** As {@link Slots#fill}; returns how many crops were run again. */
  int fill(Slots slots, int n) throws ImageFailure, CropTooLarge, InterruptedException {
    List<Slot> spare = slots.slots.subList(n, slots.size());
    batcher.release(spare);
    spare.clear();
    batcher.painted(slots.slots);
    batcher.await(slots);
    int again = 0;
    for (Slot slot : slots.slots) {
      check(slot);
      LamaModel first = settings.half() == null ? model : settings.half();
      float brightest = Readback.settle(slot.filled(), first.outputRange());
      if (settings.half() != null && (Float.isNaN(brightest) || Readback.isBlackHole(slot.given(), brightest))) {
        batcher.again(slot);
        again++;
      } else if (Float.isNaN(brightest)) {
        throw notANumber(slot);
      }
    }
    if (again > 0) {
      batcher.await(slots);
      for (Slot slot : slots.slots) {
        check(slot);
        if (slot.wasAgain && Float.isNaN(Readback.settle(slot.filled(), model.outputRange()))) {
          throw notANumber(slot);
        }
      }
      rerun.add(again);
    }
    crops.add(slots.size());
    return again;
  }

  private static void check(Slot slot) throws ImageFailure, CropTooLarge {
    if (slot.failure instanceof ImageFailure e) {
      // Made anew: the stack is this caller's.
      throw new ImageFailure(e.kind(), e.getMessage(), e);
    } else if (slot.failure instanceof CropTooLarge e) {
      throw new CropTooLarge(e.getMessage(), e);
    } else if (slot.failure instanceof IllegalStateException e) {
      throw new IllegalStateException(e.getMessage(), e);
    } else if (slot.failure instanceof Error e) {
      throw e;
    } else if (slot.failure != null) {
      throw new IllegalStateException(slot.failure);
    }
  }

  private ImageFailure notANumber(Slot slot) {
    return new ImageFailure(ErrorKind.MODEL, "Model " + model.name() + " made NaN or infinity of a crop of " + slot.batch.width + "x"
        + slot.batch.height + " on " + device() + "; use the model's float32 form");
  }

  void release(Slots slots) {
    batcher.release(slots.slots);
  }

  /** Ends all owners and frees the model; callers that wait get an exception. */
  @Override
  public synchronized void close() {
    closed = true;
    batcher.close();
    sessions.forEach(LamaSession::close);
    sessions.clear();
  }
}
