package org.lakebrush.spectral;

import java.util.Arrays;
import org.lakebrush.image.Canvas;

/** Weights to blend by. */
final class Weights {
  private Weights() {}

  /** All of the canvas in full, one byte a pixel. */
  static byte[] full(Canvas canvas) {
    byte[] weight = new byte[Math.multiplyExact(canvas.width(), canvas.height())];
    Arrays.fill(weight, (byte) 255);
    return weight;
  }
}
