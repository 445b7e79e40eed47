package org.lakebrush.spectral;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Rec601;
import org.lakebrush.image.Region;
import org.lakebrush.mask.Mask;

/**
 * Gives a fill the grain of its surroundings: film grain or sensor noise is measured around the hole ({@link Grain}) and synthesised in
 * it with the same spectrum, variance and correlation between the colours, as far as the fill lacks it. How far is told, and the noise
 * filtered, in tiles of 32 x 32 pixels with sine windows that overlap by half. Where a calm fill has more of a frequency than its
 * surroundings, that is taken back. The grain is taken as one for all holes of a picture and for all tones. Safe for any number of
 * threads, each with a canvas of its own.
 */
public final class GrainMatch {
  private static final int SIDE = TileTransform.SIDE;
  private static final int AREA = TileTransform.AREA;
  /** From tile to tile, in pixels. */
  private static final int STEP = SIDE / 2;
  /** Sides of the squares that are worked on at once, in pixels. */
  private static final int BLOCK = 256;
  /** Variance of rounding to 8 bits, which every sample written gets once more. */
  private static final double ROUNDING = 1 / (12 * 255.0 * 255.0);

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
   * Measures the grain around a filled hole and adds it to the fill. Holds 12 bytes for each pixel of two rows of those squares of
   * 256 x 256 pixels that have hole in them, some 15 MB for the measurement, and 3 bytes for every 16 x 16 pixels of the picture.
   *
   * @param canvas with its hole filled; only the hole is written
   * @param hole of the canvas's size
   * @param unknown the hole, and what else says nothing of the picture
   * @param weight by which the fill was blended in, as in {@link Canvas#blend}; 0 outside the hole
   * @param seed of the noise: the same seed gives the same noise at the same place, one 4 or more away an independent one
   * @return standard deviation of luma's change over the hole, 0..1; nothing where no grain was found, and nothing was changed
   */
  public static OptionalDouble apply(Canvas canvas, Mask hole, Mask unknown, byte[] weight, long seed) {
    Optional<Grain> grain = Grain.measure(canvas, hole, unknown);
    if (grain.isEmpty()) {
      return OptionalDouble.empty();
    }
    double[] target = target(grain.get().power());
    try (TileTransform transform = new TileTransform(); GrainNoise noise = new GrainNoise(whole(target), seed, transform)) {
      return OptionalDouble.of(new GrainMatch(canvas, hole, weight, grain.get(), target, transform, noise).apply());
    }
  }

  /** What the residual is to have before it is rounded. */
  private static double[] target(double[] power) {
    double[] target = new double[AREA];
    for (int i = 0; i < AREA; i++) {
      target[i] = Math.max(power[i] - ROUNDING, 0.1 * power[i]);
    }
    return target;
  }

  /** The grain of which the residual is what the blur leaves; as much at the lowest frequencies, where the picture hides it. */
  private static double[] whole(double[] residual) {
    double[] smeared = smeared(residual);
    double[] whole = new double[AREA];
    for (int i = 0; i < AREA; i++) {
      // One step of Gold's deconvolution: what was measured is the spectrum smeared by Hann's window.
      double sharp = smeared[i] > 0 ? residual[i] * residual[i] / smeared[i] : 0;
      whole[i] = sharp / GrainWindow.kept(Math.max(Grain.LOWEST, TileTransform.frequency(i)));
    }
    double sum = 0;
    int n = 0;
    for (int i = 0; i < AREA; i++) {
      if (GrainTile.ring(i) == 0) {
        sum += whole[i];
        n++;
      }
    }
    for (int i = 0; i < AREA; i++) {
      whole[i] = GrainTile.ring(i) < 0 ? sum / n : whole[i];
    }
    return whole;
  }

  /** Convolved with the power of Hann's window: 2/3, and 1/6 on each side. */
  private static double[] smeared(double[] power) {
    double[] smeared = new double[AREA];
    for (int i = 0; i < AREA; i++) {
      for (int k = 0; k < 9; k++) {
        int x = Math.floorMod(i % SIDE + k % 3 - 1, SIDE);
        int y = Math.floorMod(i / SIDE + k / 3 - 1, SIDE);
        smeared[i] += power[y * SIDE + x] * (k % 3 == 1 ? 4 : 1) * (k / 3 == 1 ? 4 : 1) / 36;
      }
    }
    return smeared;
  }

  /**
   * By how much more than its weight a change counts: of weight w the picture shows through by 1 - w, and its grain with it, but variances
   * add up, so that the change must come in by the root of 1 - (1 - w)^2.
   */
  private double gain(int x, int y) {
    int w = weight[y * hole.width() + x] & 255;
    return w == 0 ? 0 : Math.sqrt(2 * 255.0 / w - 1);
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
    GrainWindow window = GrainWindow.read(canvas, region.grow(SIDE).intersect(new Region(0, 0, hole.width(), hole.height())));
    List<GrainTile> tiles = tiles(window, region);
    double[] shape = shape(tiles);
    Region around = region.grow(SIDE);
    float[][] noises = new float[3][];
    for (int k = 0; k < 3; k++) {
      noises[k] = grain.mix()[4 * k] == 0 ? null : noise.of(around, k);
    }
    int plane = Math.toIntExact(region.area());
    float[] change = new float[3 * plane];
    for (GrainTile tile : tiles) {
      tile.add(tile.ratios(shape), noises, around, grain.mix(), change, region);
    }
    for (int i = 0; i < plane; i++) {
      int x = region.x() + i % region.width();
      int y = region.y() + i / region.width();
      double gain = gain(x, y);
      if (hole.isHole(x, y)) {
        double luma = Rec601.luma(change[i], change[plane + i], change[2 * plane + i]) * gain * (weight[y * hole.width() + x] & 255) / 255;
        squares += luma * luma;
        pixels++;
      }
      for (int c = 0; c < 3; c++) {
        float v = window.rgb()[c * window.plane() + window.index(x, y)] + (float) gain * change[c * plane + i];
        change[c * plane + i] = Math.max(0, Math.min(1, v));
      }
    }
    return new Block(region, change);
  }

  /** The tiles with hole in them that reach into a region. */
  private List<GrainTile> tiles(GrainWindow window, Region region) {
    List<GrainTile> tiles = new ArrayList<>();
    for (int y = region.y() / STEP * STEP - STEP; y < region.bottom(); y += STEP) {
      for (int x = region.x() / STEP * STEP - STEP; x < region.right(); x += STEP) {
        GrainTile tile = new GrainTile(window, hole, target, x, y, transform);
        if (tile.covered() > 0) {
          tiles.add(tile);
        }
      }
    }
    return tiles;
  }

  /** Power of the fill as a share of the grain's, by ring, over all tiles that tell; of mean energy 1. All 1 where none does. */
  private double[] shape(List<GrainTile> tiles) {
    double[] sums = new double[GrainTile.RINGS];
    for (GrainTile tile : tiles) {
      if (tile.tells()) {
        for (int r = 0; r < sums.length; r++) {
          sums[r] += tile.power()[r];
        }
      }
    }
    double[] targets = GrainTile.ringSums(target);
    double energy = Arrays.stream(sums).sum() / Arrays.stream(targets).sum();
    double[] shape = new double[GrainTile.RINGS];
    for (int r = 0; r < shape.length; r++) {
      shape[r] = energy == 0 ? 1 : sums[r] / targets[r] / energy;
    }
    return shape;
  }
}
