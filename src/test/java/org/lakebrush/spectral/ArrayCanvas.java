package org.lakebrush.spectral;

import java.nio.FloatBuffer;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Region;
import org.opencv.core.CvType;
import org.opencv.core.Mat;

/** A canvas on planar RGB whose samples are, as in an 8-bit picture, whole 1/255. */
record ArrayCanvas(int width, int height, float[] data) implements Canvas {

  /** A colour for each pixel. */
  interface Painter {
    double at(int channel, int x, int y);
  }

  static ArrayCanvas of(int width, int height, Painter painter) {
    float[] data = new float[3 * width * height];
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          data[(c * height + y) * width + x] = whole(painter.at(c, x, y));
        }
      }
    }
    return new ArrayCanvas(width, height, data);
  }

  /** From OpenCV's 8-bit BGR. */
  static ArrayCanvas of(Mat bgr) {
    byte[] bytes = new byte[3 * bgr.rows() * bgr.cols()];
    bgr.get(0, 0, bytes);
    return of(bgr.cols(), bgr.rows(), (c, x, y) -> (bytes[3 * (y * bgr.cols() + x) + 2 - c] & 255) / 255.0);
  }

  /** As OpenCV's 8-bit BGR. */
  Mat bgr() {
    byte[] bytes = new byte[data.length];
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < width * height; i++) {
        bytes[3 * i + 2 - c] = (byte) Math.round(255 * data[c * width * height + i]);
      }
    }
    Mat mat = new Mat(height, width, CvType.CV_8UC3);
    mat.put(0, 0, bytes);
    return mat;
  }

  private static float whole(double v) {
    return Math.round(255 * Math.max(0, Math.min(1, v))) / 255f;
  }

  ArrayCanvas copy() {
    return new ArrayCanvas(width, height, data.clone());
  }

  float at(int channel, int x, int y) {
    return data[(channel * height + y) * width + x];
  }

  /** Peak signal to noise ratio in dB. */
  double psnr(ArrayCanvas truth) {
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
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < r.height(); y++) {
        for (int x = 0; x < r.width(); x++) {
          int i = (r.y() + y) * width + r.x() + x;
          float w = (weight[i] & 255) / 255f;
          int at = c * width * height + i;
          data[at] = whole(data[at] * (1 - w) + src.get(offset + c * planeStride + y * rowStride + x) * w);
        }
      }
    }
  }
}
