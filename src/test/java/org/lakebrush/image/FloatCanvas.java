package org.lakebrush.image;

import java.awt.image.BufferedImage;
import java.nio.FloatBuffer;

/**
 * A canvas on an array of planar RGB.
 *
 * @param rounds whether all samples are, as in an 8-bit picture, whole 1/255, and become so when they are written
 */
public record FloatCanvas(int width, int height, float[] data, boolean rounds) implements Canvas {

  /** A colour for each pixel. */
  public interface Painter {
    double at(int channel, int x, int y);
  }

  public static FloatCanvas of(int width, int height, Painter painter) {
    float[] data = new float[3 * width * height];
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          data[(c * height + y) * width + x] = (float) painter.at(c, x, y);
        }
      }
    }
    return new FloatCanvas(width, height, data, false);
  }

  /** A picture of 8 bits. */
  public static FloatCanvas of(BufferedImage image) {
    return of(image.getWidth(), image.getHeight(), (c, x, y) -> (image.getRGB(x, y) >> (16 - 8 * c) & 255) / 255f);
  }

  /** A picture of 8 bits, RGB. */
  public BufferedImage image() {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, Math.round(255 * at(0, x, y)) << 16 | Math.round(255 * at(1, x, y)) << 8 | Math.round(255 * at(2, x, y)));
      }
    }
    return image;
  }

  /** As a picture of 8 bits would keep it. */
  public FloatCanvas rounded() {
    FloatCanvas canvas = new FloatCanvas(width, height, data.clone(), true);
    for (int i = 0; i < data.length; i++) {
      canvas.put(i, data[i]);
    }
    return canvas;
  }

  private void put(int i, float v) {
    data[i] = rounds ? Math.round(255 * Math.max(0, Math.min(1, v))) / 255f : v;
  }

  public FloatCanvas copy() {
    return new FloatCanvas(width, height, data.clone(), rounds);
  }

  public float at(int channel, int x, int y) {
    return data[(channel * height + y) * width + x];
  }

  /** Luma of a pixel (Rec. 601), 0..1. */
  public double luma(int x, int y) {
    return 0.299 * at(0, x, y) + 0.587 * at(1, x, y) + 0.114 * at(2, x, y);
  }

  /** Peak signal to noise ratio in dB. */
  public double psnr(FloatCanvas truth) {
    double sum = 0;
    for (int i = 0; i < data.length; i++) {
      sum += (data[i] - truth.data[i]) * (data[i] - truth.data[i]);
    }
    return 10 * Math.log10(data.length / sum);
  }

  @Override
  public void read(Region r, FloatBuffer dst, int offset, int rowStride, int planeStride) {
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < r.height(); y++) {
        dst.put(offset + c * planeStride + y * rowStride, data, (c * height + r.y() + y) * width + r.x(), r.width());
      }
    }
  }

  @Override
  public void blend(Region r, FloatBuffer src, int offset, int rowStride, int planeStride, byte[] weight) {
    blend(r, src, offset, rowStride, planeStride, (x, y) -> (weight[y * width + x] & 255) / 255f);
  }

  @Override
  public void write(Region r, FloatBuffer src, int offset, int rowStride, int planeStride) {
    blend(r, src, offset, rowStride, planeStride, (x, y) -> 1);
  }

  private interface Weight {
    float at(int x, int y);
  }

  private void blend(Region r, FloatBuffer src, int offset, int rowStride, int planeStride, Weight weight) {
    for (int c = 0; c < 3; c++) {
      for (int y = r.y(); y < r.bottom(); y++) {
        for (int x = r.x(); x < r.right(); x++) {
          int i = (c * height + y) * width + x;
          float w = weight.at(x, y);
          put(i, data[i] * (1 - w) + src.get(offset + c * planeStride + (y - r.y()) * rowStride + x - r.x()) * w);
        }
      }
    }
  }
}
