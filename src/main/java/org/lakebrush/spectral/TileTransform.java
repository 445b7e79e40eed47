package org.lakebrush.spectral;

import org.lakebrush.image.OpenCv;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;

/** The two-dimensional Fourier transform of one square tile, in place, over native memory that is kept. Used by one thread. */
final class TileTransform implements AutoCloseable {
  /** Of a tile, in pixels. */
  static final int SIDE = 32;
  static final int AREA = SIDE * SIDE;
  private static final double[] FREQUENCY = frequencies();

  private final Mat mat;

  TileTransform() {
    OpenCv.ensureLoaded();
    mat = new Mat(SIDE, SIDE, CvType.CV_64FC2);
  }

  /**
   * Transforms a tile.
   *
   * @param tile complex values, real and imaginary parts in turn, row by row
   */
  void forward(double[] tile) {
    transform(tile, 0);
  }

  /** The inverse of {@link #forward}, scale included. */
  void inverse(double[] tile) {
    transform(tile, Core.DFT_INVERSE | Core.DFT_SCALE);
  }

  private void transform(double[] tile, int flags) {
    mat.put(0, 0, tile);
    Core.dft(mat, mat, flags);
    mat.get(0, 0, tile);
  }

  /** Cycles per pixel along x of bin {@code i} of a transform, -0.5 to 0.5. */
  static double frequencyX(int i) {
    int k = i % SIDE;
    return (double) (k < SIDE / 2 ? k : k - SIDE) / SIDE;
  }

  /** Likewise along y. */
  static double frequencyY(int i) {
    return frequencyX(i / SIDE);
  }

  /** Length of the two. */
  static double frequency(int i) {
    return FREQUENCY[i];
  }

  private static double[] frequencies() {
    double[] f = new double[AREA];
    for (int i = 0; i < AREA; i++) {
      f[i] = Math.hypot(frequencyX(i), frequencyY(i));
    }
    return f;
  }

  @Override
  public void close() {
    mat.release();
  }
}
