package org.lakebrush.text;

import org.opencv.core.CvType;
import org.opencv.core.Mat;

/**
 * How a line is laid out straight.
 *
 * @param scaleX pixels of the layout in one of the picture along the line
 * @param scaleY likewise across it
 * @param marginX what the layout shows beyond each end, in pixels of the layout
 * @param marginY likewise above and below
 */
record LineFrame(TextLine line, double scaleX, double scaleY, double marginX, double marginY) {

  /** The 2 by 3 matrix from the layout's pixels to the picture's; the caller releases it. */
  Mat matrix() {
    double cos = Math.cos(line.angle());
    double sin = Math.sin(line.angle());
    // The middle of the layout, pixel centres at whole numbers.
    double u = line.length() * scaleX / 2 + marginX - 0.5;
    double v = line.height() * scaleY / 2 + marginY - 0.5;
    Mat matrix = new Mat(2, 3, CvType.CV_64F);
    matrix.put(0, 0, cos / scaleX, -sin / scaleY, line.x() - cos / scaleX * u + sin / scaleY * v,
        sin / scaleX, cos / scaleY, line.y() - sin / scaleX * u - cos / scaleY * v);
    return matrix;
  }
}
