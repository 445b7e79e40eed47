package org.lakebrush.spectral;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Region;
import org.lakebrush.mask.Mask;

/**
 * Gives a fill the grain of its surroundings: film grain or sensor noise is measured around the hole ({@link Grain}) and synthesised in
 * it with the same spectrum, variance and correlation between the colours, as far as the fill lacks it. How far is told, and the noise
 * filtered, in tiles of 32 x 32 pixels with sine windows that overlap by half. Where a calm fill has more of a frequency than its
 * surroundings, that is taken back. The grain is taken as one for the whole picture,
 * whatever its tone. Safe for any number of threads, each with a canvas of its own.
 */
public final class GrainMatch {
  private static final int SIDE = TileTransform.SIDE;
  private static final int AREA = TileTransform.AREA;
  private static final int STEP = SIDE / 2;
  /** Sides of the squares that are worked on at once, in pixels. */
  private static final int BLOCK = 256;
  /** Width of the rings of frequencies in which a fill is held against the grain, in bins. */
  private static final int RING = 2;
  private static final int[] RINGS = rings();
  /** Hole pixels as a share of a tile from which its spectrum is the fill's own, not the shape of the hole's. */
  private static final double WHOLE = 0.9;
  /** A fill of this many times the grain's energy is texture, which is kept. */
  private static final double TEXTURE = 4;
  /** No frequency is weakened to less than this share of its amplitude. */
  private static final double LEAST_GAIN = 0.1;
  /** Variance of rounding to 8 bits, which every sample written gets once more. */
  private static final double ROUNDING = 1 / (12 * 255.0 * 255.0);
  /** What that is in luma where red, green and blue are rounded apart. */
  private static final double COLOUR_ROUNDING = ROUNDING * (0.299 * 0.299 + 0.587 * 0.587 + 0.114 * 0.114);
  private static final double[] HANN = Grain.window();
  private static final double[] SINE = sine();

  private final Canvas canvas;
  private final Mask hole;
  private final byte[] weight;
  private final Grain grain;
  private final double[] target;
  private final TileTransform transform;
  private final GrainNoise noise;
  private double squares;
  private long pixels;

  private GrainMatch(Canvas canvas, Mask hole, byte[] weight, Grain grain, double[] target, TileTransform transform, GrainNoise noise) {
    this.canvas = canvas;
    this.hole = hole;
    this.weight = weight;
    this.grain = grain;
    this.target = target;
    this.transform = transform;
    this.noise = noise;
  }

  /**
   * Measures the grain around a filled hole and adds it to the fill. Holds some 100 bytes a pixel of two rows of 256 x 256 squares
   * that have hole in them; nothing that grows with the picture beyond a byte for every 16 x 16 pixels.
   *
   * @param canvas with its hole filled; only the hole is written
   * @param hole of the canvas's size
   * @param unknown the hole, and what else says nothing of the picture
   * @param weight as in {@link Canvas#blend}
   * @param seed of the noise: the same seed gives the same noise at the same place
   * @return standard deviation of luma's change over the hole, 0..1; nothing where no grain was found, and nothing was changed
   */
  public static OptionalDouble apply(Canvas canvas, Mask hole, Mask unknown, byte[] weight, long seed) {
    Optional<Grain> grain = Grain.measure(canvas, hole, unknown);
    if (grain.isEmpty()) {
      return OptionalDouble.empty();
    }
    double[] target = target(grain.get());
    try (TileTransform transform = new TileTransform(); GrainNoise noise = new GrainNoise(whole(target), seed, transform)) {
      return OptionalDouble.of(new GrainMatch(canvas, hole, weight, grain.get(), target, transform, noise).apply());
    }
  }

  /** What the residual is to have before it is rounded. */
  private static double[] target(Grain grain) {
    double[] power = grain.power();
    double rounding = grain.isGrey() ? ROUNDING : COLOUR_ROUNDING;
    double[] target = new double[AREA];
    for (int i = 0; i < AREA; i++) {
      target[i] = Math.max(power[i] - rounding, 0.1 * power[i]);
    }
    return target;
  }

  /** The grain of which the residual is what the blur leaves; as much at the lowest frequencies, where the picture hides it. */
  private static double[] whole(double[] residual) {
    double[] whole = new double[AREA];
    for (int i = 0; i < AREA; i++) {
      whole[i] = residual[i] / GrainWindow.kept(Math.max(Grain.LOWEST, TileTransform.frequency(i)));
    }
    double lowest = ringMean(whole);
    for (int i = 0; i < AREA; i++) {
      whole[i] = RINGS[i] < 0 ? lowest : whole[i];
    }
    return whole;
  }

  /** What is to be written to a region. */
  private record Block(Region region, float[] rgb) {}

  private double apply() {
    Region bounds = hole.bounds();
    List<Block> above = List.of();
    for (int y = bounds.y() / BLOCK * BLOCK; y < bounds.bottom(); y += BLOCK) {
      List<Block> row = new ArrayList<>();
      for (int x = bounds.x() / BLOCK * BLOCK; x < bounds.right(); x += BLOCK) {
        Region region = new Region(x, y, BLOCK, BLOCK).intersect(bounds);
        if (hasHole(region)) {
          row.add(block(region));
        }
      }
      // A block is written when all that lie beside it have been read.
      write(above);
      above = row;
    }
    write(above);
    return Math.sqrt(squares / pixels);
  }

  private boolean hasHole(Region region) {
    for (int y = region.y(); y < region.bottom(); y++) {
      for (int x = region.x(); x < region.right(); x++) {
        if (hole.isHole(x, y)) {
          return true;
        }
      }
    }
    return false;
  }

  private void write(List<Block> blocks) {
    for (Block b : blocks) {
      int width = b.region().width();
      canvas.blend(b.region(), FloatBuffer.wrap(b.rgb()), 0, width, Math.toIntExact(b.region().area()), weight);
    }
  }

  private Block block(Region region) {
    Region around = new Region(region.x() - SIDE, region.y() - SIDE, region.width() + 2 * SIDE, region.height() + 2 * SIDE)
        .intersect(new Region(0, 0, hole.width(), hole.height()));
    GrainWindow window = GrainWindow.read(canvas, around);
    Region area = region.grow(SIDE);
    float[][] noises = new float[3][];
    for (int k = 0; k < 3; k++) {
      noises[k] = grain.mix()[4 * k] == 0 ? null : noise.of(area, k);
    }
    int plane = Math.toIntExact(region.area());
    float[] change = new float[3 * plane];
    for (int y = Math.floorDiv(region.y(), STEP) * STEP - STEP; y < region.bottom(); y += STEP) {
      for (int x = Math.floorDiv(region.x(), STEP) * STEP - STEP; x < region.right(); x += STEP) {
        new Tile(window, area, noises, x, y).addTo(change, region);
      }
    }
    for (int i = 0; i < plane; i++) {
      int x = region.x() + i % region.width();
      int y = region.y() + i / region.width();
      if (hole.isHole(x, y)) {
        double luma = 0.299 * change[i] + 0.587 * change[plane + i] + 0.114 * change[2 * plane + i];
        squares += luma * luma;
        pixels++;
      }
      for (int c = 0; c < 3; c++) {
        float v = window.rgb()[c * window.plane() + window.index(x, y)] + change[c * plane + i];
        change[c * plane + i] = Math.max(0, Math.min(1, v));
      }
    }
    return new Block(region, change);
  }

  /** One tile; it may reach over the canvas. */
  private final class Tile {
    private final GrainWindow window;
    private final Region area;
    private final float[][] noise;
    private final int left;
    private final int top;
    private final double[] data = new double[2 * AREA];

    /**
     * @param area of the noises
     * @param noise three, null where the mix asks for none
     */
    Tile(GrainWindow window, Region area, float[][] noise, int left, int top) {
      this.window = window;
      this.area = area;
      this.noise = noise;
      this.left = left;
      this.top = top;
    }

    /** Adds what this tile adds to each pixel of a region, planes of red, green and blue. */
    void addTo(float[] change, Region region) {
      double covered = covered();
      if (covered == 0) {
        return;
      }
      double[] fill = spectrum(covered);
      double[] lack = new double[AREA];
      double[] excess = new double[AREA];
      compare(fill, covered, lack, excess);
      double[][] added = noise(lack);
      double[] taken = taken(excess);
      Region here = new Region(left, top, SIDE, SIDE).intersect(region);
      int plane = Math.toIntExact(region.area());
      double[] mix = grain.mix();
      for (int y = here.y(); y < here.bottom(); y++) {
        for (int x = here.x(); x < here.right(); x++) {
          int i = (y - top) * SIDE + x - left;
          int to = (y - region.y()) * region.width() + x - region.x();
          for (int c = 0; c < 3; c++) {
            double v = taken[i];
            for (int k = 0; k <= c; k++) {
              v += mix[3 * c + k] * added[k][i];
            }
            change[c * plane + to] += (float) (SINE[i] * v);
          }
        }
      }
    }

    private boolean isHole(int i) {
      int x = left + i % SIDE;
      int y = top + i / SIDE;
      return x >= 0 && y >= 0 && x < hole.width() && y < hole.height() && hole.isHole(x, y);
    }

    private double residual(int i) {
      return window.residual()[3 * window.plane() + window.index(left + i % SIDE, top + i / SIDE)];
    }

    /** How much of the tile is hole, by the window's energy, 0..1. */
    private double covered() {
      double sum = 0;
      for (int i = 0; i < AREA; i++) {
        sum += isHole(i) ? HANN[i] * HANN[i] : 0;
      }
      return sum / AREA;
    }

    /** Power of the fill's residual. */
    private double[] spectrum(double covered) {
      for (int i = 0; i < AREA; i++) {
        data[2 * i] = isHole(i) ? HANN[i] * residual(i) : 0;
        data[2 * i + 1] = 0;
      }
      transform.forward(data);
      double[] power = new double[AREA];
      for (int i = 0; i < AREA; i++) {
        power[i] = (data[2 * i] * data[2 * i] + data[2 * i + 1] * data[2 * i + 1]) / (AREA * covered);
      }
      return power;
    }

    /**
     * Holds the fill against the grain, ring by ring of frequencies; where the tile is hole in part, in all of them at once.
     *
     * @param lack gets the share of the grain's amplitude that is not there
     * @param excess gets the share of the fill's amplitude that is too much
     */
    private void compare(double[] fill, double covered, double[] lack, double[] excess) {
      double all = Grain.energy(fill) / Grain.energy(target);
      double[] sums = ringSums(fill);
      double[] targets = ringSums(target);
      for (int i = 0; i < AREA; i++) {
        int ring = RINGS[i];
        if (ring < 0) {
          continue;
        }
        double has = covered < WHOLE ? all : sums[ring] / targets[ring];
        lack[i] = Math.sqrt(Math.max(0, 1 - has));
        if (covered >= WHOLE && all < TEXTURE && has > 1) {
          excess[i] = 1 - Math.max(LEAST_GAIN, Math.sqrt(1 / has));
        }
      }
      double lowest = ringMean(lack);
      for (int i = 0; i < AREA; i++) {
        lack[i] = RINGS[i] < 0 ? lowest : lack[i];
      }
    }

    /** The noises' part of this tile, filtered. */
    private double[][] noise(double[] amplitude) {
      double[][] filtered = new double[3][AREA];
      for (int k = 0; k < 3; k++) {
        if (noise[k] == null) {
          continue;
        }
        for (int i = 0; i < AREA; i++) {
          data[2 * i] = SINE[i] * noise[k][(top - area.y() + i / SIDE) * area.width() + left - area.x() + i % SIDE];
          data[2 * i + 1] = 0;
        }
        filter(amplitude, filtered[k], 1);
      }
      return filtered;
    }

    private double[] taken(double[] excess) {
      double[] taken = new double[AREA];
      boolean any = false;
      for (double e : excess) {
        any |= e > 0;
      }
      if (any) {
        for (int i = 0; i < AREA; i++) {
          data[2 * i] = isHole(i) ? SINE[i] * residual(i) : 0;
          data[2 * i + 1] = 0;
        }
        filter(excess, taken, -1);
      }
      return taken;
    }

    private void filter(double[] amplitude, double[] to, int sign) {
      transform.forward(data);
      for (int i = 0; i < AREA; i++) {
        data[2 * i] *= amplitude[i];
        data[2 * i + 1] *= amplitude[i];
      }
      transform.inverse(data);
      for (int i = 0; i < AREA; i++) {
        to[i] = sign * data[2 * i];
      }
    }
  }

  private static double[] ringSums(double[] power) {
    double[] sums = new double[SIDE];
    for (int i = 0; i < AREA; i++) {
      if (RINGS[i] >= 0) {
        sums[RINGS[i]] += power[i];
      }
    }
    return sums;
  }

  /** Mean over the innermost ring. */
  private static double ringMean(double[] power) {
    double sum = 0;
    int n = 0;
    for (int i = 0; i < AREA; i++) {
      if (RINGS[i] == 0) {
        sum += power[i];
        n++;
      }
    }
    return sum / n;
  }

  /** The ring of each bin, from 0 outwards; -1 below the lowest frequency that counts. */
  private static int[] rings() {
    int[] rings = new int[AREA];
    for (int i = 0; i < AREA; i++) {
      double f = TileTransform.frequency(i);
      rings[i] = f < Grain.LOWEST ? -1 : (int) ((f - Grain.LOWEST) * SIDE / RING);
    }
    return rings;
  }

  private static double[] sine() {
    double[] w = new double[AREA];
    for (int i = 0; i < AREA; i++) {
      w[i] = Math.sin(Math.PI * (i % SIDE + 0.5) / SIDE) * Math.sin(Math.PI * (i / SIDE + 0.5) / SIDE);
    }
    return w;
  }
}
