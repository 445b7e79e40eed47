package org.lakebrush.spectral;

import java.util.Arrays;
import org.lakebrush.image.Region;
import org.lakebrush.mask.Mask;

/** A tile of a fill, held against the grain that it should have. It may reach over the canvas. Used by one thread. */
final class GrainTile {
  /** Rings of frequencies in which a fill is held against the grain. */
  static final int RINGS = 11;
  private static final int SIDE = TileTransform.SIDE;
  private static final int AREA = TileTransform.AREA;
  /** Width of a ring, in cycles per pixel. */
  private static final double RING = 2.0 / SIDE;
  /** Hole pixels as a share of a tile from which its spectrum is the fill's own, not the shape of the hole's. */
  private static final double WHOLE = 0.9;
  /** A fill of this many times the grain's energy is texture, which is kept. */
  private static final double TEXTURE = 4;
  /** No frequency is weakened to less than this share of its amplitude. */
  private static final double LEAST_GAIN = 0.1;
  private static final double[] HANN = Grain.window();
  private static final double[] SINE = sine();

  private final GrainWindow window;
  private final Mask hole;
  private final int left;
  private final int top;
  private final TileTransform transform;
  private final double covered;
  private final double[] power;
  private final double[] target;

  /**
   * @param target power that the residual is to have, by bin
   */
  GrainTile(GrainWindow window, Mask hole, double[] target, int left, int top, TileTransform transform) {
    this.window = window;
    this.hole = hole;
    this.left = left;
    this.top = top;
    this.transform = transform;
    this.target = ringSums(target);
    double sum = 0;
    for (int i = 0; i < AREA; i++) {
      sum += isHole(i) ? HANN[i] * HANN[i] : 0;
    }
    this.covered = sum / AREA;
    this.power = covered > 0 ? measure() : new double[RINGS];
  }

  /** How much of the tile is hole, by the window's energy, 0..1. */
  double covered() {
    return covered;
  }

  /** Whether its spectrum is the fill's own. */
  boolean tells() {
    return covered >= WHOLE;
  }

  /** The fill's power, by ring. */
  double[] power() {
    return power;
  }

  /** The ring of a bin, from 0 outwards; -1 below the lowest frequency that counts. */
  static int ring(int bin) {
    double f = TileTransform.frequency(bin);
    return f < Grain.LOWEST ? -1 : (int) ((f - Grain.LOWEST) / RING);
  }

  /** Sums by ring. */
  static double[] ringSums(double[] power) {
    double[] sums = new double[RINGS];
    for (int i = 0; i < AREA; i++) {
      int ring = ring(i);
      if (ring >= 0) {
        sums[ring] += power[i];
      }
    }
    return sums;
  }

  private boolean isHole(int i) {
    int x = left + i % SIDE;
    int y = top + i / SIDE;
    return x >= 0 && y >= 0 && x < hole.width() && y < hole.height() && hole.isHole(x, y);
  }

  /** Luma's, 0 outside the canvas. */
  private double residual(int i) {
    int x = left + i % SIDE;
    int y = top + i / SIDE;
    return x >= 0 && y >= 0 && x < hole.width() && y < hole.height() ? window.residual()[3 * window.plane() + window.index(x, y)] : 0;
  }

  private double[] measure() {
    double[] data = new double[2 * AREA];
    for (int i = 0; i < AREA; i++) {
      data[2 * i] = isHole(i) ? HANN[i] * residual(i) : 0;
    }
    transform.forward(data);
    double[] all = new double[AREA];
    for (int i = 0; i < AREA; i++) {
      all[i] = (data[2 * i] * data[2 * i] + data[2 * i + 1] * data[2 * i + 1]) / (AREA * covered);
    }
    return ringSums(all);
  }

  private double energy() {
    return Arrays.stream(power).sum() / Arrays.stream(target).sum();
  }

  /**
   * The fill's power as a share of the grain's, by ring.
   *
   * @param shape what it is elsewhere in the hole, of mean energy 1; taken where the tile is hole in part
   */
  double[] ratios(double[] shape) {
    double[] ratios = new double[RINGS];
    for (int r = 0; r < RINGS; r++) {
      ratios[r] = tells() ? power[r] / target[r] : energy() * shape[r];
    }
    return ratios;
  }

  /**
   * Adds this tile's part of what is to change.
   *
   * @param ratios the fill's power as a share of the grain's, by ring
   * @param noises three planes of noise with the grain's spectrum over {@code around}; null where the mix asks for none
   * @param mix as {@link Grain} has it
   * @param change planes of red, green and blue of {@code region}
   */
  void add(double[] ratios, float[][] noises, Region around, double[] mix, float[] change, Region region) {
    double[] lack = new double[RINGS];
    double[] excess = new double[RINGS];
    boolean texture = energy() >= TEXTURE;
    for (int r = 0; r < RINGS; r++) {
      lack[r] = Math.sqrt(Math.max(0, 1 - ratios[r]));
      excess[r] = texture || ratios[r] <= 1 ? 0 : 1 - Math.max(LEAST_GAIN, Math.sqrt(1 / ratios[r]));
    }
    double[] taken = taken(excess);
    double[][] added = new double[3][];
    for (int k = 0; k < 3; k++) {
      added[k] = noises[k] == null ? new double[AREA] : part(noises[k], around, lack);
    }
    Region here = new Region(left, top, SIDE, SIDE).intersect(region);
    int plane = Math.toIntExact(region.area());
    for (int y = here.y(); y < here.bottom(); y++) {
      for (int x = here.x(); x < here.right(); x++) {
        int i = (y - top) * SIDE + x - left;
        int to = (y - region.y()) * region.width() + x - region.x();
        for (int c = 0; c < 3; c++) {
          double v = -taken[i];
          for (int k = 0; k <= c; k++) {
            v += mix[3 * c + k] * added[k][i];
          }
          change[c * plane + to] += (float) (SINE[i] * v);
        }
      }
    }
  }

  private double[] part(float[] noise, Region around, double[] lack) {
    double[] data = new double[2 * AREA];
    for (int i = 0; i < AREA; i++) {
      data[2 * i] = SINE[i] * noise[(top - around.y() + i / SIDE) * around.width() + left - around.x() + i % SIDE];
    }
    return filtered(data, lack);
  }

  private double[] taken(double[] excess) {
    double[] data = new double[2 * AREA];
    for (int i = 0; i < AREA; i++) {
      data[2 * i] = SINE[i] * residual(i);
    }
    return filtered(data, excess);
  }

  /** The tile with each frequency times the value of its ring, interpolated between the rings' middles. */
  private double[] filtered(double[] data, double[] rings) {
    double[] filtered = new double[AREA];
    if (Arrays.stream(rings).max().orElseThrow() == 0) {
      return filtered;
    }
    transform.forward(data);
    for (int i = 0; i < AREA; i++) {
      double at = Math.max(0, Math.min(RINGS - 1, (TileTransform.frequency(i) - Grain.LOWEST) / RING - 0.5));
      int below = Math.min(RINGS - 2, (int) at);
      double gain = rings[below] + (at - below) * (rings[below + 1] - rings[below]);
      data[2 * i] *= gain;
      data[2 * i + 1] *= gain;
    }
    transform.inverse(data);
    for (int i = 0; i < AREA; i++) {
      filtered[i] = data[2 * i];
    }
    return filtered;
  }

  private static double[] sine() {
    double[] w = new double[AREA];
    for (int i = 0; i < AREA; i++) {
      w[i] = Math.sin(Math.PI * (i % SIDE + 0.5) / SIDE) * Math.sin(Math.PI * (i / SIDE + 0.5) / SIDE);
    }
    return w;
  }
}
