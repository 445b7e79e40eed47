package org.lakebrush.mask;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import org.lakebrush.image.Plugins;
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
  /** Outside of it there is no hole. */
  private final Region frame;

  /** A mask with no hole. */
  public Mask(int width, int height) {
    this(width, height, new byte[Math.multiplyExact(width, height)], new Region(0, 0, width, height));
  }

  private Mask(int width, int height, byte[] pixels, Region frame) {
    this.width = width;
    this.height = height;
    this.pixels = pixels;
    this.frame = frame;
  }

  /**
   * This mask, its pixels not copied, once it is known where its hole lies: {@link #bounds} and {@link #count} look nowhere else.
   *
   * @param frame inside the mask; outside of it there is no hole, now or later
   */
  Mask within(Region frame) {
    return new Mask(width, height, pixels, frame);
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
    for (int y = frame.y(); y < frame.bottom(); y++) {
      int row = y * width;
      int l = frame.x();
      while (l < frame.right() && pixels[row + l] == 0) {
        l++;
      }
      if (l == frame.right()) {
        continue;
      }
      int r = frame.right() - 1;
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
    for (int y = frame.y(); y < frame.bottom(); y++) {
      for (int i = y * width + frame.x(), end = y * width + frame.right(); i < end; i++) {
        n += pixels[i] != 0 ? 1 : 0;
      }
    }
    return n;
  }

  /** It as a grey PNG of 8 bits. */
  public byte[] png() {
    BufferedImage image = new BufferedImage(new ComponentColorModel(ColorSpace.getInstance(ColorSpace.CS_GRAY), false, false,
        Transparency.OPAQUE, DataBuffer.TYPE_BYTE), Raster.createInterleavedRaster(new DataBufferByte(pixels, pixels.length), width, height,
        width, 1, new int[] {0}, null), false, null);
    return Plugins.png(image);
  }
}
