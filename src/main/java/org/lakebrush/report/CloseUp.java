package org.lakebrush.report;

import java.util.Optional;
import org.lakebrush.image.Region;
import org.lakebrush.mask.Mask;

/** Finds the part of an image that shows its hole large where the whole image, reduced, does not. */
final class CloseUp {
  /** An image that is reduced by less than this shows enough. */
  private static final double REDUCED = 1.6;
  /** The hole is looked at in blocks of so many pixels. */
  private static final int BLOCK = 16;
  /** Of the part, at least so much lies around the hole on each side. */
  private static final double AROUND = 0.25;

  private CloseUp() {}

  /**
   * The part of an image to look at.
   *
   * @param hole where it is empty, the middle of the image is the part
   * @param width of the picture that is made of it, in pixels
   * @param height likewise
   * @return nothing where the whole image will do
   */
  static Optional<Region> of(Mask hole, int width, int height) {
    double reduced = Math.max((double) hole.width() / width, (double) hole.height() / height);
    if (reduced < REDUCED) {
      return Optional.empty();
    }
    Region bounds = hole.bounds().isEmpty() ? new Region(hole.width() / 2, hole.height() / 2, 0, 0) : hole.bounds();
    // As much as fits at full size, and more where all of the hole would be seen with it.
    double scale = Math.max((1 + 2 * AROUND) * Math.max((double) bounds.width() / width, (double) bounds.height() / height), 1);
    boolean whole = scale <= reduced / REDUCED;
    int w = (int) Math.min(hole.width(), Math.round(width * (whole ? scale : 1)));
    int h = (int) Math.min(hole.height(), Math.round(height * (whole ? scale : 1)));
    return Optional.of(whole ? around(hole, bounds, w, h) : densest(hole, w, h));
  }

  private static Region around(Mask hole, Region bounds, int w, int h) {
    return inside(hole, bounds.x() + bounds.width() / 2 - w / 2, bounds.y() + bounds.height() / 2 - h / 2, w, h);
  }

  private static Region inside(Mask hole, int x, int y, int w, int h) {
    return new Region(Math.max(0, Math.min(hole.width() - w, x)), Math.max(0, Math.min(hole.height() - h, y)), w, h);
  }

  /** The part with the most of the hole; the first of such. */
  private static Region densest(Mask hole, int w, int h) {
    int columns = (hole.width() + BLOCK - 1) / BLOCK;
    int rows = (hole.height() + BLOCK - 1) / BLOCK;
    // Sums over all blocks above and to the left.
    long[][] sums = new long[rows + 1][columns + 1];
    for (int y = 0; y < hole.height(); y++) {
      long[] row = sums[y / BLOCK + 1];
      for (int x = 0; x < hole.width(); x++) {
        row[x / BLOCK + 1] += hole.isHole(x, y) ? 1 : 0;
      }
    }
    for (int r = 1; r <= rows; r++) {
      for (int c = 1; c <= columns; c++) {
        sums[r][c] += sums[r - 1][c] + sums[r][c - 1] - sums[r - 1][c - 1];
      }
    }
    int high = Math.max(1, Math.min(rows, h / BLOCK));
    int wide = Math.max(1, Math.min(columns, w / BLOCK));
    long most = -1;
    Region best = null;
    for (int r = high; r <= rows; r++) {
      for (int c = wide; c <= columns; c++) {
        long holes = sums[r][c] - sums[r - high][c] - sums[r][c - wide] + sums[r - high][c - wide];
        if (holes > most) {
          most = holes;
          best = inside(hole, (c - wide) * BLOCK, (r - high) * BLOCK, w, h);
        }
      }
    }
    return best;
  }
}
