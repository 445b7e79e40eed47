package org.lakebrush.lama;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.onnx.OnnxOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ONNX Runtime session with its one owner thread. Crops handed in by any number of threads are batched by size; a caller waits
 * for its own. What comes out for a crop does not depend on the crops that share its batch.
 */
public final class LamaSession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LamaSession.class);
  /** What callers are told that still wait when the session ends. */
  private static final Throwable CLOSED = new IllegalStateException("This session is closed");

  private final LamaModel model;
  private final String device;
  private final int batch;
  private final OrtSession session;
  private final Thread owner;
  private final LinkedList<Request> waiting = new LinkedList<>();
  private boolean closed;

  /** Direct memory of the owner thread, kept from run to run. */
  private FloatBuffer imageBuffer = direct(0);
  private FloatBuffer maskBuffer = direct(0);
  private FloatBuffer outputBuffer = direct(0);

  private LamaSession(LamaModel model, String device, int batch, OrtSession session) {
    this.model = model;
    this.device = device;
    this.batch = batch;
    this.session = session;
    this.owner = new Thread(this::serve, "lama-" + device);
    owner.setDaemon(true);
    try {
      owner.start();
    } catch (Throwable t) {
      // No thread to be had: nobody else would free the native session.
      closeSession();
      throw t;
    }
  }

  /**
   * Opens a session.
   *
   * @param threads intra-op threads on the CPU, 1 or more
   * @param batch most crops in one run; a model of fixed batch runs in that
   * @throws ModelException where the model or the device cannot be used
   */
  public static LamaSession open(LamaModel model, Device device, int threads, int batch) throws ModelException {
    int most = model.fixedBatch() > 0 ? model.fixedBatch() : Math.max(1, batch);
    if (device.kind() != Device.Kind.CPU) {
      try {
        return new LamaSession(model, "cuda:" + device.ordinal(), most, openCuda(model, device.ordinal(), threads));
      } catch (ModelException e) {
        if (device.kind() == Device.Kind.CUDA) {
          throw e;
        }
        LOG.info("No GPU, so the model runs on the CPU: {}", e.getMessage());
      }
    }
    try (OrtSession.SessionOptions options = OnnxOptions.of(threads)) {
      return new LamaSession(model, "cpu", most, create(model, options));
    } catch (OrtException e) {
      throw new ModelException("Model " + model.file() + " cannot be opened on the CPU: " + e.getMessage(), e);
    }
  }

  private static OrtSession openCuda(LamaModel model, int ordinal, int threads) throws ModelException {
    if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
      throw new ModelException("Device cuda:" + ordinal + " cannot be used: this build carries ONNX Runtime for the CPU only; build it "
          + "with mvn -Pgpu clean package, or use --device cpu");
    }
    try (OrtSession.SessionOptions options = OnnxOptions.of(threads); OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(ordinal)) {
      cuda.add("cudnn_conv_algo_search", "HEURISTIC");
      cuda.add("arena_extend_strategy", "kSameAsRequested");
      options.addCUDA(cuda);
      return create(model, options);
    } catch (OrtException e) {
      throw new ModelException("Device cuda:" + ordinal + " cannot be used: check the NVIDIA driver (nvidia-smi), that the GPU is there, "
          + "and that CUDA and cuDNN are on LD_LIBRARY_PATH, or use --device cpu; ONNX Runtime said: " + e.getMessage(), e);
    }
  }

  private static OrtSession create(LamaModel model, OrtSession.SessionOptions options) throws OrtException {
    return OrtEnvironment.getEnvironment().createSession(model.file().toString(), options);
  }

  /** The model. */
  public LamaModel model() {
    return model;
  }

  /** Where it really runs: {@code cpu} or {@code cuda:N}. */
  public String device() {
    return device;
  }

  /** Most crops in one run. */
  public int batch() {
    return batch;
  }

  /**
   * Fills crops: replaces each one's red, green and blue by what the model makes of them, 0..1; the masks stay. Only what stands in
   * the hole is of use. Waits until all are done; crops of one size go best together. May be called from any number of threads.
   *
   * @param crops of sizes that the model takes; not to be used again if this throws
   * @throws ImageFailure MODEL where ONNX Runtime fails, or where a crop comes out with NaN or infinity
   * @throws InterruptedException where the caller is interrupted; what was still waiting is taken back
   * @throws IllegalStateException where the session is closed, or is closed while the caller waits
   */
  public void fill(List<Planes> crops) throws ImageFailure, InterruptedException {
    List<Request> requests = crops.stream().map(Request::new).toList();
    synchronized (waiting) {
      if (closed) {
        throw new IllegalStateException(CLOSED.getMessage());
      }
      waiting.addAll(requests);
      waiting.notifyAll();
      try {
        for (Request r : requests) {
          while (!r.done) {
            waiting.wait();
          }
        }
      } finally {
        waiting.removeAll(requests);
      }
    }
    for (Request r : requests) {
      if (r.failure == CLOSED) {
        throw new IllegalStateException(CLOSED.getMessage());
      } else if (r.failure instanceof ImageFailure e) {
        throw new ImageFailure(e.kind(), e.getMessage(), e);
      } else if (r.failure instanceof Error e) {
        throw e;
      } else if (r.failure != null) {
        throw new IllegalStateException(r.failure);
      }
    }
  }

  /** Ends the owner thread and frees the session; callers that wait get an exception. */
  @Override
  public void close() {
    synchronized (waiting) {
      closed = true;
      waiting.notifyAll();
    }
    boolean interrupted = false;
    while (owner.isAlive()) {
      try {
        owner.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve() {
    try {
      for (List<Request> next = take(); !next.isEmpty(); next = take()) {
        Throwable failure = null;
        try {
          run(next);
        } catch (Throwable t) {
          failure = t;
        }
        synchronized (waiting) {
          for (Request r : next) {
            r.finish(failure);
          }
          waiting.notifyAll();
        }
      }
    } finally {
      // Allocates nothing: this must get through where the thread ends for want of memory.
      synchronized (waiting) {
        closed = true;
        while (!waiting.isEmpty()) {
          waiting.removeFirst().finish(CLOSED);
        }
        waiting.notifyAll();
      }
      closeSession();
    }
  }

  private void closeSession() {
    try {
      session.close();
    } catch (OrtException e) {
      LOG.warn("ONNX Runtime could not close its session: {}", e.getMessage());
    }
  }

  /** The longest waiting crop and others of its size, or none where the session is closed. */
  private List<Request> take() {
    synchronized (waiting) {
      while (waiting.isEmpty() && !closed) {
        try {
          waiting.wait();
        } catch (InterruptedException e) {
          LOG.debug("The owner thread is ended by close() alone");
        }
      }
      List<Request> next = new ArrayList<>(batch);
      if (closed) {
        return next;
      }
      int most = inOneRun(batch, waiting.getFirst().planes);
      Iterator<Request> all = waiting.iterator();
      while (all.hasNext() && next.size() < most) {
        Request r = all.next();
        if (next.isEmpty() || r.planes.width() == next.get(0).planes.width() && r.planes.height() == next.get(0).planes.height()) {
          next.add(r);
          all.remove();
        }
      }
      return next;
    }
  }

  /** How many crops of a size run together: {@code batch}, or as many as one direct buffer holds. */
  static int inOneRun(int batch, Planes planes) {
    return (int) Math.max(1, Math.min(batch, Integer.MAX_VALUE / (3L * Float.BYTES * planes.plane())));
  }

  /** Runs crops of one size; where that fails each alone, so that one image's crop fails no other's. */
  private void run(List<Request> requests) throws ImageFailure {
    try {
      runOnce(requests);
    } catch (OrtException e) {
      if (requests.size() == 1) {
        Planes p = requests.get(0).planes;
        throw new ImageFailure(ErrorKind.MODEL, "Model " + model.name() + " failed on a crop of " + p.width() + "x" + p.height() + " on "
            + device + ": " + String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " "), e);
      }
      for (Request r : requests) {
        try {
          run(List.of(r));
        } catch (ImageFailure alone) {
          r.failure = alone;
        }
      }
    }
  }

  private void runOnce(List<Request> requests) throws OrtException {
    int width = requests.get(0).planes.width();
    int height = requests.get(0).planes.height();
    int plane = width * height;
    int n = model.fixedBatch() > 0 ? model.fixedBatch() : requests.size();
    imageBuffer = atLeast(imageBuffer, n * 3 * plane);
    maskBuffer = atLeast(maskBuffer, n * plane);
    outputBuffer = atLeast(outputBuffer, n * 3 * plane);
    for (int i = 0; i < n; i++) {
      // A fixed batch that is not full is filled up with its last crop.
      float[] data = requests.get(Math.min(i, requests.size() - 1)).planes.data();
      imageBuffer.put(i * 3 * plane, data, 0, 3 * plane);
      maskBuffer.put(i * plane, data, 3 * plane, plane);
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    long[] shape = {n, 3, height, width};
    try (OnnxTensor image = OnnxTensor.createTensor(environment, imageBuffer.slice(0, n * 3 * plane), shape);
        OnnxTensor mask = OnnxTensor.createTensor(environment, maskBuffer.slice(0, n * plane), new long[] {n, 1, height, width});
        OnnxTensor output = OnnxTensor.createTensor(environment, outputBuffer.slice(0, n * 3 * plane), shape);
        OrtSession.Result result = session.run(Map.of(model.imageInput(), image, model.maskInput(), mask), Set.of(),
            Map.of(model.output(), output), null)) {
      for (int i = 0; i < requests.size(); i++) {
        requests.get(i).failure = unload(i * 3 * plane, requests.get(i).planes);
      }
    }
  }

  /** Copies one crop's output, scaled to 0..1; tells where it is no picture. */
  private ImageFailure unload(int from, Planes planes) {
    float[] data = planes.data();
    int n = 3 * planes.plane();
    outputBuffer.get(from, data, 0, n);
    float scale = 1 / model.outputRange();
    for (int i = 0; i < n; i++) {
      float v = data[i] * scale;
      if (!Float.isFinite(v)) {
        return new ImageFailure(ErrorKind.MODEL, "Model " + model.name() + " made NaN or infinity of a crop of " + planes.width() + "x"
            + planes.height() + " on " + device + "; use the model's float32 form");
      }
      data[i] = Math.min(1, Math.max(0, v));
    }
    return null;
  }

  private static FloatBuffer atLeast(FloatBuffer buffer, int floats) {
    if (buffer.capacity() >= floats) {
      return buffer;
    }
    // Doubling, so that buffers which wait for the garbage collector never add up to more than the one in use.
    return direct(Math.max(floats, (int) Math.min(1L << 28, 2L * buffer.capacity())));
  }

  private static FloatBuffer direct(int floats) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(floats, Float.BYTES)).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /** One crop that waits. Guarded by {@link #waiting}, but for the time that the owner has it in hand. */
  private static final class Request {
    final Planes planes;
    Throwable failure;
    boolean done;

    Request(Planes planes) {
      this.planes = planes;
    }

    void finish(Throwable t) {
      if (t != null) {
        failure = t;
      }
      done = true;
    }
  }
}
