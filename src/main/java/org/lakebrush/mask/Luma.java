package org.lakebrush.mask;

import org.lakebrush.image.Rec601;

/**
 * A picture's grey values, row by row.
 *
 * @param values one unsigned byte a pixel: 0.299 R + 0.587 G + 0.114 B, rounded
 */
record Luma(int width, int height, byte[] values) {

  static Luma of(MaskInput image) {
    int width = image.width();
    byte[] values = new byte[Math.multiplyExact(width, image.height())];
    byte[] row = new byte[3 * width];
    for (int y = 0; y < image.height(); y++) {
      image.readRow(y, row);
      for (int x = 0; x < width; x++) {
        values[y * width + x] = (byte) ((Rec601.luma1000(row, 3 * x) + 500) / 1000);
      }
    }
    return new Luma(width, image.height(), values);
  }

  /** A pixel; beyond the border, the nearest one. */
  int at(int x, int y) {
    return values[clamp(y, height) * width + clamp(x, width)] & 255;
  }

  /** Between pixels, bilinear: (0, 0) is the first one's centre. */
  double at(double x, double y) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    double fx = x - left;
    double fy = y - top;
    return (1 - fy) * ((1 - fx) * at(left, top) + fx * at(left + 1, top))
        + fy * ((1 - fx) * at(left, top + 1) + fx * at(left + 1, top + 1));
  }

  private static int clamp(int v, int size) {
    return Math.max(0, Math.min(size - 1, v));
  }
}
