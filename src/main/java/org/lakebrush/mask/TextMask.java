package org.lakebrush.mask;

import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Region;
import org.lakebrush.text.TextModels;
import org.lakebrush.text.TextSearch;

/**
 * Text that was laid over a picture: captions, date stamps, subtitles; lettering that the picture shows of itself, too, as far as it can
 * be read. The hole is the glyphs, or the whole line where they cannot be told from the ground.
 *
 * @param region where the middle of a line must lie; null for the whole picture
 * @param confidence per cent, 1 to 100: how sure the reader must be that it reads text
 */
public record TextMask(BoxMask region, int confidence) implements MaskSpec {
  /** Half of the region more is looked at on each side, and this many pixels at least, so that a line at its edge is seen whole. */
  private static final int LEAST_MARGIN = 32;

  static TextMask read(MaskKeys keys) {
    BoxMask region = keys.has("region") ? keys.section("region", BoxMask::read) : null;
    return new TextMask(region, keys.integer("confidence", 65, 1, 100));
  }

  @Override
  public String kind() {
    return "text";
  }

  @Override
  public void mark(MaskInput image, HoleMarker hole) throws ImageFailure {
    Region all = new Region(0, 0, image.width(), image.height());
    Region wanted = region == null ? all : region.region(image.width(), image.height());
    if (wanted.isEmpty()) {
      return;
    }
    int margin = Math.max(LEAST_MARGIN, Math.max(wanted.width(), wanted.height()) / 2);
    Region part = wanted.grow(margin).intersect(all);
    TextSearch search = TextSearch.of(image, part, wanted, confidence / 100.0);
    search.confidences().forEach(hole::found);
    if (search.confidences().isEmpty()) {
      return;
    }
    for (int row = part.y(); row < part.bottom(); row++) {
      int y = row;
      hole.markWhere(y, part.x(), part.right(), x -> search.isGlyph(x, y));
    }
  }

  @Override
  public boolean searches() {
    return true;
  }

  @Override
  public long bytes(int width, int height) {
    return TextSearch.bytes((long) width * height);
  }

  @Override
  public String canonical() {
    return "text region=" + (region == null ? "all" : region.canonical()) + " confidence=" + confidence + " models=" + TextModels.VERSION;
  }
}
