package org.lakebrush.text;

import java.util.ArrayList;
import java.util.List;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Mats;
import org.lakebrush.image.Region;
import org.lakebrush.image.RgbPixels;
import org.opencv.core.CvType;
import org.opencv.core.Mat;

/**
 * Searches a part of a picture for text and says which pixels are its glyphs.
 *
 * <p>Takes 5 bytes a pixel of the part (the picture, and the mask twice), but of parts over {@value #MOST_PIXELS} pixels a copy that is
 * reduced by a whole number is searched. Beyond it the detector takes some 200 MB while it runs.
 */
public final class TextSearch {
  private static final int MOST_PIXELS = 8_000_000;

  private final Region part;
  private final int factor;
  private final int width;
  private final byte[] mask;
  private final List<Double> confidences;

  private TextSearch(Region part, int factor, int width, byte[] mask, List<Double> confidences) {
    this.part = part;
    this.factor = factor;
    this.width = width;
    this.mask = mask;
    this.confidences = confidences;
  }

  /**
   * Searches.
   *
   * @param part inside the picture; what is looked at
   * @param region lines whose middle lies in it are taken, and what goes on from them
   * @param confidence 0..1, see {@link TextFinder}
   * @throws ImageFailure MODEL
   */
  public static TextSearch of(RgbPixels picture, Region part, Region region, double confidence) throws ImageFailure {
    int factor = (int) Math.ceil(Math.sqrt((double) part.area() / MOST_PIXELS));
    try (Mats mats = new Mats()) {
      Mat bgr = read(picture, part, factor, mats);
      Mat marked = mats.keep(Mat.zeros(bgr.size(), CvType.CV_8U));
      List<Double> confidences = new ArrayList<>();
      Region reduced = new Region((region.x() - part.x()) / factor, (region.y() - part.y()) / factor,
          (region.width() + factor - 1) / factor, (region.height() + factor - 1) / factor);
      for (TextLine line : within(TextFinder.find(bgr, confidence), reduced)) {
        Glyphs.mark(bgr, line, marked);
        confidences.add(line.confidence());
      }
      byte[] mask = new byte[marked.cols() * marked.rows()];
      marked.get(0, 0, mask);
      return new TextSearch(part, factor, marked.cols(), mask, List.copyOf(confidences));
    }
  }

  /** The lines whose middle lies in a region, with the words that go on from them. */
  private static List<TextLine> within(List<TextLine> lines, Region region) {
    List<TextLine> in = new ArrayList<>(lines.stream()
        .filter(l -> l.x() >= region.x() && l.x() < region.right() && l.y() >= region.y() && l.y() < region.bottom()).toList());
    List<TextLine> rest = new ArrayList<>(lines);
    rest.removeAll(in);
    for (int i = 0; i < in.size(); i++) {
      TextLine line = in.get(i);
      List<TextLine> next = rest.stream().filter(l -> l.continues(line)).toList();
      in.addAll(next);
      rest.removeAll(next);
    }
    return in;
  }

  /** Means over squares of {@code factor} pixels; those at the right and bottom edge over what there is. */
  private static Mat read(RgbPixels picture, Region part, int factor, Mats mats) {
    int width = (part.width() + factor - 1) / factor;
    int height = (part.height() + factor - 1) / factor;
    Mat bgr = mats.keep(new Mat(height, width, CvType.CV_8UC3));
    byte[] rgb = new byte[3 * picture.width()];
    byte[] out = new byte[3 * width];
    for (int v = 0; v < height; v++) {
      int[] sums = new int[3 * width];
      int lines = Math.min(factor, part.height() - v * factor);
      for (int y = 0; y < lines; y++) {
        picture.readRow(part.y() + v * factor + y, rgb);
        for (int x = 0; x < part.width(); x++) {
          int from = 3 * (part.x() + x);
          int to = 3 * (x / factor);
          sums[to] += rgb[from + 2] & 255;
          sums[to + 1] += rgb[from + 1] & 255;
          sums[to + 2] += rgb[from] & 255;
        }
      }
      for (int u = 0; u < width; u++) {
        int n = lines * Math.min(factor, part.width() - u * factor);
        for (int c = 0; c < 3; c++) {
          out[3 * u + c] = (byte) ((sums[3 * u + c] + n / 2) / n);
        }
      }
      bgr.put(v, 0, out);
    }
    return bgr;
  }

  /** About how many bytes a search of a part of so many pixels takes. */
  public static long bytes(long pixels) {
    return 5 * Math.min(MOST_PIXELS, pixels);
  }

  /** For each line that was found how sure that is, 0..1. */
  public List<Double> confidences() {
    return confidences;
  }

  /** Whether a pixel of the part that was looked at is part of a glyph; by the picture's coordinates. */
  public boolean isGlyph(int x, int y) {
    return mask[(y - part.y()) / factor * width + (x - part.x()) / factor] != 0;
  }
}
