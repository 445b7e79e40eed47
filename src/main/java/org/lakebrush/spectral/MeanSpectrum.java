package org.lakebrush.spectral;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One channel's mean spectrum. The logarithm of the power is averaged over tiles (Welch's method with a geometric mean): what one part of a
 * picture has does not last in it, what all parts have at the same frequency does. The envelope at a bin is the largest of three medians
 * around it, over a square, a row and a column of the spectrum, so that the ridges along the axes that a picture's own edges make are
 * envelope, not peaks. A bin's rise is how far it stands above that, in natural logarithm of power.
 */
final class MeanSpectrum {
  /** Cycles a pixel; below it a picture has too much of its own. */
  static final double LOWEST = 0.05;
  /** The envelope is taken from bins further off than a peak of a Hann window reaches, up to this many. */
  private static final int PEAK_REACH = 3;
  private static final int ENVELOPE_REACH = 9;
  /** A tile whose detail is below this is blank, and says nothing; in 0..1. */
  private static final double BLANK = 0.25 / 255;
  /** A tile shows a peak where it is this far above the median around it: noise does so in one of 5000 ... */
  private static final double SHOWN = 2.5;
  /** ... and has this share of the amplitude that a quarter of the tiles have more of: a pattern that only reaches into a tile has less. */
  private static final double WHOLE = 0.25;
  /** Rises below this are not told from one another. */
  private static final float LOOK_FROM = 1;

  /**
   * A local maximum of the spectrum.
   *
   * @param ky its row, 0 to size - 1
   * @param kx its column, 0 to size / 2
   * @param share of the tiles that show it, 0..1
   * @param amplitude of the wave, 0..1
   */
  record Peak(int ky, int kx, double rise, double share, double amplitude) {}

  private final int size;
  private final List<TileSpectrum.Tile> tiles = new ArrayList<>();
  private final float[] level;
  private final float[] rise;
  private int blank;
  /** Sum of the tiles' means. */
  private double tone;
  private List<Peak> peaks = List.of();

  /**
   * No tiles yet.
   *
   * @param size of a tile, a power of two
   */
  MeanSpectrum(int size) {
    this.size = size;
    level = new float[size * size];
    rise = new float[size * size];
  }

  void add(TileSpectrum.Tile tile) {
    if (tile.detail() < BLANK) {
      blank++;
    } else {
      tiles.add(tile);
      tone += tile.mean();
    }
  }

  /** The local maxima, once all tiles are in. */
  List<Peak> peaks() {
    return peaks;
  }

  /** Share of the tiles that are not blank. */
  double told() {
    return tiles.isEmpty() ? 0 : (double) tiles.size() / (tiles.size() + blank);
  }

  /** Works out the envelope and the peaks. */
  void evaluate() {
    if (tiles.isEmpty()) {
      return;
    }
    int columns = size / 2 + 1;
    for (int ky = 0; ky < size; ky++) {
      for (int kx = 0; kx < columns; kx++) {
        float sum = 0;
        for (TileSpectrum.Tile tile : tiles) {
          sum += tile.logPower()[ky * columns + kx];
        }
        level[ky * size + kx] = sum / tiles.size();
        level[(size - ky) % size * size + (size - kx) % size] = sum / tiles.size();
      }
    }
    float[] around = new float[(2 * ENVELOPE_REACH + 1) * (2 * ENVELOPE_REACH + 1)];
    for (int ky = 0; ky < size; ky++) {
      for (int kx = 0; kx < columns; kx++) {
        if (TileSpectrum.frequency(ky, kx, size) >= LOWEST) {
          float r = rise(ky, kx, around);
          rise[ky * size + kx] = r;
          rise[(size - ky) % size * size + (size - kx) % size] = r;
        }
      }
    }
    peaks = maxima(around);
  }

  private float rise(int ky, int kx, float[] around) {
    float here = level[ky * size + kx];
    float rise = here - Math.max(median(ky, kx, 0, 1, around), median(ky, kx, 1, 0, around));
    // The square's median is the slow one, and only matters where the others leave something.
    return rise < LOOK_FROM ? rise : Math.min(rise, here - median(ky, kx, 1, 1, around));
  }

  /** Median of the level around a bin, in the directions whose step is 1, without the bins that its own peak reaches. */
  private float median(int ky, int kx, int stepY, int stepX, float[] around) {
    int n = 0;
    int ry = ENVELOPE_REACH * stepY;
    int rx = ENVELOPE_REACH * stepX;
    for (int dy = -ry; dy <= ry; dy++) {
      int row = (ky + dy & size - 1) * size;
      for (int dx = -rx; dx <= rx; dx++) {
        if (Math.abs(dy) > PEAK_REACH || Math.abs(dx) > PEAK_REACH) {
          around[n++] = level[row + (kx + dx & size - 1)];
        }
      }
    }
    Arrays.sort(around, 0, n);
    return around[n / 2];
  }

  /** The local maxima of one half of the plane. */
  private List<Peak> maxima(float[] around) {
    List<Peak> found = new ArrayList<>();
    for (int ky = 0; ky < size; ky++) {
      for (int kx = 0; kx <= size / 2; kx++) {
        boolean twice = (kx == 0 || kx == size / 2) && ky > size / 2;
        if (!twice && rise[ky * size + kx] > LOOK_FROM && isHighest(ky, kx)) {
          found.add(peak(ky, kx, around));
        }
      }
    }
    return found;
  }

  private boolean isHighest(int ky, int kx) {
    float here = level[ky * size + kx];
    for (int dy = -2; dy <= 2; dy++) {
      for (int dx = -2; dx <= 2; dx++) {
        if (level[(ky + dy & size - 1) * size + (kx + dx & size - 1)] > here) {
          return false;
        }
      }
    }
    return true;
  }

  private Peak peak(int ky, int kx, float[] around) {
    float[] heights = new float[tiles.size()];
    for (int i = 0; i < heights.length; i++) {
      heights[i] = highest(tiles.get(i).logPower(), ky, kx);
    }
    float[] sorted = heights.clone();
    Arrays.sort(sorted);
    double usual = sorted[sorted.length * 3 / 4];
    double mean = tone / tiles.size();
    int shown = 0;
    for (int i = 0; i < heights.length; i++) {
      TileSpectrum.Tile tile = tiles.get(i);
      // A screen may fade with the tone, towards black or towards both ends.
      double fade = Math.max(1e-3, Math.min(1, Math.min(tile.mean() / mean, (1 - tile.mean()) / (1 - mean))));
      boolean whole = heights[i] > usual + 2 * Math.log(WHOLE * fade);
      if (whole && inTile(tile.logPower(), ky, kx) - ring(tile.logPower(), ky, kx, around) > SHOWN) {
        shown++;
      }
    }
    boolean real = (ky == 0 || ky == size / 2) && (kx == 0 || kx == size / 2);
    double amplitude = Math.exp(0.5 * level[ky * size + kx]) * (real ? 1 : 2);
    return new Peak(ky, kx, rise[ky * size + kx], (double) shown / tiles.size(), amplitude);
  }

  /** A peak's height in one tile, where its frequency may drift by a bin. */
  private float highest(float[] tile, int ky, int kx) {
    float highest = Float.NEGATIVE_INFINITY;
    for (int dy = -1; dy <= 1; dy++) {
      for (int dx = -1; dx <= 1; dx++) {
        highest = Math.max(highest, inTile(tile, ky + dy, kx + dx));
      }
    }
    return highest;
  }

  private float ring(float[] tile, int ky, int kx, float[] around) {
    int reach = 2 * PEAK_REACH + 1;
    int n = 0;
    for (int dy = -reach; dy <= reach; dy++) {
      for (int dx = -reach; dx <= reach; dx++) {
        if (Math.abs(dy) > PEAK_REACH || Math.abs(dx) > PEAK_REACH) {
          around[n++] = inTile(tile, ky + dy, kx + dx);
        }
      }
    }
    Arrays.sort(around, 0, n);
    return around[n / 2];
  }

  private float inTile(float[] tile, int ky, int kx) {
    int y = ky & size - 1;
    int x = kx & size - 1;
    return x <= size / 2 ? tile[y * (size / 2 + 1) + x] : tile[(size - y & size - 1) * (size / 2 + 1) + size - x];
  }

  /** The bins that belong to peaks: grown from each seed over all that is above the part. */
  Screen.Channel standing(List<Peak> seeds, float part) {
    boolean[] taken = new boolean[size * size];
    double spread = 0;
    double best = 0;
    for (Peak p : seeds) {
      int n = grow(p.ky * size + p.kx, part, taken);
      if (p.rise > best && n > 0) {
        best = p.rise;
        spread = (double) n / taken.length;
      }
      grow((size - p.ky) % size * size + (size - p.kx) % size, part, taken);
    }
    int[] bins = new int[taken.length];
    int n = 0;
    for (int i = 0; i < taken.length; i++) {
      if (taken[i]) {
        bins[n++] = i;
      }
    }
    float[] above = new float[n];
    for (int i = 0; i < n; i++) {
      above[i] = rise[bins[i]];
    }
    return new Screen.Channel(Arrays.copyOf(bins, n), above, spread);
  }

  private int grow(int seed, float part, boolean[] taken) {
    if (taken[seed]) {
      return 0;
    }
    int[] queue = new int[taken.length];
    int end = 0;
    queue[end++] = seed;
    taken[seed] = true;
    for (int i = 0; i < end; i++) {
      for (int dy = -1; dy <= 1; dy++) {
        for (int dx = -1; dx <= 1; dx++) {
          int next = (queue[i] / size + dy & size - 1) * size + (queue[i] % size + dx & size - 1);
          if (!taken[next] && rise[next] > part) {
            taken[next] = true;
            queue[end++] = next;
          }
        }
      }
    }
    return end;
  }
}
