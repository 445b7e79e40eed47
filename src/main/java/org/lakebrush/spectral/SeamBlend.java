package org.lakebrush.spectral;

import java.nio.FloatBuffer;
import org.lakebrush.image.Region;

/**
 * Takes away the outline of a filled hole: how far the fill is off at the hole's edge is carried into the hole as a smooth membrane and
 * added there. At the edge the fill is held against what the picture's known pixels predict there ({@link EdgePredictor}), not against
 * the known pixels themselves: an edge of the picture that meets the hole is no fault of the fill. Safe for any number of threads.
 */
public final class SeamBlend {

  private SeamBlend() {}

  /**
   * Corrects the hole's pixels in place; all others stay as they are. Takes 4 bytes a pixel of the crop, 280 for each pixel of seven of its
   * rows, and some 64 a pixel of the hole's bounding box, grown by 64 pixels on two sides.
   *
   * @param filled what the model made of the crop: planes of {@code height * width} floats, red, green and blue, 0..1. Only what stands in
   *     the hole is of use
   * @param given what the model got, likewise; of any value in the hole
   * @param mask of the crop, one plane, above 0.5 = hole
   * @return the mean absolute difference between fill and prediction along the hole's edge, 0..1; 0 where the crop is all hole or has
   *     none, which changes nothing
   */
  public static double blend(FloatBuffer filled, FloatBuffer given, FloatBuffer mask, int width, int height) {
    int plane = Math.multiplyExact(width, height);
    if (filled.limit() < 3 * plane || given.limit() < 3 * plane || mask.limit() < plane) {
      throw new IllegalArgumentException("Planes of " + width + "x" + height + " must hold three times as many samples, the mask once");
    }
    Region hole = bounds(mask, width, height);
    if (hole.isEmpty() || hole.area() == plane && full(mask, plane)) {
      return 0;
    }
    double[] mismatch = new double[Math.multiplyExact(4, Math.toIntExact(hole.area()))];
    double mean = mismatch(filled, given, mask, width, height, hole, mismatch);
    Membrane.spread(mismatch, hole.width(), hole.height());
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < hole.height(); y++) {
        int from = (c * hole.height() + y) * hole.width();
        int to = (hole.y() + y) * width + hole.x();
        for (int x = 0; x < hole.width(); x++) {
          if (isHole(mask, to + x)) {
            int i = c * plane + to + x;
            filled.put(i, (float) Math.max(0, Math.min(1, filled.get(i) + mismatch[from + x])));
          }
        }
      }
    }
    return mean;
  }

  /** Fills in prediction less fill, and 1, at the hole's pixels that touch a known one; returns the mean of its absolute values. */
  private static double mismatch(FloatBuffer filled, FloatBuffer given, FloatBuffer mask, int width, int height, Region hole,
      double[] mismatch) {
    int plane = width * height;
    int box = hole.width() * hole.height();
    EdgePredictor predictor = new EdgePredictor(given, mask, width, height);
    float[] rgb = new float[3];
    double sum = 0;
    int n = 0;
    for (int y = hole.y(); y < hole.bottom(); y++) {
      for (int x = hole.x(); x < hole.right(); x++) {
        int i = y * width + x;
        if (!isHole(mask, i) || !touchesKnown(mask, width, height, x, y)) {
          continue;
        }
        predictor.predict(x, y, rgb);
        int at = (y - hole.y()) * hole.width() + x - hole.x();
        for (int c = 0; c < 3; c++) {
          double d = rgb[c] - filled.get(c * plane + i);
          mismatch[c * box + at] = d;
          sum += Math.abs(d);
        }
        mismatch[3 * box + at] = 1;
        n++;
      }
    }
    return sum / (3 * n);
  }

  private static boolean touchesKnown(FloatBuffer mask, int width, int height, int x, int y) {
    for (int ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (int nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
        if (!isHole(mask, ny * width + nx)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isHole(FloatBuffer mask, int i) {
    return mask.get(i) > 0.5f;
  }

  private static boolean full(FloatBuffer mask, int plane) {
    for (int i = 0; i < plane; i++) {
      if (!isHole(mask, i)) {
        return false;
      }
    }
    return true;
  }

  private static Region bounds(FloatBuffer mask, int width, int height) {
    int left = width;
    int right = -1;
    int top = height;
    int bottom = -1;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if (isHole(mask, y * width + x)) {
          left = Math.min(left, x);
          right = Math.max(right, x);
          top = Math.min(top, y);
          bottom = y;
        }
      }
    }
    return right < 0 ? new Region(0, 0, 0, 0) : new Region(left, top, right - left + 1, bottom - top + 1);
  }
}
