package org.lakebrush.watermark;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lakebrush.watermark.Watermark.Kernel;

/**
 * Fits a mark's place, size and opacity to the picture around a candidate: weighted least squares in the band pass of {@link MarkSearch},
 * linearised in the place and the size (Gauss and Newton), with the weights taken anew from what is left over, and the ground taken anew
 * from the picture without the mark, each time.
 */
final class MarkFit {
  /** Pixels around the mark that are looked at. */
  private static final int MARGIN = 12;
  /** Radius of the smoothing that gives the ground, and of the one that gives the local variance, in pixels. */
  private static final int GROUND = 6;
  private static final int ACTIVITY = 4;
  /** Variance that quantisation and noise leave anywhere. */
  private static final float NOISE = 0.006f * 0.006f;
  /** What is left over counts as no further out than this many standard deviations. */
  private static final float CLIP = 2.5f;
  /** Most that the mark's outermost pixels move in a step. */
  private static final double MOST_MOVE = 0.8;
  /** By how much a direction's own weight grows, so that one that the picture says nothing of stays as it is. */
  private static final double RELUCTANCE = 1.01;
  /** Standard deviation of the two scales' difference, and how many correlated pixels tell as much as an independent one. */
  private static final double ASPECT = 0.006;
  private static final double CORRELATED = 4;
  /** The two scales' ratio lies within the square of this, and the scale within this share of the range. */
  private static final double MOST_ASPECT = 1.03;
  private static final double BEYOND = 0.02;
  /** Opacity below which the fit does not move, and below which it counts as that. */
  private static final double LEAST_OPACITY = 0.02;
  private static final double ASSUMED_OPACITY = 0.1;
  /** D of a mark of which nothing is to be seen, and how little comes through where the ground is not to be seen. */
  private static final double NOTHING = 1e-3;
  private static final float HIDDEN = 1e-3f;
  /** Most that is taken off the picture to look at the ground under the mark. */
  private static final double MOST_COVER = 0.98;
  /** The mark's box is judged in this many cells in each direction. */
  private static final int CELLS = 10;
  /** Share of the fullest cell from which on a cell holds some of the mark, and the times the median that a cell counts for at most. */
  private static final double FILLED = 0.1;
  private static final double MOST_WEIGHT = 2;
  /** Sizes of the picture that the opacity is taken from, and the signal-to-noise ratio that is wanted of each. */
  private static final double[] OPACITY_SIZES = {1, 0.7, 0.5};
  private static final double OPACITY_SNR = 6;
  private static final int OPACITY_STEPS = 4;
  /** Most pixels that a mark is drawn in for that. */
  private static final double MOST_DRAWN = 4_000_000;
  /** What is nearer to a mark's centre than this share of its size lies in its middle. */
  private static final double MIDDLE = 0.35;
  /** Smallest side of a part of the picture that is worth looking at, in pixels. */
  private static final int LEAST_SIDE = 8;

  private final Watermark mark;
  private final List<MarkPlane> planes;
  private final double minScale;
  private final double maxScale;

  MarkFit(Watermark mark, List<MarkPlane> planes, double minScale, double maxScale) {
    this.mark = mark;
    this.planes = planes;
    this.minScale = minScale;
    this.maxScale = maxScale;
  }

  /**
   * A fitted mark.
   *
   * @param x centre, in pixels of the picture
   * @param snr signal-to-noise ratio of the opacity, if what is left over were white
   * @param cellSnr the same, with the variance taken from the scatter between cells of the mark
   * @param evenSnr the same, where no cell counts for much more than most do
   * @param seen share of the mark that lies in the picture
   */
  record Fitted(double x, double y, double scaleX, double scaleY, double opacity, double snr, double cellSnr, double evenSnr, double seen,
      Kernel kernel) {
    /** Whether a place lies in the middle of it. */
    boolean covers(Watermark mark, double px, double py) {
      return Math.abs(px - x) < MIDDLE * mark.width() * scaleX && Math.abs(py - y) < MIDDLE * mark.height() * scaleY;
    }

    /** What a find is judged by. */
    double score() {
      return Math.min(Math.min(snr, cellSnr), evenSnr);
    }
  }

  /**
   * A part of the picture, reduced.
   *
   * @param width in the picture's pixels, likewise height, left and top
   * @param w reduced, likewise h
   */
  private record Frame(int left, int top, int width, int height, int w, int h) {
    float[] read(MarkPlane plane) {
      return Resampling.area(plane.read(left, top, width, height), width, height, w, h);
    }

    double reductionX() {
      return (double) w / width;
    }

    double reductionY() {
      return (double) h / height;
    }
  }

  /** The mark's surroundings, as far as they lie in the picture. */
  private Frame frame(double x, double y, double scaleX, double scaleY, double reduction) {
    double halfX = mark.width() * scaleX / 2 + MARGIN / reduction;
    double halfY = mark.height() * scaleY / 2 + MARGIN / reduction;
    int left = (int) Math.max(0, Math.floor(x - halfX));
    int top = (int) Math.max(0, Math.floor(y - halfY));
    int width = (int) Math.min(planes.get(0).width(), Math.ceil(x + halfX)) - left;
    int height = (int) Math.min(planes.get(0).height(), Math.ceil(y + halfY)) - top;
    return new Frame(left, top, width, height, (int) Math.max(LEAST_SIDE, Math.round(width * reduction)),
        (int) Math.max(LEAST_SIDE, Math.round(height * reduction)));
  }

  private double reduction(double scaleX, double scaleY, int longest) {
    return Math.min(1, longest / (Math.max(scaleX, scaleY) * mark.longSide()));
  }

  /** Where the mark is in a frame (its centre), and how large: what a fit works on. */
  private static final class Pose {
    private double x;
    private double y;
    private double scaleX;
    private double scaleY;
    private double opacity;
  }

  /**
   * Fits a mark.
   *
   * @param x centre to start from, in pixels of the picture
   * @param freedom how far the scales may lie from where they start: a standard deviation, as a share of them
   * @param longest the picture is reduced so that the mark's long side is no longer than this, in pixels
   * @return null where nothing of the mark is left to fit
   */
  Fitted fit(double x, double y, double scaleX, double scaleY, double freedom, int longest, int iterations, Kernel kernel) {
    double reduction = reduction(scaleX, scaleY, longest);
    Frame frame = frame(x, y, scaleX, scaleY, reduction);
    if (frame.width < LEAST_SIDE || frame.height < LEAST_SIDE) {
      return null;
    }
    int channels = planes.size();
    float[][] value = new float[channels][];
    float[][] band = new float[channels][];
    float[][] rest = new float[channels][];
    float[][] response = new float[channels][];
    float[][] weight = new float[channels][];
    for (int c = 0; c < channels; c++) {
      value[c] = frame.read(planes.get(c));
      band[c] = Filters.bandPass(value[c], frame.w, frame.h);
      rest[c] = band[c];
    }
    Pose pose = new Pose();
    pose.x = (x - frame.left) * frame.reductionX();
    pose.y = (y - frame.top) * frame.reductionY();
    pose.scaleX = scaleX * frame.reductionX();
    pose.scaleY = scaleY * frame.reductionY();
    double[] start = {pose.scaleX, pose.scaleY};
    for (int iteration = 0; ; iteration++) {
      float[][] drawn = mark.draw(pose.x - mark.width() * pose.scaleX / 2, pose.y - mark.height() * pose.scaleY / 2, pose.scaleX,
          pose.scaleY, frame.w, frame.h, kernel);
      double[][] a = new double[5][5];
      double[] b = new double[5];
      for (int c = 0; c < channels; c++) {
        weight[c] = weights(rest[c], frame.w, frame.h);
        response[c] = response(value[c], band[c], weight[c], drawn, planes.get(c).projection(), pose.opacity, frame, reduction);
        normal(response[c], band[c], weight[c], frame, pose, a, b);
      }
      if (a[0][0] < NOTHING) {
        return null;
      }
      double plain = b[0] / a[0][0];
      if (iteration == iterations) {
        pose.opacity = plain;
        return judged(response, band, weight, frame, pose, kernel);
      }
      constrain(a, b, Math.max(ASSUMED_OPACITY, plain), frame, pose, start, freedom);
      double[] step = Linear.solve(a, b);
      double opacity = step == null ? plain : step[0];
      if (step != null && opacity > LEAST_OPACITY) {
        move(pose, step, frame);
      }
      pose.opacity = Math.max(0, Math.min(1, opacity));
      for (int c = 0; c < channels; c++) {
        rest[c] = leftOver(band[c], response[c], Math.max(0, opacity));
      }
    }
  }

  /** What a mark of opacity 1 adds to a plane's band pass. */
  private static float[] response(float[] value, float[] band, float[] weight, float[][] drawn, Projection projection, double opacity,
      Frame frame, double reduction) {
    float[] contribution = contribution(value, drawn, projection, opacity, frame.w, frame.h);
    float[] response = Filters.bandPass(contribution, frame.w, frame.h);
    if (!projection.isChroma()) {
      return response;
    }
    // Whether chroma was stored at half the size, the picture itself tells.
    float[] soft = Filters.bandPass(Filters.subsampled(contribution, frame.w, frame.h, reduction), frame.w, frame.h);
    return Sums.of(soft, band, weight).explained() > Sums.of(response, band, weight).explained() ? soft : response;
  }

  /** Adds to the normal equations what is known of the scales. Their unknowns are moves times opacity. */
  private static void constrain(double[][] a, double[] b, double opacity, Frame frame, Pose pose, double[] start, double freedom) {
    for (int k = 1; k < 5; k++) {
      a[k][k] *= RELUCTANCE;
    }
    // The two differ by what rounding to whole pixels makes of them.
    double tie = CORRELATED / Math.pow(opacity * ASPECT * pose.scaleX, 2);
    double apart = opacity * (pose.scaleX - pose.scaleY * frame.reductionX() / frame.reductionY());
    a[3][3] += tie;
    a[4][4] += tie;
    a[3][4] -= tie;
    a[4][3] -= tie;
    b[3] -= tie * apart;
    b[4] += tie * apart;
    double hold = CORRELATED / Math.pow(opacity * freedom * pose.scaleX, 2);
    a[3][3] += hold;
    a[4][4] += hold;
    b[3] += hold * opacity * (start[0] - pose.scaleX);
    b[4] += hold * opacity * (start[1] - pose.scaleY);
  }

  /** Moves the mark by a solution of the normal equations, within bounds. */
  private void move(Pose pose, double[] step, Frame frame) {
    pose.x += clamp(step[1] / step[0], MOST_MOVE);
    pose.y += clamp(step[2] / step[0], MOST_MOVE);
    double scaleX = resized(pose.scaleX, step[3] / step[0], mark.width());
    double scaleY = resized(pose.scaleY, step[4] / step[0], mark.height());
    double mean = Math.sqrt(scaleX / frame.reductionX() * scaleY / frame.reductionY());
    double within = Math.max(minScale * (1 - BEYOND), Math.min(maxScale * (1 + BEYOND), mean)) / mean;
    double aspect = Math.max(1 / MOST_ASPECT, Math.min(MOST_ASPECT, Math.sqrt(scaleX / scaleY)));
    double side = Math.sqrt(scaleX * scaleY) * within;
    pose.scaleX = side * aspect;
    pose.scaleY = side / aspect;
  }

  /** A scale after a step; of a mark a few pixels wide it is no less than half of what it was. */
  private static double resized(double scale, double step, int pixels) {
    return Math.max(scale / 2, scale + clamp(step, 2 * MOST_MOVE / pixels));
  }

  /**
   * The opacity of a mark whose place and size are known, from luma alone (compression takes from chroma what the mark's edges are), the
   * mean over some sizes of the picture. Where luma tells next to nothing of the mark, it stays as it is.
   *
   * @param longest as {@link #fit}
   */
  Fitted withOpacity(Fitted f, int longest) {
    double reduction = reduction(f.scaleX, f.scaleY, longest);
    double sum = 0;
    double weights = 0;
    for (double size : OPACITY_SIZES) {
      Opacity o = opacity(f, size * reduction);
      sum += o.snr * o.value;
      weights += o.snr;
    }
    double opacity = weights < OPACITY_SIZES.length * OPACITY_SNR ? f.opacity : sum / weights;
    return new Fitted(f.x, f.y, f.scaleX, f.scaleY, opacity, f.snr, f.cellSnr, f.evenSnr, f.seen, f.kernel);
  }

  /** An opacity and its signal-to-noise ratio. */
  private record Opacity(double value, double snr) {}

  private Opacity opacity(Fitted f, double reduction) {
    MarkPlane luma = planes.get(0);
    Frame frame = frame(f.x, f.y, f.scaleX, f.scaleY, reduction);
    float[] value = frame.read(luma);
    // Drawn at the picture's size and reduced with it, so that its edges are the picture's; a huge one at a part of that size.
    double part = Math.min(1, Math.sqrt(MOST_DRAWN / ((double) frame.width * frame.height)));
    int width = (int) Math.ceil(part * frame.width);
    int height = (int) Math.ceil(part * frame.height);
    double partX = (double) width / frame.width;
    double partY = (double) height / frame.height;
    float[][] drawn = mark.draw(partX * (f.x - frame.left - mark.width() * f.scaleX / 2),
        partY * (f.y - frame.top - mark.height() * f.scaleY / 2), partX * f.scaleX, partY * f.scaleY, width, height, f.kernel);
    for (int p = 0; p < drawn.length; p++) {
      drawn[p] = Resampling.area(drawn[p], width, height, frame.w, frame.h);
    }
    float[] band = Filters.bandPass(value, frame.w, frame.h);
    double opacity = f.opacity;
    double snr = 0;
    for (int step = 0; step < OPACITY_STEPS; step++) {
      float[] response = Filters.bandPass(contribution(value, drawn, luma.projection(), opacity, frame.w, frame.h), frame.w, frame.h);
      Sums sums = Sums.of(response, band, weights(leftOver(band, response, opacity), frame.w, frame.h));
      if (sums.d == 0) {
        break;
      }
      opacity = Math.max(0, Math.min(1, sums.n / sums.d));
      snr = Math.max(0, sums.n / Math.sqrt(sums.d));
    }
    return new Opacity(opacity, snr);
  }

  /** N and D of {@link MarkSearch} at one place. */
  private record Sums(double n, double d) {
    static Sums of(float[] response, float[] band, float[] weight) {
      double n = 0;
      double d = 0;
      for (int i = 0; i < band.length; i++) {
        double wr = weight[i] * response[i];
        n += wr * band[i];
        d += wr * response[i];
      }
      return new Sums(n, d);
    }

    /** How much of a plane the response explains. */
    double explained() {
      return d == 0 ? 0 : n * n / d;
    }
  }

  private static double clamp(double v, double limit) {
    return Math.max(-limit, Math.min(limit, v));
  }

  private static float[] leftOver(float[] band, float[] response, double opacity) {
    float[] rest = new float[band.length];
    for (int i = 0; i < rest.length; i++) {
      rest[i] = band[i] - (float) opacity * response[i];
    }
    return rest;
  }

  private static float[] weights(float[] rest, int w, int h) {
    float[] square = new float[rest.length];
    for (int i = 0; i < square.length; i++) {
      square[i] = rest[i] * rest[i];
    }
    float[] weight = Filters.smooth(square, w, h, ACTIVITY);
    for (int i = 0; i < weight.length; i++) {
      float v = weight[i] + NOISE;
      float limit = CLIP * (float) Math.sqrt(v);
      float size = Math.abs(rest[i]);
      weight[i] = (size > limit ? limit / size : 1) / v;
    }
    return weight;
  }

  /** alpha (W - G), with the ground G smoothed from what the picture is without the mark. */
  private static float[] contribution(float[] value, float[][] drawn, Projection projection, double opacity, int w, int h) {
    float a = (float) Math.min(MOST_COVER, opacity);
    float[] through = new float[value.length];
    float[] part = new float[value.length];
    float[] colour = new float[value.length];
    for (int i = 0; i < value.length; i++) {
      float t = 1 - a * drawn[0][i];
      colour[i] = projection.of(drawn, i);
      through[i] = t * t;
      part[i] = t * (value[i] - a * colour[i]);
    }
    through = Filters.smooth(through, w, h, GROUND);
    part = Filters.smooth(part, w, h, GROUND);
    for (int i = 0; i < value.length; i++) {
      float ground = Math.max(0, Math.min(1, part[i] / (through[i] + HIDDEN)));
      colour[i] -= drawn[0][i] * ground;
    }
    return colour;
  }

  /** Adds a plane's normal equations: of the opacity, and of opacity times the moves of centre and scale. */
  private static void normal(float[] r, float[] band, float[] weight, Frame frame, Pose pose, double[][] a, double[] b) {
    int w = frame.w;
    double[] j = new double[5];
    for (int y = 1; y < frame.h - 1; y++) {
      double v = (y + 0.5 - pose.y) / pose.scaleY;
      for (int x = 1; x < w - 1; x++) {
        int i = y * w + x;
        double dx = (r[i - 1] - r[i + 1]) * 0.5;
        double dy = (r[i - w] - r[i + w]) * 0.5;
        if (r[i] == 0 && dx == 0 && dy == 0) {
          continue;
        }
        double wi = weight[i];
        j[0] = r[i];
        j[1] = dx;
        j[2] = dy;
        j[3] = dx * (x + 0.5 - pose.x) / pose.scaleX;
        j[4] = dy * v;
        for (int k = 0; k < 5; k++) {
          double wj = wi * j[k];
          b[k] += wj * band[i];
          for (int l = 0; l <= k; l++) {
            a[k][l] += wj * j[l];
          }
        }
      }
    }
    for (int k = 0; k < 5; k++) {
      for (int l = 0; l < k; l++) {
        a[l][k] = a[k][l];
      }
    }
  }

  /**
   * Signal-to-noise ratio from the scatter between cells, where no cell counts for much more than most do: the edge of something smooth
   * would else count for all of a mark.
   */
  private static double evenSnr(double[] n, double[] d, double[] g) {
    double most = Arrays.stream(g).max().orElse(0);
    double[] filled = IntStream.range(0, d.length).filter(k -> g[k] > FILLED * most).mapToDouble(k -> d[k]).sorted().toArray();
    double cap = MOST_WEIGHT * filled[filled.length / 2];
    double sumN = 0;
    double sumD = 0;
    for (int k = 0; k < n.length; k++) {
      double share = Math.min(1, cap / d[k]);
      sumN += d[k] > 0 ? share * n[k] : 0;
      sumD += d[k] > 0 ? share * d[k] : 0;
    }
    double scatter = 0;
    for (int k = 0; k < n.length; k++) {
      double e = d[k] > 0 ? Math.min(1, cap / d[k]) * (n[k] - sumN / sumD * d[k]) : 0;
      scatter += e * e;
    }
    return sumN / Math.sqrt(scatter);
  }

  private Fitted judged(float[][] response, float[][] band, float[][] weight, Frame frame, Pose pose, Kernel kernel) {
    double[] n = new double[CELLS * CELLS];
    double[] d = new double[CELLS * CELLS];
    double[] g = new double[CELLS * CELLS];
    double width = mark.width() * pose.scaleX;
    double height = mark.height() * pose.scaleY;
    for (int y = 0; y < frame.h; y++) {
      int cellY = cell((y + 0.5 - pose.y) / height);
      for (int x = 0; x < frame.w; x++) {
        int cell = cellY * CELLS + cell((x + 0.5 - pose.x) / width);
        int i = y * frame.w + x;
        for (int c = 0; c < band.length; c++) {
          double r = response[c][i];
          double wr = weight[c][i] * r;
          n[cell] += wr * band[c][i];
          d[cell] += wr * r;
          g[cell] += r * r;
        }
      }
    }
    double sumN = 0;
    double sumD = 0;
    double scatter = 0;
    for (int k = 0; k < n.length; k++) {
      sumN += n[k];
      sumD += d[k];
      double e = n[k] - pose.opacity * d[k];
      scatter += e * e;
    }
    double scaleX = pose.scaleX / frame.reductionX();
    double scaleY = pose.scaleY / frame.reductionY();
    double x = frame.left + pose.x / frame.reductionX();
    double y = frame.top + pose.y / frame.reductionY();
    double seen = seen(x, mark.width() * scaleX, planes.get(0).width()) * seen(y, mark.height() * scaleY, planes.get(0).height());
    return new Fitted(x, y, scaleX, scaleY, pose.opacity, sumN / Math.sqrt(sumD), sumN / Math.sqrt(scatter), evenSnr(n, d, g), seen,
        kernel);
  }

  /** The cell of a place in the mark, -0.5 to 0.5; what lies outside belongs to the outermost. */
  private static int cell(double place) {
    return (int) Math.max(0, Math.min(CELLS - 1, Math.floor((place + 0.5) * CELLS)));
  }

  /** Share of a length around a centre that lies inside an extent. */
  private static double seen(double centre, double length, int extent) {
    return Math.max(0, Math.min(extent, centre + length / 2) - Math.max(0, centre - length / 2)) / length;
  }
}
