package org.lakebrush.lama;

import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

/**
 * A model as a {@link LamaPool} opens it, without the pool: it is run on the same ready tensors again and again. For measurements: nothing
 * that feeds a model is faster. Used by one thread.
 */
public final class ModelAlone implements AutoCloseable {
  private static final long SEED = 1;

  private final LamaModel model;
  private final Network network;
  private final int threads;

  private ModelAlone(LamaModel model, Network network, int threads) {
    this.model = model;
    this.network = network;
    this.threads = threads;
  }

  /**
   * Opens a model, in its half-precision form where the settings name one.
   *
   * @param device the CPU, or a GPU that is there: never AUTO
   * @param settings whose threads run at once on the CPU; a GPU is run by one
   */
  public static ModelAlone open(LamaModel model, Device device, LamaSettings settings) throws ModelException {
    LamaModel run = settings.half() == null ? model : settings.half();
    boolean cpu = device.kind() == Device.Kind.CPU;
    Network network = cpu ? OrtNetwork.onCpu(run) : OrtNetwork.onGpu(run, device.ordinal(), settings.tf32());
    return new ModelAlone(run, network, cpu ? settings.threads() : 1);
  }

  /** What is run together where so many are asked for: a model of fixed batch takes no other. */
  public int batch(int asked) {
    return model.fixedBatch() > 0 ? model.fixedBatch() : asked;
  }

  /**
   * Runs crops of one size, on all threads at once, until so many are done or the time is over.
   *
   * @param batch crops of one run, as {@link #batch} gives it
   * @return how many crops were run
   * @throws ImageFailure MODEL
   */
  public long run(int width, int height, int batch, long crops, double seconds) throws ImageFailure, InterruptedException {
    AtomicLong begun = new AtomicLong();
    AtomicLong done = new AtomicLong();
    ExecutorService owners = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        Tensors tensors = Tensors.of(batch, width, height);
        ends.add(owners.submit(() -> {
          long start = System.nanoTime();
          while (begun.getAndAdd(batch) < crops && (System.nanoTime() - start) / 1e9 < seconds) {
            tensors.run(network);
            done.addAndGet(batch);
          }
          return null;
        }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
      return done.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof OrtException failure) {
        throw failure(batch, width, height, failure);
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      owners.shutdownNow();
    }
  }

  /**
   * Runs one crop on one thread, with nothing beside it; a model of fixed batch as many as it takes.
   *
   * @return seconds of the run
   * @throws ImageFailure MODEL
   */
  public double one(int width, int height) throws ImageFailure {
    int batch = batch(1);
    Tensors tensors = Tensors.of(batch, width, height);
    long start = System.nanoTime();
    try {
      tensors.run(network);
    } catch (OrtException e) {
      throw failure(batch, width, height, e);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private ImageFailure failure(int batch, int width, int height, OrtException e) {
    return new ImageFailure(ErrorKind.MODEL, "Model " + model.name() + " failed on " + batch + " crops of " + width + "x" + height + ": "
        + e.getMessage(), e);
  }

  /** Noise with a hole in the middle of each crop, and room for what the model makes of it. */
  private record Tensors(FloatBuffer image, FloatBuffer mask, FloatBuffer output, int batch, int width, int height) {
    static Tensors of(int batch, int width, int height) {
      int plane = width * height;
      FloatBuffer image = Planes.zeros(3 * batch * plane);
      Random random = new Random(SEED);
      for (int i = 0; i < image.capacity(); i++) {
        image.put(i, random.nextFloat());
      }
      FloatBuffer mask = Planes.zeros(batch * plane);
      for (int i = 0; i < mask.capacity(); i++) {
        int x = i % width;
        int y = i / width % height;
        mask.put(i, x >= width / 3 && x < 2 * width / 3 && y >= height / 3 && y < 2 * height / 3 ? 1 : 0);
      }
      return new Tensors(image, mask, Planes.zeros(3 * batch * plane), batch, width, height);
    }

    void run(Network network) throws OrtException {
      network.run(image, mask, output, batch, height, width, false);
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
