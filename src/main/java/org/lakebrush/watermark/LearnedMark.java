package org.lakebrush.watermark;

import org.lakebrush.image.Mats;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.Size;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/**
 * A mark that a lake's images have in common.
 *
 * @param place the mark's rectangle, relative to its anchor
 * @param alpha the mark's opacity at each of the place's reduced pixels, 0..1; 0 is no mark
 * @param rgb the mark's colour there, 0..1, {@code rgb[c * width * height + y * width + x]}; of no meaning where alpha is 0
 * @param relief how much brighter the mark makes an average image there, in grey levels of 0..255
 * @param opacity the median of alpha inside the mark's shapes
 * @param confidence the share of the mark's outline along which the images agree on an edge, 0..1
 * @param evidence how much in the images speaks for the mark, to tell the better of two; in no unit
 */
public record LearnedMark(MarkWindow place, float[] alpha, float[] rgb, float[] relief, double opacity, double confidence,
    double evidence) {

  /** Width in image pixels. */
  public int width() {
    return place.width() * place.reduction();
  }

  /** Height in image pixels. */
  public int height() {
    return place.height() * place.reduction();
  }

  /** Distance from the image's side that the anchor names, or how far to the right of the middle, in pixels. */
  public int marginX() {
    return place.anchor().marginX(place.shiftX());
  }

  /** Distance from the image's top or bottom, whichever the anchor names, or how far below the middle, in pixels. */
  public int marginY() {
    return place.anchor().marginY(place.shiftY());
  }

  /** The mark as a PNG of {@link #width()} by {@link #height()} pixels, RGB and alpha. */
  public byte[] png() {
    int n = alpha.length;
    float[] bgra = new float[4 * n];
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < 3; c++) {
        bgra[4 * i + c] = rgb[(2 - c) * n + i] * 255;
      }
      bgra[4 * i + 3] = alpha[i] * 255;
    }
    try (Mats mats = new Mats()) {
      Mat mark = mats.keep(new Mat(place.height(), place.width(), CvType.CV_32FC4));
      MatOfByte file = mats.keep(new MatOfByte());
      mark.put(0, 0, bgra);
      if (place.reduction() > 1) {
        Imgproc.resize(mark, mark, new Size(width(), height()), 0, 0, Imgproc.INTER_LINEAR);
      }
      mark.convertTo(mark, CvType.CV_8UC4);
      if (!Imgcodecs.imencode(".png", mark, file)) {
        throw new IllegalStateException("OpenCV cannot encode a PNG of " + width() + "x" + height());
      }
      return file.toArray();
    }
  }
}
