package org.lakebrush.watermark;

import java.util.Arrays;

/** Small filters of float planes, row by row; beyond the border the nearest pixel goes on. */
final class Filters {
  private static final float[] FINE = gaussian(0.6);
  private static final float[] COARSE = gaussian(1.6);

  private Filters() {}

  /** A kernel from its centre outwards, three sigma long. */
  private static float[] gaussian(double sigma) {
    float[] half = new float[(int) Math.ceil(3 * sigma) + 1];
    double sum = 0;
    for (int i = 0; i < half.length; i++) {
      half[i] = (float) Math.exp(-i * i / (2 * sigma * sigma));
      sum += i == 0 ? half[i] : 2 * half[i];
    }
    for (int i = 0; i < half.length; i++) {
      half[i] /= (float) sum;
    }
    return half;
  }

  /**
   * The difference of two Gaussians (sigma 0.6 and 1.6 pixels): a photograph's amplitude falls as 1/f, and over this band it comes out
   * nearly white, which is what correlation is sharpest on.
   */
  static float[] bandPass(float[] plane, int width, int height) {
    float[] fine = convolve(plane, width, height, FINE);
    float[] coarse = convolve(plane, width, height, COARSE);
    for (int i = 0; i < fine.length; i++) {
      fine[i] -= coarse[i];
    }
    return fine;
  }

  private static float[] convolve(float[] plane, int width, int height, float[] half) {
    int radius = half.length - 1;
    float[] rows = new float[plane.length];
    float[] padded = new float[width + 2 * radius];
    for (int y = 0; y < height; y++) {
      int row = y * width;
      Arrays.fill(padded, 0, radius, plane[row]);
      System.arraycopy(plane, row, padded, radius, width);
      Arrays.fill(padded, radius + width, padded.length, plane[row + width - 1]);
      for (int x = 0; x < width; x++) {
        rows[row + x] = half[0] * padded[x + radius];
      }
      for (int k = 1; k <= radius; k++) {
        float weight = half[k];
        for (int x = 0; x < width; x++) {
          rows[row + x] += weight * (padded[x + radius - k] + padded[x + radius + k]);
        }
      }
    }
    float[] result = new float[plane.length];
    for (int y = 0; y < height; y++) {
      int row = y * width;
      for (int x = 0; x < width; x++) {
        result[row + x] = half[0] * rows[row + x];
      }
      for (int k = 1; k <= radius; k++) {
        int above = Math.max(0, y - k) * width;
        int below = Math.min(height - 1, y + k) * width;
        float weight = half[k];
        for (int x = 0; x < width; x++) {
          result[row + x] += weight * (rows[above + x] + rows[below + x]);
        }
      }
    }
    return result;
  }

  /**
   * What is left of a plane of chroma that was stored at half the size, as JPEG mostly does: a variance of about one pixel, by two passes
   * of a three-pixel kernel.
   *
   * @param reduction by which the picture was reduced since, 0..1
   */
  static float[] subsampled(float[] plane, int width, int height, double reduction) {
    float side = (float) (0.25 * reduction * reduction);
    float[] half = {1 - 2 * side, side};
    return convolve(convolve(plane, width, height, half), width, height, half);
  }

  /** The mean over a square of 2 * radius + 1 pixels, taken twice. */
  static float[] smooth(float[] plane, int width, int height, int radius) {
    return box(box(plane, width, height, radius), width, height, radius);
  }

  private static float[] box(float[] plane, int width, int height, int radius) {
    float scale = 1f / (2 * radius + 1);
    float[] rows = new float[plane.length];
    for (int y = 0; y < height; y++) {
      int row = y * width;
      float sum = 0;
      for (int x = -radius; x <= radius; x++) {
        sum += plane[row + clamp(x, width)];
      }
      for (int x = 0; x < width; x++) {
        rows[row + x] = sum * scale;
        sum += plane[row + clamp(x + radius + 1, width)] - plane[row + clamp(x - radius, width)];
      }
    }
    float[] sums = new float[width];
    for (int y = -radius; y <= radius; y++) {
      add(sums, rows, clamp(y, height) * width, 1);
    }
    float[] result = new float[plane.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        result[y * width + x] = sums[x] * scale;
      }
      add(sums, rows, clamp(y + radius + 1, height) * width, 1);
      add(sums, rows, clamp(y - radius, height) * width, -1);
    }
    return result;
  }

  private static void add(float[] sums, float[] rows, int from, float sign) {
    for (int x = 0; x < sums.length; x++) {
      sums[x] += sign * rows[from + x];
    }
  }

  private static int clamp(int i, int extent) {
    return Math.max(0, Math.min(extent - 1, i));
  }
}
