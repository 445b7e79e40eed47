package org.lakebrush.report;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.util.Base64;
import org.lakebrush.image.Plugins;
import org.lakebrush.image.Region;
import org.lakebrush.image.Thumbnail;
import org.lakebrush.mask.Mask;

/**
 * A line round a hole, for a {@link Thumbnail}: it lies outside of the hole, so that what is in it stays to be seen. Immutable.
 */
public final class Outline {
  /** What no photograph has much of; and what sets it off from its ground. */
  private static final int LINE = 0xFFFF2BD6;
  private static final int EDGE = 0xFF2A0A24;
  /** Pixels from the hole, squared, up to which the line reaches, and its edge. */
  private static final int LINE_REACH = 4;
  private static final int EDGE_REACH = 9;
  private static final int REACH = 3;

  private static final byte NOTHING = 0;
  private static final byte ON_LINE = 1;
  private static final byte ON_EDGE = 2;
  private static final IndexColorModel COLOURS = new IndexColorModel(2, 3, new int[] {0, LINE, EDGE}, 0, true, 0, 0);

  private final int width;
  private final int height;
  private final byte[] pixels;

  private Outline(int width, int height, byte[] pixels) {
    this.width = width;
    this.height = height;
    this.pixels = pixels;
  }

  /**
   * The line round the part of a hole.
   *
   * @param part as that of the thumbnail
   * @param size the thumbnail's
   */
  public static Outline of(Mask hole, Region part, Thumbnail.Size size) {
    int w = size.width();
    int h = size.height();
    boolean[] in = reduced(hole, part, size);
    int[] nearest = new int[w * h];
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        if (in[y * w + x] && !isInner(in, x, y, w, h)) {
          spread(nearest, x, y, w, h);
        }
      }
    }
    byte[] pixels = new byte[w * h];
    for (int i = 0; i < pixels.length; i++) {
      int d = nearest[i];
      pixels[i] = in[i] || d == 0 ? NOTHING : d <= LINE_REACH ? ON_LINE : ON_EDGE;
    }
    return new Outline(w, h, pixels);
  }

  /** Which of the thumbnail's pixels have some of the hole in them. */
  private static boolean[] reduced(Mask hole, Region part, Thumbnail.Size size) {
    boolean[] in = new boolean[size.width() * size.height()];
    Region bounds = hole.bounds().intersect(part);
    for (int y = 0; y < size.height(); y++) {
      int top = Math.max(bounds.y(), part.y() + first(y, size.height(), part.height()));
      int bottom = Math.min(bounds.bottom(), part.y() + end(y, size.height(), part.height()));
      for (int x = 0; top < bottom && x < size.width(); x++) {
        int left = Math.max(bounds.x(), part.x() + first(x, size.width(), part.width()));
        int right = Math.min(bounds.right(), part.x() + end(x, size.width(), part.width()));
        in[y * size.width() + x] = isAnyHole(hole, left, right, top, bottom);
      }
    }
    return in;
  }

  private static boolean isAnyHole(Mask hole, int left, int right, int top, int bottom) {
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        if (hole.isHole(x, y)) {
          return true;
        }
      }
    }
    return false;
  }

  private static int first(int i, int n, int of) {
    return (int) ((long) i * of / n);
  }

  private static int end(int i, int n, int of) {
    return (int) (((i + 1L) * of + n - 1) / n);
  }

  private static boolean isInner(boolean[] in, int x, int y, int w, int h) {
    return (x == 0 || in[y * w + x - 1]) && (x + 1 == w || in[y * w + x + 1]) && (y == 0 || in[(y - 1) * w + x])
        && (y + 1 == h || in[(y + 1) * w + x]);
  }

  /** Squared distances to one of the hole's pixels, where there is none nearer; 0 stands for far. */
  private static void spread(int[] nearest, int px, int py, int w, int h) {
    for (int y = Math.max(0, py - REACH); y <= Math.min(h - 1, py + REACH); y++) {
      for (int x = Math.max(0, px - REACH); x <= Math.min(w - 1, px + REACH); x++) {
        int d = (x - px) * (x - px) + (y - py) * (y - py);
        int i = y * w + x;
        if (d <= EDGE_REACH && (nearest[i] == 0 || d < nearest[i])) {
          nearest[i] = d;
        }
      }
    }
  }

  /** Draws the line over a picture of the thumbnail's size. */
  public void draw(BufferedImage image) {
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        byte p = pixels[y * width + x];
        if (p != NOTHING) {
          image.setRGB(x, y, p == ON_LINE ? LINE : EDGE);
        }
      }
    }
  }

  /** It as a URI that holds it, a PNG that is transparent where there is no line. */
  public String dataUri() {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_BINARY, COLOURS);
    image.getRaster().setDataElements(0, 0, width, height, pixels);
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(Plugins.png(image));
  }
}
