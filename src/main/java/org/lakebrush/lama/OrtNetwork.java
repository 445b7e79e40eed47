package org.lakebrush.lama;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Set;
import org.lakebrush.onnx.Onnx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model in ONNX Runtime. On the CPU it may be run by several threads at the same time, on a GPU by one. */
final class OrtNetwork implements Network {
  private static final Logger LOG = LoggerFactory.getLogger(OrtNetwork.class);
  private static final String SHRINK = "memory.enable_memory_arena_shrinkage";
  /** Of a crop, in pixels: what the CPU took for a larger one is given back at once, since as much is taken for each core. */
  private static final long KEPT = 512 * 512;

  private final LamaModel model;
  private final OrtSession session;
  private final OrtSession.RunOptions keeping;
  private final OrtSession.RunOptions shrinking;
  private final boolean gpu;

  private OrtNetwork(LamaModel model, OrtSession session, OrtSession.RunOptions keeping, OrtSession.RunOptions shrinking, boolean gpu) {
    this.model = model;
    this.session = session;
    this.keeping = keeping;
    this.shrinking = shrinking;
    this.gpu = gpu;
  }

  /** Opens a model on the CPU: each run stays on the thread that asks for it. */
  static OrtNetwork onCpu(LamaModel model) throws ModelException {
    try (OrtSession.SessionOptions options = Onnx.options(1)) {
      return open(model, options, "cpu:0", false);
    } catch (OrtException e) {
      throw new ModelException("Model " + model.file() + " cannot be opened on the CPU: " + e.getMessage(), e);
    }
  }

  /**
   * Opens a model on a GPU, once for each size that it is run at.
   *
   * @throws ModelException where it cannot be used: what is missing
   */
  static Network onGpu(LamaModel model, int ordinal, boolean tf32) throws ModelException {
    if (!Onnx.hasCuda()) {
      throw new ModelException("Device cuda:" + ordinal + " cannot be used: this build carries ONNX Runtime for the CPU only; build it "
          + "with mvn -Pgpu clean package, or use --device cpu");
    }
    return new NetworkPerSize(() -> onceOnGpu(model, ordinal, tf32));
  }

  private static OrtNetwork onceOnGpu(LamaModel model, int ordinal, boolean tf32) throws ModelException {
    try (OrtSession.SessionOptions options = Onnx.options(1); OrtCUDAProviderOptions cuda = Onnx.cuda(ordinal)) {
      // The default tries all algorithms for each new shape.
      cuda.add("cudnn_conv_algo_search", "HEURISTIC");
      // What is taken is what is asked for: doubling would leave others on the device nothing.
      cuda.add("arena_extend_strategy", "kSameAsRequested");
      cuda.add("use_tf32", tf32 ? "1" : "0");
      options.addCUDA(cuda);
      return open(model, options, "gpu:" + ordinal, true);
    } catch (OrtException e) {
      throw GpuLibraries.refusal(ordinal, e);
    } catch (IOException e) {
      throw new ModelException("Device cuda:" + ordinal + " cannot be used: " + e.getMessage() + ", or use --device cpu", e);
    }
  }

  private static OrtNetwork open(LamaModel model, OrtSession.SessionOptions options, String arena, boolean gpu) throws OrtException {
    OrtSession session = Onnx.environment().createSession(model.file().toString(), options);
    OrtSession.RunOptions keeping = null;
    OrtSession.RunOptions shrinking = null;
    try {
      keeping = new OrtSession.RunOptions();
      shrinking = new OrtSession.RunOptions();
      shrinking.addRunConfigEntry(SHRINK, arena);
      return new OrtNetwork(model, session, keeping, shrinking, gpu);
    } catch (Throwable t) {
      if (keeping != null) {
        keeping.close();
      }
      if (shrinking != null) {
        shrinking.close();
      }
      session.close();
      throw t;
    }
  }

  @Override
  public void run(FloatBuffer image, FloatBuffer mask, FloatBuffer output, int n, int height, int width, boolean shrink)
      throws OrtException {
    OrtEnvironment environment = Onnx.environment();
    long[] shape = {n, 3, height, width};
    boolean gives = gpu ? shrink : (long) height * width > KEPT;
    try (OnnxTensor in = OnnxTensor.createTensor(environment, image, shape);
        OnnxTensor hole = OnnxTensor.createTensor(environment, mask, new long[] {n, 1, height, width});
        OnnxTensor out = OnnxTensor.createTensor(environment, output, shape);
        OrtSession.Result result = session.run(Map.of(model.imageInput(), in, model.maskInput(), hole), Set.of(),
            Map.of(model.output(), out), gives ? shrinking : keeping)) {
      // What came out stands in the buffer.
    }
  }

  /** Between one of the model's nodes and the next. */
  @Override
  public void terminate() {
    try {
      keeping.setTerminate(true);
      shrinking.setTerminate(true);
    } catch (OrtException e) {
      LOG.warn("ONNX Runtime could not cut its runs short: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    keeping.close();
    shrinking.close();
    try {
      session.close();
    } catch (OrtException e) {
      LOG.warn("ONNX Runtime could not close its session: {}", e.getMessage());
    }
  }
}
