package org.lakebrush.image;

import java.util.ArrayList;
import java.util.List;

/**
 * A rectangle of whole pixels.
 *
 * @param x left edge, in pixels from the picture's left
 * @param y top edge, in pixels from the picture's top
 * @param width in pixels
 * @param height in pixels
 */
public record Region(int x, int y, int width, int height) {

  /** One past the last column. */
  public int right() {
    return x + width;
  }

  /** One past the last row. */
  public int bottom() {
    return y + height;
  }

  /** Number of pixels. */
  public long area() {
    return (long) width * height;
  }

  public boolean isEmpty() {
    return width <= 0 || height <= 0;
  }

  /** Whether the two share a pixel. */
  public boolean intersects(Region o) {
    return x < o.right() && o.x < right() && y < o.bottom() && o.y < bottom();
  }

  /** The smallest rectangle that holds both; an empty one adds nothing. */
  public Region union(Region o) {
    if (isEmpty()) {
      return o;
    }
    if (o.isEmpty()) {
      return this;
    }
    int l = Math.min(x, o.x);
    int t = Math.min(y, o.y);
    return new Region(l, t, Math.max(right(), o.right()) - l, Math.max(bottom(), o.bottom()) - t);
  }

  /** The shared rectangle; of width or height 0 where there is none. */
  public Region intersect(Region o) {
    int l = Math.max(x, o.x);
    int t = Math.max(y, o.y);
    return new Region(l, t, Math.max(0, Math.min(right(), o.right()) - l), Math.max(0, Math.min(bottom(), o.bottom()) - t));
  }

  /** This rectangle from top to bottom in parts of whole rows, each of at most so many pixels or of one row; an empty one has none. */
  public List<Region> bands(int maxPixels) {
    List<Region> bands = new ArrayList<>();
    int rows = Math.max(1, maxPixels / Math.max(1, width));
    for (int top = y; width > 0 && top < bottom(); top += rows) {
      bands.add(new Region(x, top, width, Math.min(rows, bottom() - top)));
    }
    return bands;
  }

  /** This rectangle with {@code by} pixels more on each side. */
  public Region grow(int by) {
    return new Region(x - by, y - by, width + 2 * by, height + 2 * by);
  }
}
