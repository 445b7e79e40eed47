package org.lakebrush.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Links the pixels of ridges to curves: from the strongest on, both ways, each time to the nearest pixel ahead that lies on a ridge of
 * the same polarity and much the same direction (C. Steger, An Unbiased Detector of Curvilinear Structures, PAMI 1998, section 4), over
 * gaps of a few pixels. Used by one thread.
 */
final class RidgeTracer {
  /** Least strength of a curve's pixel, and of the one that it starts from. */
  private static final int LOW = 18;
  private static final int SEED = 28;
  /** How far the next pixel may lie, and by how many angles its ridge's direction may be off. */
  private static final int REACH = 7;
  private static final int TURN = 4;
  /** A bit of {@link RidgeFilter#angle} that is free. */
  private static final int USED = 64;
  /** Pixels that {@link #walk} looks back for a curve's direction. */
  private static final int CHORD = 6;

  private final byte[] strength;
  private final byte[] angle;
  private final int width;
  private final int height;
  /** By direction in 1/64 of a turn: what lies ahead, (dx, dy) pairs, nearest first. */
  private final int[][] ahead = new int[2 * RidgeFilter.ANGLES][];

  /**
   * @param ridges the free bits of its angles are written
   */
  RidgeTracer(RidgeFilter ridges, int width, int height) {
    this.strength = ridges.strength();
    this.angle = ridges.angle();
    this.width = width;
    this.height = height;
    for (int a = 0; a < ahead.length; a++) {
      ahead[a] = fan(a * Math.PI / RidgeFilter.ANGLES);
    }
  }

  private static int[] fan(double phi) {
    List<int[]> cells = new ArrayList<>();
    for (int dy = -REACH; dy <= REACH; dy++) {
      for (int dx = -REACH; dx <= REACH; dx++) {
        if (lateral(dx, dy, phi) <= 0.7 + 0.3 * along(dx, dy, phi) && along(dx, dy, phi) > 0.3 && along(dx, dy, phi) <= REACH) {
          cells.add(new int[] {dx, dy});
        }
      }
    }
    cells.sort(Comparator.comparingDouble(c -> along(c[0], c[1], phi) + 1.5 * lateral(c[0], c[1], phi)));
    return cells.stream().flatMapToInt(Arrays::stream).toArray();
  }

  private static double along(int dx, int dy, double phi) {
    return dx * Math.cos(phi) + dy * Math.sin(phi);
  }

  private static double lateral(int dx, int dy, double phi) {
    return Math.abs(dy * Math.cos(phi) - dx * Math.sin(phi));
  }

  /** The curves of at least {@code least} pixels, as (x, y) pairs from one end to the other, none of a pixel that another has. */
  List<int[]> trace(int least) {
    int[] counts = new int[257];
    for (byte s : strength) {
      if ((s & 255) >= SEED) {
        counts[256 - (s & 255)]++;
      }
    }
    for (int i = 1; i < counts.length; i++) {
      counts[i] += counts[i - 1];
    }
    int[] seeds = new int[counts[256]];
    for (int i = strength.length - 1; i >= 0; i--) {
      if ((strength[i] & 255) >= SEED) {
        seeds[--counts[256 - (strength[i] & 255)]] = i;
      }
    }
    List<int[]> curves = new ArrayList<>();
    for (int seed : seeds) {
      if ((angle[seed] & USED) == 0) {
        int[] curve = curve(seed);
        if (curve.length >= 2 * least) {
          curves.add(curve);
        }
      }
    }
    return curves;
  }

  /** The way back reversed, the seed, the way on. */
  private int[] curve(int seed) {
    int direction = angle[seed] & RidgeFilter.ANGLES - 1;
    use(seed);
    int[] on = walk(seed, direction);
    int[] back = walk(seed, direction + RidgeFilter.ANGLES);
    int[] points = new int[2 * (back.length + on.length - 1)];
    for (int i = 0; i < back.length + on.length - 1; i++) {
      int at = i < back.length ? back[back.length - 1 - i] : on[i - back.length + 1];
      points[2 * i] = at % width;
      points[2 * i + 1] = at / width;
    }
    return points;
  }

  /** The pixels on from a seed, itself first. */
  private int[] walk(int seed, int direction) {
    int[] points = new int[64];
    points[0] = seed;
    int n = 1;
    int at = seed;
    int d = direction;
    while ((at = next(at, d)) >= 0) {
      use(at);
      if (n == points.length) {
        points = Arrays.copyOf(points, 2 * n);
      }
      points[n++] = at;
      int from = points[Math.max(0, n - 1 - CHORD)];
      d = direction(at % width - from % width, at / width - from / width, angle[at] & RidgeFilter.ANGLES - 1);
    }
    return Arrays.copyOf(points, n);
  }

  /** Half way between a chord's direction and the ridge's own, in 1/64 of a turn. */
  private static int direction(int dx, int dy, int ridge) {
    double chord = Math.atan2(dy, dx) * RidgeFilter.ANGLES / Math.PI;
    double turn = ridge - chord;
    turn -= RidgeFilter.ANGLES * Math.rint(turn / RidgeFilter.ANGLES);
    return Math.floorMod((int) Math.rint(chord + turn / 2), 2 * RidgeFilter.ANGLES);
  }

  private int next(int at, int direction) {
    int[] cells = ahead[direction];
    int x = at % width;
    int y = at / width;
    int dark = angle[at] & RidgeFilter.ANGLES;
    for (int i = 0; i < cells.length; i += 2) {
      int nx = x + cells[i];
      int ny = y + cells[i + 1];
      if (nx < 0 || ny < 0 || nx >= width || ny >= height) {
        continue;
      }
      int n = ny * width + nx;
      if ((strength[n] & 255) >= LOW && (angle[n] & (RidgeFilter.ANGLES | USED)) == dark && turn(angle[n], direction) <= TURN) {
        return n;
      }
    }
    return -1;
  }

  private static int turn(int a, int b) {
    int d = a - b & RidgeFilter.ANGLES - 1;
    return Math.min(d, RidgeFilter.ANGLES - d);
  }

  /** Takes a pixel, and the ridges that touch it sideways with it. */
  private void use(int at) {
    int x = at % width;
    int y = at / width;
    for (int ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (int nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
        int n = ny * width + nx;
        if ((angle[n] & RidgeFilter.ANGLES) == (angle[at] & RidgeFilter.ANGLES) && turn(angle[n], angle[at]) <= 1) {
          angle[n] |= USED;
        }
      }
    }
    angle[at] |= USED;
  }
}
