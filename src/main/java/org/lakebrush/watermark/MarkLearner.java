package org.lakebrush.watermark;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.lakebrush.image.Mats;
import org.lakebrush.image.Region;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * Finds the mark that images have in common in what {@link MarkStatistics} counted of them.
 *
 * <p>The idea is that of Dekel et al., "On the Effectiveness of Visible Watermarks", CVPR 2017, section 3.1: where images have nothing in
 * common the median of their gradients is next to nothing, and along a mark's outline it is the mark's. By itself that median does not
 * give a mask: it does not integrate, and says nothing of a part that is as bright as the average image. So:
 * <ol>
 * <li>An edge is where luma's median difference, a colour's mean difference, or the difference of the logarithm of luma's variance (a mark
 * of opacity a scales it by (1 - a)^2, whatever its colour) stands far out of the noise of its own map.
 * <li>Each map is integrated (the screened Poisson equation) from its differences along edges alone, all others taken as 0, held to the
 * means over longer distances, and levelled by its surroundings: what is left is a(W - mean) for the colours and 2 log(1 - a) for the
 * variance, W being the mark's colour.
 * <li>The mask is where either is more than a small part of what it typically is along the edges.
 * <li>The variance gives the opacity, and both together the colour.
 * </ol>
 * About 150 bytes a pixel of the window while it works. Stateless; safe for many threads.
 */
public final class MarkLearner {
  /** A pixel that fewer images have tells nothing. */
  private static final int LEAST_COUNT = 20;
  /** Times the noise's standard deviation: what begins an edge, and what goes on with one. */
  private static final float EDGE = 8;
  private static final float EDGE_GOES_ON = 4;
  /** Least noise: grey levels, for luma and the colours, and in the logarithm of the variance. */
  private static final float LUMA_NOISE = 0.15f;
  private static final float COLOR_NOISE = 0.06f;
  private static final float SPREAD_NOISE = 0.02f;
  /** Added to the variance, so that noise in flat parts does not count as much as pictures do. */
  private static final float FLAT = 25;
  /** The number of images may change that much from one pixel to the next for their variances to be compared. */
  private static final float SAME_IMAGES = 0.1f;
  /** The pixels of a window to whose size the distances here belong; in one of more they are longer. */
  private static final double USUAL_PIXELS = 48_000;
  /** Pixels over which errors of a map's differences add up in its integration; beyond, its values count for more. */
  private static final double ADD_UP = 12;
  /** The quantile of a map along edges that is its typical height: about half of those pixels are beside the mark. */
  private static final double TYPICAL = 0.85;
  /** What part of the typical height is surely the mark's, and from what part on a pixel is. */
  private static final float SURE = 0.4f;
  private static final float SUPPORT = 0.16f;
  /** The least typical height of the variance's map that is of use, and what it is worth beside the colours, as it has more noise. */
  private static final float LEAST_SPREAD = 0.15f;
  private static final float SPREAD_WORTH = 0.5f;
  /** The first level: standard deviation of its Gaussian in pixels, Cauchy's scale in typical heights, steps. */
  private static final double ROUGH_SIGMA = 32;
  private static final float ROUGH_SCALE = 0.2f;
  private static final int ROUGH_STEPS = 5;
  /** The last level: standard deviation of its Gaussian, and the distance kept from the mark, in pixels. */
  private static final double LEVEL_SIGMA = 8;
  private static final int LEVEL_GAP = 3;
  /** Standard deviations of the Gaussians over which a mark's opacity is averaged, and its colour taken into soft edges, in pixels. */
  private static final double OPACITY_SIGMA = 5;
  private static final double COLOR_SIGMA = 1.5;
  /** With fewer edge pixels, or with less of its outline along edges, nothing is said to be a mark; smaller shapes are specks. */
  private static final int LEAST_EDGE = 40;
  private static final double LEAST_CONFIDENCE = 0.6;
  private static final int LEAST_SHAPE = 6;
  /** Pixels around the mark that belong to its rectangle. */
  private static final int PAD = 2;
  /** From this part of the most evidence on, another window's mark is as good. */
  private static final double NEARLY = 0.8;
  private static final float[] LUMA = {0.299f, 0.587f, 0.114f};

  /** Differences to the right and lower neighbours; 0 where there are none. */
  private record Differences(float[] across, float[] down) {}

  private final MarkStatistics statistics;
  private final int width;
  private final int height;
  private final int n;
  private final boolean[] seen;
  private final double unit;

  private MarkLearner(MarkStatistics statistics) {
    this.statistics = statistics;
    width = statistics.window().width();
    height = statistics.window().height();
    n = width * height;
    seen = new boolean[n];
    unit = Math.max(1, Math.sqrt(n / USUAL_PIXELS));
    int least = Math.max(LEAST_COUNT, statistics.images() / 4);
    for (int i = 0; i < n; i++) {
      seen[i] = statistics.count(i) >= least;
    }
  }

  /** The mark, or nothing where the images have none in common in this window. */
  public static Optional<LearnedMark> learn(MarkStatistics statistics) {
    return new MarkLearner(statistics).learn();
  }

  /**
   * The one of the marks found in several windows that has the most evidence. Where all images have one size every window shows the same
   * mark: of those with nearly as much the first, in the order of anchors, whose mark is nearest to its anchor.
   */
  public static Optional<LearnedMark> best(List<LearnedMark> marks) {
    double most = marks.stream().mapToDouble(LearnedMark::evidence).max().orElse(0);
    return marks.stream().filter(m -> m.evidence() >= NEARLY * most)
        .min(Comparator.comparingInt((LearnedMark m) -> Math.abs(m.marginX()) + Math.abs(m.marginY()))
            .thenComparing(m -> m.place().anchor()));
  }

  private Optional<LearnedMark> learn() {
    Differences luma = luma();
    Differences[] colors = {color(0), color(1), color(2)};
    Differences spread = spread();
    float[] strength = new float[n];
    strongest(strength, luma, LUMA_NOISE);
    for (Differences color : colors) {
      strongest(strength, color, COLOR_NOISE);
    }
    strongest(strength, spread, SPREAD_NOISE);
    boolean[] edges = grown(edges(strength), 1);
    double evidence = 0;
    int strong = 0;
    for (int i = 0; i < n; i++) {
      if (edges[i] && strength[i] >= EDGE) {
        strong++;
        evidence += Math.min(strength[i], 10 * EDGE);
      }
    }
    if (strong < LEAST_EDGE) {
      return Optional.empty();
    }
    float[][] matte = new float[3][];
    for (int c = 0; c < 3; c++) {
      matte[c] = integrate(sum(luma, colors[c]), mean(c), edges);
      roughLevel(matte[c], edges);
    }
    float[] dim = integrate(spread, logVariance(), edges);
    roughLevel(dim, edges);
    float[] height = heights(matte, dim, edges);
    for (int round = 0; round < 2; round++) {
      boolean[] around = grown(above(height, SURE), LEVEL_GAP);
      for (float[] map : new float[][] {matte[0], matte[1], matte[2], dim}) {
        level(map, around);
      }
      height = heights(matte, dim, edges);
    }
    boolean[] mask = shapes(height, edges);
    double confidence = outlineShare(mask, strength);
    if (confidence < LEAST_CONFIDENCE) {
      return Optional.empty();
    }
    Region bounds = bounds(mask);
    if (Math.max(bounds.width(), bounds.height()) * statistics.window().reduction() < Watermark.LEAST_VISIBLE_SIDE) {
      return Optional.empty();
    }
    return Optional.of(mark(mask, bounds, matte, dim, height, confidence, evidence));
  }

  // The maps.

  private Differences luma() {
    Differences d = new Differences(new float[n], new float[n]);
    forPairs((i, j, right) -> {
      if (right) {
        d.across[i] = statistics.medianAcross(i);
      } else {
        d.down[i] = statistics.medianDown(i);
      }
    });
    return d;
  }

  /** How a channel's differences are other than luma's; in natural images colour is smooth, and a mean does. */
  private Differences color(int channel) {
    Differences d = new Differences(new float[n], new float[n]);
    forPairs((i, j, right) -> {
      float other = right ? statistics.meanAcross(i, channel) : statistics.meanDown(i, channel);
      for (int c = 0; c < 3; c++) {
        other -= LUMA[c] * (right ? statistics.meanAcross(i, c) : statistics.meanDown(i, c));
      }
      (right ? d.across : d.down)[i] = other;
    });
    return d;
  }

  private Differences spread() {
    float[] log = logVariance();
    Differences d = new Differences(new float[n], new float[n]);
    forPairs((i, j, right) -> {
      int most = Math.max(statistics.count(i), statistics.count(j));
      if (Math.abs(statistics.count(i) - statistics.count(j)) <= SAME_IMAGES * most) {
        (right ? d.across : d.down)[i] = log[j] - log[i];
      }
    });
    return d;
  }

  private float[] logVariance() {
    float[] log = new float[n];
    for (int i = 0; i < n; i++) {
      log[i] = (float) Math.log(statistics.variance(i) + FLAT);
    }
    return log;
  }

  private float[] mean(int channel) {
    float[] mean = new float[n];
    for (int i = 0; i < n; i++) {
      mean[i] = statistics.mean(i, channel);
    }
    return mean;
  }

  @FunctionalInterface
  private interface Pair {
    /** Two neighbours: {@code j} is to the right of {@code i}, or below it. */
    void at(int i, int j, boolean right);
  }

  private void forPairs(Pair pair) {
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++, i++) {
        if (x + 1 < width && seen[i] && seen[i + 1]) {
          pair.at(i, i + 1, true);
        }
        if (y + 1 < height && seen[i] && seen[i + width]) {
          pair.at(i, i + width, false);
        }
      }
    }
  }

  private Differences sum(Differences a, Differences b) {
    Differences d = new Differences(a.across.clone(), a.down.clone());
    for (int i = 0; i < n; i++) {
      d.across[i] += b.across[i];
      d.down[i] += b.down[i];
    }
    return d;
  }

  // Edges.

  /** Raises {@code strength} to what the map's differences are in units of its noise, which is told from the map itself. */
  private void strongest(float[] strength, Differences map, float leastNoise) {
    float across = Math.max(leastNoise, noise(map.across, true));
    float down = Math.max(leastNoise, noise(map.down, false));
    for (int i = 0; i < n; i++) {
      strength[i] = Math.max(strength[i], Math.max(Math.abs(map.across[i]) / across, Math.abs(map.down[i]) / down));
    }
  }

  /** A standard deviation, from the median of absolute values, which the few pixels of a mark's outline do not move. */
  private float noise(float[] values, boolean right) {
    float[] absolute = new float[n];
    int[] size = {0};
    forPairs((i, j, isRight) -> {
      if (isRight == right) {
        absolute[size[0]++] = Math.abs(values[i]);
      }
    });
    return 1.4826f * quantile(Arrays.copyOf(absolute, size[0]), 0.5);
  }

  private static float quantile(float[] values, double share) {
    if (values.length == 0) {
      return 0;
    }
    Arrays.sort(values);
    return values[(int) (share * (values.length - 1))];
  }

  /** Connected pixels from {@link #EDGE_GOES_ON} on that hold at least one from {@link #EDGE} on. */
  private boolean[] edges(float[] strength) {
    int[] labels = labels(above(strength, EDGE_GOES_ON));
    boolean[] kept = new boolean[n + 1];
    for (int i = 0; i < n; i++) {
      kept[labels[i]] |= strength[i] >= EDGE;
    }
    boolean[] edges = new boolean[n];
    for (int i = 0; i < n; i++) {
      edges[i] = labels[i] > 0 && kept[labels[i]];
    }
    return edges;
  }

  /** The map's values where they are seen are what the integral is near to; {@code values} is written over. */
  private float[] integrate(Differences map, float[] values, boolean[] edges) {
    float[] across = new float[n];
    float[] down = new float[n];
    float[] known = new float[n];
    for (int i = 0; i < n; i++) {
      known[i] = seen[i] ? 1 : 0;
    }
    float[] continued = average(values, known, LEVEL_SIGMA * unit);
    for (int i = 0; i < n; i++) {
      if (!seen[i]) {
        values[i] = continued[i];
      }
      if (edges[i]) {
        across[i] = map.across[i];
        down[i] = map.down[i];
      }
    }
    return PoissonSolver.solve(across, down, values, (float) (1 / (ADD_UP * ADD_UP * unit * unit)), width, height);
  }

  // The mask.

  /**
   * Takes from a map what most of it around each pixel is: a mean in which pixels count the less the further they are from it (Cauchy's
   * weights), found by going from the median to it in a few steps.
   */
  private void roughLevel(float[] map, boolean[] edges) {
    float[] level = new float[n];
    Arrays.fill(level, quantile(where(map, seen), 0.5));
    float[] off = new float[n];
    for (int step = 0; step < ROUGH_STEPS; step++) {
      for (int i = 0; i < n; i++) {
        off[i] = Math.abs(map[i] - level[i]);
      }
      float scale = Math.max(1e-3f, ROUGH_SCALE * typical(off, edges));
      float[] weight = new float[n];
      for (int i = 0; i < n; i++) {
        weight[i] = seen[i] ? 1 / (1 + off[i] * off[i] / (scale * scale)) : 0;
      }
      level = average(map, weight, ROUGH_SIGMA * unit);
    }
    for (int i = 0; i < n; i++) {
      map[i] -= level[i];
    }
  }

  /** Takes from a map its level around what it is not to be taken from. */
  private void level(float[] map, boolean[] except) {
    float[] weight = new float[n];
    for (int i = 0; i < n; i++) {
      weight[i] = seen[i] && !except[i] ? 1 : 0;
    }
    float[] level = average(map, weight, LEVEL_SIGMA * unit);
    for (int i = 0; i < n; i++) {
      map[i] -= level[i];
    }
  }

  /** The larger of what the colours' maps and the variance's map are, each as a part of what it typically is along edges. */
  private float[] heights(float[][] matte, float[] dim, boolean[] edges) {
    float[] color = new float[n];
    float[] spread = new float[n];
    for (int i = 0; i < n; i++) {
      color[i] = Math.max(Math.abs(matte[0][i]), Math.max(Math.abs(matte[1][i]), Math.abs(matte[2][i])));
      spread[i] = Math.abs(dim[i]);
    }
    float colorScale = Math.max(1e-3f, typical(color, edges));
    float spreadScale = typical(spread, edges);
    for (int i = 0; i < n; i++) {
      color[i] /= colorScale;
      if (spreadScale >= LEAST_SPREAD) {
        color[i] = Math.max(color[i], SPREAD_WORTH * spread[i] / spreadScale);
      }
    }
    return color;
  }

  /** Half of the pixels along edges are beside the mark; what is typical of the other half. */
  private float typical(float[] map, boolean[] edges) {
    return quantile(where(map, edges), TYPICAL);
  }

  private float[] where(float[] map, boolean[] which) {
    float[] values = new float[n];
    int size = 0;
    for (int i = 0; i < n; i++) {
      if (which[i]) {
        values[size++] = map[i];
      }
    }
    return Arrays.copyOf(values, size);
  }

  /** What is high enough, without specks and what has no edge of its own. */
  private boolean[] shapes(float[] height, boolean[] edges) {
    int[] labels = labels(above(height, SUPPORT));
    int[] size = new int[n + 1];
    boolean[] sure = new boolean[n + 1];
    boolean[] edged = new boolean[n + 1];
    for (int i = 0; i < n; i++) {
      size[labels[i]]++;
      sure[labels[i]] |= height[i] >= SURE;
      edged[labels[i]] |= edges[i];
    }
    boolean[] mask = new boolean[n];
    for (int i = 0; i < n; i++) {
      int l = labels[i];
      mask[i] = l > 0 && seen[i] && size[l] >= LEAST_SHAPE && sure[l] && edged[l];
    }
    return mask;
  }

  /** The share of the mask's outline beside which there is a strong edge. */
  private double outlineShare(boolean[] mask, float[] strength) {
    boolean[] near = grown(above(strength, EDGE), 1);
    int outline = 0;
    int backed = 0;
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++, i++) {
        boolean edge = mask[i] && (x > 0 && !mask[i - 1] || x + 1 < width && !mask[i + 1] || y > 0 && !mask[i - width]
            || y + 1 < height && !mask[i + width]);
        if (edge) {
          outline++;
          backed += near[i] ? 1 : 0;
        }
      }
    }
    return outline == 0 ? 0 : (double) backed / outline;
  }

  // The mark.

  private LearnedMark mark(boolean[] mask, Region bounds, float[][] matte, float[] dim, float[] height, double confidence,
      double evidence) {
    boolean[] inside = inside(mask, height);
    float[] core = new float[n];
    float[] background = new float[n];
    boolean[] around = grown(mask, LEVEL_GAP);
    for (int i = 0; i < n; i++) {
      core[i] = inside[i] ? 1 : 0;
      background[i] = seen[i] && !around[i] ? 1 : 0;
    }
    float[][] surroundings = new float[3][];
    float[][] shift = new float[3][];
    for (int c = 0; c < 3; c++) {
      shift[c] = mean(c);
      surroundings[c] = average(shift[c], background, LEVEL_SIGMA * unit);
      for (int i = 0; i < n; i++) {
        shift[c][i] -= surroundings[c][i];
      }
    }
    float[] variance = new float[n];
    for (int i = 0; i < n; i++) {
      variance[i] = statistics.variance(i);
    }
    variance = average(variance, background, LEVEL_SIGMA * unit);
    float[] opacity = average(dim, core, OPACITY_SIGMA * unit);
    for (int i = 0; i < n; i++) {
      double left = (variance[i] + FLAT) * Math.exp(opacity[i]) - FLAT;
      opacity[i] = (float) (1 - Math.sqrt(Math.max(0, Math.min(1, left / Math.max(variance[i], 1)))));
    }
    // A mark of less opacity would have to be brighter than white or darker than black.
    float[] needed = new float[n];
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < 3; c++) {
        float range = shift[c][i] > 0 ? 255 - surroundings[c][i] : surroundings[c][i];
        needed[i] = Math.max(needed[i], Math.abs(shift[c][i]) / Math.max(range, 1));
      }
    }
    float[] smoothNeeded = average(needed, core, OPACITY_SIGMA * unit);
    for (int i = 0; i < n; i++) {
      opacity[i] = Math.min(1, Math.max(opacity[i], smoothNeeded[i]));
    }
    float[][] color = new float[3][n];
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < n; i++) {
        float w = surroundings[c][i] + matte[c][i] / Math.max(opacity[i], 0.01f);
        color[c][i] = Math.max(0, Math.min(255, w)) / 255;
      }
      // At soft edges both are small and their quotient is noise: the colour inside goes on.
      float[] near = average(color[c], core, COLOR_SIGMA);
      for (int i = 0; i < n; i++) {
        color[c][i] = inside[i] ? color[c][i] : near[i];
      }
    }
    float[] alpha = new float[n];
    for (int i = 0; i < n; i++) {
      alpha[i] = !mask[i] ? 0 : inside[i] ? opacity[i] : opacity[i] * Math.min(1, height[i]);
    }
    return cut(bounds, inside, alpha, color, matte, confidence, evidence);
  }

  /** Pixels that the mark covers wholly: deep inside, or as high as any neighbour. */
  private boolean[] inside(boolean[] mask, float[] height) {
    boolean[] inside = new boolean[n];
    for (int y = 0, i = 0; y < this.height; y++) {
      for (int x = 0; x < width; x++, i++) {
        if (!mask[i]) {
          continue;
        }
        boolean deep = true;
        float top = 0;
        for (int v = Math.max(0, y - 1); v <= Math.min(this.height - 1, y + 1); v++) {
          for (int u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
            deep &= mask[v * width + u];
            top = Math.max(top, height[v * width + u]);
          }
        }
        inside[i] = deep || height[i] >= 0.9f * top;
      }
    }
    return inside;
  }

  private Region bounds(boolean[] mask) {
    Region bounds = new Region(0, 0, 0, 0);
    for (int i = 0; i < n; i++) {
      if (mask[i]) {
        bounds = bounds.union(new Region(i % width, i / width, 1, 1));
      }
    }
    return bounds;
  }

  private LearnedMark cut(Region bounds, boolean[] inside, float[] alpha, float[][] color, float[][] matte, double confidence,
      double evidence) {
    Region padded = bounds.grow(PAD).intersect(new Region(0, 0, width, height));
    int left = padded.x();
    int top = padded.y();
    MarkWindow window = statistics.window();
    MarkWindow place = window.part(left, top, padded.width(), padded.height(), window.reduction());
    int w = place.width();
    int h = place.height();
    float[] cutAlpha = new float[w * h];
    float[] cutColor = new float[3 * w * h];
    float[] relief = new float[w * h];
    for (int y = 0; y < h && top + y < height; y++) {
      for (int x = 0; x < w && left + x < width; x++) {
        int from = (top + y) * width + left + x;
        cutAlpha[y * w + x] = alpha[from];
        for (int c = 0; c < 3; c++) {
          cutColor[(c * h + y) * w + x] = color[c][from];
          relief[y * w + x] += LUMA[c] * matte[c][from];
        }
      }
    }
    return new LearnedMark(place, cutAlpha, cutColor, relief, quantile(where(alpha, inside), 0.5), confidence, evidence);
  }

  // Pixels and their neighbours.

  private static boolean[] above(float[] values, float least) {
    boolean[] above = new boolean[values.length];
    for (int i = 0; i < above.length; i++) {
      above[i] = values[i] >= least;
    }
    return above;
  }

  private Mat mat(Mats mats, boolean[] pixels) {
    byte[] bytes = new byte[n];
    for (int i = 0; i < n; i++) {
      bytes[i] = (byte) (pixels[i] ? 255 : 0);
    }
    Mat mat = mats.keep(new Mat(height, width, CvType.CV_8U));
    mat.put(0, 0, bytes);
    return mat;
  }

  /** Numbers of connected regions (8 neighbours), from 1 on; 0 is none. */
  private int[] labels(boolean[] pixels) {
    try (Mats mats = new Mats()) {
      Mat mat = mat(mats, pixels);
      Mat labels = mats.mat();
      Imgproc.connectedComponents(mat, labels, 8, CvType.CV_32S);
      int[] numbers = new int[n];
      labels.get(0, 0, numbers);
      return numbers;
    }
  }

  /** With all pixels up to {@code radius} away in both directions. */
  private boolean[] grown(boolean[] pixels, int radius) {
    try (Mats mats = new Mats()) {
      Mat mat = mat(mats, pixels);
      Mat square = mats.keep(Mat.ones(2 * radius + 1, 2 * radius + 1, CvType.CV_8U));
      Imgproc.dilate(mat, mat, square);
      byte[] bytes = new byte[n];
      mat.get(0, 0, bytes);
      boolean[] grown = new boolean[n];
      for (int i = 0; i < n; i++) {
        grown[i] = bytes[i] != 0;
      }
      return grown;
    }
  }

  /** The Gaussian mean of the pixels that have weight; where none is near the mean of them all. */
  private float[] average(float[] values, float[] weights, double sigma) {
    float[] weighted = new float[n];
    double sum = 0;
    double total = 0;
    for (int i = 0; i < n; i++) {
      weighted[i] = values[i] * weights[i];
      sum += weighted[i];
      total += weights[i];
    }
    float far = total == 0 ? 0 : (float) (sum / total);
    float[] above = blurred(weighted, sigma);
    float[] below = blurred(weights, sigma);
    for (int i = 0; i < n; i++) {
      // A trace of the mean of them all takes over where the weights fade out.
      above[i] = (above[i] + 1e-4f * far) / (below[i] + 1e-4f);
    }
    return above;
  }

  private float[] blurred(float[] plane, double sigma) {
    try (Mats mats = new Mats()) {
      Mat mat = mats.keep(new Mat(height, width, CvType.CV_32F));
      mat.put(0, 0, plane);
      Imgproc.GaussianBlur(mat, mat, new Size(0, 0), sigma, sigma, Core.BORDER_REPLICATE);
      float[] out = new float[n];
      mat.get(0, 0, out);
      return out;
    }
  }
}
