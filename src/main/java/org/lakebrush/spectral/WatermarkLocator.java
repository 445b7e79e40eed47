package org.lakebrush.spectral;

import java.util.ArrayList;
import java.util.List;
import org.lakebrush.image.OpenCv;

/** Finds a known mark in pictures. */
public final class WatermarkLocator {
  /** The rows of a picture, upright. */
  public interface Rows {
    int width();

    int height();

    /** One row as interleaved 8-bit RGB, at least 3 * width() bytes. */
    void readRow(int y, byte[] rgb);
  }

  static List<MarkPlane> planes(Watermark mark, Rows picture) {
    OpenCv.ensureLoaded();
    Projection[] projections = mark.projections();
    int w = picture.width();
    byte[][] data = new byte[projections.length][Math.multiplyExact(w, picture.height())];
    byte[] row = new byte[3 * w];
    for (int y = 0; y < picture.height(); y++) {
      picture.readRow(y, row);
      for (int c = 0; c < projections.length; c++) {
        for (int x = 0; x < w; x++) {
          data[c][y * w + x] = projections[c].of8(row[3 * x] & 255, row[3 * x + 1] & 255, row[3 * x + 2] & 255);
        }
      }
    }
    List<MarkPlane> planes = new ArrayList<>();
    for (int c = 0; c < projections.length; c++) {
      planes.add(new MarkPlane(projections[c], w, picture.height(), data[c]));
    }
    return planes;
  }
}
