package org.lakebrush.spectral;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lakebrush.spectral.Watermark.Kernel;

/**
 * Fits a mark's place, size and opacity to the picture around a candidate: weighted least squares in the band pass of {@link MarkSearch},
 * linearised in the place and the size (Gauss and Newton), with the weights taken anew from what is left over, and the ground taken anew
 * from the picture without the mark, each time.
 */
final class MarkFit {
  private static final int MARGIN = 12;
  private static final int GROUND = 6;
  private static final int ACTIVITY = 4;
  private static final float NOISE = 0.006f * 0.006f;
  private static final float CLIP = 2.5f;
  private static final double MOST_MOVE = 0.8;
  private static final int CELLS = 10;
  private static final double[] OPACITY_SIZES = {1, 0.7, 0.5};
  private static final double OPACITY_SNR = 6;
  /** Standard deviation of the two scales' ratio, and how many correlated pixels tell as much as an independent one. */
  private static final double ASPECT = 0.006;
  private static final double ONE_SCALE = 4;

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
      return Math.abs(px - x) < 0.35 * mark.width() * scaleX && Math.abs(py - y) < 0.35 * mark.height() * scaleY;
    }

    /** What a find is judged by. */
    double score() {
      return Math.min(Math.min(snr, cellSnr), evenSnr);
    }
  }

  /**
   * @param freedom how far the scales may lie from where they start: a standard deviation, as a share of them
   * @param longest the picture is reduced so that the mark's long side is no longer than this, in pixels
   * @return null where nothing of the mark is left to fit
   */
  Fitted fit(double x, double y, double scaleX, double scaleY, double freedom, int longest, int iterations,
      Kernel kernel) {
    double reduction = Math.min(1, longest / (Math.max(scaleX, scaleY) * mark.longSide()));
    int pictureWidth = planes.get(0).width();
    int pictureHeight = planes.get(0).height();
    double halfX = mark.width() * scaleX / 2 + MARGIN / reduction;
    double halfY = mark.height() * scaleY / 2 + MARGIN / reduction;
    int left = (int) Math.max(0, Math.floor(x - halfX));
    int top = (int) Math.max(0, Math.floor(y - halfY));
    int right = (int) Math.min(pictureWidth, Math.ceil(x + halfX));
    int bottom = (int) Math.min(pictureHeight, Math.ceil(y + halfY));
    if (right - left < 8 || bottom - top < 8) {
      return null;
    }
    int w = (int) Math.max(8, Math.round((right - left) * reduction));
    int h = (int) Math.max(8, Math.round((bottom - top) * reduction));
    double rx = (double) w / (right - left);
    double ry = (double) h / (bottom - top);
    int channels = planes.size();
    float[][] value = new float[channels][];
    float[][] band = new float[channels][];
    for (int c = 0; c < channels; c++) {
      value[c] = Resampling.area(planes.get(c).read(left, top, right - left, bottom - top), right - left, bottom - top, w, h);
      band[c] = Filters.bandPass(value[c], w, h);
    }

    double cx = (x - left) * rx;
    double cy = (y - top) * ry;
    double sx = scaleX * rx;
    double sy = scaleY * ry;
    double opacity = 0;
    float[][] response = new float[channels][];
    float[][] rest = new float[channels][];
    float[][] weight = new float[channels][];
    for (int c = 0; c < channels; c++) {
      rest[c] = band[c];
    }
    for (int iteration = 0; ; iteration++) {
      float[][] drawn = mark.draw(cx - mark.width() * sx / 2, cy - mark.height() * sy / 2, sx, sy, w, h, kernel);
      for (int c = 0; c < channels; c++) {
        Projection projection = planes.get(c).projection();
        weight[c] = weights(rest[c], w, h);
        float[] contribution = contribution(value[c], drawn, projection, opacity, w, h);
        response[c] = Filters.bandPass(contribution, w, h);
        if (projection.isChroma()) {
          float[] soft = Filters.bandPass(Filters.subsampled(contribution, w, h, reduction), w, h);
          if (strength(soft, band[c], weight[c]) > strength(response[c], band[c], weight[c])) {
            response[c] = soft;
          }
        }
      }
      boolean last = iteration == iterations;
      double[][] a = new double[5][5];
      double[] b = new double[5];
      for (int c = 0; c < channels; c++) {
        normal(response[c], band[c], weight[c], w, h, cx, cy, sx, sy, a, b);
      }
      if (a[0][0] < 1e-3) {
        return null;
      }
      double plain = b[0] / a[0][0];
      if (last) {
        opacity = plain;
        leftOver(band, response, opacity, rest);
        return judged(response, band, rest, weight, w, h, cx, cy, sx, sy, opacity, rx, ry, left, top, kernel);
      }
      // A little reluctance to move keeps a direction that the picture says nothing of where it is.
      for (int k = 1; k < 5; k++) {
        a[k][k] *= 1.01;
      }
      // The two scales differ by what rounding to whole pixels makes of them. The unknowns are moves times opacity.
      double assumed = Math.max(0.1, plain);
      double tie = ONE_SCALE / Math.pow(assumed * ASPECT * sx, 2);
      double apart = assumed * (sx / rx - sy / ry) * rx;
      a[3][3] += tie;
      a[4][4] += tie;
      a[3][4] -= tie;
      a[4][3] -= tie;
      b[3] -= tie * apart;
      b[4] += tie * apart;
      double hold = ONE_SCALE / Math.pow(assumed * freedom * sx, 2);
      a[3][3] += hold;
      a[4][4] += hold;
      b[3] += hold * assumed * (scaleX * rx - sx);
      b[4] += hold * assumed * (scaleY * ry - sy);
      double[] p = Linear.solve(a, b);
      double fitted = p == null ? plain : p[0];
      if (p != null && fitted > 0.02) {
        cx += clamp(p[1] / fitted, MOST_MOVE);
        cy += clamp(p[2] / fitted, MOST_MOVE);
        double reachX = mark.width() / 2.0;
        double reachY = mark.height() / 2.0;
        sx += clamp(p[3] / fitted, MOST_MOVE / reachX);
        sy += clamp(p[4] / fitted, MOST_MOVE / reachY);
        double mean = Math.sqrt(sx / rx * sy / ry);
        double within = Math.max(minScale * 0.98, Math.min(maxScale * 1.02, mean)) / mean;
        double aspect = Math.max(0.97, Math.min(1.03, Math.sqrt(sx / sy)));
        double side = Math.sqrt(sx * sy) * within;
        sx = side * aspect;
        sy = side / aspect;
      }
      opacity = Math.max(0, Math.min(1, fitted));
      leftOver(band, response, Math.max(0, fitted), rest);
    }
  }

  /**
   * The opacity of a mark whose place and size are known, from luma alone (compression takes from chroma what the mark's edges are), the
   * mean over some sizes of the picture. Where luma tells next to nothing of the mark, it stays as it is.
   *
   * @param longest as {@link #fit}
   */
  Fitted withOpacity(Fitted f, int longest) {
    double reduction = Math.min(1, longest / (Math.max(f.scaleX, f.scaleY) * mark.longSide()));
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
    MarkPlane seen = planes.get(0);
    double halfX = mark.width() * f.scaleX / 2 + MARGIN / reduction;
    double halfY = mark.height() * f.scaleY / 2 + MARGIN / reduction;
    int left = (int) Math.max(0, Math.floor(f.x - halfX));
    int top = (int) Math.max(0, Math.floor(f.y - halfY));
    int fullWidth = (int) Math.min(seen.width(), Math.ceil(f.x + halfX)) - left;
    int fullHeight = (int) Math.min(seen.height(), Math.ceil(f.y + halfY)) - top;
    int w = (int) Math.max(8, Math.round(fullWidth * reduction));
    int h = (int) Math.max(8, Math.round(fullHeight * reduction));
    float[] value = Resampling.area(seen.read(left, top, fullWidth, fullHeight), fullWidth, fullHeight, w, h);
    float[][] drawn = mark.draw(f.x - left - mark.width() * f.scaleX / 2, f.y - top - mark.height() * f.scaleY / 2, f.scaleX, f.scaleY,
        fullWidth, fullHeight, f.kernel);
    for (int p = 0; p < drawn.length; p++) {
      drawn[p] = Resampling.area(drawn[p], fullWidth, fullHeight, w, h);
    }
    float[][] band = {Filters.bandPass(value, w, h)};
    float[][] rest = {band[0]};
    double opacity = f.opacity;
    Opacity result = new Opacity(opacity, 0);
    for (int i = 0; i < 4; i++) {
      float[][] response = {Filters.bandPass(contribution(value, drawn, seen.projection(), opacity, w, h), w, h)};
      leftOver(band, response, opacity, rest);
      float[] weight = weights(rest[0], w, h);
      double n = 0;
      double d = 0;
      for (int k = 0; k < weight.length; k++) {
        double wr = weight[k] * response[0][k];
        n += wr * band[0][k];
        d += wr * response[0][k];
      }
      if (d == 0) {
        return result;
      }
      opacity = Math.max(0, Math.min(1, n / d));
      result = new Opacity(opacity, Math.max(0, n / Math.sqrt(d)));
    }
    return result;
  }

  /** How much of a plane a response explains. */
  private static double strength(float[] response, float[] band, float[] weight) {
    double n = 0;
    double d = 0;
    for (int i = 0; i < band.length; i++) {
      double wr = weight[i] * response[i];
      n += wr * band[i];
      d += wr * response[i];
    }
    return d == 0 ? 0 : n * n / d;
  }

  private static double clamp(double v, double limit) {
    return Math.max(-limit, Math.min(limit, v));
  }

  private static void leftOver(float[][] band, float[][] response, double opacity, float[][] rest) {
    for (int c = 0; c < band.length; c++) {
      rest[c] = new float[band[c].length];
      for (int i = 0; i < band[c].length; i++) {
        rest[c][i] = band[c][i] - (float) opacity * response[c][i];
      }
    }
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
    float a = (float) Math.min(0.98, opacity);
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
      float ground = Math.max(0, Math.min(1, part[i] / (through[i] + 1e-3f)));
      colour[i] -= drawn[0][i] * ground;
    }
    return colour;
  }

  /** Adds a plane's normal equations: of the opacity, and of opacity times the moves of centre and scale. */
  private static void normal(float[] r, float[] band, float[] weight, int w, int h, double cx, double cy, double sx, double sy,
      double[][] a, double[] b) {
    double[] j = new double[5];
    for (int y = 1; y < h - 1; y++) {
      double v = (y + 0.5 - cy) / sy;
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
        j[3] = dx * (x + 0.5 - cx) / sx;
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
    double[] filled = IntStream.range(0, d.length).filter(k -> g[k] > 0.1 * most).mapToDouble(k -> d[k]).sorted().toArray();
    double cap = 2 * filled[filled.length / 2];
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

  private Fitted judged(float[][] response, float[][] band, float[][] rest, float[][] weight, int w, int h, double cx, double cy, double sx,
      double sy, double opacity, double rx, double ry, int left, int top, Kernel kernel) {
    double[] n = new double[CELLS * CELLS];
    double[] d = new double[CELLS * CELLS];
    double[] g = new double[CELLS * CELLS];
    double x0 = cx - mark.width() * sx / 2;
    double y0 = cy - mark.height() * sy / 2;
    for (int c = 0; c < band.length; c++) {
      for (int y = 0; y < h; y++) {
        int cellY = (int) Math.floor((y + 0.5 - y0) / (mark.height() * sy) * CELLS);
        for (int x = 0; x < w; x++) {
          int i = y * w + x;
          int cellX = (int) Math.floor((x + 0.5 - x0) / (mark.width() * sx) * CELLS);
          int cell = Math.max(0, Math.min(CELLS - 1, cellY)) * CELLS + Math.max(0, Math.min(CELLS - 1, cellX));
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
      double e = n[k] - opacity * d[k];
      scatter += e * e;
    }
    double seenX = Math.min(planes.get(0).width(), left + (x0 + mark.width() * sx) / rx) - Math.max(0, left + x0 / rx);
    double seenY = Math.min(planes.get(0).height(), top + (y0 + mark.height() * sy) / ry) - Math.max(0, top + y0 / ry);
    double seen = Math.max(0, seenX) * Math.max(0, seenY) / (mark.width() * sx / rx * mark.height() * sy / ry);
    return new Fitted(left + cx / rx, top + cy / ry, sx / rx, sy / ry, opacity, sumN / Math.sqrt(sumD), sumN / Math.sqrt(scatter),
        evenSnr(n, d, g), seen, kernel);
  }
}
