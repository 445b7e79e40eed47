package org.lakebrush.repair;

import org.lakebrush.image.Picture;
import org.lakebrush.image.Rec601;
import org.lakebrush.image.Region;
import org.lakebrush.mask.Mask;

/**
 * How far a fill stands out from its surroundings, 0 (not at all) to 1, over luma (Rec. 601, 0..255): the larger of two shares.
 *
 * <ul>
 *   <li>Seam: 1 - o / s, not below 0, where s is the mean step between neighbours of which one lies in the hole and one outside, and o
 *       the mean step between the latter and the next pixel outward.
 *   <li>Texture: 1 - min(i, o) / max(i, o), where i is the mean step along rows in the hole, and o that along the {@value #FLANK} known
 *       pixels at either end of each of the hole's rows.
 * </ul>
 *
 * <p>Every mean has one level added, so that what nobody sees (flat ground, off by a level) does not count.
 */
final class Damage {
  private static final int FLANK = 8;
  private static final double FLOOR = 1;

  private final Picture picture;
  private final Mask hole;
  private final Mean across = new Mean();
  private final Mean beyond = new Mean();
  private final Mean inside = new Mean();
  private final Mean outside = new Mean();

  private static final class Mean {
    private double sum;
    private long n;

    void add(float a, float b) {
      sum += Math.abs(a - b);
      n++;
    }

    double value() {
      return n == 0 ? FLOOR : sum / n + FLOOR;
    }
  }

  private Damage(Picture picture, Mask hole) {
    this.picture = picture;
    this.hole = hole;
  }

  /**
   * Measures a repaired picture.
   *
   * @param hole the pixels that were filled
   * @return 0..1; 0 where nothing is left outside the hole to compare with
   */
  static double of(Picture repaired, Mask hole) {
    return new Damage(repaired, hole).measure();
  }

  private double measure() {
    Region image = new Region(0, 0, hole.width(), hole.height());
    Region bounds = hole.bounds().grow(2).intersect(image);
    // Rows y - 1 to y + 2 in turn, at y & 3; no column further from the hole is looked at.
    Region read = bounds.grow(FLANK).intersect(image);
    float[][] luma = new float[4][hole.width()];
    byte[] rgb = new byte[3 * read.width()];
    for (int y = bounds.y(); y < Math.min(bounds.y() + 2, bounds.bottom()); y++) {
      read(y, read, rgb, luma[y & 3]);
    }
    for (int y = bounds.y(); y < bounds.bottom(); y++) {
      if (y + 2 < bounds.bottom()) {
        read(y + 2, read, rgb, luma[(y + 2) & 3]);
      }
      row(y, bounds, luma[y & 3]);
      if (y + 1 < bounds.bottom()) {
        column(y, bounds, luma);
      }
    }
    double seam = Math.max(0, 1 - beyond.value() / across.value());
    double texture = outside.n == 0 ? 0 : 1 - Math.min(inside.value(), outside.value()) / Math.max(inside.value(), outside.value());
    return Math.max(seam, texture);
  }

  private void read(int y, Region columns, byte[] rgb, float[] luma) {
    picture.readRow(y, columns.x(), columns.right(), rgb);
    for (int i = 0, x = columns.x(); x < columns.right(); i += 3, x++) {
      luma[x] = Rec601.luma(rgb[i] & 255, rgb[i + 1] & 255, rgb[i + 2] & 255);
    }
  }

  /** The steps along a row. */
  private void row(int y, Region bounds, float[] luma) {
    int w = bounds.right();
    for (int x = bounds.x(); x < w; x++) {
      if (!hole.isHole(x, y)) {
        continue;
      }
      int from = x;
      while (x + 1 < w && hole.isHole(x + 1, y)) {
        inside.add(luma[x], luma[x + 1]);
        x++;
      }
      flank(y, from, -1, luma);
      flank(y, x, 1, luma);
    }
  }

  /**
   * The steps at one end of a run of the hole's pixels.
   *
   * @param x its last pixel at that end
   * @param step which way is outward, -1 or 1
   */
  private void flank(int y, int x, int step, float[] luma) {
    for (int i = 1; i <= FLANK; i++) {
      int to = x + i * step;
      if (to < 0 || to >= luma.length || hole.isHole(to, y)) {
        return;
      }
      if (i == 1) {
        across.add(luma[to - step], luma[to]);
      } else {
        outside.add(luma[to - step], luma[to]);
      }
      if (i == 2) {
        beyond.add(luma[to - step], luma[to]);
      }
    }
  }

  /** The steps across the hole's edge from a row to the next. */
  private void column(int y, Region bounds, float[][] luma) {
    float[] here = luma[y & 3];
    float[] below = luma[(y + 1) & 3];
    for (int x = bounds.x(); x < bounds.right(); x++) {
      boolean in = hole.isHole(x, y);
      if (in == hole.isHole(x, y + 1)) {
        continue;
      }
      across.add(here[x], below[x]);
      int far = in ? y + 2 : y - 1;
      if (far >= bounds.y() && far < bounds.bottom() && !hole.isHole(x, far)) {
        beyond.add(in ? below[x] : here[x], luma[far & 3][x]);
      }
    }
  }
}
