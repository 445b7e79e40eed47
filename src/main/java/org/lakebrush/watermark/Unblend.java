package org.lakebrush.watermark;

import java.util.Arrays;
import java.util.function.Consumer;
import org.lakebrush.image.Region;
import org.lakebrush.image.RgbPixels;

/**
 * Solves for the picture under a mark that lets it through: I = (I' - a alpha W) / (1 - a alpha).
 *
 * <p>Luma is solved for by the mark as it is drawn. In chroma, which JPEG mostly stores at half the size, the mark's edges are softer than
 * that: of the plain mark and of a softened one it takes the one that leaves less of an edge. What cannot be told is left to be filled:
 * where the mark covers nine tenths and more, where the result lies too far out of 0..1, and in parts of the mark whose outline still
 * shows afterwards. Noise of the picture grows by 1 / (1 - a alpha).
 *
 * @param region inside the picture
 * @param rgb planar, 0..1: sample (c, y, x) of the region is {@code rgb[(c * height + y) * width + x]}
 * @param known one a pixel of the region: what {@code rgb} holds is the picture under the mark
 * @param unknown likewise: the mark is here, and what is under it cannot be told; where neither is set there is no mark
 */
public record Unblend(Region region, float[] rgb, boolean[] known, boolean[] unknown) {
  /** Cover from which on too little comes through. */
  private static final float OPAQUE = 0.9f;
  /** Cover that changes no 8-bit value by more than one. */
  private static final float FAINT = 0.004f;
  /** What compression makes of a value near an edge, 0..1. */
  private static final float NOISE = 8 / 255f;
  /** Share of the neighbours that lie out of range from which on the place is filled. */
  private static final float OUT_OF_RANGE = 0.35f;
  /** Side of the parts that are looked at for the mark's outline, in pixels, and what may be left of it. */
  private static final int PART = 24;
  private static final double LEFT_OVER = 0.25;
  /** Signal-to-noise ratio from which on what is left of it is no chance. */
  private static final double SURE = 6;
  /** Detail that any part holds, 0..1 squared, so that a flat one is not divided by nothing. */
  private static final double QUANTISED = 1e-6;
  /** Radius of the smoothing that gives the ground, in pixels. */
  private static final int GROUND = 6;
  /** Pixels around the mark's box that are looked at too. */
  private static final int RIM = 2;
  /** Most pixels that are solved for at once, and rows above and below that the filters look at. */
  private static final int BAND = 2_000_000;
  private static final int MARGIN = 24;

  /**
   * Solves for what lies under a mark that was found, from top to bottom in bands of two million pixels at most. Takes some 110 bytes for
   * each pixel of a band.
   *
   * @param solved takes each band, or the whole of a small mark
   */
  public static void solve(RgbPixels picture, Watermark mark, WatermarkFind find, Consumer<Unblend> solved) {
    Region whole = new Region(0, 0, picture.width(), picture.height());
    Region region = find.region(mark, whole.width(), whole.height()).grow(RIM).intersect(whole);
    for (Region band : region.bands(BAND)) {
      solved.accept(of(picture, mark, find, band.grow(MARGIN).intersect(region)).rows(band));
    }
  }

  private static Unblend of(RgbPixels picture, Watermark mark, WatermarkFind find, Region region) {
    int w = region.width();
    int h = region.height();
    float[][] drawn = find.drawn(mark, region);
    int n = w * h;
    float[] seen = new float[3 * n];
    picture.readRgb(region, seen);
    float a = (float) find.opacity();
    float[][] soft = new float[4][];
    for (int p = 0; p < 4; p++) {
      soft[p] = Filters.subsampled(drawn[p], w, h, 1);
    }
    float[][] plain = chroma(seen, drawn, a);
    float[][] softened = chroma(seen, soft, a);
    float[][] chroma = edges(softened, drawn[0], w, h) < edges(plain, drawn[0], w, h) ? softened : plain;

    float[] rgb = new float[3 * n];
    boolean[] marked = new boolean[n];
    boolean[] unknown = new boolean[n];
    float[] out = new float[n];
    float[] luma = new float[n];
    for (int i = 0; i < n; i++) {
      float cover = a * drawn[0][i];
      marked[i] = cover >= FAINT;
      float through = 1 - Math.min(OPAQUE, cover);
      luma[i] = (Projection.LUMA.of(seen[i], seen[n + i], seen[2 * n + i]) - a * Projection.LUMA.of(drawn, i)) / through;
      float r = luma[i] + 1.402f * chroma[1][i];
      float g = luma[i] - 0.344136f * chroma[0][i] - 0.714136f * chroma[1][i];
      float b = luma[i] + 1.772f * chroma[0][i];
      rgb[i] = clamp(r);
      rgb[n + i] = clamp(g);
      rgb[2 * n + i] = clamp(b);
      float excess = Math.max(Math.max(Math.max(r, g), b) - 1, -Math.min(Math.min(r, g), b));
      out[i] = marked[i] && excess > NOISE / through ? 1 : 0;
      unknown[i] = cover >= OPAQUE;
    }
    float[] outNear = Filters.smooth(out, w, h, 1);
    for (int i = 0; i < n; i++) {
      unknown[i] |= marked[i] && outNear[i] > OUT_OF_RANGE;
    }
    outline(luma, drawn, a, marked, unknown, w, h);
    boolean[] known = new boolean[n];
    for (int i = 0; i < n; i++) {
      known[i] = marked[i] && !unknown[i];
    }
    return new Unblend(region, rgb, known, unknown);
  }

  /** A part of as many columns. */
  private Unblend rows(Region band) {
    int from = (band.y() - region.y()) * region.width();
    int n = Math.toIntExact(band.area());
    if (n == known.length) {
      return this;
    }
    float[] part = new float[3 * n];
    for (int c = 0; c < 3; c++) {
      System.arraycopy(rgb, c * known.length + from, part, c * n, n);
    }
    return new Unblend(band, part, Arrays.copyOfRange(known, from, from + n), Arrays.copyOfRange(unknown, from, from + n));
  }

  private static float clamp(float v) {
    return Math.max(0, Math.min(1, v));
  }

  /** Cb and Cr under the mark, 0 is grey. */
  private static float[][] chroma(float[] seen, float[][] drawn, float opacity) {
    int n = drawn[0].length;
    float[][] result = new float[2][n];
    Projection[] axes = {Projection.CB, Projection.CR};
    for (int c = 0; c < 2; c++) {
      Projection p = axes[c];
      for (int i = 0; i < n; i++) {
        float value = p.of(seen[i], seen[n + i], seen[2 * n + i]);
        float through = 1 - Math.min(OPAQUE, opacity * drawn[0][i]);
        result[c][i] = (value - opacity * p.of(drawn, i)) / through;
      }
    }
    return result;
  }

  /** How much detail planes hold along the mark's outline. */
  private static double edges(float[][] planes, float[] alpha, int w, int h) {
    float[] outline = Filters.bandPass(alpha, w, h);
    double sum = 0;
    for (float[] plane : planes) {
      float[] band = Filters.bandPass(plane, w, h);
      for (int i = 0; i < band.length; i++) {
        sum += Math.abs(band[i] * outline[i]);
      }
    }
    return sum;
  }

  /** Sets as unknown the marked pixels of each part where the restored luma still follows the mark's outline. */
  private static void outline(float[] luma, float[][] drawn, float opacity, boolean[] marked, boolean[] unknown, int w, int h) {
    float[] ground = Filters.smooth(luma, w, h, GROUND);
    float[] contribution = new float[luma.length];
    for (int i = 0; i < luma.length; i++) {
      float through = 1 - Math.min(OPAQUE, opacity * drawn[0][i]);
      contribution[i] = (Projection.LUMA.of(drawn, i) - drawn[0][i] * ground[i]) / through;
    }
    float[] response = Filters.bandPass(contribution, w, h);
    float[] band = Filters.bandPass(luma, w, h);
    for (int top = 0; top < h; top += PART) {
      for (int left = 0; left < w; left += PART) {
        double n = 0;
        double d = 0;
        double energy = QUANTISED;
        int count = 0;
        for (int y = top; y < Math.min(h, top + PART); y++) {
          for (int x = left; x < Math.min(w, left + PART); x++) {
            int i = y * w + x;
            if (unknown[i] || !marked[i]) {
              continue;
            }
            n += band[i] * response[i];
            d += response[i] * response[i];
            energy += band[i] * band[i];
            count++;
          }
        }
        if (count > 0 && Math.abs(n) > LEFT_OVER * opacity * d && n * n > SURE * SURE * d * energy / count) {
          for (int y = top; y < Math.min(h, top + PART); y++) {
            for (int x = left; x < Math.min(w, left + PART); x++) {
              unknown[y * w + x] |= marked[y * w + x];
            }
          }
        }
      }
    }
  }
}
