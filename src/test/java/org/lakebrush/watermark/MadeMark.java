package org.lakebrush.watermark;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.lakebrush.image.OpenCv;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfPoint;
import org.opencv.core.Point;
import org.opencv.core.Scalar;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * Marks drawn by code, with soft edges.
 *
 * @param alpha coverage 0..1, row by row
 * @param rgb 0..255, {@code rgb[3 * i + c]}
 */
public record MadeMark(String name, int width, int height, float[] alpha, float[] rgb) {
  private static final int FINE = 4;
  private static final int[] WHITE = {255, 255, 255};

  /** A shape in one colour. */
  private record Layer(int[] color, Consumer<Mat> drawing) {}

  /** A disc and a triangle beside two lines of text; white and red. */
  public static MadeMark logo() {
    return draw("logo", 140, 60, List.of(new Layer(WHITE, m -> {
      Imgproc.circle(m, at(24, 30), 22 * FINE, Scalar.all(255), -1);
      text(m, "Acme", 52, 32, 1.0, 3.2);
      text(m, "photo store", 53, 50, 0.42, 1.6);
    }), new Layer(new int[] {200, 30, 30}, m -> polygon(m, at(14, 40), at(24, 16), at(34, 40)))));
  }

  /** A ring around a ring around a star; white. */
  public static MadeMark emblem() {
    return draw("emblem", 110, 110, List.of(new Layer(WHITE, m -> {
      Imgproc.circle(m, at(55, 55), 49 * FINE, Scalar.all(255), 7 * FINE);
      Imgproc.circle(m, at(55, 55), 36 * FINE, Scalar.all(255), 3 * FINE);
      Point[] star = new Point[10];
      for (int k = 0; k < star.length; k++) {
        double angle = Math.PI * (k / 5.0 - 0.5);
        double radius = k % 2 == 0 ? 30 : 13;
        star[k] = at(55 + radius * Math.cos(angle), 55 + radius * Math.sin(angle));
      }
      polygon(m, star);
    })));
  }

  /** A word; nearly black. */
  public static MadeMark wordmark() {
    return draw("wordmark", 160, 36, List.of(new Layer(new int[] {20, 20, 20}, m -> text(m, "lakeside", 5, 26, 1.08, 3.5))));
  }

  /** Two lines of text on a filled box; yellow and white on a blue that is about as bright as pictures are. */
  public static MadeMark badge() {
    return draw("badge", 120, 80, List.of(
        new Layer(new int[] {30, 70, 160}, m -> {
          Imgproc.rectangle(m, at(16, 2), at(104, 78), Scalar.all(255), -1);
          Imgproc.rectangle(m, at(2, 16), at(118, 64), Scalar.all(255), -1);
          for (Point corner : List.of(at(16, 16), at(104, 16), at(16, 64), at(104, 64))) {
            Imgproc.circle(m, corner, 14 * FINE, Scalar.all(255), -1);
          }
        }),
        new Layer(new int[] {255, 230, 60}, m -> text(m, "50% off", 10, 34, 0.8, 2.6)),
        new Layer(WHITE, m -> text(m, "this week", 18, 62, 0.55, 1.8))));
  }

  /** A camera in lines of 1.5 pixels; white. */
  public static MadeMark lines() {
    return draw("lines", 130, 100, List.of(new Layer(WHITE, m -> {
      int thick = 6;
      Imgproc.rectangle(m, at(4, 30), at(126, 96), Scalar.all(255), thick);
      Imgproc.circle(m, at(65, 63), 27 * FINE, Scalar.all(255), thick);
      Imgproc.circle(m, at(65, 63), 15 * FINE, Scalar.all(255), thick);
      Imgproc.line(m, at(30, 30), at(44, 8), Scalar.all(255), thick);
      Imgproc.line(m, at(44, 8), at(86, 8), Scalar.all(255), thick);
      Imgproc.line(m, at(86, 8), at(100, 30), Scalar.all(255), thick);
      Imgproc.line(m, at(8, 46), at(34, 46), Scalar.all(255), thick);
      Imgproc.rectangle(m, at(104, 36), at(120, 44), Scalar.all(255), thick);
    })));
  }

  public static List<MadeMark> five() {
    return List.of(logo(), emblem(), wordmark(), badge(), lines());
  }

  private static Point at(double x, double y) {
    return new Point(Math.rint(x * FINE), Math.rint(y * FINE));
  }

  private static void text(Mat m, String text, double x, double y, double scale, double thickness) {
    Imgproc.putText(m, text, at(x, y), Imgproc.FONT_HERSHEY_SIMPLEX, scale * FINE, Scalar.all(255), (int) Math.rint(thickness * FINE));
  }

  private static void polygon(Mat m, Point... corners) {
    MatOfPoint points = new MatOfPoint(corners);
    try {
      Imgproc.fillPoly(m, List.of(points), Scalar.all(255));
    } finally {
      points.release();
    }
  }

  /** Later layers cover earlier ones. */
  private static MadeMark draw(String name, int width, int height, List<Layer> layers) {
    OpenCv.ensureLoaded();
    int n = width * height;
    float[] alpha = new float[n];
    float[] rgb = new float[3 * n];
    List<Mat> open = new ArrayList<>();
    try {
      for (Layer layer : layers) {
        Mat fine = Mat.zeros(height * FINE, width * FINE, CvType.CV_8U);
        open.add(fine);
        layer.drawing.accept(fine);
        Imgproc.resize(fine, fine, new Size(width, height), 0, 0, Imgproc.INTER_AREA);
        byte[] coverage = new byte[n];
        fine.get(0, 0, coverage);
        for (int i = 0; i < n; i++) {
          float a = (coverage[i] & 255) / 255f;
          float both = a + alpha[i] * (1 - a);
          for (int c = 0; c < 3 && a > 0; c++) {
            rgb[3 * i + c] = (a * layer.color[c] + alpha[i] * (1 - a) * rgb[3 * i + c]) / both;
          }
          alpha[i] = both;
        }
      }
    } finally {
      open.forEach(Mat::release);
    }
    return new MadeMark(name, width, height, alpha, rgb);
  }

  /** Lays the mark over a picture. */
  public void stamp(BufferedImage picture, int left, int top, double opacity) {
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int i = y * width + x;
        int old = picture.getRGB(left + x, top + y);
        int rgbNew = 0;
        for (int c = 0; c < 3; c++) {
          double a = opacity * alpha[i];
          rgbNew = rgbNew << 8 | (int) Math.rint((1 - a) * (old >> 16 - 8 * c & 255) + a * rgb[3 * i + c]);
        }
        picture.setRGB(left + x, top + y, rgbNew);
      }
    }
  }
}
