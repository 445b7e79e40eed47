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
  /** Ends whose contrast is below this share of the curve's median are no part of it. */
  private static final double END = 0.35;
  private static final int NEIGHBOURHOOD = 12;

  private final boolean bright;
  private final double[] x;
  private final double[] y;
  private final double[] normalX;
  private final double[] normalY;
  private final double strength;
  private double width;
  private double contrast;
  private double asymmetry;
  private double toneSpread;
  private double groundSpread;
  private double halo;
  private double crowd;
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
    measure(luma);
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

  private void measure(Luma luma) {
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

    int core = (int) Math.round(Math.max(0, width / 2 - 0.75));
    int flank = (int) Math.ceil(width / 2 + 0.9);
    int middle = (int) Math.round(centre);
    int outerLeft = Math.max(0, middle - flank - 2);
    int innerLeft = Math.min(REACH - 1, outerLeft + 2);
    int outerRight = Math.min(2 * REACH, middle + flank + 2);
    int innerRight = Math.max(REACH + 1, outerRight - 2);
    double[] left = new double[n];
    double[] right = new double[n];
    double[] tone = new double[n];
    for (int i = 0; i < n; i++) {
      left[i] = mean(sections[i], outerLeft, innerLeft);
      right[i] = mean(sections[i], innerRight, outerRight);
      tone[i] = mean(sections[i], Math.max(0, middle - core), Math.min(2 * REACH, middle + core));
    }
    left = averaged(left, WINDOW);
    right = averaged(right, WINDOW);
    tone = averaged(tone, WINDOW);
    double[] ground = new double[n];
    double[] stands = new double[n];
    for (int i = 0; i < n; i++) {
      ground[i] = (left[i] + right[i]) / 2;
      stands[i] = tone[i] - Math.max(left[i], right[i]);
    }
    trim(stands);

    contrast = Math.max(1, mean(stands, from, to - 1));
    double difference = 0;
    for (int i = from; i < to; i++) {
      difference += Math.abs(left[i] - right[i]);
    }
    asymmetry = difference / (to - from) / contrast;
    toneSpread = spread(tone, from, to);
    groundSpread = spread(ground, from, to);
    double near = (section[outerLeft] + section[innerLeft] + section[innerRight] + section[outerRight]) / 4;
    double far = (section[0] + section[1] + section[2 * REACH - 1] + section[2 * REACH]) / 4;
    halo = Math.abs(near - far) / contrast;
    for (int i = 0; i < n; i++) {
      x[i] += (centre - REACH) * normalX[i];
      y[i] += (centre - REACH) * normalY[i];
    }
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

  double length() {
    return to - from;
  }

  double width() {
    return width;
  }

  /** The features, in the order of {@link #WEIGHTS}. */
  double[] features(double maxWidth) {
    return new double[] {
        Math.log(Math.min(150, length()) / 40),
        Math.log(strength / 2),
        Math.log(asymmetry + 0.03),
        Math.log(halo + 0.02),
        Math.log(crowd + 0.1),
        Math.log((toneSpread + 2) / contrast),
        Math.log((toneSpread + 3) / (groundSpread + 3)),
        Math.max(0, width - maxWidth + 0.2)};
  }

  int points() {
    return to - from;
  }

  double x(int i) {
    return x[from + i];
  }

  double y(int i) {
    return y[from + i];
  }

  double normalX(int i) {
    return normalX[from + i];
  }

  double normalY(int i) {
    return normalY[from + i];
  }
}
