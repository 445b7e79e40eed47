package org.lakebrush.eval;

import java.util.List;
import org.lakebrush.mask.Mask;

/**
 * How near a filled hole comes to the truth; everything is taken inside the hole alone.
 *
 * @param psnr peak signal-to-noise ratio over the red, green and blue samples of hole pixels, in dB: 10 log10(255^2 / mean squared
 *     error)
 * @param ssim structural similarity of luma (Wang et al., IEEE Transactions on Image Processing 13(4), 2004): Gaussian window of 11x11,
 *     sigma 1.5, K1 = 0.01, K2 = 0.03, L = 255, averaged over the hole pixels; at the image's edge the part of the window inside the
 *     image, renormalised
 * @param gradient sum over hole pixels of the absolute forward differences of luma in x and y, as a share of the truth's: below 1 is
 *     blur
 */
public record Score(double psnr, double ssim, double gradient) {
  private static final int RADIUS = 5;
  private static final double[] WINDOW = window();
  private static final double C1 = 0.01 * 255 * 0.01 * 255;
  private static final double C2 = 0.03 * 255 * 0.03 * 255;

  /**
   * Scores a filled picture.
   *
   * @param truth of the size of {@code filled} and {@code hole}
   * @param hole with at least one pixel
   */
  public static Score of(Rgb8 truth, Rgb8 filled, Mask hole) {
    int w = truth.width();
    int h = truth.height();
    if (filled.width() != w || filled.height() != h || hole.width() != w || hole.height() != h) {
      throw new IllegalArgumentException("Truth, filled picture and hole must be of one size");
    }
    long n = 0;
    double squares = 0;
    double ssim = 0;
    double gradient = 0;
    double trueGradient = 0;
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        if (!hole.isHole(x, y)) {
          continue;
        }
        n++;
        for (int c = 0; c < 3; c++) {
          double d = truth.sample(x, y, c) - filled.sample(x, y, c);
          squares += d * d;
        }
        ssim += ssim(truth, filled, x, y);
        gradient += gradient(filled, x, y);
        trueGradient += gradient(truth, x, y);
      }
    }
    if (n == 0) {
      throw new IllegalArgumentException("The hole is empty");
    }
    double mse = squares / (3 * n);
    return new Score(10 * Math.log10(255 * 255 / mse), ssim / n, gradient / trueGradient);
  }

  /** The mean of each value. */
  public static Score mean(List<Score> scores) {
    return new Score(scores.stream().mapToDouble(Score::psnr).average().orElse(Double.NaN),
        scores.stream().mapToDouble(Score::ssim).average().orElse(Double.NaN),
        scores.stream().mapToDouble(Score::gradient).average().orElse(Double.NaN));
  }

  private static double ssim(Rgb8 a, Rgb8 b, int x, int y) {
    double sum = 0;
    double ma = 0;
    double mb = 0;
    double aa = 0;
    double bb = 0;
    double ab = 0;
    for (int dy = -RADIUS; dy <= RADIUS; dy++) {
      for (int dx = -RADIUS; dx <= RADIUS; dx++) {
        int px = x + dx;
        int py = y + dy;
        if (px < 0 || py < 0 || px >= a.width() || py >= a.height()) {
          continue;
        }
        double w = WINDOW[dx + RADIUS] * WINDOW[dy + RADIUS];
        double va = a.luma(px, py);
        double vb = b.luma(px, py);
        sum += w;
        ma += w * va;
        mb += w * vb;
        aa += w * va * va;
        bb += w * vb * vb;
        ab += w * va * vb;
      }
    }
    ma /= sum;
    mb /= sum;
    double varianceA = aa / sum - ma * ma;
    double varianceB = bb / sum - mb * mb;
    double covariance = ab / sum - ma * mb;
    return (2 * ma * mb + C1) * (2 * covariance + C2) / ((ma * ma + mb * mb + C1) * (varianceA + varianceB + C2));
  }

  private static double gradient(Rgb8 p, int x, int y) {
    double v = p.luma(x, y);
    double dx = x + 1 < p.width() ? p.luma(x + 1, y) - v : 0;
    double dy = y + 1 < p.height() ? p.luma(x, y + 1) - v : 0;
    return Math.abs(dx) + Math.abs(dy);
  }

  private static double[] window() {
    double[] w = new double[2 * RADIUS + 1];
    for (int i = -RADIUS; i <= RADIUS; i++) {
      w[i + RADIUS] = Math.exp(-i * i / (2 * 1.5 * 1.5));
    }
    return w;
  }
}
