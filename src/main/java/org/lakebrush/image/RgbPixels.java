package org.lakebrush.image;

/** The pixels of a picture as they are looked at, RGB in the upright frame. Used by one thread at a time. */
public interface RgbPixels {

  /** In pixels. */
  int width();

  /** In pixels. */
  int height();

  /**
   * Reads one row as interleaved 8-bit RGB.
   *
   * @param rgb at least 3 * width() bytes
   */
  void readRow(int y, byte[] rgb);

  /**
   * Reads a region as planar RGB, as finely as the picture is stored; 8 bits where an implementation has no more.
   *
   * @param region inside the picture
   * @param rgb sample (c, y, x) of the region, 0..1, goes to {@code rgb[(c * height + y) * width + x]}
   */
  default void readRgb(Region region, float[] rgb) {
    byte[] row = new byte[3 * width()];
    int n = Math.toIntExact(region.area());
    for (int y = 0, i = 0; y < region.height(); y++) {
      readRow(region.y() + y, row);
      for (int x = 3 * region.x(); x < 3 * region.right(); x += 3, i++) {
        for (int c = 0; c < 3; c++) {
          rgb[c * n + i] = (row[x + c] & 255) / 255f;
        }
      }
    }
  }
}
