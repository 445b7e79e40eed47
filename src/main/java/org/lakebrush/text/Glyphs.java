package org.lakebrush.text;

import java.util.Arrays;
import org.lakebrush.image.Mats;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Rect;
import org.opencv.core.Scalar;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * Tells a line's glyphs from the ground: laid out straight and cut in pieces about as wide as high, each piece's ground is the median
 * colour of what lies above and below it, and glyphs (their outlines and shadows too) are what differs from it in L*a*b* by more than
 * Otsu's threshold (A Threshold Selection Method from Gray-Level Histograms, 1979), as far as that is more than the ground differs from
 * itself. Around them all that touches them and differs by half as much belongs to them.
 *
 * <p>Where a piece's ground is too uneven for that (text on foliage, or over an edge), glyphs are the pixels whose colour is several
 * times as frequent in the whole line as above and below it (histogram back-projection; Swain and Ballard, Color Indexing, 1991). Where
 * that tells nothing either, the whole piece is marked.
 */
final class Glyphs {
  /** Of the line's height, above, below and at either end. */
  private static final double MARGIN = 0.45;
  /** Of what lies in the margins: as far as glyphs may reach over the box (descenders, shadows). */
  private static final double REACH = 0.25;
  private static final double PIECE = 1.5;
  private static final double GROW = 0.06;
  /** What glyphs differ by at least, in the 8-bit L*a*b* of OpenCV, beyond twice what the ground differs by from itself. */
  private static final double LEAST_CONTRAST = 6;
  private static final double LEAST_SHARE = 0.03;
  private static final double MOST_SHARE = 0.55;
  private static final double EMPTY = 0.5;
  /** Colours are counted in cubes of 8 levels. */
  private static final int CUBES = 32;
  private static final double OFTEN = 3;
  private static final double LEAST_OFTEN = 0.06;
  private static final double MOST_OFTEN = 0.7;
  private static final double MOST_AROUND = 0.25;
  private static final double SPRAWLING = 1.6;

  private final int width;
  private final int height;
  private final int marginX;
  private final int marginY;
  /** Difference from the piece's ground, 0..255, row by row. */
  private final byte[] difference;
  private final byte[] lab;
  /** 0, {@link #PART} or {@link #GLYPH}. */
  private final byte[] marks;

  private static final byte PART = 1;
  private static final byte GLYPH = (byte) 255;

  private Glyphs(Mat strip, int marginX, int marginY) {
    this.width = strip.cols();
    this.height = strip.rows();
    this.marginX = marginX;
    this.marginY = marginY;
    this.lab = new byte[3 * width * height];
    this.difference = new byte[width * height];
    this.marks = new byte[width * height];
    try (Mats mats = new Mats()) {
      Mat converted = mats.mat();
      Imgproc.cvtColor(strip, converted, Imgproc.COLOR_BGR2Lab);
      converted.get(0, 0, lab);
    }
  }

  /**
   * Marks a line's glyphs.
   *
   * @param bgr 8-bit, three channels
   * @param mask 8-bit, of the same size; 255 is added where glyphs are
   */
  static void mark(Mat bgr, TextLine line, Mat mask) {
    int marginX = (int) Math.ceil(REACH * line.height()) + 1;
    int marginY = (int) Math.ceil(MARGIN * line.height()) + 1;
    int width = (int) Math.ceil(line.length()) + 2 * marginX;
    int height = (int) Math.ceil(line.height()) + 2 * marginY;
    try (Mats mats = new Mats()) {
      LineFrame frame = new LineFrame(line, (width - 2 * marginX) / line.length(), (height - 2 * marginY) / line.height(), marginX,
          marginY);
      Mat matrix = mats.keep(frame.matrix());
      Mat strip = mats.mat();
      Imgproc.warpAffine(bgr, strip, matrix, new Size(width, height), Imgproc.INTER_LINEAR | Imgproc.WARP_INVERSE_MAP,
          Core.BORDER_REPLICATE);
      Glyphs glyphs = new Glyphs(strip, marginX, marginY);
      glyphs.find();
      Mat found = mats.keep(new Mat(height, width, CvType.CV_8U));
      found.put(0, 0, glyphs.grownFromGlyphs());
      int by = (int) Math.max(1, Math.round(GROW * line.height()));
      Mat disc = mats.keep(Imgproc.getStructuringElement(Imgproc.MORPH_ELLIPSE, new Size(2 * by + 1, 2 * by + 1)));
      Imgproc.dilate(found, found, disc);
      lay(found, line, matrix, mask, mats);
    }
  }

  /** Puts a strip's mask back where the strip lies in the picture. */
  private static void lay(Mat found, TextLine line, Mat matrix, Mat mask, Mats mats) {
    double reach = Math.hypot(found.cols(), found.rows()) / 2 + 2;
    Rect bounds = new Rect((int) Math.floor(line.x() - reach), (int) Math.floor(line.y() - reach), (int) Math.ceil(2 * reach),
        (int) Math.ceil(2 * reach));
    int left = Math.max(0, bounds.x);
    int top = Math.max(0, bounds.y);
    int right = Math.min(mask.cols(), bounds.x + bounds.width);
    int bottom = Math.min(mask.rows(), bounds.y + bounds.height);
    if (left >= right || top >= bottom) {
      return;
    }
    matrix.put(0, 2, matrix.get(0, 2)[0] - left);
    matrix.put(1, 2, matrix.get(1, 2)[0] - top);
    Mat part = mats.keep(mask.submat(top, bottom, left, right));
    Mat laid = mats.mat();
    Imgproc.warpAffine(found, laid, matrix, part.size(), Imgproc.INTER_LINEAR, Core.BORDER_CONSTANT, new Scalar(0));
    // A pixel that the grown glyphs cover by a third is part of them.
    Core.compare(laid, new Scalar(85), laid, Core.CMP_GT);
    Core.bitwise_or(part, laid, part);
  }

  /** A piece of the line, columns {@code from} to {@code to - 1}, with its thresholds; {@code high} is 0 where they tell nothing. */
  private record Piece(int from, int to, double high, double low, double contrast, double most) {}

  private void find() {
    int inside = width - 2 * marginX;
    int n = Math.max(1, (int) Math.round(inside / (PIECE * (height - 2 * marginY))));
    Piece[] pieces = new Piece[n];
    for (int i = 0; i < n; i++) {
      int from = i == 0 ? 0 : marginX + i * inside / n;
      int to = i == n - 1 ? width : marginX + (i + 1) * inside / n;
      pieces[i] = measure(from, to);
    }
    double[] contrasts = Arrays.stream(pieces).filter(p -> p.high > 0).mapToDouble(Piece::contrast).sorted().toArray();
    double usual = contrasts.length == 0 ? 0 : contrasts[contrasts.length / 2];
    int reach = (int) Math.round(REACH * (height - 2 * marginY));
    boolean[] frequent = frequent();
    for (Piece piece : pieces) {
      boolean told = piece.high > 0 && (frequent == null || !isSprawling(piece, frequent));
      if (!told && piece.most < EMPTY * usual) {
        // Between words.
        continue;
      }
      if (!told && frequent != null) {
        markFrequent(piece, frequent);
        continue;
      }
      int top = told ? marginY - reach : marginY;
      int from = told ? piece.from : Math.max(marginX, piece.from);
      int to = told ? piece.to : Math.min(width - marginX, piece.to);
      for (int y = Math.max(0, top); y < Math.min(height, height - top); y++) {
        for (int x = from; x < to; x++) {
          int d = difference[y * width + x] & 255;
          boolean box = y >= marginY && y < height - marginY;
          if (!told || d > piece.high && box) {
            marks[y * width + x] = GLYPH;
          } else if (d > piece.low && (box || frequent == null || frequent[y * width + x])) {
            marks[y * width + x] = PART;
          }
        }
      }
    }
  }

  /** Whether what differs from the ground is far more than what has the line's own colours: ground that changes within the piece. */
  private boolean isSprawling(Piece piece, boolean[] frequent) {
    int differs = 0;
    int own = 0;
    for (int y = marginY; y < height - marginY; y++) {
      for (int x = Math.max(marginX, piece.from); x < Math.min(width - marginX, piece.to); x++) {
        int i = y * width + x;
        differs += (difference[i] & 255) > piece.low ? 1 : 0;
        own += frequent[i] ? 1 : 0;
      }
    }
    return own >= LEAST_SHARE * (piece.to - piece.from) * (height - 2 * marginY) && differs > SPRAWLING * own;
  }

  private void markFrequent(Piece piece, boolean[] frequent) {
    for (int y = marginY; y < height - marginY; y++) {
      for (int x = piece.from; x < piece.to; x++) {
        if (frequent[y * width + x]) {
          marks[y * width + x] = GLYPH;
        }
      }
    }
  }

  /** The pixels whose colours are the line's and not its surroundings'; null where the two do not differ enough. */
  private boolean[] frequent() {
    float[] inBox = new float[CUBES * CUBES * CUBES];
    float[] around = new float[CUBES * CUBES * CUBES];
    int nIn = 0;
    int nAround = 0;
    for (int y = 0; y < height; y++) {
      boolean box = y >= marginY && y < height - marginY;
      for (int x = marginX; x < width - marginX; x++) {
        if (box) {
          inBox[cube(y * width + x)]++;
          nIn++;
        } else if (y < marginY * 2 / 3 || y >= height - marginY * 2 / 3) {
          around[cube(y * width + x)]++;
          nAround++;
        }
      }
    }
    blur(inBox);
    blur(around);
    boolean[] frequent = new boolean[width * height];
    int in = 0;
    int out = 0;
    for (int y = 0; y < height; y++) {
      boolean box = y >= marginY && y < height - marginY;
      for (int x = marginX; x < width - marginX; x++) {
        int i = y * width + x;
        int cube = cube(i);
        // One pixel of the surroundings is there for every colour: what was never seen there may still be ground.
        frequent[i] = inBox[cube] / nIn > OFTEN * (around[cube] + 1f / 27) / nAround;
        if (frequent[i]) {
          in += box ? 1 : 0;
          out += box ? 0 : 1;
        }
      }
    }
    double share = (double) in / nIn;
    int margins = 2 * marginY * (width - 2 * marginX);
    return share >= LEAST_OFTEN && share <= MOST_OFTEN && (double) out / margins < MOST_AROUND * share ? frequent : null;
  }

  private int cube(int i) {
    return ((lab[3 * i] & 255) / 8 * CUBES + (lab[3 * i + 1] & 255) / 8) * CUBES + (lab[3 * i + 2] & 255) / 8;
  }

  /** The mean of 3 by 3 by 3 cubes, in place. */
  private static void blur(float[] histogram) {
    for (int step = 1; step < histogram.length; step *= CUBES) {
      float[] before = histogram.clone();
      for (int i = 0; i < histogram.length; i++) {
        int at = i / step % CUBES;
        histogram[i] = (before[i] + (at > 0 ? before[i - step] : 0) + (at < CUBES - 1 ? before[i + step] : 0)) / 3;
      }
    }
  }

  private Piece measure(int from, int to) {
    int[] ground = new int[3];
    int aside = (height - 2 * marginY) / 2;
    for (int c = 0; c < 3; c++) {
      ground[c] = medianAround(Math.max(0, from - aside), Math.min(width, to + aside), c);
    }
    int[] inBox = new int[256];
    int[] around = new int[256];
    for (int y = 0; y < height; y++) {
      boolean box = y >= marginY && y < height - marginY;
      for (int x = from; x < to; x++) {
        int i = y * width + x;
        int l = (lab[3 * i] & 255) - ground[0];
        int a = (lab[3 * i + 1] & 255) - ground[1];
        int b = (lab[3 * i + 2] & 255) - ground[2];
        int d = (int) Math.min(255, Math.round(Math.sqrt(l * l + a * a + b * b)));
        difference[i] = (byte) d;
        if (box) {
          inBox[d]++;
        } else if (y < marginY / 2 || y >= height - marginY / 2) {
          around[d]++;
        }
      }
    }
    int otsu = otsu(inBox);
    double self = quantile(around, 0.9);
    double high = Math.max(otsu, self);
    double low = Math.max(self, high / 2);
    double contrast = meanAbove(inBox, high);
    boolean told = contrast >= 2 * self + LEAST_CONTRAST && share(inBox, high) >= LEAST_SHARE
        && share(inBox, low) <= MOST_SHARE;
    return new Piece(from, to, told ? high : 0, low, contrast, quantile(inBox, 0.97));
  }

  /** The median of a channel in the outer halves of the margins above and below. */
  private int medianAround(int from, int to, int channel) {
    int[] histogram = new int[256];
    for (int y = 0; y < height; y++) {
      if (y >= marginY / 2 && y < height - marginY / 2) {
        continue;
      }
      for (int x = from; x < to; x++) {
        histogram[lab[3 * (y * width + x) + channel] & 255]++;
      }
    }
    return quantile(histogram, 0.5);
  }

  private static int quantile(int[] histogram, double share) {
    long all = Arrays.stream(histogram).asLongStream().sum();
    long sum = 0;
    int v = 0;
    while (v < histogram.length - 1 && sum + histogram[v] < share * all) {
      sum += histogram[v++];
    }
    return v;
  }

  private static double share(int[] histogram, double above) {
    long n = 0;
    long all = 0;
    for (int v = 0; v < histogram.length; v++) {
      all += histogram[v];
      n += v > above ? histogram[v] : 0;
    }
    return (double) n / Math.max(1, all);
  }

  private static double meanAbove(int[] histogram, double above) {
    double sum = 0;
    long n = 0;
    for (int v = 0; v < histogram.length; v++) {
      if (v > above) {
        sum += (double) v * histogram[v];
        n += histogram[v];
      }
    }
    return n == 0 ? 0 : sum / n;
  }

  private static int otsu(int[] histogram) {
    double all = 0;
    double sum = 0;
    for (int v = 0; v < histogram.length; v++) {
      all += histogram[v];
      sum += (double) v * histogram[v];
    }
    double below = 0;
    double sumBelow = 0;
    double best = -1;
    int threshold = 0;
    for (int v = 0; v < histogram.length - 1; v++) {
      below += histogram[v];
      sumBelow += (double) v * histogram[v];
      if (below == 0 || below == all) {
        continue;
      }
      double between = Math.pow(sum * below - sumBelow * all, 2) / (below * (all - below));
      if (between > best) {
        best = between;
        threshold = v;
      }
    }
    return threshold;
  }

  /** Glyphs with the parts that hang on them, 255 each, the rest 0. */
  private byte[] grownFromGlyphs() {
    int[] stack = new int[marks.length];
    int n = 0;
    for (int i = 0; i < marks.length; i++) {
      if (marks[i] == GLYPH) {
        stack[n++] = i;
      }
    }
    while (n > 0) {
      int i = stack[--n];
      int x = i % width;
      int y = i / width;
      for (int v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (int u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          if (marks[v * width + u] == PART) {
            marks[v * width + u] = GLYPH;
            stack[n++] = v * width + u;
          }
        }
      }
    }
    for (int i = 0; i < marks.length; i++) {
      if (marks[i] == PART) {
        marks[i] = 0;
      }
    }
    return marks;
  }
}
