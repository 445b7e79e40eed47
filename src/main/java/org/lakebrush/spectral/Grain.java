package org.lakebrush.spectral;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Region;
import org.lakebrush.mask.Mask;

/**
 * The grain of a picture around its hole: an averaged periodogram over 32 x 32 tiles with Hann's window (Welch 1967), of those tiles that
 * hold nothing but grain.
 *
 * @param power of luma's residual ({@link GrainWindow}) by frequency, a bin each as {@link TileTransform} has them; their mean is the
 *     variance, where 1 is white
 * @param mix lower triangle that makes of three independent noises of luma's spectrum the noise of red, green and blue, row by row
 */
record Grain(double[] power, double[] mix) {
  /** Frequencies below are left out of all sums: too much picture. Cycles per pixel. */
  static final double LOWEST = 2.5 / TileTransform.SIDE;
  private static final int SIDE = TileTransform.SIDE;
  private static final int AREA = TileTransform.AREA;
  private static final int STEP = SIDE / 2;
  /** Tiles lie no further from the hole, in steps. */
  private static final int REACH = 6;
  /** Sides of the squares that are read at once, in pixels. */
  private static final int BLOCK = 256;
  /** More tiles than these add time, not knowledge. */
  private static final int MOST_TILES = 1500;
  /** The quietest tiles are looked at for signs of grain: so many, or this share of all. */
  private static final int FEWEST_QUIET = 16;
  private static final double QUIET_SHARE = 0.12;
  /** Grain weaker than this (standard deviation) nobody sees. */
  private static final double FAINTEST = 1 / 255.0;
  /** Relative scatter of a tile's power for a flat spectrum of one bin: of 2 real halves, and of the window in two directions. */
  private static final double SCATTER = Math.sqrt(2) * 35 / 18;
  /** Less of a channel's variance than this is not its own: rounding alone makes some of one noise in three channels. */
  private static final double LEAST_APART = 0.01;
  /** Black or white this near is clipped, and its grain with it. */
  private static final float CLIPPED = 6 / 255f;
  private static final double[] WINDOW = window();

  /** One tile of known pixels. */
  private record Tile(double energy, double[] power, double[] covariance, double fineKurtosis, double coarseKurtosis) {}

  /**
   * Measures the grain in tiles of known pixels around the hole.
   *
   * @param unknown pixels that are not known, the hole among them
   * @return nothing where there is none, or where the surroundings do not let it be told from texture
   */
  static Optional<Grain> measure(Canvas canvas, Mask hole, Mask unknown) {
    List<Tile> tiles = tiles(canvas, hole, unknown);
    int quiet = Math.max(FEWEST_QUIET, (int) (QUIET_SHARE * tiles.size()));
    if (tiles.size() < quiet) {
      return Optional.empty();
    }
    tiles.sort(Comparator.comparingDouble(Tile::energy));
    List<Tile> quietest = tiles.subList(0, quiet);
    if (!isGrain(quietest)) {
      return Optional.empty();
    }
    List<Tile> alike = alike(tiles, quietest);
    return Optional.of(new Grain(typicalPower(alike), mix(alike)));
  }

  /**
   * Whether the quietest tiles hold grain and no texture. Grain is a Gaussian field: its values have no heavy tails (texture is edges
   * between calm) and no cut ones (a screen's), it looks the same along x, y and the diagonals, and its tiles differ by no more than
   * chance. Where the finest detail is Gaussian by itself, that is enough. The bounds are from photographs with made grain and without.
   */
  private static boolean isGrain(List<Tile> quiet) {
    double fine = quiet.stream().mapToDouble(Tile::fineKurtosis).average().orElseThrow();
    double coarse = quiet.stream().mapToDouble(Tile::coarseKurtosis).average().orElseThrow();
    double level = Math.sqrt(quiet.get(quiet.size() / 2).energy());
    double[] power = meanPower(quiet);
    return level >= FAINTEST && Math.min(fine, coarse) > -0.5
        && (fine < 0.5 && coarse < 5 || coarse < 3 && anisotropy(power) < 0.3 && scatter(quiet) < scatter(power));
  }

  /** All tiles whose energy is that of grain like the quietest's, so that the quietest do not stand for all. */
  private static List<Tile> alike(List<Tile> sorted, List<Tile> quietest) {
    List<Tile> alike = quietest;
    for (int i = 0; i < 6; i++) {
      double mean = energy(meanPower(alike));
      double scatter = scatter(meanPower(alike));
      double least = mean * Math.exp(-2.1 * scatter);
      double most = mean * Math.exp(1.76 * scatter);
      List<Tile> next = sorted.stream().filter(t -> t.energy() > least && t.energy() < most).toList();
      if (next.isEmpty()) {
        break;
      }
      alike = next;
    }
    return alike;
  }

  private static double[] meanPower(List<Tile> tiles) {
    double[] mean = new double[AREA];
    for (Tile t : tiles) {
      for (int i = 0; i < AREA; i++) {
        mean[i] += t.power()[i] / tiles.size();
      }
    }
    return mean;
  }

  /** The mean, but each ring of frequencies as strong as in the median tile: where grain is weak, a little texture would outweigh it. */
  private static double[] typicalPower(List<Tile> tiles) {
    double[] typical = meanPower(tiles);
    double[] means = GrainTile.ringSums(typical);
    double[][] rings = tiles.stream().map(t -> GrainTile.ringSums(t.power())).toArray(double[][]::new);
    double[] share = new double[means.length];
    for (int r = 0; r < means.length; r++) {
      int ring = r;
      double[] sorted = Arrays.stream(rings).mapToDouble(sums -> sums[ring]).sorted().toArray();
      share[r] = means[r] > 0 ? sorted[sorted.length / 2] / means[r] : 1;
    }
    for (int i = 0; i < AREA; i++) {
      typical[i] *= GrainTile.ring(i) < 0 ? 1 : share[GrainTile.ring(i)];
    }
    return typical;
  }

  /** Variance in the frequencies from {@link #LOWEST} on. */
  static double energy(double[] power) {
    double sum = 0;
    for (int i = 0; i < AREA; i++) {
      if (TileTransform.frequency(i) >= LOWEST) {
        sum += power[i];
      }
    }
    return sum / AREA;
  }

  /** Relative scatter of the energy of tiles of Gaussian noise of this spectrum. */
  private static double scatter(double[] power) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < AREA; i++) {
      if (TileTransform.frequency(i) >= LOWEST) {
        sum += power[i];
        squares += power[i] * power[i];
      }
    }
    return SCATTER * Math.sqrt(squares) / sum;
  }

  /** Scatter of the logarithm of the tiles' energy. */
  private static double scatter(List<Tile> tiles) {
    double mean = tiles.stream().mapToDouble(t -> Math.log(t.energy())).average().orElseThrow();
    return Math.sqrt(tiles.stream().mapToDouble(t -> Math.pow(Math.log(t.energy()) - mean, 2)).average().orElseThrow());
  }

  /** How far the power of lower frequencies differs with direction, as a logarithm. */
  private static double anisotropy(double[] power) {
    double[] sum = new double[3];
    int[] n = new int[3];
    for (int i = 0; i < AREA; i++) {
      double f = TileTransform.frequency(i);
      double x = Math.abs(TileTransform.frequencyX(i));
      double y = Math.abs(TileTransform.frequencyY(i));
      if (f >= LOWEST && f < 0.25) {
        int direction = x > 2 * y ? 0 : y > 2 * x ? 1 : 2;
        sum[direction] += power[i];
        n[direction]++;
      }
    }
    double least = Double.MAX_VALUE;
    double most = 0;
    for (int d = 0; d < 3; d++) {
      least = Math.min(least, sum[d] / n[d]);
      most = Math.max(most, sum[d] / n[d]);
    }
    return Math.log(most / least);
  }

  /** Cholesky's lower triangle of red's, green's and blue's covariance, where luma's variance is 1; of grey grain, one column. */
  private static double[] mix(List<Tile> tiles) {
    double[] c = new double[9];
    for (Tile t : tiles) {
      for (int i = 0; i < 9; i++) {
        c[i] += t.covariance()[i];
      }
    }
    double[] luma = {0.299, 0.587, 0.114};
    double variance = 0;
    for (int i = 0; i < 9; i++) {
      variance += luma[i / 3] * luma[i % 3] * c[i];
    }
    double[] mix = new double[9];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column <= row; column++) {
        double rest = c[3 * row + column] / variance;
        for (int k = 0; k < column; k++) {
          rest -= mix[3 * row + k] * mix[3 * column + k];
        }
        double pivot = mix[4 * column];
        if (row == column) {
          mix[4 * row] = rest > LEAST_APART ? Math.sqrt(rest) : 0;
        } else {
          mix[3 * row + column] = pivot > 0 ? rest / pivot : 0;
        }
      }
    }
    return mix;
  }

  /** Known tiles near the hole, from top to bottom and left to right; evenly thinned where there are very many. */
  private static List<Tile> tiles(Canvas canvas, Mask hole, Mask unknown) {
    List<Region> places = places(hole, unknown);
    int every = (places.size() + MOST_TILES - 1) / MOST_TILES;
    List<Tile> tiles = new ArrayList<>();
    GrainWindow window = null;
    float[] band = null;
    Region block = null;
    try (TileTransform transform = new TileTransform()) {
      for (int i = 0; i < places.size(); i += Math.max(1, every)) {
        Region place = places.get(i);
        Region in = new Region(place.x() / BLOCK * BLOCK, place.y() / BLOCK * BLOCK, BLOCK + STEP, BLOCK + STEP);
        if (!in.equals(block)) {
          block = in;
          window = GrainWindow.read(canvas, in);
          band = window.band();
        }
        if (!clipped(window, place)) {
          tiles.add(tile(window, band, place, transform));
        }
      }
    }
    return tiles;
  }

  /** By blocks, so that each is read once. */
  private static List<Region> places(Mask hole, Mask unknown) {
    int columns = (hole.width() + STEP - 1) / STEP;
    int rows = (hole.height() + STEP - 1) / STEP;
    boolean[] near = near(cells(hole, columns, rows), columns, rows);
    boolean[] cells = cells(unknown, columns, rows);
    List<Region> places = new ArrayList<>();
    for (int y = 0; (y + 2) * STEP <= hole.height(); y++) {
      for (int x = 0; (x + 2) * STEP <= hole.width(); x++) {
        int i = y * columns + x;
        if (near[i] && !cells[i] && !cells[i + 1] && !cells[i + columns] && !cells[i + columns + 1]) {
          places.add(new Region(x * STEP, y * STEP, SIDE, SIDE));
        }
      }
    }
    places.sort(Comparator.comparingInt((Region r) -> r.y() / BLOCK).thenComparingInt(r -> r.x() / BLOCK));
    return places;
  }

  /** The cells with a pixel of a mask. */
  private static boolean[] cells(Mask mask, int columns, int rows) {
    boolean[] cells = new boolean[columns * rows];
    for (int y = 0; y < mask.height(); y++) {
      for (int x = 0; x < mask.width(); x++) {
        cells[y / STEP * columns + x / STEP] |= mask.isHole(x, y);
      }
    }
    return cells;
  }

  /** The cells with one of {@code cells} within reach. */
  private static boolean[] near(boolean[] cells, int columns, int rows) {
    boolean[] across = new boolean[cells.length];
    boolean[] near = new boolean[cells.length];
    for (int i = 0; i < cells.length; i++) {
      if (cells[i]) {
        int row = i / columns * columns;
        int x = i % columns;
        Arrays.fill(across, row + Math.max(0, x - REACH), row + Math.min(columns, x + REACH + 1), true);
      }
    }
    for (int i = 0; i < cells.length; i++) {
      if (across[i]) {
        for (int y = Math.max(0, i / columns - REACH); y < Math.min(rows, i / columns + REACH + 1); y++) {
          near[y * columns + i % columns] = true;
        }
      }
    }
    return near;
  }

  private static boolean clipped(GrainWindow window, Region place) {
    int n = 0;
    for (int i = 0; i < AREA; i++) {
      float v = window.luma()[window.index(place.x() + i % SIDE, place.y() + i / SIDE)];
      n += v < CLIPPED || v > 1 - CLIPPED ? 1 : 0;
    }
    return n * 20 > AREA;
  }

  private static Tile tile(GrainWindow window, float[] band, Region place, TileTransform transform) {
    double[] tile = new double[2 * AREA];
    double[] covariance = new double[9];
    int plane = window.plane();
    for (int i = 0; i < AREA; i++) {
      int at = window.index(place.x() + i % SIDE, place.y() + i / SIDE);
      tile[2 * i] = window.residual()[3 * plane + at] * WINDOW[i];
      for (int k = 0; k < 9; k++) {
        covariance[k] += window.residual()[k / 3 * plane + at] * window.residual()[k % 3 * plane + at];
      }
    }
    transform.forward(tile);
    double[] power = new double[AREA];
    double sum = 0;
    for (int i = 0; i < AREA; i++) {
      power[i] = (tile[2 * i] * tile[2 * i] + tile[2 * i + 1] * tile[2 * i + 1]) / AREA;
      sum += TileTransform.frequency(i) >= LOWEST ? power[i] : 0;
    }
    // A flat tile has no logarithm.
    return new Tile(sum / AREA + 1e-12, power, covariance, fineKurtosis(window, place), coarseKurtosis(window, band, place));
  }

  /** Excess kurtosis of the second differences along x and y: of the finest detail. */
  private static double fineKurtosis(GrainWindow window, Region place) {
    float[] r = window.residual();
    int luma = 3 * window.plane();
    int w = window.region().width();
    double[] fine = new double[(SIDE - 2) * (SIDE - 2)];
    for (int i = 0; i < fine.length; i++) {
      int at = luma + window.index(place.x() + 1 + i % (SIDE - 2), place.y() + 1 + i / (SIDE - 2));
      fine[i] = 4 * r[at] - 2 * (r[at - 1] + r[at + 1] + r[at - w] + r[at + w])
          + r[at - w - 1] + r[at - w + 1] + r[at + w - 1] + r[at + w + 1];
    }
    return kurtosis(fine);
  }

  private static double coarseKurtosis(GrainWindow window, float[] band, Region place) {
    double[] coarse = new double[AREA];
    for (int i = 0; i < AREA; i++) {
      coarse[i] = band[window.index(place.x() + i % SIDE, place.y() + i / SIDE)];
    }
    return kurtosis(coarse);
  }

  private static double kurtosis(double[] values) {
    double mean = Arrays.stream(values).average().orElseThrow();
    double second = 0;
    double fourth = 0;
    for (double v : values) {
      double square = (v - mean) * (v - mean);
      second += square;
      fourth += square * square;
    }
    return fourth * values.length / Math.max(1e-30, second * second) - 3;
  }

  /** Hann's window, of mean square 1. */
  static double[] window() {
    double[] w = new double[AREA];
    double squares = 0;
    for (int i = 0; i < AREA; i++) {
      w[i] = (1 - Math.cos(2 * Math.PI * (i % SIDE + 0.5) / SIDE)) * (1 - Math.cos(2 * Math.PI * (i / SIDE + 0.5) / SIDE));
      squares += w[i] * w[i];
    }
    double scale = Math.sqrt(AREA / squares);
    for (int i = 0; i < AREA; i++) {
      w[i] *= scale;
    }
    return w;
  }
}
