package org.lakebrush.spectral;

import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Scalar;

/** The windowed power spectrum of square tiles. Used by one thread. */
final class TileSpectrum implements AutoCloseable {
  /** Added to the power, so that an empty bin has a logarithm: about what rounding to 8 bits leaves in one. */
  private static final Scalar FLOOR = new Scalar(1e-9);

  /**
   * A tile's spectrum.
   *
   * @param logPower natural logarithm of the power: size rows of size / 2 + 1 columns
   * @param mean under the window, 0..1
   * @param detail standard deviation of what lies at {@link MeanSpectrum#LOWEST} and above, 0..1
   */
  record Tile(float[] logPower, double mean, double detail) {}

  private final int size;
  private final float[] window;
  private final float[] tile;
  private final Mat plane;
  /** 0 for a bin that is no detail, else how often it stands for itself in the whole plane. */
  private final Mat detail;
  private final Mat spectrum = new Mat();
  private final Mat re = new Mat();
  private final Mat im = new Mat();

  /**
   * For tiles of one size.
   *
   * @param size pixels on a side, a power of two
   */
  TileSpectrum(int size) {
    this.size = size;
    window = new float[size];
    for (int i = 0; i < size; i++) {
      window[i] = (float) ((1 - Math.cos(2 * Math.PI * (i + 0.5) / size)) / size);
    }
    tile = new float[size * size];
    plane = new Mat(size, size, CvType.CV_32F);
    detail = new Mat(size, size / 2 + 1, CvType.CV_32F);
    float[] times = new float[size * (size / 2 + 1)];
    for (int ky = 0, i = 0; ky < size; ky++) {
      for (int kx = 0; kx <= size / 2; kx++, i++) {
        times[i] = frequency(ky, kx, size) < MeanSpectrum.LOWEST ? 0 : kx == 0 || kx == size / 2 ? 1 : 2;
      }
    }
    detail.put(0, 0, times);
  }

  /** How far from 0 a bin is, in cycles a pixel. */
  static double frequency(int ky, int kx, int size) {
    int y = ky > size / 2 ? ky - size : ky;
    int x = kx > size / 2 ? kx - size : kx;
    return Math.sqrt((double) y * y + (double) x * x) / size;
  }

  /**
   * The spectrum under a Hann window of sum 1 after its mean is taken off, so that a wave a * cos has the power a * a / 4.
   *
   * @param samples the tile from {@code offset} on, row by row
   */
  Tile of(float[] samples, int offset) {
    double mean = 0;
    for (int y = 0; y < size; y++) {
      double row = 0;
      for (int x = 0; x < size; x++) {
        row += window[x] * samples[offset + y * size + x];
      }
      mean += window[y] * row;
    }
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        int i = y * size + x;
        tile[i] = (float) (samples[offset + i] - mean) * window[y] * window[x];
      }
    }
    plane.put(0, 0, tile);
    Core.dft(plane, spectrum, Core.DFT_COMPLEX_OUTPUT);
    Mat half = spectrum.colRange(0, size / 2 + 1);
    try {
      Core.extractChannel(half, re, 0);
      Core.extractChannel(half, im, 1);
    } finally {
      half.release();
    }
    Core.multiply(re, re, re);
    Core.multiply(im, im, im);
    Core.add(re, im, re);
    // By Parseval; a Hann window of sum 1 has 1.5 * 1.5 times the energy of a flat one.
    double variance = re.dot(detail) / 2.25;
    Core.add(re, FLOOR, re);
    Core.log(re, re);
    float[] log = new float[size * (size / 2 + 1)];
    re.get(0, 0, log);
    return new Tile(log, mean, Math.sqrt(variance));
  }

  @Override
  public void close() {
    plane.release();
    detail.release();
    spectrum.release();
    re.release();
    im.release();
  }
}
