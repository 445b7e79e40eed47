package org.lakebrush.image;

/** Luma of RGB, as ITU-R BT.601 weighs it. */
public final class Rec601 {
  static final float RED = 0.299f;
  static final float GREEN = 0.587f;
  static final float BLUE = 0.114f;

  private Rec601() {}

  /** Luma, on the scale of the three samples. */
  public static float luma(float red, float green, float blue) {
    return RED * red + GREEN * green + BLUE * blue;
  }

  /**
   * Luma of interleaved 8-bit RGB, in whole numbers.
   *
   * @param at index of red
   * @return 0..255000
   */
  public static int luma1000(byte[] rgb, int at) {
    return 299 * (rgb[at] & 255) + 587 * (rgb[at + 1] & 255) + 114 * (rgb[at + 2] & 255);
  }
}
