package org.lakebrush.lama;

import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.IntPredicate;

/** Makes image * (1 - mask) + mask / 4, in [0, 255], as the small models do, and fails where it is told to, as ONNX Runtime does. */
final class TestNetwork implements Network {
  /** As ONNX Runtime 1.28 says it. */
  static final String OUT_OF_MEMORY = "Error code - ORT_RUNTIME_EXCEPTION - message: Non-zero status code returned while running Conv node. "
      + "Status Message: bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer "
      + "of size 268435456";

  private final IntPredicate holds;
  /** Crops in each run, those that failed too. */
  final List<Integer> runs = new CopyOnWriteArrayList<>();
  /** The width of the crops in each run. */
  final List<Integer> widths = new CopyOnWriteArrayList<>();
  /** A run needs one. */
  final Semaphore permits = new Semaphore(Integer.MAX_VALUE);

  /**
   * @param holds whether the memory holds so many pixels, in all crops of a run
   */
  TestNetwork(IntPredicate holds) {
    this.holds = holds;
  }

  @Override
  public void run(FloatBuffer image, FloatBuffer mask, FloatBuffer output, int n, int height, int width, boolean shrink)
      throws OrtException {
    runs.add(n);
    widths.add(width);
    permits.acquireUninterruptibly();
    if (!holds.test(n * height * width)) {
      throw new OrtException(OUT_OF_MEMORY);
    }
    int plane = height * width;
    for (int i = 0; i < n * 3 * plane; i++) {
      float m = mask.get(i / (3 * plane) * plane + i % plane);
      output.put(i, 255 * (image.get(i) * (1 - m) + m / 4));
    }
  }

  @Override
  public void close() {}
}
