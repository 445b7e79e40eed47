package org.lakebrush.mask;

import java.util.ArrayList;
import java.util.List;

/**
 * Follows a scratch beyond a ridge's ends, by its tone: over a bright ground and a dark one it is first a dark line, then a bright one, and
 * between the two none at all. Immutable.
 */
final class ScratchEnds {
  /** Points over which a path's direction is taken. */
  private static final int CHORD = 14;
  private static final int FARTHEST = 160;
  /** Points in a row where nothing is seen before the scratch is held to have ended. */
  private static final int GAP = 14;
  /** Where the next point is looked for, in pixels off the path's direction, and the grey levels that a pixel off costs. */
  private static final double[] ASIDE = {0, -0.4, 0.4, -0.8, 0.8};
  private static final double ASIDE_COST = 3;
  /** Grey levels by which both flanks must differ from the scratch for it to be seen. */
  private static final double LEAST_CONTRAST = 12;

  private final Luma luma;
  private final RidgeLine ridge;
  /** Grey levels by which it may differ from its tone. */
  private final double tolerance;

  ScratchEnds(Luma luma, RidgeLine ridge) {
    this.luma = luma;
    this.ridge = ridge;
    tolerance = Math.max(8, Math.max(0.2 * ridge.contrast(), 1.5 * ridge.toneSpread()));
  }

  /** Marks what goes on beyond either end. */
  void mark(HoleMarker hole) {
    double radius = ridge.width() / 2 + 0.2;
    for (boolean last : new boolean[] {false, true}) {
      for (double[] p : beyond(last)) {
        for (int y = (int) Math.ceil(p[1] - radius); y <= p[1] + radius; y++) {
          double half = Math.sqrt(radius * radius - (y - p[1]) * (y - p[1]));
          hole.mark(y, (int) Math.ceil(p[0] - half), (int) Math.floor(p[0] + half) + 1);
        }
      }
    }
  }

  /** The centre line beyond the last point, or beyond the first one; (x, y) pairs. At least half of it is seen. */
  private List<double[]> beyond(boolean last) {
    int n = ridge.length();
    int known = Math.min(n, 3 * CHORD);
    List<double[]> path = new ArrayList<>();
    for (int i = n - known; i < n; i++) {
      int at = last ? i : n - 1 - i;
      path.add(new double[] {ridge.x(at), ridge.y(at)});
    }
    double bend = bend(path);
    int keep = known;
    int seen = 0;
    while (path.size() < known + FARTHEST && path.size() <= keep + GAP) {
      double[] end = path.get(path.size() - 1);
      double direction = direction(path, path.size() - 1) + bend * CHORD / 2;
      double dx = Math.cos(direction);
      double dy = Math.sin(direction);
      double[] next = next(end, dx, dy);
      boolean visible = visible(next, dx, dy);
      if (!visible) {
        next = new double[] {end[0] + dx, end[1] + dy};
      }
      if (next[0] < 0 || next[1] < 0 || next[0] > luma.width() - 1 || next[1] > luma.height() - 1) {
        break;
      }
      path.add(next);
      seen += visible ? 1 : 0;
      if (visible && 2 * seen >= path.size() - known) {
        keep = path.size();
      }
    }
    return path.subList(known, keep);
  }

  /** The point ahead whose grey level is nearest to the scratch's. */
  private double[] next(double[] end, double dx, double dy) {
    double[] best = null;
    double least = Double.MAX_VALUE;
    for (double aside : ASIDE) {
      double x = end[0] + dx - aside * dy;
      double y = end[1] + dy + aside * dx;
      double off = Math.abs(luma.at(x, y) - ridge.tone()) + ASIDE_COST * Math.abs(aside);
      if (off < least) {
        least = off;
        best = new double[] {x, y};
      }
    }
    return best;
  }

  /** Whether a point has the tone and both of its flanks have another, on the same side of it. */
  private boolean visible(double[] p, double dx, double dy) {
    double flank = ridge.width() / 2 + 1.5;
    double here = luma.at(p[0], p[1]);
    double left = luma.at(p[0] + flank * dy, p[1] - flank * dx) - here;
    double right = luma.at(p[0] - flank * dy, p[1] + flank * dx) - here;
    return Math.abs(here - ridge.tone()) <= tolerance && left * right > 0 && Math.min(Math.abs(left), Math.abs(right)) >= LEAST_CONTRAST;
  }

  private static double direction(List<double[]> path, int end) {
    double[] a = path.get(Math.max(0, end - CHORD));
    double[] b = path.get(end);
    return Math.atan2(b[1] - a[1], b[0] - a[0]);
  }

  /** Turn a pixel, from the last points. */
  private static double bend(List<double[]> path) {
    int end = path.size() - 1;
    if (end < 2 * CHORD) {
      return 0;
    }
    double turn = direction(path, end) - direction(path, end - CHORD);
    turn -= 2 * Math.PI * Math.rint(turn / (2 * Math.PI));
    return turn / CHORD;
  }
}
