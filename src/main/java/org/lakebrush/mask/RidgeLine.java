package org.lakebrush.mask;

import java.util.Arrays;

/**
 * A ridge's centre line, and the grey levels on it and on both sides, point by point: some 100 bytes a point. Levels are negated on dark
 * ridges, so that the line is always the higher one. Immutable.
 */
final class RidgeLine {
  /** How far cross-sections reach on either side. */
  private static final int REACH = 9;
  /** Points on either side over which the centre line is averaged, over which levels along it are, and over which its normal is taken. */
  private static final int SMOOTH = 3;
  private static final int WINDOW = 4;
  /** The same for the flanks' levels where noise must not tell one from the other. */
  private static final int WIDE_WINDOW = 10;
  /** Ends that stand out by less than this share of the line's median are no part of it. */
  private static final double END = 0.35;
  /** Pixels beyond its half width where the line's sides may lie. */
  private static final double RIM = 1.2;

  private final boolean bright;
  private final double[] x;
  private final double[] y;
  private final double[] normalX;
  private final double[] normalY;
  /** Levels on the line and on its flanks. */
  private final double[] core;
  private final double[] left;
  private final double[] right;
  private final double width;
  private final double tone;
  private final double contrast;
  private final double asymmetry;
  private final double groundSpread;
  private final double halo;
  /** The points that are the ridge's: from the first to before the last. */
  private final int from;
  private final int to;

  /**
   * @param points (x, y) pairs, from one end to the other
   */
  RidgeLine(int[] points, boolean bright, Luma luma) {
    this.bright = bright;
    double[][] line = closed(points);
    x = averaged(line[0], SMOOTH);
    y = averaged(line[1], SMOOTH);
    int n = x.length;
    normalX = new double[n];
    normalY = new double[n];
    for (int i = 0; i < n; i++) {
      int a = Math.max(0, i - WINDOW);
      int b = Math.min(n - 1, i + WINDOW);
      double chord = Math.max(1e-9, Math.hypot(x[b] - x[a], y[b] - y[a]));
      normalX[i] = (y[a] - y[b]) / chord;
      normalY[i] = (x[b] - x[a]) / chord;
    }
    double[][] sections = sections(luma);
    double[] section = new double[2 * REACH + 1];
    for (double[] s : sections) {
      for (int o = 0; o < section.length; o++) {
        section[o] += s[o] / n;
      }
    }
    double peak = Math.max(section[REACH], Math.max(section[REACH - 1], section[REACH + 1]));
    double base = Math.max(mean(section, REACH - 6, REACH - 4), mean(section, REACH + 4, REACH + 6));
    double before = reach(section, (peak + base) / 2, -1);
    double after = reach(section, (peak + base) / 2, 1);
    width = before + after;
    double shift = (after - before) / 2;
    for (int i = 0; i < n; i++) {
      x[i] += shift * normalX[i];
      y[i] += shift * normalY[i];
    }

    // Where in a section the core, the flanks, and as many of the flanks' pixels as the core has lie: in noise, fewer pixels spread more.
    int middle = (int) Math.round(REACH + shift);
    int inner = (int) Math.round(Math.max(0, width / 2 - 0.75));
    int flank = (int) Math.ceil(width / 2 + 0.9);
    int outerLeft = Math.max(0, middle - flank - 2);
    int innerLeft = Math.min(REACH - 1, outerLeft + 2);
    int outerRight = Math.min(2 * REACH, middle + flank + 2);
    int innerRight = Math.max(REACH + 1, outerRight - 2);
    double[] onLeft = means(sections, outerLeft, innerLeft);
    double[] onRight = means(sections, innerRight, outerRight);
    core = averaged(means(sections, Math.max(0, middle - inner), Math.min(2 * REACH, middle + inner)), WINDOW);
    left = averaged(onLeft, WINDOW);
    right = averaged(onRight, WINDOW);

    double[] stands = new double[n];
    for (int i = 0; i < n; i++) {
      stands[i] = core[i] - Math.max(left[i], right[i]);
    }
    double[] sorted = stands.clone();
    Arrays.sort(sorted);
    double least = END * sorted[n / 2];
    int first = 0;
    int end = n;
    while (first < end - 1 && stands[first] < least) {
      first++;
    }
    while (end > first + 1 && stands[end - 1] < least) {
      end--;
    }
    from = first;
    to = end;

    double[] wideLeft = averaged(onLeft, WIDE_WINDOW);
    double[] wideRight = averaged(onRight, WIDE_WINDOW);
    double height = 0;
    double difference = 0;
    for (int i = from; i < to; i++) {
      height += core[i] - Math.max(wideLeft[i], wideRight[i]);
      difference += Math.abs(wideLeft[i] - wideRight[i]);
    }
    tone = Math.abs(mean(core, from, to - 1));
    contrast = Math.max(1, height / (to - from));
    asymmetry = difference / (to - from) / contrast;
    double[] besideLeft = averaged(means(sections, Math.max(outerLeft, innerLeft - 2 * inner), innerLeft), WINDOW);
    double[] besideRight = averaged(means(sections, innerRight, Math.min(outerRight, innerRight + 2 * inner)), WINDOW);
    groundSpread = (spread(besideLeft) + spread(besideRight)) / 2;
    double near = (section[outerLeft] + section[innerLeft] + section[innerRight] + section[outerRight]) / 4;
    double far = (section[0] + section[1] + section[2 * REACH - 1] + section[2 * REACH]) / 4;
    halo = Math.abs(near - far) / contrast;
  }

  /** The points with straight lines over the gaps: columns, then rows. */
  private static double[][] closed(int[] points) {
    int n = 1;
    for (int i = 2; i < points.length; i += 2) {
      n += steps(points, i);
    }
    double[][] line = new double[2][n];
    line[0][0] = points[0];
    line[1][0] = points[1];
    int at = 1;
    for (int i = 2; i < points.length; i += 2) {
      int steps = steps(points, i);
      for (int k = 1; k <= steps; k++) {
        line[0][at] = points[i - 2] + (points[i] - points[i - 2]) * (double) k / steps;
        line[1][at++] = points[i - 1] + (points[i + 1] - points[i - 1]) * (double) k / steps;
      }
    }
    return line;
  }

  private static int steps(int[] points, int i) {
    return Math.max(1, Math.max(Math.abs(points[i] - points[i - 2]), Math.abs(points[i + 1] - points[i - 1])));
  }

  private double[][] sections(Luma luma) {
    double[][] sections = new double[x.length][2 * REACH + 1];
    for (int i = 0; i < x.length; i++) {
      for (int o = -REACH; o <= REACH; o++) {
        double grey = luma.at(x[i] + o * normalX[i], y[i] + o * normalY[i]);
        sections[i][o + REACH] = bright ? grey : -grey;
      }
    }
    return sections;
  }

  /** How far from the centre a section falls to a level. */
  private static double reach(double[] section, double level, int step) {
    double last = section[REACH];
    for (int o = 1; o <= REACH && last >= level; o++) {
      double v = section[REACH + step * o];
      if (v < level) {
        return o - 1 + (last - level) / (last - v);
      }
      last = v;
    }
    return last < level ? 0 : REACH;
  }

  private static double[] means(double[][] sections, int first, int last) {
    double[] means = new double[sections.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = mean(sections[i], first, last);
    }
    return means;
  }

  /** Means over {@code reach} values on either side, fewer near the ends. */
  private static double[] averaged(double[] v, int reach) {
    double[] out = new double[v.length];
    for (int i = 0; i < v.length; i++) {
      int k = Math.min(reach, Math.min(i, v.length - 1 - i));
      out[i] = mean(v, i - k, i + k);
    }
    return out;
  }

  private static double mean(double[] v, int first, int last) {
    double sum = 0;
    for (int i = first; i <= last; i++) {
      sum += v[i];
    }
    return sum / (last - first + 1);
  }

  /** Standard deviation along the ridge. */
  private double spread(double[] v) {
    double mean = mean(v, from, to - 1);
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += (v[i] - mean) * (v[i] - mean);
    }
    return Math.sqrt(sum / (to - from));
  }

  /** In points, which are a pixel apart or a little more. */
  int length() {
    return to - from;
  }

  /** Point {@code i} of {@link #length}. */
  double x(int i) {
    return x[from + i];
  }

  double y(int i) {
    return y[from + i];
  }

  /** The unit normal at a point. */
  double normalX(int i) {
    return normalX[from + i];
  }

  double normalY(int i) {
    return normalY[from + i];
  }

  /** At half height, in pixels. */
  double width() {
    return width;
  }

  /** By how much it stands out of the nearer of its flanks' levels, in grey levels, on average; at least 1. */
  double contrast() {
    return contrast;
  }

  /** How much the flanks' levels differ, on average, over the contrast. */
  double asymmetry() {
    return asymmetry;
  }

  /** How much the ground close by differs from that farther off, over the contrast. */
  double halo() {
    return halo;
  }

  /** Its mean grey level, 0..255. */
  double tone() {
    return tone;
  }

  /** The standard deviation of its grey level along it. */
  double toneSpread() {
    return spread(core);
  }

  /** The same of its flanks. */
  double groundSpread() {
    return groundSpread;
  }

  /** Marks the pixels that are the line's by half or more: by their place in its middle, by their grey level along its sides. */
  void mark(Luma luma, HoleMarker hole) {
    double reach = width / 2 + RIM;
    for (int i = from; i < to; i++) {
      for (int py = (int) Math.ceil(y[i] - reach); py <= y[i] + reach; py++) {
        for (int px = (int) Math.ceil(x[i] - reach); px <= x[i] + reach; px++) {
          double along = (px - x[i]) * normalY[i] - (py - y[i]) * normalX[i];
          double across = (px - x[i]) * normalX[i] + (py - y[i]) * normalY[i];
          boolean near = Math.abs(along) <= 0.75 && Math.abs(across) <= reach;
          if (near && (Math.abs(across) <= width / 2 - 0.5 || covered(luma.at(px, py), across < 0 ? left[i] : right[i], core[i]))) {
            hole.mark(py, px, px + 1);
          }
        }
      }
    }
  }

  private boolean covered(int grey, double ground, double tone) {
    return (bright ? grey : -grey) - ground >= (tone - ground) / 2;
  }
}
