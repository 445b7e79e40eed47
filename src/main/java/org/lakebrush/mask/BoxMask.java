package org.lakebrush.mask;

import java.util.Locale;
import org.lakebrush.image.Region;

/**
 * A rectangle, anchored to a corner, an edge or the centre.
 *
 * <p>Lengths and margins may be fractions of a pixel (per cent mostly are): the box covers every pixel that it touches. Along an axis
 * on which the anchor names no edge the box is centred: its size is rounded up to whole pixels, and where it cannot lie in the middle it
 * lies half a pixel further to the left or top. What lies outside the image is left out.
 *
 * @param width more than 0; per cent are of the image's width
 * @param height more than 0; per cent are of the image's height
 * @param marginX distance from the left or right edge, whichever the anchor names; 0 where it names none
 * @param marginY distance from the top or bottom edge, whichever the anchor names; 0 where it names none
 */
public record BoxMask(Anchor anchor, Length width, Length height, Length marginX, Length marginY) implements MaskSpec {
  private static final Length NONE = new Length(0, false);
  /** What rounding may add to a product of per cent before it counts as touching the next pixel. */
  private static final double EPSILON = 1e-6;

  /** Where a box is anchored. */
  public enum Anchor {
    TOP_LEFT(-1, -1), TOP(0, -1), TOP_RIGHT(1, -1), LEFT(-1, 0), CENTER(0, 0), RIGHT(1, 0), BOTTOM_LEFT(-1, 1), BOTTOM(0, 1),
    BOTTOM_RIGHT(1, 1);

    private final int x;
    private final int y;

    Anchor(int x, int y) {
      this.x = x;
      this.y = y;
    }

    /** The word in the job file. */
    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  static BoxMask read(MaskKeys keys) {
    Anchor anchor = keys.choice("anchor", Anchor.class);
    Length width = keys.length("width", null);
    Length height = keys.length("height", null);
    Length margin = keys.length("margin", NONE);
    Length marginX = keys.length("margin_x", margin);
    Length marginY = keys.length("margin_y", margin);
    for (String one : new String[] {"margin_x", "margin_y"}) {
      if (keys.has(one) && keys.has("margin")) {
        keys.reject(one, "given beside margin; give either margin, or margin_x and margin_y");
      }
    }
    if (anchor.x == 0 && keys.has("margin_x")) {
      keys.reject("margin_x", "anchor " + anchor.word() + " names no left or right edge to keep a distance from; drop margin_x or"
          + " anchor the box to a side or corner");
    }
    if (anchor.y == 0 && keys.has("margin_y")) {
      keys.reject("margin_y", "anchor " + anchor.word() + " names no top or bottom edge to keep a distance from; drop margin_y or"
          + " anchor the box to top, bottom or a corner");
    }
    if (anchor == Anchor.CENTER && keys.has("margin")) {
      keys.reject("margin", "anchor center names no edge to keep a distance from; drop margin or anchor the box to an edge");
    }
    return new BoxMask(anchor, width, height, anchor.x == 0 ? NONE : marginX, anchor.y == 0 ? NONE : marginY);
  }

  @Override
  public String kind() {
    return "box";
  }

  @Override
  public void mark(MaskInput image, HoleMarker hole) {
    Region box = region(image.width(), image.height());
    for (int row = box.y(); row < box.bottom(); row++) {
      hole.mark(row, box.x(), box.right());
    }
  }

  /** The pixels of an image of a size that the box touches. */
  Region region(int imageWidth, int imageHeight) {
    double x = start(anchor.x, imageWidth, width.pixels(imageWidth), marginX.pixels(imageWidth));
    double y = start(anchor.y, imageHeight, height.pixels(imageHeight), marginY.pixels(imageHeight));
    int left = clamp(Math.floor(x + EPSILON), imageWidth);
    int right = clamp(Math.ceil(x + width.pixels(imageWidth) - EPSILON), imageWidth);
    int top = clamp(Math.floor(y + EPSILON), imageHeight);
    int bottom = clamp(Math.ceil(y + height.pixels(imageHeight) - EPSILON), imageHeight);
    return new Region(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
  }

  private static double start(int side, int extent, double length, double margin) {
    if (side < 0) {
      return margin;
    }
    return side > 0 ? extent - margin - length : Math.floor((extent - Math.ceil(length - EPSILON)) / 2);
  }

  private static int clamp(double v, int extent) {
    return (int) Math.max(0, Math.min(extent, v));
  }

  @Override
  public String canonical() {
    return "box anchor=" + anchor.word() + " width=" + width + " height=" + height + " margin_x=" + marginX + " margin_y=" + marginY;
  }
}
