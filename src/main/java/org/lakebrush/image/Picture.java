package org.lakebrush.image;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A decoded picture: its stored samples, and with them all that must survive (metadata, profile, how it was compressed).
 *
 * <p>All coordinates here are in the upright frame; the samples stay in the stored frame and in the stored colour model, so that
 * what is not repaired is never converted. The model sees RGB, float, 0..1. A picture of four inks (CMYK, YCCK) is seen in two
 * passes, (C, M, Y) as RGB and then K as grey, so that the split between the inks goes on into the fill; every other picture in
 * one. Inks are seen as light: 1 is no ink. Not safe for use by several threads at once while one of them writes.
 */
public final class Picture implements RgbPixels {
  /** What may be left over of a palette's pixel, 0..255, before it goes on to the neighbours. */
  private static final float ENOUGH = 16;

  private final Samples samples;
  private final Orientation orientation;
  private final Origin origin;
  private final int width;
  private final int height;
  private final int first;
  private final int stepX;
  private final int stepY;
  /** The colours of a palette, or the levels of grey below 8 bits; null where samples are fine enough to be rounded. */
  private final Palette few;

  Picture(Samples samples, Orientation orientation, Origin origin) {
    this.samples = samples;
    this.orientation = orientation;
    this.origin = origin;
    int w = samples.width();
    int h = samples.height();
    few = samples.palette() != null ? samples.palette() : samples.bits() < 8 ? levels(samples) : null;
    width = orientation.swapsAxes() ? h : w;
    height = orientation.swapsAxes() ? w : h;
    first = orientation.storedY(0, 0, h) * w + orientation.storedX(0, 0, w);
    stepX = orientation.storedY(1, 0, h) * w + orientation.storedX(1, 0, w) - first;
    stepY = orientation.storedY(0, 1, h) * w + orientation.storedX(0, 1, w) - first;
  }

  private static Palette levels(Samples s) {
    int[] rgba = new int[s.max() + 1];
    for (int v = 0; v < rgba.length; v++) {
      int light = (s.ink() ? s.max() - v : v) * (255 / s.max());
      boolean transparent = s.key() != null && s.key()[0] == v;
      rgba[v] = light * 0x01010100 | (transparent ? 0 : 255);
    }
    return new Palette(rgba);
  }

  Samples samples() {
    return samples;
  }

  Origin origin() {
    return origin;
  }

  /** The file's format. */
  public ImageFormat format() {
    return origin.format();
  }

  /** Upright width in pixels. */
  @Override
  public int width() {
    return width;
  }

  /** Upright height in pixels. */
  @Override
  public int height() {
    return height;
  }

  /** How the stored frame stands to the upright one. */
  public Orientation orientation() {
    return orientation;
  }

  /**
   * Colour model and depth for the log: {@code gray}, {@code graya}, {@code rgb}, {@code rgba}, {@code ycbcr}, {@code cmyk},
   * {@code ycck} or {@code palette}, and the bits of a sample, for example {@code rgba16}.
   */
  public String mode() {
    return samples.layout().id() + samples.bits();
  }

  /** Whether some pixel may be less than opaque. */
  public boolean hasAlpha() {
    return samples.hasAlpha();
  }

  /** Whether it has a palette, or grey of less than 8 bits. */
  public boolean hasFewColours() {
    return few != null;
  }

  /** How many times the model must look: 2 for four inks, else 1. */
  public int passes() {
    return switch (samples.layout()) {
      case CMYK, YCCK -> 2;
      default -> 1;
    };
  }

  /**
   * Reads a region as planar RGB: sample (c, y, x) of the region, 0..1, goes to {@code dst[offset + c * planeStride + y * rowStride + x]}.
   *
   * @param pass 0, or 1 for the second pass of four inks
   */
  public void readRgb(int pass, Region region, FloatBuffer dst, int offset, int rowStride, int planeStride) {
    for (int y = 0; y < region.height(); y++) {
      readRun(pass, pixel(region.x(), region.y() + y), region.width(), dst, offset + y * rowStride, planeStride);
    }
  }

  /** {@inheritDoc} Four inks are read as by {@link #readRow}, in 8 bits. */
  @Override
  public void readRgb(Region region, float[] rgb) {
    if (passes() == 1) {
      readRgb(0, region, FloatBuffer.wrap(rgb), 0, region.width(), Math.toIntExact(region.area()));
    } else {
      RgbPixels.super.readRgb(region, rgb);
    }
  }

  /**
   * Blends planar RGB (the layout of {@link #readRgb}) into a region: new = old + (src - old) * weight / 255, rounded to the nearest
   * stored value. A pixel of weight 0 keeps its stored samples to the bit. In a palette, and in grey of less than 8 bits, each pixel
   * takes the nearest colour there is, and what is left over goes on to its neighbours of the same call (Floyd and Steinberg's error
   * diffusion), unless it is so little that a flat colour would only be speckled by it. Alpha is not touched: a pixel that is
   * transparent by its colour (PNG's tRNS for grey and RGB) stays as it is, and one that is not stays clear of that colour. Where such
   * pixels are to be filled, {@link #makeOpaque} comes first.
   *
   * @param weight one byte a pixel, unsigned, of the whole upright picture, row by row ({@code weight[y * width() + x]})
   */
  public void blendRgb(int pass, Region region, FloatBuffer src, int offset, int rowStride, int planeStride, byte[] weight) {
    blendRgb(pass, region, src, offset, rowStride, planeStride, weight, region.y() * width + region.x(), width);
  }

  /**
   * As {@link #blendRgb(int, Region, FloatBuffer, int, int, int, byte[])}, with weights of the region alone.
   *
   * @param weight one byte a pixel, unsigned, of the region, row by row
   */
  public void blendRegion(int pass, Region region, FloatBuffer src, int offset, int rowStride, int planeStride, byte[] weight) {
    blendRgb(pass, region, src, offset, rowStride, planeStride, weight, 0, region.width());
  }

  /** As {@link #blendRgb(int, Region, FloatBuffer, int, int, int, byte[])}, each pixel of the region with full weight. */
  public void writeRgb(int pass, Region region, FloatBuffer src, int offset, int rowStride, int planeStride) {
    byte[] full = new byte[region.width()];
    Arrays.fill(full, (byte) 255);
    blendRgb(pass, region, src, offset, rowStride, planeStride, full, 0, 0);
  }

  private void blendRgb(int pass, Region region, FloatBuffer src, int offset, int rowStride, int planeStride, byte[] weight,
      int weightOffset, int weightStride) {
    float[] error = few == null ? null : new float[3 * (region.width() + 2)];
    float[] below = few == null ? null : new float[error.length];
    for (int y = 0; y < region.height(); y++) {
      int w = weightOffset + y * weightStride;
      if (few != null) {
        blendFew(pixel(region.x(), region.y() + y), region.width(), src, offset + y * rowStride, planeStride, weight, w, error, below);
        float[] done = error;
        error = below;
        below = done;
        Arrays.fill(below, 0);
        continue;
      }
      blendRun(pass, pixel(region.x(), region.y() + y), region.width(), src, offset + y * rowStride, planeStride, weight, w);
    }
  }

  /**
   * Reads one upright row as interleaved 8-bit RGB, the values that the model sees (four inks: as they would print, R = (1-C)(1-K)).
   *
   * @param rgb at least 3 * width() bytes
   */
  @Override
  public void readRow(int y, byte[] rgb) {
    readRow(y, 0, width, rgb);
  }

  /**
   * As {@link #readRow(int, byte[])}, of a part of the row.
   *
   * @param from first column
   * @param to one past the last column
   * @param rgb the part's first pixel comes first
   */
  public void readRow(int y, int from, int to, byte[] rgb) {
    int i = pixel(from, y);
    if (samples.layout() == Layout.YCBCR) {
      samples.readYcc(i, stepX, to - from, rgb);
      return;
    }
    int[] rgba = new int[4];
    for (int x = from, d = 0; x < to; x++, i += stepX, d += 3) {
      samples.rgba16(i, rgba);
      rgb[d] = to8(rgba[0]);
      rgb[d + 1] = to8(rgba[1]);
      rgb[d + 2] = to8(rgba[2]);
    }
  }

  /**
   * Reads one upright row of alpha, 0 transparent to 255 opaque; all 255 where there is no alpha.
   *
   * @param alpha at least width() bytes
   */
  public void readAlphaRow(int y, byte[] alpha) {
    int i = pixel(0, y);
    for (int x = 0; x < width; x++, i += stepX) {
      alpha[x] = to8(samples.alpha16(i));
    }
  }

  /**
   * Makes opaque every pixel whose weight is not 0; weight as in {@link #blendRgb}. Without alpha: nothing. A palette's pixel goes to
   * the nearest opaque colour, or stays where the palette has none; one that is transparent by its colour goes to the colour beside it.
   */
  public void makeOpaque(Region region, byte[] weight) {
    if (!samples.hasAlpha()) {
      return;
    }
    for (int y = 0; y < region.height(); y++) {
      int i = pixel(region.x(), region.y() + y);
      int w = (region.y() + y) * width + region.x();
      for (int x = 0; x < region.width(); x++, i += stepX, w++) {
        if (weight[w] != 0) {
          makeOpaque(i);
        }
      }
    }
  }

  private int pixel(int x, int y) {
    return first + x * stepX + y * stepY;
  }

  private static byte to8(int v) {
    return (byte) ((v * 255 + 32767) / 65535);
  }

  private void readRun(int pass, int pixel, int n, FloatBuffer dst, int offset, int plane) {
    Samples s = samples;
    int channels = s.channels();
    int i = pixel * channels;
    int step = stepX * channels;
    float scale = 1f / s.max();
    switch (s.layout()) {
      case GRAY, GRAY_ALPHA -> {
        if (s.premultiplied()) {
          readStraight(pixel, n, dst, offset, plane);
        } else {
          readGray(i, step, 0, n, dst, offset, plane, scale);
        }
      }
      case RGB, RGBA -> {
        if (s.premultiplied()) {
          readStraight(pixel, n, dst, offset, plane);
        } else {
          readThree(i, step, n, dst, offset, plane, 0, scale);
        }
      }
      case CMYK -> {
        if (pass == 1) {
          readGray(i, step, 3, n, dst, offset, plane, scale);
        } else if (s.ink()) {
          readThree(i, step, n, dst, offset, plane, 1, -scale);
        } else {
          readThree(i, step, n, dst, offset, plane, 0, scale);
        }
      }
      case YCBCR -> readYcc(i, step, n, dst, offset, plane, 0, scale);
      case YCCK -> {
        if (pass == 1) {
          readGray(i, step, 3, n, dst, offset, plane, scale);
        } else {
          readYcc(i, step, n, dst, offset, plane, 1, -scale);
        }
      }
      case PALETTE -> {
        Palette p = s.palette();
        for (int x = 0; x < n; x++, i += step) {
          int v = s.get(i);
          int d = offset + x;
          dst.put(d, p.sample(v, 0) / 255f);
          dst.put(d + plane, p.sample(v, 1) / 255f);
          dst.put(d + 2 * plane, p.sample(v, 2) / 255f);
        }
      }
    }
  }

  private void readGray(int i, int step, int channel, int n, FloatBuffer dst, int offset, int plane, float scale) {
    boolean ink = samples.ink();
    int max = samples.max();
    for (int x = 0; x < n; x++, i += step) {
      int s = samples.get(i + channel);
      float v = (ink ? max - s : s) * scale;
      int d = offset + x;
      dst.put(d, v);
      dst.put(d + plane, v);
      dst.put(d + 2 * plane, v);
    }
  }

  private void readThree(int i, int step, int n, FloatBuffer dst, int offset, int plane, float zero, float scale) {
    for (int x = 0; x < n; x++, i += step) {
      int d = offset + x;
      dst.put(d, zero + samples.get(i) * scale);
      dst.put(d + plane, zero + samples.get(i + 1) * scale);
      dst.put(d + 2 * plane, zero + samples.get(i + 2) * scale);
    }
  }

  private void readYcc(int i, int step, int n, FloatBuffer dst, int offset, int plane, float zero, float scale) {
    byte[] b = samples.bytes();
    for (int x = 0; x < n; x++, i += step) {
      int luma = b[i] & 255;
      int cb = (b[i + 1] & 255) - 128;
      int cr = (b[i + 2] & 255) - 128;
      int d = offset + x;
      dst.put(d, unit(zero + (luma + Ycc.R_CR * cr) * scale));
      dst.put(d + plane, unit(zero + (luma + Ycc.G_CB * cb + Ycc.G_CR * cr) * scale));
      dst.put(d + 2 * plane, unit(zero + (luma + Ycc.B_CB * cb) * scale));
    }
  }

  private void readStraight(int pixel, int n, FloatBuffer dst, int offset, int plane) {
    int[] rgba = new int[4];
    for (int x = 0; x < n; x++, pixel += stepX) {
      samples.rgba16(pixel, rgba);
      int d = offset + x;
      dst.put(d, rgba[0] / 65535f);
      dst.put(d + plane, rgba[1] / 65535f);
      dst.put(d + 2 * plane, rgba[2] / 65535f);
    }
  }

  /** To 0..1. No use of Math.max, which minds NaN and -0 and is several times slower. */
  private static float unit(float v) {
    return v > 0 ? v < 1 ? v : 1 : 0;
  }

  private void blendRun(int pass, int pixel, int n, FloatBuffer src, int offset, int plane, byte[] weight, int w) {
    int low = Integer.MAX_VALUE;
    int high = -1;
    for (int x = 0; x < n; x++) {
      int a = weight[w + x] & 255;
      if (a == 0) {
        continue;
      }
      int p = pixel + x * stepX;
      low = Math.min(low, p);
      high = Math.max(high, p);
      int s = offset + x;
      blend(pass, p, unit(src.get(s)), unit(src.get(s + plane)), unit(src.get(s + 2 * plane)), a / 255f);
    }
    if (high >= 0) {
      samples.changedRows().set(low / samples.width(), high / samples.width() + 1);
    }
  }

  private void blend(int pass, int pixel, float r, float g, float b, float a) {
    Samples s = samples;
    int i = pixel * s.channels();
    int max = s.max();
    switch (s.layout()) {
      case GRAY, GRAY_ALPHA -> {
        if (s.isKey(pixel)) {
          return;
        }
        float v = light(Rec601.luma(r, g, b) * max) * associated(pixel);
        mix(i, v, a);
        stepOffKey(pixel);
      }
      case RGB, RGBA -> {
        if (s.isKey(pixel)) {
          return;
        }
        float by = max * associated(pixel);
        mix(i, r * by, a);
        mix(i + 1, g * by, a);
        mix(i + 2, b * by, a);
        stepOffKey(pixel);
      }
      case CMYK -> {
        if (pass == 1) {
          mix(i + 3, light(Rec601.luma(r, g, b) * max), a);
        } else {
          mix(i, light(r * max), a);
          mix(i + 1, light(g * max), a);
          mix(i + 2, light(b * max), a);
        }
      }
      case YCBCR -> mixYcc(i, r * 255, g * 255, b * 255, a);
      case YCCK -> {
        if (pass == 1) {
          mix(i + 3, Rec601.luma(r, g, b) * 255, a);
        } else {
          mixYcc(i, 255 - r * 255, 255 - g * 255, 255 - b * 255, a);
        }
      }
      case PALETTE -> throw new IllegalStateException("a palette takes whole colours");
    }
  }

  /**
   * Blends a row into few colours.
   *
   * @param error what the rows before left over for this one, 0..255, three values a pixel, beginning with the one before the row
   * @param below the same for the next row, to be added to
   */
  private void blendFew(int pixel, int n, FloatBuffer src, int offset, int plane, byte[] weight, int w, float[] error, float[] below) {
    Samples s = samples;
    boolean gray = s.palette() == null;
    float enough = gray ? 255f / s.max() / 4 : ENOUGH;
    float[] rgb = new float[3];
    for (int x = 0; x < n; x++) {
      float a = (weight[w + x] & 255) / 255f;
      if (a == 0) {
        continue;
      }
      int i = pixel + x * stepX;
      int old = s.get(i);
      for (int c = 0; c < 3; c++) {
        rgb[c] = 255 * unit(src.get(offset + x + c * plane));
      }
      if (gray) {
        Arrays.fill(rgb, Rec601.luma(rgb[0], rgb[1], rgb[2]));
      }
      for (int c = 0; c < 3; c++) {
        float before = few.sample(old, c);
        rgb[c] = Math.max(0, Math.min(255, before + (rgb[c] - before) * a + error[3 * (x + 1) + c]));
      }
      int alpha = few.sample(old, 3);
      int v = few.nearest(rgb[0], rgb[1], rgb[2], alpha);
      if (v < 0) {
        continue;
      }
      s.set(i, v);
      s.changedRows().set(i / s.width());
      if (alpha == 255) {
        diffuse(x, rgb, v, enough, error, below);
      }
    }
  }

  private void diffuse(int x, float[] rgb, int v, float enough, float[] error, float[] below) {
    float most = 0;
    for (int c = 0; c < 3; c++) {
      rgb[c] -= few.sample(v, c);
      most = Math.max(most, Math.abs(rgb[c]));
    }
    if (most <= enough) {
      return;
    }
    for (int c = 0; c < 3; c++) {
      int at = 3 * (x + 1) + c;
      error[at + 3] += rgb[c] * 7 / 16;
      below[at - 3] += rgb[c] * 3 / 16;
      below[at] += rgb[c] * 5 / 16;
      below[at + 3] += rgb[c] / 16;
    }
  }

  /** A sample for an amount of light, both 0..max. */
  private float light(float v) {
    return samples.ink() ? samples.max() - v : v;
  }

  private float associated(int pixel) {
    return samples.premultiplied() ? samples.alpha16(pixel) / 65535f : 1;
  }

  private void mix(int i, float v, float a) {
    float old = samples.get(i);
    samples.set(i, Math.max(0, Math.min(samples.max(), Math.round(old + (v - old) * a))));
  }

  private void mixYcc(int i, float r, float g, float b, float a) {
    mix(i, Ycc.Y_R * r + Ycc.Y_G * g + Ycc.Y_B * b, a);
    mix(i + 1, 128 + Ycc.CB_R * r + Ycc.CB_G * g + Ycc.CB_B * b, a);
    mix(i + 2, 128 + Ycc.CR_R * r + Ycc.CR_G * g + Ycc.CR_B * b, a);
  }

  private void stepOffKey(int pixel) {
    Samples s = samples;
    if (s.isKey(pixel)) {
      int at = pixel * s.channels() + s.key().length - 1;
      int v = s.get(at);
      s.set(at, v > 0 ? v - 1 : v + 1);
    }
  }

  private void makeOpaque(int pixel) {
    Samples s = samples;
    int i = pixel * s.channels();
    if (s.alphaSample()) {
      int last = i + s.channels() - 1;
      if (s.premultiplied()) {
        int a = s.get(last);
        for (int c = i; c < last; c++) {
          s.set(c, a == 0 ? 0 : Math.min(s.max(), Math.round((float) s.get(c) * s.max() / a)));
        }
      }
      s.set(last, s.max());
    } else if (s.palette() != null) {
      Palette p = s.palette();
      int old = s.get(i);
      int v = p.nearest(p.sample(old, 0), p.sample(old, 1), p.sample(old, 2), 255);
      if (v >= 0 && p.sample(old, 3) != 255) {
        s.set(i, v);
      }
    } else {
      stepOffKey(pixel);
    }
    s.changedRows().set(pixel / s.width());
  }
}
