package org.lakebrush.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;

/** What all ONNX Runtime sessions of this process share. */
public final class OnnxOptions {
  private OnnxOptions() {}

  /**
   * Options that the caller closes.
   *
   * @param threads intra-op threads on the CPU, 1 or more
   */
  public static OrtSession.SessionOptions of(int threads) throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    try {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      // With it, each new shape would keep its own plan and its own memory.
      options.setMemoryPatternOptimization(false);
      // Threads that spin take the cores from those that decode: measured 1.7 times slower on a busy machine.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      return options;
    } catch (OrtException e) {
      options.close();
      throw e;
    }
  }
}
