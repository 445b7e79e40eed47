package org.lakebrush.mask;

import java.util.Arrays;
import org.lakebrush.image.Region;

/**
 * Thin bright and dark lines of a grey picture, each pixel against its own neighbourhood.
 *
 * <p>In each of 16 directions the picture is averaged along a line of 15 pixels; a line's response is its mean minus the larger of its
 * two flanks' means where it is bright (the smaller one where it is dark), so that a step edge has none. Three such in a row make a
 * line of 41 pixels in one of 32 directions: sums of shorter line integrals, as beamlets are made (D. L. Donoho and X. Huo, Beamlets and
 * Multiscale Image Analysis, 2002). That is what lifts a faint line out of the noise. The strongest response over all directions is divided
 * by its mean over the 41x41 pixels around: in grass or noise a line must be that much stronger. Kept are the maxima across a line.
 *
 * <p>All sums are of whole numbers, so that a pixel's result does not hang on the tile in which it is computed. Used by one thread.
 */
final class RidgeFilter {
  /** Directions that are told apart, over half a turn. */
  static final int ANGLES = 32;
  /** What {@link #strength} is for a response as large as its neighbourhood's mean. */
  static final int UNIT = 16;

  /** Pixels of a short line on either side of its middle, and from one short line of a long one to the next. */
  private static final int HALF_LINE = 7;
  private static final int STEP = 13;
  /** How far off the line's middle its flanks are taken: beyond half of the widest scratch. */
  private static final int[] FLANKS = {3, 4};
  /** Reach of the neighbourhood on all sides. */
  private static final int TEXTURE = 20;
  /** What a long line counts more than a short one, whose noise is larger by about as much. */
  private static final float LONG_GAIN = 1.4f;
  /** Grey levels that are added to the neighbourhood's mean: rounding and compression are no texture. */
  private static final float FLOOR = 1f;
  /** A tile's side; with what is needed around it, it takes some 8 MiB. */
  private static final int SIDE = 512;
  /** How far beyond a tile each stage's values are needed. */
  private static final int BEST_MARGIN = TEXTURE + 1;
  private static final int SHORT_MARGIN = BEST_MARGIN + STEP + 1;
  private static final int LINE_MARGIN = SHORT_MARGIN + FLANKS[1] + 1;
  private static final int MARGIN = LINE_MARGIN + HALF_LINE + 1;

  private final byte[] luma;
  private final int width;
  private final int height;
  private final int stride;
  private final float[] smooth;
  private final float[] line;
  private final float[] ridge;
  private final float[] best;
  private final byte[] bestAngle;
  private final byte[] strength;
  private final byte[] angle;

  RidgeFilter(Luma picture) {
    luma = picture.values();
    width = picture.width();
    height = picture.height();
    stride = Math.min(SIDE, width) + 2 * MARGIN;
    int n = stride * (Math.min(SIDE, height) + 2 * MARGIN);
    smooth = new float[n];
    line = new float[n];
    ridge = new float[n];
    best = new float[n];
    bestAngle = new byte[n];
    strength = new byte[luma.length];
    angle = new byte[luma.length];
    for (int y = 0; y < height; y += SIDE) {
      for (int x = 0; x < width; x += SIDE) {
        tile(new Region(x, y, Math.min(SIDE, width - x), Math.min(SIDE, height - y)));
      }
    }
  }

  /** One byte a pixel, unsigned: 0 off the ridges, else the response over its neighbourhood's mean, times {@link #UNIT}, up to 255. */
  byte[] strength() {
    return strength;
  }

  /** One byte a pixel: on a ridge, its direction 0..31 (times 1/32 of half a turn, from the x axis towards y), plus 32 where it is dark. */
  byte[] angle() {
    return angle;
  }

  private void tile(Region tile) {
    int w = tile.width() + 2 * MARGIN;
    int h = tile.height() + 2 * MARGIN;
    smooth(tile, w, h);
    Arrays.fill(best, 0);
    for (int a = 0; a < ANGLES; a += 2) {
      double phi = a * Math.PI / ANGLES;
      lines(phi, w, h);
      ridges(phi, w, h);
      keepBest(0, 1, a, w, h);
      for (int b = a - 1; b <= a + 1; b++) {
        keepBest(offset(STEP, b * Math.PI / ANGLES), LONG_GAIN / 3, (b + ANGLES) % ANGLES, w, h);
      }
    }
    keepMaxima(tile, w, h);
  }

  private int offset(double length, double phi) {
    return (int) Math.round(length * Math.sin(phi)) * stride + (int) Math.round(length * Math.cos(phi));
  }

  /** The tile with its margin, times 16, smoothed by (1 2 1) both ways; beyond the picture its border goes on. */
  private void smooth(Region tile, int w, int h) {
    int[][] rows = new int[3][w];
    for (int y = 0; y < h; y++) {
      for (int k = y == 0 ? 0 : 2; k < 3; k++) {
        if (y > 0) {
          int[] first = rows[0];
          rows[0] = rows[1];
          rows[1] = rows[2];
          rows[2] = first;
        }
        across(tile.x() - MARGIN, clamp(tile.y() - MARGIN + y - 1 + k, height), rows[k]);
      }
      for (int x = 0; x < w; x++) {
        smooth[y * stride + x] = rows[0][x] + 2 * rows[1][x] + rows[2][x];
      }
    }
  }

  private void across(int left, int y, int[] row) {
    int base = y * width;
    for (int x = 0; x < row.length; x++) {
      int at = left + x;
      row[x] = (luma[base + clamp(at - 1, width)] & 255) + 2 * (luma[base + clamp(at, width)] & 255)
          + (luma[base + clamp(at + 1, width)] & 255);
    }
  }

  private static int clamp(int v, int size) {
    return Math.max(0, Math.min(size - 1, v));
  }

  /** Means along a line of 15 pixels. */
  private void lines(double phi, int w, int h) {
    boolean flat = Math.abs(Math.cos(phi)) >= Math.abs(Math.sin(phi));
    int reach = (int) Math.round(HALF_LINE * Math.max(Math.abs(Math.cos(phi)), Math.abs(Math.sin(phi))));
    double slope = flat ? Math.tan(phi) : 1 / Math.tan(phi);
    int margin = MARGIN - LINE_MARGIN;
    for (int y = margin; y < h - margin; y++) {
      int from = y * stride + margin;
      int to = y * stride + w - margin;
      Arrays.fill(line, from, to, 0);
      for (int i = -reach; i <= reach; i++) {
        int j = (int) Math.round(i * slope);
        add(smooth, flat ? j * stride + i : i * stride + j, from, to);
      }
      float scale = 1f / (16 * (2 * reach + 1));
      for (int x = from; x < to; x++) {
        line[x] *= scale;
      }
    }
  }

  private void add(float[] from, int offset, int start, int end) {
    for (int x = start; x < end; x++) {
      line[x] += from[x + offset];
    }
  }

  /** By how much a line stands out of both its flanks: above 0 where it is bright, below where it is dark. */
  private void ridges(double phi, int w, int h) {
    int near = offset(FLANKS[0], phi + Math.PI / 2);
    int far = offset(FLANKS[1], phi + Math.PI / 2);
    int margin = MARGIN - SHORT_MARGIN;
    for (int y = margin; y < h - margin; y++) {
      int to = y * stride + w - margin;
      for (int x = y * stride + margin; x < to; x++) {
        float l = (line[x - near] + line[x - far]) * 0.5f;
        float r = (line[x + near] + line[x + far]) * 0.5f;
        ridge[x] = Math.max(line[x] - Math.max(l, r), 0) + Math.min(line[x] - Math.min(l, r), 0);
      }
    }
  }

  private void keepBest(int offset, float gain, int a, int w, int h) {
    int margin = MARGIN - BEST_MARGIN;
    for (int y = margin; y < h - margin; y++) {
      int to = y * stride + w - margin;
      for (int x = y * stride + margin; x < to; x++) {
        float v = offset == 0 ? ridge[x] : (ridge[x - offset] + ridge[x] + ridge[x + offset]) * gain;
        if (Math.abs(v) > Math.abs(best[x])) {
          best[x] = v;
          bestAngle[x] = (byte) a;
        }
      }
    }
  }

  private void keepMaxima(Region tile, int w, int h) {
    int[] normal = new int[ANGLES];
    for (int a = 0; a < ANGLES; a++) {
      normal[a] = offset(1, a * Math.PI / ANGLES + Math.PI / 2);
    }
    // Column sums of the neighbourhood, in 1/64 of a grey level: whole numbers, whatever the order.
    int[] columns = new int[w];
    int top = MARGIN - TEXTURE;
    for (int y = top; y < top + 2 * TEXTURE; y++) {
      addRow(y, 1, columns, w);
    }
    float area = (2 * TEXTURE + 1) * (2 * TEXTURE + 1) * 64f;
    for (int y = MARGIN; y < h - MARGIN; y++) {
      addRow(y + TEXTURE, 1, columns, w);
      int sum = 0;
      for (int x = MARGIN - TEXTURE; x < MARGIN + TEXTURE; x++) {
        sum += columns[x];
      }
      int out = (tile.y() + y - MARGIN) * width + tile.x() - MARGIN;
      for (int x = MARGIN; x < w - MARGIN; x++) {
        sum += columns[x + TEXTURE];
        int at = y * stride + x;
        float v = best[at];
        int n = normal[bestAngle[at]];
        if (v > 0 && v > best[at - n] && v >= best[at + n] || v < 0 && v < best[at - n] && v <= best[at + n]) {
          strength[out + x] = (byte) Math.min(255, Math.round(UNIT * Math.abs(v) / (sum / area + FLOOR)));
          angle[out + x] = (byte) (bestAngle[at] + (v < 0 ? ANGLES : 0));
        }
        sum -= columns[x - TEXTURE];
      }
      addRow(y - TEXTURE, -1, columns, w);
    }
  }

  private void addRow(int y, int sign, int[] columns, int w) {
    for (int x = MARGIN - TEXTURE; x < w - MARGIN + TEXTURE; x++) {
      columns[x] += sign * (int) (Math.abs(best[y * stride + x]) * 64);
    }
  }
}
