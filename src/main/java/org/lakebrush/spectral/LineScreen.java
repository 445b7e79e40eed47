package org.lakebrush.spectral;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Region;

/**
 * Takes out scan lines: straight lines along the rows or the columns, of one period over the whole picture, whole or not.
 *
 * <p>Model, for a line y: picture = a(y) + (1 + b(y)) * mean, where the mean over one period across the lines has no screen in it, and a
 * and b are harmonic series of the period. Their coefficients are the least squares solution over all pixels of a channel. Where b alone
 * explains more than a alone, and nearly all of it, the lines were darkened, not added: then the brightest lines are the picture itself,
 * and all come up to them.
 */
final class LineScreen {
  /** Samples read at once. */
  private static final int STRIP = 1 << 20;
  /** Share of what the model explains from which b alone is enough. */
  private static final double ALONE = 0.9;
  /** The whole picture must have this share of the amplitude that single tiles have, or the lines are not straight or not of one period. */
  private static final double COHERENT = 0.7;
  /** Lines darker than this share of the brightest have too little left in them to be brought up. */
  private static final double DARKEST = 0.2;

  private final Canvas canvas;
  private final boolean rows;
  private final int lines;
  private final int length;
  private double frequency;

  private LineScreen(Canvas canvas, boolean rows) {
    this.canvas = canvas;
    this.rows = rows;
    lines = rows ? canvas.height() : canvas.width();
    length = rows ? canvas.width() : canvas.height();
  }

  /**
   * Takes lines out, in place.
   *
   * @return nothing where the model does not hold, and nothing was written
   */
  static Optional<Removed> remove(Canvas canvas, Screen.Lines found) {
    return new LineScreen(canvas, found.rows()).run(found);
  }

  /**
   * What was taken out.
   *
   * @param energy sum of the squared changes, over all samples
   * @param period in pixels
   */
  record Removed(double energy, double period) {}

  private Optional<Removed> run(Screen.Lines found) {
    if (lines < 4 / found.frequency()) {
      return Optional.empty();
    }
    frequency = refine(lineMeans(), found.frequency());
    LineFit[] fits = fit();
    double amplitude = 0;
    double gain = 0;
    double offset = 0;
    double all = 0;
    for (LineFit f : fits) {
      f.solve();
      amplitude = Math.max(amplitude, f.amplitude());
      gain += f.explainedByGain();
      offset += f.explainedByOffset();
      all += f.explained();
    }
    if (amplitude < COHERENT * found.amplitude()) {
      return Optional.empty();
    }
    boolean darkened = gain > offset && gain >= ALONE * all;
    Correction[] corrections = new Correction[3];
    for (int c = 0; c < 3; c++) {
      corrections[c] = darkened ? darkened(fits[c]) : added(fits[c]);
      if (corrections[c] == null) {
        return Optional.empty();
      }
    }
    return Optional.of(new Removed(apply(corrections), 1 / frequency));
  }

  /** A line becomes (line - offset[y]) * scale[y]. */
  private record Correction(float[] offset, float[] scale) {}

  private Correction darkened(LineFit fit) {
    double[] b = fit.gainAlone();
    double low = Arrays.stream(b).min().orElse(0);
    double high = Arrays.stream(b).max().orElse(0);
    double bright = 1 + Arrays.stream(b).filter(v -> v >= (low + high) / 2).average().orElse(0);
    if (1 + low < DARKEST * bright) {
      return null;
    }
    float[] scale = new float[lines];
    for (int y = 0; y < lines; y++) {
      scale[y] = (float) (bright / (1 + b[y]));
    }
    return new Correction(new float[lines], scale);
  }

  private Correction added(LineFit fit) {
    double[] a = fit.offset();
    double[] b = fit.gain();
    float[] offset = new float[lines];
    float[] scale = new float[lines];
    for (int y = 0; y < lines; y++) {
      if (1 + b[y] < DARKEST) {
        return null;
      }
      offset[y] = (float) a[y];
      scale[y] = (float) (1 / (1 + b[y]));
    }
    return new Correction(offset, scale);
  }

  /** The lines from {@code first} on: sample i of line y of channel c at {@code dst[c * plane + (y - first) * length + i]}. */
  private void read(int first, int n, float[] dst, int plane) {
    if (rows) {
      canvas.read(new Region(0, first, length, n), FloatBuffer.wrap(dst), 0, length, plane);
      return;
    }
    float[] across = new float[3 * n * length];
    canvas.read(new Region(first, 0, n, length), FloatBuffer.wrap(across), 0, n, n * length);
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < length; i++) {
        for (int y = 0; y < n; y++) {
          dst[c * plane + y * length + i] = across[(c * length + i) * n + y];
        }
      }
    }
  }

  private void write(int first, int n, float[] src, int plane) {
    if (rows) {
      canvas.write(new Region(0, first, length, n), FloatBuffer.wrap(src), 0, length, plane);
      return;
    }
    float[] across = new float[3 * n * length];
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < length; i++) {
        for (int y = 0; y < n; y++) {
          across[(c * length + i) * n + y] = src[c * plane + y * length + i];
        }
      }
    }
    canvas.write(new Region(first, 0, n, length), FloatBuffer.wrap(across), 0, n, n * length);
  }

  /** Lines in a strip. */
  private int strip() {
    return Math.max(1, Math.min(lines, STRIP / length));
  }

  private double[] lineMeans() {
    double[] means = new double[lines];
    int strip = strip();
    int plane = strip * length;
    float[] samples = new float[3 * plane];
    for (int first = 0; first < lines; first += strip) {
      int n = Math.min(strip, lines - first);
      read(first, n, samples, plane);
      for (int c = 0; c < 3; c++) {
        for (int y = 0; y < n; y++) {
          double sum = 0;
          for (int i = c * plane + y * length, end = i + length; i < end; i++) {
            sum += samples[i];
          }
          means[first + y] += sum / length / 3;
        }
      }
    }
    return means;
  }

  /** The frequency near a given one at which the lines' means have most power; a whole period where that is as good. */
  private double refine(double[] means, double near) {
    double mean = Arrays.stream(means).average().orElse(0);
    double[] windowed = new double[lines];
    for (int y = 0; y < lines; y++) {
      windowed[y] = (means[y] - mean) * (1 - Math.cos(2 * Math.PI * (y + 0.5) / lines));
    }
    double step = 1.0 / 16 / lines;
    double best = near;
    double most = -1;
    for (double f = near - 1.0 / 128; f <= Math.min(0.5, near + 1.0 / 128); f += step) {
      double power = power(windowed, f);
      if (power > most) {
        most = power;
        best = f;
      }
    }
    double whole = 1.0 / Math.round(1 / best);
    return Math.abs(best - whole) * lines < 0.3 ? whole : best;
  }

  private static double power(double[] signal, double f) {
    double re = 0;
    double im = 0;
    // The phasor is turned by one step at a time; in double precision that is exact enough for any length.
    double stepRe = Math.cos(2 * Math.PI * f);
    double stepIm = Math.sin(2 * Math.PI * f);
    double c = 1;
    double s = 0;
    for (double v : signal) {
      re += v * c;
      im += v * s;
      double next = c * stepRe - s * stepIm;
      s = c * stepIm + s * stepRe;
      c = next;
    }
    return re * re + im * im;
  }

  private LineFit[] fit() {
    LineFit[] fits = {new LineFit(lines, frequency), new LineFit(lines, frequency), new LineFit(lines, frequency)};
    double period = 1 / frequency;
    float[] taps = taps(period);
    int half = taps.length / 2;
    int strip = Math.max(strip(), 2 * taps.length);
    int plane = Math.min(lines, strip + 2 * half) * length;
    float[] samples = new float[3 * plane];
    float[] mean = new float[length];
    for (int first = 0; first < lines; first += strip) {
      int n = Math.min(strip, lines - first);
      // Near the picture's edge the mean is that of the period at the edge.
      int from = Math.max(0, Math.min(first - half, lines - taps.length));
      int to = Math.min(lines, Math.max(first + n + half, taps.length));
      read(from, to - from, samples, plane);
      for (int y = first; y < first + n; y++) {
        int centre = Math.max(half, Math.min(lines - 1 - half, y));
        for (int c = 0; c < 3; c++) {
          Arrays.fill(mean, 0);
          for (int t = 0; t < taps.length; t++) {
            int at = c * plane + (centre - half + t - from) * length;
            for (int i = 0; i < length; i++) {
              mean[i] += taps[t] * samples[at + i];
            }
          }
          fits[c].add(y, samples, c * plane + (y - from) * length, mean);
        }
      }
    }
    return fits;
  }

  /** A box of one period, its ends in part. */
  private static float[] taps(double period) {
    int half = (int) Math.ceil((period - 1) / 2);
    float[] taps = new float[2 * half + 1];
    for (int i = -half; i <= half; i++) {
      taps[i + half] = (float) (Math.max(0, Math.min(1, period / 2 + 0.5 - Math.abs(i))) / period);
    }
    return taps;
  }

  private double apply(Correction[] corrections) {
    int strip = strip();
    int plane = strip * length;
    float[] samples = new float[3 * plane];
    double energy = 0;
    for (int first = 0; first < lines; first += strip) {
      int n = Math.min(strip, lines - first);
      read(first, n, samples, plane);
      for (int c = 0; c < 3; c++) {
        for (int y = 0; y < n; y++) {
          float offset = corrections[c].offset[first + y];
          float scale = corrections[c].scale[first + y];
          for (int i = c * plane + y * length, end = i + length; i < end; i++) {
            float now = Math.max(0, Math.min(1, (samples[i] - offset) * scale));
            energy += (now - samples[i]) * (now - samples[i]);
            samples[i] = now;
          }
        }
      }
      write(first, n, samples, plane);
    }
    return energy;
  }
}
