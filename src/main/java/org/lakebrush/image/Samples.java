package org.lakebrush.image;

import java.util.BitSet;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

/**
 * The stored samples of a picture, interleaved, row by row, in the stored frame. Samples of 1, 2 and 4 bits lie one to a byte.
 */
final class Samples {
  /** The longest array that every JVM can allocate. */
  private static final long LONGEST = Integer.MAX_VALUE - 8;

  private final Layout layout;
  private final int width;
  private final int height;
  private final int bits;
  private final byte[] bytes;
  private final short[] shorts;
  private final BitSet changedRows = new BitSet();
  private Palette palette;
  private int[] key;
  private boolean ink;
  private boolean premultiplied;
  private boolean alpha;

  /** Zeroed samples. */
  Samples(Layout layout, int width, int height, int bits) throws ImageFailure {
    this(layout, width, height, bits, bits > 8 ? null : new byte[length(layout, width, height)],
        bits > 8 ? new short[length(layout, width, height)] : null);
  }

  /** Wraps samples; one of the arrays is null. */
  Samples(Layout layout, int width, int height, int bits, byte[] bytes, short[] shorts) {
    this.layout = layout;
    this.width = width;
    this.height = height;
    this.bits = bits;
    this.bytes = bytes;
    this.shorts = shorts;
    this.alpha = layout.lastCanBeAlpha();
  }

  /** The number of samples, or TOO_LARGE where no array can hold them. */
  static int length(Layout layout, int width, int height) throws ImageFailure {
    long n = (long) width * height * layout.channels();
    if (n > LONGEST) {
      throw new ImageFailure(ErrorKind.TOO_LARGE, width + "x" + height + " pixels of " + layout.channels()
          + " samples are more than one array can hold; cut the image into parts");
    }
    return (int) n;
  }

  Layout layout() {
    return layout;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** Bits of a stored sample: 1, 2, 4, 8 or 16. */
  int bits() {
    return bits;
  }

  int channels() {
    return layout.channels();
  }

  /** The largest stored sample. */
  int max() {
    return (1 << bits) - 1;
  }

  /** The samples of up to 8 bits, else null. */
  byte[] bytes() {
    return bytes;
  }

  /** The samples of 16 bits, else null. */
  short[] shorts() {
    return shorts;
  }

  int get(int i) {
    return bytes != null ? bytes[i] & 255 : shorts[i] & 65535;
  }

  void set(int i, int v) {
    if (bytes != null) {
      bytes[i] = (byte) v;
    } else {
      shorts[i] = (short) v;
    }
  }

  /** The colour table of a {@link Layout#PALETTE}. */
  Palette palette() {
    return palette;
  }

  Samples palette(Palette palette) {
    this.palette = palette;
    return this;
  }

  /** The one colour that stands for transparent (PNG's tRNS for grey and RGB), or null. */
  int[] key() {
    return key;
  }

  Samples key(int[] key) {
    this.key = key;
    return this;
  }

  /** Whether a larger sample of grey or of an ink is darker. */
  boolean ink() {
    return ink;
  }

  Samples ink(boolean ink) {
    this.ink = ink;
    return this;
  }

  /** Whether the colour samples are already multiplied by alpha. */
  boolean premultiplied() {
    return premultiplied;
  }

  Samples premultiplied(boolean premultiplied) {
    this.premultiplied = premultiplied;
    return this;
  }

  /** Whether the last sample of each pixel is alpha. */
  boolean alphaSample() {
    return alpha;
  }

  Samples alphaSample(boolean alpha) {
    this.alpha = alpha;
    return this;
  }

  /** Whether some pixel may be less than opaque. */
  boolean hasAlpha() {
    return alpha || key != null || palette != null && palette.hasAlpha();
  }

  /** Stored rows with a pixel written since decoding. */
  BitSet changedRows() {
    return changedRows;
  }

  /** Whether a pixel has the colour that stands for transparent. */
  boolean isKey(int pixel) {
    if (key == null) {
      return false;
    }
    int at = pixel * channels();
    for (int c = 0; c < key.length; c++) {
      if (get(at + c) != key[c]) {
        return false;
      }
    }
    return true;
  }

  /** A pixel's alpha, 0..65535. */
  int alpha16(int pixel) {
    if (alpha) {
      return to16(get(pixel * channels() + channels() - 1));
    }
    if (palette != null) {
      return palette.sample(get(pixel), 3) * 257;
    }
    return isKey(pixel) ? 0 : 65535;
  }

  /** A pixel's red, green, blue and alpha, 0..65535, not multiplied by alpha. Four inks: as they would print, R = (1-C)(1-K). */
  void rgba16(int pixel, int[] rgba) {
    int at = pixel * channels();
    rgba[3] = alpha16(pixel);
    switch (layout) {
      case GRAY, GRAY_ALPHA -> {
        int v = to16(ink ? max() - get(at) : get(at));
        rgba[0] = v;
        rgba[1] = v;
        rgba[2] = v;
      }
      case RGB, RGBA -> {
        for (int c = 0; c < 3; c++) {
          rgba[c] = to16(get(at + c));
        }
      }
      case YCBCR -> ycc(at, rgba);
      case PALETTE -> {
        int index = get(at);
        for (int c = 0; c < 3; c++) {
          rgba[c] = palette.sample(index, c) * 257;
        }
      }
      case CMYK -> {
        int k = to16(ink ? max() - get(at + 3) : get(at + 3));
        for (int c = 0; c < 3; c++) {
          rgba[c] = times(to16(ink ? max() - get(at + c) : get(at + c)), k);
        }
      }
      case YCCK -> {
        int k = to16(get(at + 3));
        ycc(at, rgba);
        for (int c = 0; c < 3; c++) {
          rgba[c] = times(65535 - rgba[c], k);
        }
      }
    }
    if (premultiplied) {
      for (int c = 0; c < 3; c++) {
        rgba[c] = rgba[3] == 0 ? 0 : (int) Math.min(65535, (rgba[c] * 65535L + rgba[3] / 2) / rgba[3]);
      }
    }
  }

  /**
   * Pixels of {@link Layout#YCBCR} as interleaved RGB: what {@link #rgba16} gives, in 8 bits.
   *
   * @param step from one pixel to the next
   */
  void readYcc(int pixel, int step, int n, byte[] rgb) {
    for (int x = 0, at = 3 * pixel, d = 0; x < n; x++, at += 3 * step, d += 3) {
      float y = bytes[at] & 255;
      float cb = (bytes[at + 1] & 255) - 128;
      float cr = (bytes[at + 2] & 255) - 128;
      rgb[d] = (byte) clamp8(y + Ycc.R_CR * cr);
      rgb[d + 1] = (byte) clamp8(y + Ycc.G_CB * cb + Ycc.G_CR * cr);
      rgb[d + 2] = (byte) clamp8(y + Ycc.B_CB * cb);
    }
  }

  private void ycc(int at, int[] rgb) {
    float y = get(at);
    float cb = get(at + 1) - 128;
    float cr = get(at + 2) - 128;
    rgb[0] = clamp8(y + Ycc.R_CR * cr) * 257;
    rgb[1] = clamp8(y + Ycc.G_CB * cb + Ycc.G_CR * cr) * 257;
    rgb[2] = clamp8(y + Ycc.B_CB * cb) * 257;
  }

  /** The nearest of 0 to 255; exact, as what is summed here never lies within a rounding step of a half. */
  private static int clamp8(float v) {
    int rounded = (int) (v + 0.5f);
    return Math.max(0, Math.min(255, rounded));
  }

  private static int times(int a, int b) {
    return (int) (((long) a * b + 32767) / 65535);
  }

  private int to16(int v) {
    return switch (bits) {
      case 16 -> v;
      case 8 -> v * 257;
      default -> v * (65535 / max());
    };
  }
}
