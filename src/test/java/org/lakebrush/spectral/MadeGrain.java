package org.lakebrush.spectral;

import java.util.Arrays;
import java.util.Random;
import org.lakebrush.image.FloatCanvas;
import org.lakebrush.image.OpenCv;
import org.lakebrush.image.Region;
import org.lakebrush.mask.Mask;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Scalar;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/** Made grain, and a look at spectra that shares no code with the stage: Hann's window over luma less its plane, averaged over tiles. */
final class MadeGrain {
  static final int TILE = 32;
  /** Bounds of the bands of the upper half, in cycles per pixel. */
  static final double[] BANDS = {0.25, 0.3125, 0.375, 0.4375, 0.5};

  private MadeGrain() {}

  /** The same canvas with grain of a standard deviation and size (sigma of the Gaussian that white noise is filtered with, in pixels). */
  static FloatCanvas grainy(FloatCanvas canvas, double sigma, double deviation, boolean colour, long seed) {
    float[][] noise = new float[3][];
    for (int c = 0; c < 3; c++) {
      noise[c] = c > 0 && !colour ? noise[0] : noise(canvas.width(), canvas.height(), sigma, deviation, seed + c);
    }
    return FloatCanvas.of(canvas.width(), canvas.height(),
        (c, x, y) -> canvas.at(c, x, y) + noise[c][y * canvas.width() + x]).rounded();
  }

  static float[] noise(int width, int height, double sigma, double deviation, long seed) {
    OpenCv.ensureLoaded();
    Random random = new Random(seed);
    float[] white = new float[width * height];
    for (int i = 0; i < white.length; i++) {
      white[i] = (float) random.nextGaussian();
    }
    Mat mat = new Mat(height, width, CvType.CV_32FC1);
    try {
      mat.put(0, 0, white);
      Imgproc.GaussianBlur(mat, mat, new Size(0, 0), sigma, sigma);
      double norm = Core.norm(mat) / Math.sqrt(white.length);
      Core.multiply(mat, new Scalar(deviation / norm), mat);
      mat.get(0, 0, white);
      return white;
    } finally {
      mat.release();
    }
  }

  static Mask box(int width, int height, Region r) {
    Mask mask = new Mask(width, height);
    for (int y = r.y(); y < r.bottom(); y++) {
      Arrays.fill(mask.pixels(), y * width + r.x(), y * width + r.right(), Mask.HOLE);
    }
    return mask;
  }

  /** Power by band of one tile, then the variance of all from 0.08 cycles per pixel on. */
  static double[] power(FloatCanvas canvas, int left, int top) {
    OpenCv.ensureLoaded();
    double[] v = new double[TILE * TILE];
    double mean = 0;
    double sx = 0;
    double sy = 0;
    double half = (TILE - 1) / 2.0;
    double norm = TILE * TILE * (TILE * TILE - 1) / 12.0;
    for (int i = 0; i < v.length; i++) {
      v[i] = canvas.luma(left + i % TILE, top + i / TILE);
      mean += v[i] / v.length;
      sx += v[i] * (i % TILE - half) / norm;
      sy += v[i] * (i / TILE - half) / norm;
    }
    double windowSquares = 0;
    double[] complex = new double[2 * v.length];
    for (int i = 0; i < v.length; i++) {
      double w = Math.pow(Math.sin(Math.PI * (i % TILE + 0.5) / TILE) * Math.sin(Math.PI * (i / TILE + 0.5) / TILE), 2);
      windowSquares += w * w;
      complex[2 * i] = w * (v[i] - mean - sx * (i % TILE - half) - sy * (i / TILE - half));
    }
    Mat mat = new Mat(TILE, TILE, CvType.CV_64FC2);
    try {
      mat.put(0, 0, complex);
      Core.dft(mat, mat);
      mat.get(0, 0, complex);
    } finally {
      mat.release();
    }
    double[] power = new double[BANDS.length];
    int[] n = new int[BANDS.length];
    for (int i = 0; i < v.length; i++) {
      double fx = Math.min(i % TILE, TILE - i % TILE) / (double) TILE;
      double fy = Math.min(i / TILE, TILE - i / TILE) / (double) TILE;
      double f = Math.hypot(fx, fy);
      double p = (complex[2 * i] * complex[2 * i] + complex[2 * i + 1] * complex[2 * i + 1]) / windowSquares;
      for (int b = 0; b + 1 < BANDS.length; b++) {
        if (f >= BANDS[b] && f < BANDS[b + 1]) {
          power[b] += p;
          n[b]++;
        }
      }
      if (f >= 0.08) {
        power[BANDS.length - 1] += p / v.length;
      }
    }
    for (int b = 0; b + 1 < BANDS.length; b++) {
      power[b] /= n[b];
    }
    return power;
  }

  /** Whether a tile counts. */
  interface Which {
    boolean takes(int left, int top);
  }

  /** The mean of {@link #power} over the tiles that start on a grid of half a tile and lie within a region. */
  static double[] meanPower(FloatCanvas canvas, Region in) {
    return meanPower(canvas, in, (left, top) -> true);
  }

  /** The same over some of these tiles. */
  static double[] meanPower(FloatCanvas canvas, Region in, Which which) {
    double[] sum = new double[BANDS.length];
    int n = 0;
    for (int y = in.y(); y + TILE <= in.bottom(); y += TILE / 2) {
      for (int x = in.x(); x + TILE <= in.right(); x += TILE / 2) {
        if (which.takes(x, y)) {
          double[] p = power(canvas, x, y);
          Arrays.setAll(sum, b -> sum[b] + p[b]);
          n++;
        }
      }
    }
    double tiles = n;
    Arrays.setAll(sum, b -> sum[b] / tiles);
    return sum;
  }
}
