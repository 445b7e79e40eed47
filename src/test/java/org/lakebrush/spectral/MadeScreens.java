package org.lakebrush.spectral;

import java.util.Arrays;
import java.util.Random;
import org.lakebrush.image.FloatCanvas;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/** Screens of known kinds, laid over a picture. */
final class MadeScreens {
  /** Samples on a side of a pixel that halftone dots are drawn with. */
  private static final int FINE = 4;
  private static final int[] ANGLES = {15, 75, 0};

  private MadeScreens() {}

  /** A picture of 8 bits, as large as another. */
  private static FloatCanvas of(FloatCanvas like, FloatCanvas.Painter painter) {
    return FloatCanvas.of(like.width(), like.height(), painter).rounded();
  }

  /**
   * A picture and what it was made from.
   *
   * @param what the parameters, for people
   */
  record Made(FloatCanvas screened, FloatCanvas truth, String what) {}

  /** Each period of 2 to 8 rows (or columns, one time in four) has 1 to period / 2 darkened by 15% to 50%. */
  static Made scanLines(FloatCanvas p, Random random) {
    int period = 2 + random.nextInt(7);
    int dark = 1 + random.nextInt(Math.max(1, period / 2));
    double depth = 0.15 + 0.35 * random.nextDouble();
    boolean columns = random.nextInt(4) == 0;
    FloatCanvas made = of(p, (c, x, y) -> p.at(c, x, y) * ((columns ? x : y) % period < dark ? 1 - depth : 1));
    return new Made(made, p, String.format("period %d, dark %d, depth %.2f%s", period, dark, depth, columns ? ", columns" : ""));
  }

  /** Rows of a sine of period 2.2 to 8 and amplitude 0.04 to 0.15, added: the mean stays as it is. */
  static Made addedLines(FloatCanvas p, Random random) {
    double period = 2.2 + 5.8 * random.nextDouble();
    double amplitude = 0.04 + 0.11 * random.nextDouble();
    FloatCanvas made = of(p, (c, x, y) -> p.at(c, x, y) + amplitude * Math.sin(2 * Math.PI * y / period));
    return new Made(made, p, String.format("period %.2f, amplitude %.2f", period, amplitude));
  }

  /**
   * An amplitude-modulated screen as in print, scanned: round dots on a square grid of period 3 to 10 pixels whose area is the tone, drawn
   * in black and white at four times the size, then seen through the scanner's aperture (a Gaussian of 0.5 to 1 pixels) and averaged over
   * each pixel. Seven of ten in colour, red, green and blue at 15, 75 and 0 degrees; else grey at 45. The truth is the picture without the
   * dots seen through the same aperture.
   */
  static Made halftone(FloatCanvas p, Random random) {
    double period = 3 + 7 * random.nextDouble();
    double sigma = 0.5 + 0.5 * random.nextDouble();
    boolean colour = random.nextInt(10) < 7;
    double[] ranks = ranks();
    float[] dots = new float[p.data().length];
    float[] tones = new float[p.data().length];
    int plane = p.width() * p.height();
    for (int c = 0; c < 3; c++) {
      if (c > 0 && !colour) {
        System.arraycopy(dots, 0, dots, c * plane, plane);
        System.arraycopy(tones, 0, tones, c * plane, plane);
        continue;
      }
      Mat small = new Mat(p.height(), p.width(), CvType.CV_32F);
      Mat fine = new Mat();
      Mat screen = new Mat();
      float[] tone = Arrays.copyOfRange(p.data(), c * plane, (c + 1) * plane);
      for (int i = 0; i < plane && !colour; i++) {
        tone[i] = (p.data()[i] + p.data()[i + plane] + p.data()[i + 2 * plane]) / 3;
      }
      small.put(0, 0, tone);
      Imgproc.resize(small, fine, new Size(), FINE, FINE, Imgproc.INTER_LINEAR);
      dots(fine, screen, period, Math.toRadians(colour ? ANGLES[c] : 45), ranks);
      scan(screen, sigma, dots, c * plane, p);
      scan(fine, sigma, tones, c * plane, p);
      small.release();
      fine.release();
      screen.release();
    }
    FloatCanvas made = of(p, (c, x, y) -> dots[(c * p.height() + y) * p.width() + x]);
    FloatCanvas truth = of(p, (c, x, y) -> tones[(c * p.height() + y) * p.width() + x]);
    return new Made(made, truth, String.format("period %.1f, aperture %.2f, %s", period, sigma, colour ? "colour" : "grey"));
  }

  /** The values of the spot function over one period, sorted: the share below a value is the tone at which its place turns white. */
  private static double[] ranks() {
    int n = 256;
    double[] ranks = new double[n * n];
    for (int i = 0; i < ranks.length; i++) {
      ranks[i] = Math.cos(2 * Math.PI * (i / n) / n) + Math.cos(2 * Math.PI * (i % n) / n);
    }
    Arrays.sort(ranks);
    return ranks;
  }

  private static void dots(Mat tone, Mat dots, double period, double angle, double[] ranks) {
    int w = tone.cols();
    float[] row = new float[w];
    dots.create(tone.size(), CvType.CV_32F);
    for (int y = 0; y < tone.rows(); y++) {
      tone.get(y, 0, row);
      for (int x = 0; x < w; x++) {
        double u = (x * Math.cos(angle) + y * Math.sin(angle)) / FINE / period;
        double v = (y * Math.cos(angle) - x * Math.sin(angle)) / FINE / period;
        int rank = (int) Math.min(ranks.length - 1, Math.max(0, row[x] * ranks.length));
        row[x] = Math.cos(2 * Math.PI * u) + Math.cos(2 * Math.PI * v) < ranks[rank] ? 1 : 0;
      }
      dots.put(y, 0, row);
    }
  }

  private static void scan(Mat fine, double sigma, float[] dst, int offset, FloatCanvas p) {
    Mat blurred = new Mat();
    Mat small = new Mat();
    Imgproc.GaussianBlur(fine, blurred, new Size(), sigma * FINE);
    Imgproc.resize(blurred, small, new Size(p.width(), p.height()), 0, 0, Imgproc.INTER_AREA);
    float[] samples = new float[p.width() * p.height()];
    small.get(0, 0, samples);
    System.arraycopy(samples, 0, dst, offset, samples.length);
    blurred.release();
    small.release();
  }

  /**
   * The product of a wave of period 3 to 10 pixels, whose frequency drifts by up to 2% over the picture, and a slow one of period 20 to
   * 100, in any directions: amplitude 0.05 to 0.15, of each channel half to all of it; half of them added, half multiplied (at twice the
   * amplitude).
   */
  static Made moire(FloatCanvas p, Random random) {
    double turn = Math.PI * random.nextDouble();
    double f = 1 / (3 + 7 * random.nextDouble());
    double fx = f * Math.cos(turn);
    double fy = f * Math.sin(turn);
    double slow = 0.01 + 0.04 * random.nextDouble();
    double slowTurn = Math.PI * random.nextDouble();
    double drift = 0.04 * random.nextDouble() - 0.02;
    double amplitude = 0.05 + 0.1 * random.nextDouble();
    double[] channel = {1 - random.nextDouble() / 2, 1 - random.nextDouble() / 2, 1 - random.nextDouble() / 2};
    double phase = 2 * Math.PI * random.nextDouble();
    double slowPhase = 2 * Math.PI * random.nextDouble();
    boolean multiplied = random.nextBoolean();
    int longer = Math.max(p.width(), p.height());
    FloatCanvas made = of(p, (c, x, y) -> {
      double s = fx * x + fy * y;
      double wave = Math.cos(2 * Math.PI * (s + drift * s * s / (2 * f * longer)) + phase)
          * Math.cos(2 * Math.PI * slow * (Math.cos(slowTurn) * x + Math.sin(slowTurn) * y) + slowPhase);
      double v = p.at(c, x, y);
      return multiplied ? v * (1 + 2 * amplitude * channel[c] * wave) : v + amplitude * channel[c] * wave;
    });
    return new Made(made, p, String.format("period %.1f, amplitude %.2f, drift %.3f, %s", 1 / f, amplitude, drift,
        multiplied ? "multiplied" : "added"));
  }
}
