package org.lakebrush.image;

/**
 * How the stored rows and columns stand to the upright picture: the EXIF tag Orientation (0x0112), values 1 to 8 (Exif 2.32,
 * section 4.6.4 A).
 */
public enum Orientation {
  NORMAL(1, false, false, false),
  FLIPPED_HORIZONTALLY(2, false, true, false),
  ROTATED_180(3, false, true, true),
  FLIPPED_VERTICALLY(4, false, false, true),
  TRANSPOSED(5, true, false, false),
  ROTATE_90_CW(6, true, false, true),
  TRANSVERSED(7, true, true, true),
  ROTATE_90_CCW(8, true, true, false);

  private final int exif;
  private final boolean swaps;
  private final boolean mirrorsX;
  private final boolean mirrorsY;

  Orientation(int exif, boolean swaps, boolean mirrorsX, boolean mirrorsY) {
    this.exif = exif;
    this.swaps = swaps;
    this.mirrorsX = mirrorsX;
    this.mirrorsY = mirrorsY;
  }

  /** The tag's value, 1 to 8. */
  public int exif() {
    return exif;
  }

  /** Whether upright width is stored height. */
  public boolean swapsAxes() {
    return swaps;
  }

  /** The stored column of an upright pixel, in a picture of {@code storedWidth} stored columns. */
  public int storedX(int x, int y, int storedWidth) {
    int v = swaps ? y : x;
    return mirrorsX ? storedWidth - 1 - v : v;
  }

  /** The stored row of an upright pixel, in a picture of {@code storedHeight} stored rows. */
  public int storedY(int x, int y, int storedHeight) {
    int v = swaps ? x : y;
    return mirrorsY ? storedHeight - 1 - v : v;
  }

  /** The orientation for a tag's value; NORMAL for any value that the standard does not name. */
  public static Orientation ofExif(int value) {
    return value >= 1 && value <= 8 ? values()[value - 1] : NORMAL;
  }
}
