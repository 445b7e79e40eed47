package org.lakebrush.watermark;

import org.lakebrush.image.Region;

/**
 * A mark that was found.
 *
 * @param x left edge of the mark as it is cut to what is visible, in pixels of the picture, where pixel i lies from i to i + 1
 * @param y top edge
 * @param scaleX pixels of the picture for one of the mark
 * @param scaleY likewise, downwards
 * @param opacity 0..1, by which the mark's alpha is multiplied
 * @param kernel how its edges were resampled, as far as that can be told
 * @param confidence 0.5 (just enough) to 1
 */
public record WatermarkFind(double x, double y, double scaleX, double scaleY, double opacity, Watermark.Kernel kernel,
    double confidence) {

  /**
   * The part of the picture that holds the mark.
   *
   * @param width of the picture
   * @param height of the picture
   */
  public Region region(Watermark mark, int width, int height) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    int right = (int) Math.ceil(x + mark.width() * scaleX);
    int bottom = (int) Math.ceil(y + mark.height() * scaleY);
    return new Region(left, top, right - left, bottom - top).intersect(new Region(0, 0, width, height));
  }

  /** What share of each pixel of a region the mark covers: its alpha there times the opacity, 0..1, row by row. */
  public float[] cover(Watermark mark, Region region) {
    float[] cover = drawn(mark, region)[0];
    for (int i = 0; i < cover.length; i++) {
      cover[i] = (float) Math.max(0, Math.min(1, opacity * cover[i]));
    }
    return cover;
  }

  /** The mark in a region, as {@link Watermark#draw}. */
  float[][] drawn(Watermark mark, Region region) {
    return mark.draw(x - region.x(), y - region.y(), scaleX, scaleY, region.width(), region.height(), kernel);
  }
}
