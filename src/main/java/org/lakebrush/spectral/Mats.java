package org.lakebrush.spectral;

import java.util.ArrayList;
import java.util.List;
import org.opencv.core.Mat;

/** OpenCV matrices that are released together. Used by one thread. */
final class Mats implements AutoCloseable {
  private final List<Mat> mats = new ArrayList<>();

  Mat of(int rows, int columns, int type) {
    return add(new Mat(rows, columns, type));
  }

  Mat empty() {
    return add(new Mat());
  }

  private Mat add(Mat mat) {
    mats.add(mat);
    return mat;
  }

  @Override
  public void close() {
    mats.forEach(Mat::release);
  }
}
