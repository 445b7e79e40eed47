package org.lakebrush.watermark;

import org.lakebrush.image.Mats;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;

/**
 * The plane whose differences are nearest to given ones and whose values are near to given ones, in the sense of least squares: the
 * screened Poisson equation with nothing flowing across the border, which the cosine transform makes diagonal (Press et al., Numerical
 * Recipes, 3rd ed., section 20.4.2).
 */
final class PoissonSolver {
  private PoissonSolver() {}

  /**
   * Solves in O(n log n).
   *
   * @param values what u is near to, {@code values[y * width + x]}
   * @param pull how much a value's square error counts beside a difference's; it makes itself felt from {@code 1 / sqrt(pull)} pixels on
   * @param across {@code u(x + 1, y) - u(x, y)} at {@code across[y * width + x]}; the last column does not count
   * @param down {@code u(x, y + 1) - u(x, y)}; the last row does not count
   * @param width even, as is height: OpenCV's cosine transform takes no odd size
   * @return u
   */
  static float[] solve(float[] across, float[] down, float[] values, float pull, int width, int height) {
    float[] divergence = new float[width * height];
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++, i++) {
        float d = 0;
        if (x + 1 < width) {
          d += across[i];
        }
        if (x > 0) {
          d -= across[i - 1];
        }
        if (y + 1 < height) {
          d += down[i];
        }
        if (y > 0) {
          d -= down[i - width];
        }
        divergence[i] = d - pull * values[i];
      }
    }
    try (Mats mats = new Mats()) {
      Mat plane = mats.keep(new Mat(height, width, CvType.CV_32F));
      plane.put(0, 0, divergence);
      Core.dct(plane, plane);
      float[] spectrum = divergence;
      plane.get(0, 0, spectrum);
      for (int y = 0, i = 0; y < height; y++) {
        double rows = 2 * Math.cos(Math.PI * y / height) - 2;
        for (int x = 0; x < width; x++, i++) {
          spectrum[i] = (float) (spectrum[i] / (rows + 2 * Math.cos(Math.PI * x / width) - 2 - pull));
        }
      }
      plane.put(0, 0, spectrum);
      Core.idct(plane, plane);
      plane.get(0, 0, spectrum);
      return spectrum;
    }
  }
}
