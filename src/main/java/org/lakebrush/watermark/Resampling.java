package org.lakebrush.watermark;

import org.lakebrush.image.Mats;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/** Reduces planes. */
final class Resampling {
  private Resampling() {}

  /** The mean over the area of each new pixel; the plane itself where the size is the same. */
  static float[] area(float[] plane, int width, int height, int newWidth, int newHeight) {
    if (newWidth == width && newHeight == height) {
      return plane;
    }
    try (Mats mats = new Mats()) {
      Mat from = mats.keep(new Mat(height, width, CvType.CV_32FC1));
      from.put(0, 0, plane);
      Mat to = mats.mat();
      Imgproc.resize(from, to, new Size(newWidth, newHeight), 0, 0, Imgproc.INTER_AREA);
      float[] result = new float[newWidth * newHeight];
      to.get(0, 0, result);
      return result;
    }
  }
}
