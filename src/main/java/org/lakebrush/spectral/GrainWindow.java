package org.lakebrush.spectral;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Mats;
import org.lakebrush.image.Rec601;
import org.lakebrush.image.Region;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * A part of a canvas, and what is left of it when all that is slow is taken out.
 *
 * @param region of the canvas
 * @param rgb planes of the region, 0..1
 * @param luma of each pixel, 0..1
 * @param residual planes of red, green, blue and luma, each less its blur: {@code residual[(c * h + y) * w + x]}
 */
record GrainWindow(Region region, float[] rgb, float[] luma, float[] residual) {
  /** Of the blur, in pixels. */
  private static final double SIGMA = 4;
  /** How far the blur reaches, in pixels. */
  static final int MARGIN = 12;

  /** Reads what lies within a region; around it, as far as the blur reaches, where the canvas goes on. */
  static GrainWindow read(Canvas canvas, Region wanted) {
    Region region = wanted.grow(MARGIN).intersect(new Region(0, 0, canvas.width(), canvas.height()));
    int w = region.width();
    int plane = w * region.height();
    float[] all = new float[4 * plane];
    canvas.read(region, FloatBuffer.wrap(all), 0, w, plane);
    for (int i = 0; i < plane; i++) {
      all[3 * plane + i] = Rec601.luma(all[i], all[plane + i], all[2 * plane + i]);
    }
    float[] residual = new float[4 * plane];
    for (int c = 0; c < 4; c++) {
      highPass(all, residual, c * plane, w, region.height());
    }
    float[] rgb = Arrays.copyOf(all, 3 * plane);
    return new GrainWindow(region, rgb, Arrays.copyOfRange(all, 3 * plane, 4 * plane), residual);
  }

  private static void highPass(float[] from, float[] to, int offset, int width, int height) {
    float[] plane = Arrays.copyOfRange(from, offset, offset + width * height);
    try (Mats mats = new Mats()) {
      Mat mat = mats.keep(new Mat(height, width, CvType.CV_32FC1));
      Mat blurred = mats.mat();
      mat.put(0, 0, plane);
      Imgproc.GaussianBlur(mat, blurred, new Size(2 * MARGIN + 1, 2 * MARGIN + 1), SIGMA, SIGMA, Core.BORDER_REPLICATE);
      Core.subtract(mat, blurred, mat);
      mat.get(0, 0, plane);
      System.arraycopy(plane, 0, to, offset, plane.length);
    }
  }

  /** Luma's detail of some pixels across: the difference of its blurs by 1 and 2.5 pixels. */
  float[] band() {
    try (Mats mats = new Mats()) {
      Mat mat = mats.keep(new Mat(region.height(), region.width(), CvType.CV_32FC1));
      Mat fine = mats.mat();
      Mat coarse = mats.mat();
      mat.put(0, 0, luma);
      Imgproc.GaussianBlur(mat, fine, new Size(0, 0), 1, 1, Core.BORDER_REPLICATE);
      Imgproc.GaussianBlur(mat, coarse, new Size(0, 0), 2.5, 2.5, Core.BORDER_REPLICATE);
      Core.subtract(fine, coarse, fine);
      float[] band = new float[plane()];
      fine.get(0, 0, band);
      return band;
    }
  }

  /** Power that the residual keeps of a frequency in cycles per pixel, 0..1. */
  static double kept(double frequency) {
    double blur = Math.exp(-2 * Math.PI * Math.PI * SIGMA * SIGMA * frequency * frequency);
    return (1 - blur) * (1 - blur);
  }

  /** The index of a canvas pixel in a plane. */
  int index(int x, int y) {
    return (y - region.y()) * region.width() + x - region.x();
  }

  int plane() {
    return region.width() * region.height();
  }
}
