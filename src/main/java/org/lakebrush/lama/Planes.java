package org.lakebrush.lama;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * A crop as the model takes or makes it, in direct memory. Used by one thread at a time.
 *
 * @param width in pixels
 * @param height in pixels
 * @param rgb three planes, red, green and blue, 0..1: sample (c, y, x) is at {@code (c * height + y) * width + x}
 * @param mask one plane, 1 = hole, 0 = known: sample (y, x) is at {@code y * width + x}
 */
public record Planes(int width, int height, FloatBuffer rgb, FloatBuffer mask) {

  /** Planes of zeros in memory of their own. */
  public static Planes of(int width, int height) {
    int plane = Math.multiplyExact(width, height);
    return new Planes(width, height, zeros(Math.multiplyExact(3, plane)), zeros(plane));
  }

  /** Direct memory of {@code n} floats. */
  static FloatBuffer zeros(int n) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(n, Float.BYTES)).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /** Samples in one plane. */
  public int plane() {
    return width * height;
  }

  /** Whether a pixel, {@code y * width + x}, is hole. */
  public boolean isHole(int i) {
    return mask.get(i) != 0;
  }
}
