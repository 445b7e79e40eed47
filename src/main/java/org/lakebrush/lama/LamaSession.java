package org.lakebrush.lama;

/**
 * One ONNX Runtime session with its one owner thread. Crops handed in by any number of threads are batched by size; a caller waits
 * for its own.
 */
public final class LamaSession implements AutoCloseable {

  private LamaSession() {}

  /**
   * Opens a session.
   *
   * @param threads intra-op threads on the CPU, 1 or more
   * @param batch most crops in one run
   * @throws ModelException where the model or the device cannot be used
   */
  public static LamaSession open(LamaModel model, Device device, int threads, int batch) throws ModelException {
    throw new UnsupportedOperationException();
  }

  /** The model. */
  public LamaModel model() {
    throw new UnsupportedOperationException();
  }

  /** Where it really runs: {@code cpu} or {@code cuda:N}. */
  public String device() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
