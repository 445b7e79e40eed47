package org.lakebrush.spectral;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.lakebrush.image.Rec601;

/**
 * Predicts the hole's first pixels from the known ones beside them. Each of 16 directions has two predictors, the known neighbour that
 * way and the same continued by half of its own slope. They are blended by how well each does on the known pixels around: weights of the
 * inverse error, as lossless coders blend theirs (Seemann and Tischer, "Generalized locally adaptive DPCM", DCC 1997). So an edge that
 * runs into the hole is followed, across which nothing is predicted. Takes 4 bytes a pixel, and up to 280 for each pixel of seven rows.
 * Used by one thread.
 */
final class EdgePredictor {
  private static final int[] STEP_X = {0, 1, 1, -1, 2, 1, 2, -1, 0, -1, -1, 1, -2, -1, -2, 1};
  private static final int[] STEP_Y = {1, 0, 1, 1, 1, 2, -1, 2, -1, 0, -1, -1, -1, -2, 1, -2};
  private static final int DIRECTIONS = STEP_X.length;
  /** Of the neighbour's own slope, in the second half of the predictors. */
  private static final float SLOPE = 0.5f;
  /** Of the window in which predictors are tried, in pixels. */
  private static final int RADIUS = 3;
  private static final double SIGMA = 1.5;
  /** Errors well below this differ by noise alone. */
  private static final float NOISE = 0.01f;
  /** Error of a predictor that could not be tried: it counts where there is no other. */
  private static final float UNTRIED = 1;
  private static final float[] WINDOW = window();

  private final FloatBuffer given;
  private final FloatBuffer mask;
  private final int width;
  private final int height;
  private final float[] luma;
  /**
   * Of the rows around the last one asked for, at y modulo their number: for each known pixel near a predicted one, for each predictor 1
   * where it can be tried, then its absolute error.
   */
  private final float[][][] trials;
  /** Which row each of {@link #trials} is of. */
  private final int[] tried = new int[2 * RADIUS + 1];
  private final float[] sums = new float[4 * DIRECTIONS];

  /**
   * @param given as {@link SeamBlend#blend} takes it
   * @param mask likewise
   */
  EdgePredictor(FloatBuffer given, FloatBuffer mask, int width, int height) {
    int plane = width * height;
    this.given = given;
    this.mask = mask;
    this.width = width;
    this.height = height;
    this.luma = new float[plane];
    this.trials = new float[2 * RADIUS + 1][width][];
    Arrays.fill(tried, -1);
    for (int i = 0; i < plane; i++) {
      luma[i] = Rec601.luma(given.get(i), given.get(plane + i), given.get(2 * plane + i));
    }
  }

  /**
   * Predicts a pixel that has a known neighbour (corners too). Quick where rows are asked for in their order.
   *
   * @param rgb gets red, green and blue, 0..1
   */
  void predict(int x, int y, float[] rgb) {
    tryAround(x, y);
    int plane = width * height;
    double[] sum = new double[3];
    double total = 0;
    for (int d = 0; d < DIRECTIONS; d++) {
      int near = known(x + STEP_X[d], y + STEP_Y[d]);
      if (near < 0) {
        continue;
      }
      double closeness = 1.0 / (STEP_X[d] * STEP_X[d] + STEP_Y[d] * STEP_Y[d]);
      double flat = closeness * trust(d);
      int far = known(x + 2 * STEP_X[d], y + 2 * STEP_Y[d]);
      double sloped = far < 0 ? 0 : closeness * trust(DIRECTIONS + d);
      total += flat + sloped;
      for (int c = 0; c < 3; c++) {
        float v = given.get(c * plane + near);
        sum[c] += flat * v;
        if (far >= 0) {
          sum[c] += sloped * (v + SLOPE * (v - given.get(c * plane + far)));
        }
      }
    }
    for (int c = 0; c < 3; c++) {
      rgb[c] = (float) Math.max(0, Math.min(1, sum[c] / total));
    }
  }

  /** The inverse of a predictor's mean error, to the fourth power. */
  private double trust(int predictor) {
    float weight = sums[predictor];
    double error = NOISE + (weight > 0 ? sums[2 * DIRECTIONS + predictor] / weight : UNTRIED);
    return 1 / (error * error * error * error);
  }

  /** Sums all predictors' errors over the known pixels of the window. */
  private void tryAround(int x, int y) {
    Arrays.fill(sums, 0);
    for (int dy = -RADIUS; dy <= RADIUS; dy++) {
      float[][] row = trials(y + dy);
      for (int dx = -RADIUS; dx <= RADIUS; dx++) {
        int i = known(x + dx, y + dy);
        if (i < 0) {
          continue;
        }
        if (row[x + dx] == null) {
          row[x + dx] = trial(i, x + dx, y + dy);
        }
        float w = WINDOW[(dy + RADIUS) * (2 * RADIUS + 1) + dx + RADIUS];
        float[] trial = row[x + dx];
        for (int k = 0; k < sums.length; k++) {
          sums[k] += w * trial[k];
        }
      }
    }
  }

  private float[][] trials(int y) {
    int slot = Math.floorMod(y, tried.length);
    if (tried[slot] != y) {
      Arrays.fill(trials[slot], null);
      tried[slot] = y;
    }
    return trials[slot];
  }

  private float[] trial(int i, int x, int y) {
    float[] trial = new float[4 * DIRECTIONS];
    for (int d = 0; d < DIRECTIONS; d++) {
      int near = known(x + STEP_X[d], y + STEP_Y[d]);
      if (near < 0) {
        continue;
      }
      trial[d] = 1;
      trial[2 * DIRECTIONS + d] = Math.abs(luma[near] - luma[i]);
      int far = known(x + 2 * STEP_X[d], y + 2 * STEP_Y[d]);
      if (far >= 0) {
        trial[DIRECTIONS + d] = 1;
        trial[3 * DIRECTIONS + d] = Math.abs(luma[near] + SLOPE * (luma[near] - luma[far]) - luma[i]);
      }
    }
    return trial;
  }

  /** The pixel's index; -1 where it lies in the hole or outside the crop. */
  private int known(int x, int y) {
    if (x < 0 || y < 0 || x >= width || y >= height) {
      return -1;
    }
    int i = y * width + x;
    return mask.get(i) > 0.5f ? -1 : i;
  }

  private static float[] window() {
    int side = 2 * RADIUS + 1;
    float[] w = new float[side * side];
    for (int i = 0; i < w.length; i++) {
      int dx = i % side - RADIUS;
      int dy = i / side - RADIUS;
      w[i] = (float) Math.exp(-(dx * dx + dy * dy) / (2 * SIGMA * SIGMA));
    }
    return w;
  }
}
