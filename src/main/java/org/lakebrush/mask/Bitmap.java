package org.lakebrush.mask;

/** One bit a pixel: a mask file as it is kept in memory. Immutable once filled; safe for any number of threads then. */
final class Bitmap {
  private final int width;
  private final int height;
  private final long[] bits;

  Bitmap(int width, int height) {
    this.width = width;
    this.height = height;
    this.bits = new long[Math.toIntExact(((long) width * height + 63) / 64)];
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  boolean get(int x, int y) {
    long i = (long) y * width + x;
    return (bits[(int) (i >>> 6)] >>> i & 1) != 0;
  }

  void set(int x, int y) {
    long i = (long) y * width + x;
    bits[(int) (i >>> 6)] |= 1L << i;
  }
}
