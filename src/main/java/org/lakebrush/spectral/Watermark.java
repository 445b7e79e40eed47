package org.lakebrush.spectral;

/**
 * A known mark: colour and alpha, cut to what is visible. Immutable; safe for any number of threads.
 *
 * <p>A picture that carries it at opacity a is I' = (1 - a alpha) I + a alpha W. Kept are alpha and, premultiplied, alpha W.
 */
public final class Watermark {
  /** Alpha below this, 0..1, is not seen. */
  private static final float VISIBLE = 0.02f;
  /** Transparent pixels kept around the mark, so that its edge is an edge after resampling. */
  private static final int RIM = 2;
  /** Chroma, root of the mean square weighted by alpha, from which on a mark is looked for by its colour too. */
  private static final double COLOURFUL = 0.06;

  private final int width;
  private final int height;
  private final int left;
  private final int top;
  /** Alpha, then alpha times red, green and blue; 0..1, row by row. */
  private final float[][] planes;

  private Watermark(int width, int height, int left, int top, float[][] planes) {
    this.width = width;
    this.height = height;
    this.left = left;
    this.top = top;
    this.planes = planes;
  }

  /**
   * Takes a mark.
   *
   * @param argb straight alpha, one int a pixel as in {@link java.awt.image.BufferedImage#TYPE_INT_ARGB}, row by row
   * @throws IllegalArgumentException where no pixel of it is visible
   */
  public static Watermark of(int width, int height, int[] argb) {
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
      throw new IllegalArgumentException("No pixel of the mark is visible");
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
    return new Watermark(w, h, x0 - RIM, y0 - RIM, planes);
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
   * The mark at a place and size, averaged over each pixel (a triangle, one pixel of the coarser grid to each side).
   *
   * @param x left edge of the mark, in pixels of the picture, where pixel i lies from i to i + 1
   * @param y top edge
   * @param scaleX pixels of the picture for one of the mark
   * @param width of the part of the picture that is drawn, from its origin
   * @return alpha and premultiplied red, green and blue, {@code [4][width * height]}, 0..1
   */
  float[][] draw(double x, double y, double scaleX, double scaleY, int width, int height) {
    Taps across = new Taps(this.width, width, x, scaleX);
    Taps down = new Taps(this.height, height, y, scaleY);
    float[][] drawn = new float[4][width * height];
    float[] row = new float[width * this.height];
    for (int p = 0; p < 4; p++) {
      float[] source = planes[p];
      for (int j = 0; j < this.height; j++) {
        if (down.used(j)) {
          for (int i = 0; i < width; i++) {
            float sum = 0;
            for (int t = across.from[i]; t < across.from[i + 1]; t++) {
              sum += across.weight[t] * source[j * this.width + across.index[t]];
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
    return drawn;
  }

  /** For each pixel along an axis, which of the mark's it is made of. */
  private static final class Taps {
    private final int[] from;
    private final int[] index;
    private final float[] weight;
    private int first = Integer.MAX_VALUE;
    private int last = -1;

    Taps(int sources, int pixels, double start, double scale) {
      double radius = Math.max(1, 1 / scale);
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
          sum += 1 - Math.abs(centre - j) / radius;
        }
        for (int j = Math.max(0, low); j <= Math.min(sources - 1, high); j++) {
          index[n] = j;
          weight[n++] = (float) ((1 - Math.abs(centre - j) / radius) / sum);
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
