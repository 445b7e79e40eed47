package org.lakebrush.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Mats;
import org.lakebrush.text.TextModels.Output;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfPoint;
import org.opencv.core.MatOfPoint2f;
import org.opencv.core.Point;
import org.opencv.core.Rect;
import org.opencv.core.RotatedRect;
import org.opencv.core.Scalar;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * Finds lines of text: what the detector sees, as far as the reader can read it. The detector alone takes windows, fences and foliage for
 * text.
 *
 * <p>The picture is looked at as a whole, {@value #SIDE} pixels long, and, where it is larger, in tiles of {@value #SIDE} pixels too, so
 * that both headlines and fine print are found.
 */
final class TextFinder {
  private static final int SIDE = 960;
  private static final int TILE_STEP = SIDE * 3 / 4;
  /** The networks' own: sides are multiples of 32, a line is 48 pixels high. */
  private static final int STEP = 32;
  private static final int LINE = 48;
  private static final int LONGEST = 40 * LINE;
  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] DEVIATION = {0.229, 0.224, 0.225};
  private static final double TEXT = 0.3;
  private static final double BOX = 0.5;
  /** The detector sees lines shrunk; this is how far they are blown up again, as in the DBNet paper, section 3.5. */
  private static final double UNCLIP = 1.6;
  private static final double THINNEST = 3;

  private TextFinder() {}

  /**
   * Finds the lines.
   *
   * @param bgr 8-bit, three channels
   * @param confidence of the reader, 0..1, from which on something is text
   * @return none lies mostly in another one that is surer
   */
  static List<TextLine> find(Mat bgr, double confidence) throws ImageFailure {
    List<TextLine> seen = new ArrayList<>(detect(bgr, 0, 0, SIDE));
    if (Math.max(bgr.cols(), bgr.rows()) > SIDE * 4 / 3) {
      for (int top : starts(bgr.rows())) {
        for (int left : starts(bgr.cols())) {
          Mat tile = bgr.submat(new Rect(left, top, Math.min(SIDE, bgr.cols()), Math.min(SIDE, bgr.rows())));
          try {
            seen.addAll(detect(tile, left, top, Math.max(tile.cols(), tile.rows())));
          } finally {
            tile.release();
          }
        }
      }
    }
    List<TextLine> read = new ArrayList<>();
    for (TextLine line : seen) {
      double sure = read(bgr, line);
      if (sure >= confidence) {
        read.add(line.withConfidence(sure));
      }
    }
    read.sort(Comparator.comparingDouble(TextLine::confidence).reversed());
    List<TextLine> lines = new ArrayList<>();
    for (TextLine line : read) {
      if (lines.stream().noneMatch(line::isMostlyIn)) {
        lines.add(line);
      }
    }
    return lines;
  }

  private static List<Integer> starts(int extent) {
    List<Integer> starts = new ArrayList<>(List.of(0));
    for (int at = TILE_STEP; at + SIDE - TILE_STEP < extent; at += TILE_STEP) {
      starts.add(Math.min(at, extent - SIDE));
    }
    return starts;
  }

  /** What the detector sees in a part of the picture, scaled so that its longer side is {@code side}. */
  private static List<TextLine> detect(Mat part, int left, int top, int side) throws ImageFailure {
    double scale = (double) side / Math.max(part.cols(), part.rows());
    int width = Math.max(STEP, (int) Math.round(part.cols() * scale / STEP) * STEP);
    int height = Math.max(STEP, (int) Math.round(part.rows() * scale / STEP) * STEP);
    try (Mats mats = new Mats()) {
      Mat scaled = mats.mat();
      Imgproc.resize(part, scaled, new Size(width, height), 0, 0, scale < 1 ? Imgproc.INTER_AREA : Imgproc.INTER_CUBIC);
      Output output = TextModels.detect(planes(scaled, MEAN, DEVIATION), width, height);
      Mat probability = mats.keep(new Mat(height, width, CvType.CV_32F));
      probability.put(0, 0, output.data());
      List<TextLine> lines = new ArrayList<>();
      for (TextLine line : boxes(probability)) {
        lines.add(line.in((double) part.cols() / width, (double) part.rows() / height, left, top));
      }
      return lines;
    }
  }

  private static List<TextLine> boxes(Mat probability) {
    List<TextLine> lines = new ArrayList<>();
    List<MatOfPoint> contours = new ArrayList<>();
    try (Mats mats = new Mats()) {
      Mat text = mats.mat();
      Core.compare(probability, new Scalar(TEXT), text, Core.CMP_GT);
      Imgproc.findContours(text, contours, mats.mat(), Imgproc.RETR_LIST, Imgproc.CHAIN_APPROX_SIMPLE);
      for (MatOfPoint contour : contours) {
        MatOfPoint2f points = mats.keep(new MatOfPoint2f(contour.toArray()));
        RotatedRect box = Imgproc.minAreaRect(points);
        double w = box.size.width + 1;
        double h = box.size.height + 1;
        if (Math.min(w, h) < THINNEST || score(probability, contour) < BOX) {
          continue;
        }
        double by = UNCLIP * w * h / (2 * (w + h));
        TextLine line = new TextLine(box.center.x, box.center.y, w + 2 * by, h + 2 * by, Math.toRadians(box.angle), 0);
        lines.add(upright(line));
      }
    } finally {
      contours.forEach(Mat::release);
    }
    return lines;
  }

  /** Along its longer side, from left to right; a box that is about a square along the one that is nearer to level. */
  private static TextLine upright(TextLine line) {
    boolean square = Math.max(line.length(), line.height()) < 1.5 * Math.min(line.length(), line.height());
    boolean turn = square ? Math.abs(Math.cos(line.angle())) < Math.abs(Math.sin(line.angle())) : line.length() < line.height();
    TextLine along = turn ? line.turned(Math.PI / 2) : line;
    return Math.cos(along.angle()) < -1e-9 ? along.turned(Math.PI) : along;
  }

  private static double score(Mat probability, MatOfPoint contour) {
    Rect bounds = Imgproc.boundingRect(contour);
    try (Mats mats = new Mats()) {
      Mat part = mats.keep(probability.submat(bounds));
      Mat inside = mats.keep(Mat.zeros(bounds.size(), CvType.CV_8U));
      Imgproc.drawContours(inside, List.of(contour), 0, new Scalar(255), Imgproc.FILLED, Imgproc.LINE_8, mats.mat(), 0,
          new Point(-bounds.x, -bounds.y));
      return Core.mean(part, inside).val[0];
    }
  }

  /** How sure the reader is of a line: the mean of its characters' probabilities; 0 where it reads less than two. */
  private static double read(Mat bgr, TextLine line) throws ImageFailure {
    double sure = readAlong(bgr, line);
    boolean steep = Math.abs(Math.cos(line.angle())) < Math.cos(Math.toRadians(60));
    // Of a line that stands on its end nothing says which end.
    return steep ? Math.max(sure, readAlong(bgr, line.turned(Math.PI))) : sure;
  }

  private static double readAlong(Mat bgr, TextLine line) throws ImageFailure {
    int width = (int) Math.max(STEP, Math.min(LONGEST, Math.ceil(LINE * line.length() / line.height() / 8) * 8));
    try (Mats mats = new Mats()) {
      Mat strip = mats.mat();
      LineFrame frame = new LineFrame(line, width / line.length(), LINE / line.height(), 0, 0);
      Imgproc.warpAffine(bgr, strip, mats.keep(frame.matrix()), new Size(width, LINE), Imgproc.INTER_LINEAR | Imgproc.WARP_INVERSE_MAP,
          Core.BORDER_REPLICATE);
      Output output = TextModels.read(planes(strip, new double[] {0.5, 0.5, 0.5}, new double[] {0.5, 0.5, 0.5}), width, LINE);
      return meanOfCharacters(output);
    }
  }

  /** Greedy decoding (Graves et al., Connectionist Temporal Classification, ICML 2006): a run of one character counts once. */
  private static double meanOfCharacters(Output output) {
    int places = (int) output.shape()[1];
    int classes = (int) output.shape()[2];
    float[] p = output.data();
    int last = 0;
    int count = 0;
    double sum = 0;
    for (int t = 0; t < places; t++) {
      int best = 0;
      for (int c = 1; c < classes; c++) {
        if (p[t * classes + c] > p[t * classes + best]) {
          best = c;
        }
      }
      // The last class is the space.
      if (best != 0 && best != last && best != classes - 1) {
        count++;
        sum += p[t * classes + best];
      }
      last = best;
    }
    return count < 2 ? 0 : sum / count;
  }

  /** As the networks take a picture: planes in the order blue, green, red, (v / 255 - mean) / deviation. */
  private static float[] planes(Mat bgr, double[] mean, double[] deviation) {
    byte[] bytes = new byte[3 * bgr.cols() * bgr.rows()];
    bgr.get(0, 0, bytes);
    int plane = bgr.cols() * bgr.rows();
    float[] planes = new float[3 * plane];
    for (int c = 0; c < 3; c++) {
      float scale = (float) (1 / (255 * deviation[c]));
      float shift = (float) (mean[c] / deviation[c]);
      for (int i = 0; i < plane; i++) {
        planes[c * plane + i] = (bytes[3 * i + c] & 255) * scale - shift;
      }
    }
    return planes;
  }
}
