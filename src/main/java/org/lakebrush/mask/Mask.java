package org.lakebrush.mask;

import org.lakebrush.image.Region;

/**
 * A mask of an image in the upright frame: one byte a pixel, row by row, 0 = keep, 255 (-1 as a byte) = hole. Not safe for use by
 * several threads at once.
 */
public final class Mask {
  /** The value of a hole's pixel. */
  public static final byte HOLE = (byte) 255;

  private final int width;
  private final int height;
  private final byte[] pixels;

  /** A mask with no hole. */
  public Mask(int width, int height) {
    this.width = width;
    this.height = height;
    this.pixels = new byte[Math.multiplyExact(width, height)];
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  /** The pixels themselves, not a copy: {@code pixels()[y * width() + x]}. */
  public byte[] pixels() {
    return pixels;
  }

  /** Whether a pixel is hole. */
  public boolean isHole(int x, int y) {
    return pixels[y * width + x] != 0;
  }

  /** The smallest region that holds the whole hole; empty where there is none. */
  public Region bounds() {
    int top = -1;
    int bottom = -1;
    int left = width;
    int right = -1;
    for (int y = 0; y < height; y++) {
      int row = y * width;
      int l = 0;
      while (l < width && pixels[row + l] == 0) {
        l++;
      }
      if (l == width) {
        continue;
      }
      int r = width - 1;
      while (pixels[row + r] == 0) {
        r--;
      }
      top = top < 0 ? y : top;
      bottom = y;
      left = Math.min(left, l);
      right = Math.max(right, r);
    }
    return top < 0 ? new Region(0, 0, 0, 0) : new Region(left, top, right - left + 1, bottom - top + 1);
  }

  /** Number of hole pixels. */
  public long count() {
    long n = 0;
    for (byte p : pixels) {
      if (p != 0) {
        n++;
      }
    }
    return n;
  }
}
