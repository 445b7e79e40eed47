package org.lakebrush.watermark;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A known mark: colour and alpha, cut to what is visible; some 21 bytes for each pixel of that. Immutable; safe for any number of threads.
 *
 * <p>A picture that carries it at opacity a is I' = (1 - a alpha) I + a alpha W. Kept are alpha and, premultiplied, alpha W.
 */
public final class Watermark {
  /** A mark whose longer side is less, in pixels, looks like specks that any picture has. */
  public static final int LEAST_VISIBLE_SIDE = 16;

  /** Alpha below this, 0..1, is not seen. */
  private static final float VISIBLE = 0.02f;
  /** Transparent pixels kept around the mark, so that its edge is an edge after resampling. */
  private static final int RIM = 2;
  /** Chroma, root of the mean square weighted by alpha, from which on a mark is looked for by its colour too. */
  private static final double COLOURFUL = 0.06;
  private static final int LEAST_SIDE = 128;
  /** Scale below which a mark is drawn from a reduced one: what is left of the scale then is between this and twice as much. */
  private static final double REDUCED = 0.25;

  /** How a mark was resampled, which its edges tell of. Where a mark is reduced, each is as much wider. */
  public enum Kernel {
    /** The mean of the mark's area under a pixel of the picture. */
    AREA {
      @Override
      double at(double distance, double stretch) {
        return Math.max(0, Math.min(distance + 0.5, stretch / 2) - Math.max(distance - 0.5, -stretch / 2));
      }
    },
    /** Linear interpolation. */
    LINEAR {
      @Override
      double at(double distance, double stretch) {
        return Math.max(0, 1 - Math.abs(distance) / stretch);
      }
    },
    /** Cubic interpolation, a = -1/2 (Keys, IEEE Transactions on Acoustics, Speech, and Signal Processing 29(6), 1981). */
    CUBIC {
      @Override
      double at(double distance, double stretch) {
        double t = Math.abs(distance) / stretch;
        return t < 1 ? 1 - t * t * (2.5 - 1.5 * t) : t < 2 ? 2 - t * (4 - t * (2.5 - 0.5 * t)) : 0;
      }
    };

    /**
     * The weight, not normalised, of a pixel of the mark.
     *
     * @param distance from the place that is looked up to the pixel's centre, in pixels of the mark
     * @param stretch pixels of the mark for one of the picture, 1 at least
     */
    abstract double at(double distance, double stretch);

    /** Where the weight ends, in pixels of the mark. */
    private double reach(double stretch) {
      return switch (this) {
        case AREA -> (stretch + 1) / 2;
        case LINEAR -> stretch;
        case CUBIC -> 2 * stretch;
      };
    }
  }

  private final int width;
  private final int height;
  private final int left;
  private final int top;
  /** The mark, and reduced by 2, 4 and so on, down to {@link #LEAST_SIDE}. */
  private final List<Level> levels;

  /**
   * The mark at one size.
   *
   * @param planes alpha, then alpha times red, green and blue; 0..1, row by row
   */
  private record Level(int width, int height, float[][] planes) {
    /** Half of it in each direction, the mean of four pixels each; beyond its border it is transparent. */
    private Level half() {
      int w = (width + 1) / 2;
      int h = (height + 1) / 2;
      float[][] reduced = new float[planes.length][w * h];
      for (int p = 0; p < planes.length; p++) {
        for (int y = 0; y < height; y++) {
          for (int x = 0; x < width; x++) {
            reduced[p][y / 2 * w + x / 2] += planes[p][y * width + x] / 4;
          }
        }
      }
      return new Level(w, h, reduced);
    }
  }

  private Watermark(int width, int height, int left, int top, float[][] planes) {
    this.width = width;
    this.height = height;
    this.left = left;
    this.top = top;
    List<Level> all = new ArrayList<>();
    for (Level level = new Level(width, height, planes); all.isEmpty() || Math.max(level.width, level.height) >= LEAST_SIDE;
        level = level.half()) {
      all.add(level);
    }
    this.levels = List.copyOf(all);
  }

  /**
   * Takes a mark.
   *
   * @param argb straight alpha, one int a pixel as in {@link java.awt.image.BufferedImage#TYPE_INT_ARGB}, row by row
   * @return nothing where no pixel of it is visible
   */
  public static Optional<Watermark> of(int width, int height, int[] argb) {
    int x0 = width;
    int y0 = height;
    int x1 = -1;
    int y1 = -1;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if ((argb[y * width + x] >>> 24) / 255f >= VISIBLE) {
          x0 = Math.min(x0, x);
          x1 = Math.max(x1, x);
          y0 = Math.min(y0, y);
          y1 = Math.max(y1, y);
        }
      }
    }
    if (x1 < 0) {
      return Optional.empty();
    }
    int w = x1 - x0 + 1 + 2 * RIM;
    int h = y1 - y0 + 1 + 2 * RIM;
    float[][] planes = new float[4][w * h];
    for (int y = y0; y <= y1; y++) {
      for (int x = x0; x <= x1; x++) {
        int v = argb[y * width + x];
        int i = (y - y0 + RIM) * w + x - x0 + RIM;
        float alpha = (v >>> 24) / 255f;
        planes[0][i] = alpha;
        planes[1][i] = alpha * (v >> 16 & 255) / 255f;
        planes[2][i] = alpha * (v >> 8 & 255) / 255f;
        planes[3][i] = alpha * (v & 255) / 255f;
      }
    }
    return Optional.of(new Watermark(w, h, x0 - RIM, y0 - RIM, planes));
  }

  /** In pixels, with a transparent rim. */
  int width() {
    return width;
  }

  /** In pixels, with a transparent rim. */
  int height() {
    return height;
  }

  int longSide() {
    return Math.max(width, height);
  }

  /** The longer side of what is visible, in pixels. */
  public int visibleSide() {
    return longSide() - 2 * RIM;
  }

  /** Where the cut begins in the mark's file, in its pixels. */
  int left() {
    return left;
  }

  /** Where the cut begins in the mark's file, in its pixels. */
  int top() {
    return top;
  }

  /** What the mark is looked for by: luma, and where it is colourful also the axis of the chroma plane that it lies along. */
  Projection[] projections() {
    float[][] planes = levels.get(0).planes;
    double bb = 0;
    double br = 0;
    double rr = 0;
    double weight = 0;
    for (int i = 0; i < planes[0].length; i++) {
      double cb = Projection.CB.of(planes, i);
      double cr = Projection.CR.of(planes, i);
      double alpha = planes[0][i];
      if (alpha > VISIBLE) {
        bb += cb * cb / alpha;
        br += cb * cr / alpha;
        rr += cr * cr / alpha;
        weight += alpha;
      }
    }
    double angle = 0.5 * Math.atan2(2 * br, bb - rr);
    double c = Math.cos(angle);
    double s = Math.sin(angle);
    double along = (c * c * bb + 2 * c * s * br + s * s * rr) / weight;
    return Math.sqrt(along) < COLOURFUL ? new Projection[] {Projection.LUMA}
        : new Projection[] {Projection.LUMA, Projection.chroma((float) c, (float) s)};
  }

  /**
   * The mark at a place and size.
   *
   * @param x left edge of the mark, in pixels of the picture, where pixel i lies from i to i + 1
   * @param y top edge
   * @param scaleX pixels of the picture for one of the mark
   * @param width of the part of the picture that is drawn, from its origin
   * @return alpha and premultiplied red, green and blue, {@code [4][width * height]}, 0..1
   */
  float[][] draw(double x, double y, double scaleX, double scaleY, int width, int height, Kernel kernel) {
    int index = 0;
    while (index + 1 < levels.size() && Math.max(scaleX, scaleY) * (1 << index) < REDUCED) {
      index++;
    }
    Level level = levels.get(index);
    Taps across = new Taps(level.width, width, x, scaleX * (1 << index), kernel);
    Taps down = new Taps(level.height, height, y, scaleY * (1 << index), kernel);
    float[][] drawn = new float[4][width * height];
    float[] row = new float[width * level.height];
    for (int p = 0; p < 4; p++) {
      float[] source = level.planes[p];
      for (int j = 0; j < level.height; j++) {
        if (down.used(j)) {
          for (int i = 0; i < width; i++) {
            float sum = 0;
            for (int t = across.from[i]; t < across.from[i + 1]; t++) {
              sum += across.weight[t] * source[j * level.width + across.index[t]];
            }
            row[j * width + i] = sum;
          }
        }
      }
      float[] target = drawn[p];
      for (int j = 0; j < height; j++) {
        for (int t = down.from[j]; t < down.from[j + 1]; t++) {
          float weight = down.weight[t];
          int from = down.index[t] * width;
          for (int i = 0, d = j * width; i < width; i++, d++) {
            target[d] += weight * row[from + i];
          }
        }
      }
    }
    if (kernel == Kernel.CUBIC) {
      clip(drawn);
    }
    return drawn;
  }

  /** Brings what overshoots back to alphas and colours that there are. */
  private static void clip(float[][] drawn) {
    for (int i = 0; i < drawn[0].length; i++) {
      float alpha = Math.max(0, Math.min(1, drawn[0][i]));
      drawn[0][i] = alpha;
      for (int c = 1; c < 4; c++) {
        drawn[c][i] = Math.max(0, Math.min(alpha, drawn[c][i]));
      }
    }
  }

  /** For each pixel along an axis, which of the mark's it is made of. */
  private static final class Taps {
    private final int[] from;
    private final int[] index;
    private final float[] weight;
    private int first = Integer.MAX_VALUE;
    private int last = -1;

    Taps(int sources, int pixels, double start, double scale, Kernel kernel) {
      double stretch = Math.max(1, 1 / scale);
      double radius = kernel.reach(stretch);
      int most = (int) (2 * radius) + 2;
      from = new int[pixels + 1];
      index = new int[pixels * most];
      weight = new float[pixels * most];
      int n = 0;
      for (int i = 0; i < pixels; i++) {
        from[i] = n;
        double centre = (i + 0.5 - start) / scale - 0.5;
        int low = (int) Math.ceil(centre - radius);
        int high = (int) Math.floor(centre + radius);
        if (high < 0 || low >= sources) {
          continue;
        }
        double sum = 0;
        for (int j = low; j <= high; j++) {
          sum += kernel.at(centre - j, stretch);
        }
        for (int j = Math.max(0, low); j <= Math.min(sources - 1, high); j++) {
          index[n] = j;
          weight[n++] = (float) (kernel.at(centre - j, stretch) / sum);
          first = Math.min(first, j);
          last = Math.max(last, j);
        }
      }
      from[pixels] = n;
    }

    boolean used(int j) {
      return j >= first && j <= last;
    }
  }
}
