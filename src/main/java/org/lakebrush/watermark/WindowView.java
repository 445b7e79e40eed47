package org.lakebrush.watermark;

import java.util.Arrays;
import java.util.List;
import org.lakebrush.image.Picture;

/** A {@link MarkWindow} of one image, reduced row by row. */
final class WindowView {
  private final int width;
  private final int height;
  private final int reduction;
  private final int left;
  private final int top;
  private final int imageWidth;
  private final int imageHeight;
  private final int[] rgb;
  private final long[] strip;

  private WindowView(MarkWindow window, Picture picture) {
    width = window.width();
    height = window.height();
    reduction = window.reduction();
    imageWidth = picture.width();
    imageHeight = picture.height();
    left = window.left(imageWidth);
    top = window.top(imageHeight);
    rgb = new int[width * height];
    Arrays.fill(rgb, -1);
    strip = new long[3 * width];
  }

  private boolean needs(int y) {
    return y >= top && y < top + height * reduction;
  }

  private void add(int y, byte[] row) {
    if (!needs(y)) {
      return;
    }
    int j = (y - top) / reduction;
    int first = top + j * reduction;
    if (first < 0 || first + reduction > imageHeight) {
      return;
    }
    for (int i = 0; i < width; i++) {
      int x = left + i * reduction;
      if (x >= 0 && x + reduction <= imageWidth) {
        for (int k = 3 * x; k < 3 * (x + reduction); k += 3) {
          strip[3 * i] += row[k] & 255;
          strip[3 * i + 1] += row[k + 1] & 255;
          strip[3 * i + 2] += row[k + 2] & 255;
        }
      }
    }
    if (y == first + reduction - 1) {
      finish(j);
    }
  }

  private void finish(int j) {
    long area = (long) reduction * reduction;
    for (int i = 0; i < width; i++) {
      int x = left + i * reduction;
      if (x >= 0 && x + reduction <= imageWidth) {
        int p = 0;
        for (int c = 0; c < 3; c++) {
          p = p << 8 | (int) ((strip[3 * i + c] + area / 2) / area);
        }
        rgb[j * width + i] = p;
      }
    }
    Arrays.fill(strip, 0);
  }

  /**
   * Several windows of one image, whose rows are each read once.
   *
   * @return for each window its reduced pixels, {@code r << 16 | g << 8 | b}, row by row; -1 where it is not wholly inside the image
   */
  static List<int[]> read(Picture picture, List<MarkWindow> windows) {
    List<WindowView> views = windows.stream().map(w -> new WindowView(w, picture)).toList();
    byte[] row = new byte[3 * picture.width()];
    for (int y = 0; y < picture.height(); y++) {
      int at = y;
      if (views.stream().anyMatch(v -> v.needs(at))) {
        picture.readRow(y, row);
        views.forEach(v -> v.add(at, row));
      }
    }
    return views.stream().map(v -> v.rgb).toList();
  }
}
