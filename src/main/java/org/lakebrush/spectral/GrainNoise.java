package org.lakebrush.spectral;

import org.lakebrush.image.Mats;
import org.lakebrush.image.OpenCv;
import org.lakebrush.image.Region;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Point;
import org.opencv.imgproc.Imgproc;

/**
 * Gaussian noise of a given spectrum that is the same at the same place for the same seed, whatever region it is asked for: white noise
 * from a hash, filtered. Used by one thread.
 */
final class GrainNoise implements AutoCloseable {
  private static final int SIDE = TileTransform.SIDE;
  /** Of the filter, which has an odd side so that it has a centre. */
  private static final int RADIUS = SIDE / 2 - 1;

  private final long seed;
  private final Mat kernel;

  /**
   * Noise of a seed; that of one 4 or more away is independent of it.
   *
   * @param power by frequency, as {@link TileTransform} has it; the mean is the noise's variance
   */
  GrainNoise(double[] power, long seed, TileTransform transform) {
    OpenCv.ensureLoaded();
    this.seed = seed;
    double[] filter = new double[2 * TileTransform.AREA];
    for (int i = 0; i < power.length; i++) {
      filter[2 * i] = Math.sqrt(power[i]);
    }
    transform.inverse(filter);
    float[] taps = new float[(2 * RADIUS + 1) * (2 * RADIUS + 1)];
    for (int i = 0; i < taps.length; i++) {
      int x = Math.floorMod(i % (2 * RADIUS + 1) - RADIUS, SIDE);
      int y = Math.floorMod(i / (2 * RADIUS + 1) - RADIUS, SIDE);
      taps[i] = (float) filter[2 * (y * SIDE + x)];
    }
    kernel = new Mat(2 * RADIUS + 1, 2 * RADIUS + 1, CvType.CV_32FC1);
    kernel.put(0, 0, taps);
  }

  /**
   * The noise of a region, row by row.
   *
   * @param k of which of several independent noises, 0 to 3
   */
  float[] of(Region region, int k) {
    Region around = region.grow(RADIUS);
    float[] white = new float[Math.toIntExact(around.area())];
    for (int i = 0; i < white.length; i++) {
      white[i] = white(around.x() + i % around.width(), around.y() + i / around.width(), k);
    }
    try (Mats mats = new Mats()) {
      Mat mat = mats.keep(new Mat(around.height(), around.width(), CvType.CV_32FC1));
      Mat filtered = mats.mat();
      mat.put(0, 0, white);
      Imgproc.filter2D(mat, filtered, CvType.CV_32F, kernel, new Point(-1, -1), 0, Core.BORDER_REPLICATE);
      Mat inner = mats.keep(filtered.submat(RADIUS, RADIUS + region.height(), RADIUS, RADIUS + region.width()));
      float[] noise = new float[Math.toIntExact(region.area())];
      inner.get(0, 0, noise);
      return noise;
    }
  }

  /** About Gaussian, of variance 1: the sum of four uniform numbers of 16 bits, from a hash of place and seed. */
  private float white(int x, int y, int k) {
    long h = hash(hash(seed + k) + ((long) y << 32) + x);
    long sum = (h & 0xffff) + (h >>> 16 & 0xffff) + (h >>> 32 & 0xffff) + (h >>> 48);
    return (float) ((sum - 2 * 65535) * Math.sqrt(3) / 65536);
  }

  /** SplitMix64's step (Steele, Lea and Flood, OOPSLA 2014). */
  private static long hash(long seed) {
    long z = seed + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  @Override
  public void close() {
    kernel.release();
  }
}
