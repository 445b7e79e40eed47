package org.lakebrush.mask;

import java.util.List;
import java.util.function.IntPredicate;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Region;
import org.lakebrush.watermark.Unblend;
import org.lakebrush.watermark.Watermark;
import org.lakebrush.watermark.WatermarkFind;
import org.lakebrush.watermark.WatermarkLocator;

/**
 * A known mark, wherever it lies and at whatever size, once or many times. The hole is what the mark visibly covers there; with
 * {@code unblend} the picture is solved for where the mark lets it through ({@link Unblend}), and the hole is the rest.
 *
 * @param file URI of the mark, a PNG with alpha
 * @param minScale smallest size that is looked for: pixels of the image for one of the mark
 * @param maxScale largest
 */
public record WatermarkMask(String file, double minScale, double maxScale, boolean unblend) implements MaskSpec {
  /** Share of a pixel that the mark covers from which on it is seen. */
  private static final float VISIBLE = 0.03f;
  private static final double SMALLEST = 0.05;
  private static final double LARGEST = 20;
  /** Most pixels whose cover is worked out at once, at some 20 bytes each. */
  private static final int BAND = 2_000_000;
  /** A mark of more pixels is no mark: it is kept at some 21 bytes for each. */
  private static final long MAX_PIXELS = 16_000_000;

  static WatermarkMask read(MaskKeys keys) {
    String file = keys.location("file", "path or URI of the mark, a PNG with alpha");
    double min = keys.share("min_scale", 0.5, SMALLEST, LARGEST);
    double max = keys.share("max_scale", 2, SMALLEST, LARGEST);
    if (min > max) {
      keys.reject(keys.has("min_scale") ? "min_scale" : "max_scale", "min_scale is more than max_scale (50% and 200% where they are not"
          + " given); give the smallest and the largest size of the mark in the images");
    }
    return new WatermarkMask(file, min, max, keys.flag("unblend", false));
  }

  @Override
  public String kind() {
    return "watermark";
  }

  @Override
  public List<String> files() {
    return List.of(file);
  }

  @Override
  public boolean searches() {
    return true;
  }

  /** What is searched, 2 bytes a pixel and as much again while it is reduced, and what is fitted and put back of marks over a quarter. */
  @Override
  public long bytes(int width, int height) {
    return (unblend ? 8L : 7L) * width * height;
  }

  /** The mark as it is kept for all images. */
  private record Known(Watermark mark, WatermarkLocator locator) {}

  @Override
  public void mark(MaskInput image, HoleMarker hole) throws ImageFailure {
    Known known = image.shared(file, this::decode);
    for (WatermarkFind find : known.locator.locate(image)) {
      hole.found(find.confidence());
      if (unblend && image.restorable()) {
        Unblend.solve(image, known.mark, find, solved -> putBack(solved, hole));
      } else {
        cover(find, known.mark, image, hole);
      }
    }
  }

  private static void cover(WatermarkFind find, Watermark mark, MaskInput image, HoleMarker hole) {
    for (Region band : find.region(mark, image.width(), image.height()).bands(BAND)) {
      float[] cover = find.cover(mark, band);
      markWhere(band, i -> cover[i] >= VISIBLE, hole);
    }
  }

  private static void putBack(Unblend solved, HoleMarker hole) {
    Region region = solved.region();
    byte[] weight = new byte[solved.known().length];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (byte) (solved.known()[i] ? 255 : 0);
    }
    hole.restore(new Restoration(region, solved.rgb(), weight));
    markWhere(region, i -> solved.unknown()[i], hole);
  }

  /** Marks the pixels of a region whose index in it, row by row, passes a test. */
  private static void markWhere(Region region, IntPredicate index, HoleMarker hole) {
    for (int y = 0; y < region.height(); y++) {
      int row = y * region.width() - region.x();
      hole.markWhere(region.y() + y, region.x(), region.right(), x -> index.test(row + x));
    }
  }

  private Known decode(byte[] bytes) throws ImageFailure {
    MaskPixels pixels = MaskDecoder.CODECS.read(bytes, "mark " + file, MAX_PIXELS, Long.toString(MAX_PIXELS));
    if (!pixels.hasAlpha()) {
      throw unreadable("has no transparent pixel: give a PNG with alpha, transparent around the mark");
    }
    int[] argb = new int[pixels.width() * pixels.height()];
    byte[] rgb = new byte[3 * pixels.width()];
    byte[] alpha = new byte[pixels.width()];
    for (int y = 0; y < pixels.height(); y++) {
      pixels.readRow(y, rgb);
      pixels.readAlphaRow(y, alpha);
      for (int x = 0; x < alpha.length; x++) {
        argb[y * alpha.length + x] = (alpha[x] & 255) << 24 | (rgb[3 * x] & 255) << 16 | (rgb[3 * x + 1] & 255) << 8 | rgb[3 * x + 2] & 255;
      }
    }
    Watermark mark = Watermark.of(pixels.width(), pixels.height(), argb)
        .orElseThrow(() -> unreadable("is transparent all over: give a mark that can be seen"));
    if (mark.visibleSide() < Watermark.LEAST_VISIBLE_SIDE) {
      throw unreadable("is visible over " + mark.visibleSide() + " pixels only, and any speck looks like that: give one of "
          + Watermark.LEAST_VISIBLE_SIDE + " pixels or more");
    }
    return new Known(mark, new WatermarkLocator(mark, minScale, maxScale));
  }

  private ImageFailure unreadable(String problem) {
    return new ImageFailure(ErrorKind.MASK_UNREADABLE, "mark " + file + " " + problem);
  }

  @Override
  public String canonical() {
    return "watermark file=" + file + " min_scale=" + minScale + " max_scale=" + maxScale + " unblend=" + unblend;
  }
}
