package org.lakebrush.spectral;

import org.lakebrush.image.OpenCv;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;

/**
 * A smooth surface through values at scattered pixels: Shepard's weighted mean with weights 1/r^3, as a ratio of two convolutions
 * (Farbman, Fattal and Lischinski, "Convolution Pyramids", SIGGRAPH Asia 2011, section 4.2), here by the FFT. Beyond
 * {@link #REACH} the weight falls no further: that part is a plain sum, so the transform is only that much larger than the surface.
 */
final class Membrane {
  /** In pixels. */
  private static final int REACH = 64;
  /** Weight of a pixel's own value; against it all others along a line have 2.4. */
  private static final double OWN = 20;

  private Membrane() {}

  /**
   * Computes the surface, in double precision: weights of seven orders of magnitude are added up.
   *
   * @param values four planes of {@code height * width}: three values, which are 0 where there is none, and 1 where there is one, else
   *     0; at least one pixel has values. Replaced by three planes of the surface's values and one of no meaning
   */
  static void spread(double[] values, int width, int height) {
    OpenCv.ensureLoaded();
    int plane = width * height;
    double far = weight(REACH * REACH);
    double[] sums = new double[4];
    for (int c = 0; c < 4; c++) {
      for (int i = 0; i < plane; i++) {
        sums[c] += values[c * plane + i];
      }
    }
    int columns = Core.getOptimalDFTSize(width + REACH);
    int rows = Core.getOptimalDFTSize(height + REACH);
    Mat kernel = kernel(columns, rows, far);
    try {
      // The kernel is real and even, so two real planes pass through one complex transform unmixed.
      convolve(values, 0, width, height, kernel);
      convolve(values, 2, width, height, kernel);
    } finally {
      kernel.release();
    }
    for (int i = 0; i < plane; i++) {
      double total = values[3 * plane + i] + far * sums[3];
      for (int c = 0; c < 3; c++) {
        values[c * plane + i] = (values[c * plane + i] + far * sums[c]) / total;
      }
    }
  }

  private static double weight(int squaredDistance) {
    return squaredDistance == 0 ? OWN : 1 / (squaredDistance * Math.sqrt(squaredDistance));
  }

  /** The transform of the weights less {@code far}, centred on the first pixel and periodic. */
  private static Mat kernel(int columns, int rows, double far) {
    Mat kernel = Mat.zeros(rows, columns, CvType.CV_64FC2);
    try {
      double[] row = new double[2 * columns];
      for (int y = 0; y < rows; y++) {
        int dy = Math.min(y, rows - y);
        if (dy > REACH) {
          continue;
        }
        for (int x = 0; x < columns; x++) {
          int dx = Math.min(x, columns - x);
          int squared = dx * dx + dy * dy;
          row[2 * x] = squared < REACH * REACH ? weight(squared) - far : 0;
        }
        kernel.put(y, 0, row);
      }
      Core.dft(kernel, kernel);
      return kernel;
    } catch (Throwable t) {
      kernel.release();
      throw t;
    }
  }

  /** Convolves planes {@code first} and the next in place. */
  private static void convolve(double[] values, int first, int width, int height, Mat kernel) {
    Mat pair = Mat.zeros(kernel.rows(), kernel.cols(), CvType.CV_64FC2);
    try {
      double[] row = new double[2 * width];
      for (int y = 0; y < height; y++) {
        int at = (first * height + y) * width;
        for (int x = 0; x < width; x++) {
          row[2 * x] = values[at + x];
          row[2 * x + 1] = values[at + width * height + x];
        }
        pair.put(y, 0, row);
      }
      Core.dft(pair, pair);
      Core.mulSpectrums(pair, kernel, pair, 0);
      Core.dft(pair, pair, Core.DFT_INVERSE | Core.DFT_SCALE);
      for (int y = 0; y < height; y++) {
        pair.get(y, 0, row);
        int at = (first * height + y) * width;
        for (int x = 0; x < width; x++) {
          values[at + x] = row[2 * x];
          values[at + width * height + x] = row[2 * x + 1];
        }
      }
    } finally {
      pair.release();
    }
  }
}
