package org.lakebrush.mask;

import java.util.Arrays;

/**
 * A curve along a ridge, and what its cross-sections say of it. Lengths are in pixels, grey levels of 255. Immutable.
 */
final class Ridge {
  /** How far cross-sections reach on either side. */
  private static final int REACH = 9;
  /** Points on either side over which the centre line, and over which grey levels along it, are averaged. */
  private static final int SMOOTH = 3;
  private static final int WINDOW = 4;
  /** The same for the flanks' mean levels, where noise must not tell one from the other. */
  private static final int WIDE_WINDOW = 10;
  /** Ends whose contrast is below this share of the curve's median are no part of it. */
  private static final double END = 0.35;
  /** How far to its sides other ridges count. */
  private static final int NEIGHBOURHOOD = 12;
  /** Pixels beyond its half width where the line's sides may lie. */
  private static final double RIM = 1.2;

  private final boolean bright;
  private final double[] x;
  private final double[] y;
  private final double[] normalX;
  private final double[] normalY;
  private final double strength;
  private final double[] left;
  private final double[] right;
  private final double[] core;
  private final double width;
  private final double contrast;
  private final double asymmetry;
  private final double tone;
  private final double toneSpread;
  private final double groundSpread;
  private final double halo;
  private final double crowd;
  private int from;
  private int to;

  /**
   * @param points (x, y) pairs, from one end to the other
   */
  Ridge(int[] points, RidgeFilter ridges, Luma luma) {
    byte[] strengths = ridges.strength();
    double sum = 0;
    for (int i = 0; i < points.length; i += 2) {
      sum += strengths[points[i + 1] * luma.width() + points[i]] & 255;
    }
    bright = (ridges.angle()[points[1] * luma.width() + points[0]] & RidgeFilter.ANGLES) == 0;
    strength = 2 * sum / points.length / RidgeFilter.UNIT;
    double[][] line = closed(points);
    x = averaged(line[0], SMOOTH);
    y = averaged(line[1], SMOOTH);
    normalX = new double[x.length];
    normalY = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int a = Math.max(0, i - WINDOW);
      int b = Math.min(x.length - 1, i + WINDOW);
      double length = Math.max(1e-9, Math.hypot(x[b] - x[a], y[b] - y[a]));
      normalX[i] = (y[a] - y[b]) / length;
      normalY[i] = (x[b] - x[a]) / length;
    }

    int n = x.length;
    double[][] sections = new double[n][2 * REACH + 1];
    double[] section = new double[2 * REACH + 1];
    for (int i = 0; i < n; i++) {
      for (int o = 0; o < section.length; o++) {
        double grey = luma.at(x[i] + (o - REACH) * normalX[i], y[i] + (o - REACH) * normalY[i]);
        sections[i][o] = bright ? grey : -grey;
        section[o] += sections[i][o] / n;
      }
    }
    double peak = Math.max(section[REACH], Math.max(section[REACH - 1], section[REACH + 1]));
    double base = Math.max(mean(section, REACH - 6, REACH - 4), mean(section, REACH + 4, REACH + 6));
    double before = reach(section, (peak + base) / 2, -1);
    double after = reach(section, (peak + base) / 2, 1);
    width = before + after;
    double centre = REACH + (after - before) / 2;

    int inner = (int) Math.round(Math.max(0, width / 2 - 0.75));
    int flank = (int) Math.ceil(width / 2 + 0.9);
    int middle = (int) Math.round(centre);
    int outerLeft = Math.max(0, middle - flank - 2);
    int innerLeft = Math.min(REACH - 1, outerLeft + 2);
    int outerRight = Math.min(2 * REACH, middle + flank + 2);
    int innerRight = Math.max(REACH + 1, outerRight - 2);
    double[] l = new double[n];
    double[] r = new double[n];
    double[] c = new double[n];
    double[] besideLeft = new double[n];
    double[] besideRight = new double[n];
    for (int i = 0; i < n; i++) {
      l[i] = mean(sections[i], outerLeft, innerLeft);
      r[i] = mean(sections[i], innerRight, outerRight);
      c[i] = mean(sections[i], Math.max(0, middle - inner), Math.min(2 * REACH, middle + inner));
      // As many pixels as the core: in noise, fewer spread more.
      besideLeft[i] = mean(sections[i], Math.max(outerLeft, innerLeft - 2 * inner), innerLeft);
      besideRight[i] = mean(sections[i], innerRight, Math.min(outerRight, innerRight + 2 * inner));
    }
    left = averaged(l, WINDOW);
    right = averaged(r, WINDOW);
    core = averaged(c, WINDOW);
    double[] stands = new double[n];
    for (int i = 0; i < n; i++) {
      stands[i] = core[i] - Math.max(left[i], right[i]);
    }
    trim(stands);

    double[] wideLeft = averaged(l, WIDE_WINDOW);
    double[] wideRight = averaged(r, WIDE_WINDOW);
    double height = 0;
    double difference = 0;
    for (int i = from; i < to; i++) {
      height += core[i] - Math.max(wideLeft[i], wideRight[i]);
      difference += Math.abs(wideLeft[i] - wideRight[i]);
    }
    contrast = Math.max(1, height / (to - from));
    asymmetry = difference / (to - from) / contrast;
    tone = Math.abs(mean(core, from, to - 1));
    toneSpread = spread(core, from, to);
    groundSpread = (spread(averaged(besideLeft, WINDOW), from, to) + spread(averaged(besideRight, WINDOW), from, to)) / 2;
    double near = (section[outerLeft] + section[innerLeft] + section[innerRight] + section[outerRight]) / 4;
    double far = (section[0] + section[1] + section[2 * REACH - 1] + section[2 * REACH]) / 4;
    halo = Math.abs(near - far) / contrast;
    for (int i = 0; i < n; i++) {
      x[i] += (centre - REACH) * normalX[i];
      y[i] += (centre - REACH) * normalY[i];
    }
    crowd = crowd(ridges, luma);
  }

  /** The points with straight lines over the gaps. */
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

  /** Means over {@code reach} values on either side, fewer near the ends. */
  private static double[] averaged(double[] v, int reach) {
    double[] out = new double[v.length];
    for (int i = 0; i < v.length; i++) {
      int k = Math.min(reach, Math.min(i, v.length - 1 - i));
      out[i] = mean(v, i - k, i + k);
    }
    return out;
  }

  private void trim(double[] stands) {
    double[] sorted = stands.clone();
    Arrays.sort(sorted);
    double least = END * sorted[sorted.length / 2];
    to = stands.length;
    while (from < to - 1 && stands[from] < least) {
      from++;
    }
    while (to > from + 1 && stands[to - 1] < least) {
      to--;
    }
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

  /** Other ridges, at least half as strong and not across this one, that a cross-section of the neighbourhood meets on average. */
  private double crowd(RidgeFilter ridges, Luma luma) {
    int n = 0;
    int sections = 0;
    for (int i = 0; i < x.length; i += 2) {
      sections++;
      for (int o = -NEIGHBOURHOOD; o <= NEIGHBOURHOOD; o++) {
        int px = (int) Math.round(x[i] + o * normalX[i]);
        int py = (int) Math.round(y[i] + o * normalY[i]);
        if (Math.abs(o) >= 3 && px >= 0 && py >= 0 && px < luma.width() && py < luma.height()) {
          int at = py * luma.width() + px;
          if ((ridges.strength()[at] & 255) > strength * RidgeFilter.UNIT / 2 && along(ridges.angle()[at], i)) {
            n++;
          }
        }
      }
    }
    return (double) n / sections;
  }

  private boolean along(byte angle, int i) {
    double phi = (angle & RidgeFilter.ANGLES - 1) * Math.PI / RidgeFilter.ANGLES;
    return Math.abs(Math.cos(phi) * normalY[i] - Math.sin(phi) * normalX[i]) > 0.8;
  }

  private static double mean(double[] v, int first, int last) {
    double sum = 0;
    for (int i = first; i <= last; i++) {
      sum += v[i];
    }
    return sum / (last - first + 1);
  }

  private static double spread(double[] v, int from, int to) {
    double mean = mean(v, from, to - 1);
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += (v[i] - mean) * (v[i] - mean);
    }
    return Math.sqrt(sum / (to - from));
  }

  boolean bright() {
    return bright;
  }

  /** In pixels. */
  int length() {
    return to - from;
  }

  /** The features that {@link ScratchFinder} judges by, but for the width: numbers of either sign, about 0. */
  double[] features() {
    return new double[] {
        Math.log(Math.min(150, length()) / 40.0),
        Math.log(strength / 2),
        Math.log(asymmetry + 0.03),
        Math.log(halo + 0.02),
        Math.log(crowd + 0.1),
        Math.log((toneSpread + 3) / (groundSpread + 3))};
  }

  /** Direction of the straight line between its ends, 0 to pi, pi excluded. */
  double direction() {
    double angle = Math.atan2(y[to - 1] - y[from], x[to - 1] - x[from]);
    angle = angle < 0 ? angle + Math.PI : angle;
    return angle >= Math.PI ? 0 : angle;
  }

  /** Half way between its ends. */
  double middleX() {
    return (x[from] + x[to - 1]) / 2;
  }

  double middleY() {
    return (y[from] + y[to - 1]) / 2;
  }

  /** Its mean grey level. */
  double tone() {
    return tone;
  }

  /** The standard deviation of its grey level along it. */
  double toneSpread() {
    return toneSpread;
  }

  /** By how much it stands out of the nearer of its flanks' levels, on average; at least 1. */
  double contrast() {
    return contrast;
  }

  /** How much the flanks' levels differ, over the contrast. */
  double asymmetry() {
    return asymmetry;
  }

  /** Width at half height. */
  double width() {
    return width;
  }

  /** The centre line's point {@code i} of {@link #length}. */
  double x(int i) {
    return x[from + i];
  }

  double y(int i) {
    return y[from + i];
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
