package org.lakebrush.image;

import java.nio.FloatBuffer;

/**
 * A decoded picture: its stored samples, and with them all that must survive (metadata, profile, how it was compressed).
 *
 * <p>All coordinates here are in the upright frame; the samples stay in the stored frame and in the stored colour model, so that
 * what is not repaired is never converted. The model sees RGB, float, 0..1. A picture of four inks (CMYK, YCCK) is seen in two
 * passes, (C, M, Y) as RGB and then K as grey, so that the split between the inks goes on into the fill; every other picture in
 * one. Not safe for use by several threads at once while one of them writes.
 */
public final class Picture {
  private Picture() {}

  /** The file's format. */
  public ImageFormat format() {
    throw new UnsupportedOperationException();
  }

  /** Upright width in pixels. */
  public int width() {
    throw new UnsupportedOperationException();
  }

  /** Upright height in pixels. */
  public int height() {
    throw new UnsupportedOperationException();
  }

  /** How the stored frame stands to the upright one. */
  public Orientation orientation() {
    throw new UnsupportedOperationException();
  }

  /** Colour model and depth for the log, for example {@code rgb8}, {@code rgba16}, {@code gray1}, {@code palette8}, {@code cmyk8}. */
  public String mode() {
    throw new UnsupportedOperationException();
  }

  /** Whether some pixel may be less than opaque. */
  public boolean hasAlpha() {
    throw new UnsupportedOperationException();
  }

  /** How many times the model must look: 2 for four inks, else 1. */
  public int passes() {
    throw new UnsupportedOperationException();
  }

  /**
   * Reads a region as planar RGB: sample (c, y, x) of the region, 0..1, goes to {@code dst[offset + c * planeStride + y * rowStride + x]}.
   *
   * @param pass 0, or 1 for the second pass of four inks
   */
  public void readRgb(int pass, Region region, FloatBuffer dst, int offset, int rowStride, int planeStride) {
    throw new UnsupportedOperationException();
  }

  /**
   * Blends planar RGB (the layout of {@link #readRgb}) into a region: new = old + (src - old) * weight / 255, rounded to the nearest
   * stored value. A pixel of weight 0 keeps its stored samples to the bit. Alpha is not touched.
   *
   * @param weight one byte a pixel, unsigned, of the whole upright picture, row by row ({@code weight[y * width() + x]})
   */
  public void blendRgb(int pass, Region region, FloatBuffer src, int offset, int rowStride, int planeStride, byte[] weight) {
    throw new UnsupportedOperationException();
  }

  /**
   * Reads one upright row as interleaved 8-bit RGB, the values that the model sees (four inks: as they would print, R = (1-C)(1-K)).
   *
   * @param rgb at least 3 * width() bytes
   */
  public void readRow(int y, byte[] rgb) {
    throw new UnsupportedOperationException();
  }

  /**
   * Reads one upright row of alpha, 0 transparent to 255 opaque; all 255 where there is no alpha.
   *
   * @param alpha at least width() bytes
   */
  public void readAlphaRow(int y, byte[] alpha) {
    throw new UnsupportedOperationException();
  }

  /** Makes opaque every pixel whose weight is not 0; weight as in {@link #blendRgb}. Without alpha: nothing. */
  public void makeOpaque(Region region, byte[] weight) {
    throw new UnsupportedOperationException();
  }
}
