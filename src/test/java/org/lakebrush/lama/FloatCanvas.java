package org.lakebrush.lama;

import java.nio.FloatBuffer;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Region;

/** A canvas on an array of planar RGB. */
public record FloatCanvas(int width, int height, float[] data) implements Canvas {

  /** A colour for each pixel. */
  public interface Painter {
    float at(int channel, int x, int y);
  }

  public static FloatCanvas of(int width, int height, Painter painter) {
    float[] data = new float[3 * width * height];
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          data[(c * height + y) * width + x] = painter.at(c, x, y);
        }
      }
    }
    return new FloatCanvas(width, height, data);
  }

  public FloatCanvas copy() {
    return new FloatCanvas(width, height, data.clone());
  }

  public float at(int channel, int x, int y) {
    return data[(channel * height + y) * width + x];
  }

  @Override
  public void read(Region r, FloatBuffer dst, int offset, int rowStride, int planeStride) {
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < r.height(); y++) {
        for (int x = 0; x < r.width(); x++) {
          dst.put(offset + c * planeStride + y * rowStride + x, at(c, r.x() + x, r.y() + y));
        }
      }
    }
  }

  @Override
  public void blend(Region r, FloatBuffer src, int offset, int rowStride, int planeStride, byte[] weight) {
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < r.height(); y++) {
        for (int x = 0; x < r.width(); x++) {
          int i = (r.y() + y) * width + r.x() + x;
          float w = (weight[i] & 255) / 255f;
          data[c * width * height + i] = data[c * width * height + i] * (1 - w) + src.get(offset + c * planeStride + y * rowStride + x) * w;
        }
      }
    }
  }
}
