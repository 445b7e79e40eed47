package org.lakebrush.image;

/**
 * A colour table. Immutable.
 *
 * @param rgba one entry a colour, 8 bits each: red in bits 31..24, then green, blue, alpha
 */
record Palette(int[] rgba) {

  int size() {
    return rgba.length;
  }

  /** Red, green or blue (0, 1, 2) or alpha (3) of an entry, 0..255; an index past the table's end reads as opaque black. */
  int sample(int index, int channel) {
    if (index >= rgba.length) {
      return channel == 3 ? 255 : 0;
    }
    return rgba[index] >>> (24 - 8 * channel) & 255;
  }

  boolean hasAlpha() {
    for (int c : rgba) {
      if ((c & 255) != 255) {
        return true;
      }
    }
    return false;
  }

  /**
   * The entry nearest to a colour, by squared distance weighted as the eye weighs red, green and blue.
   *
   * @param alpha only entries of this alpha are looked at
   * @return the entry's index, or -1 where no entry has that alpha
   */
  int nearest(float r, float g, float b, int alpha) {
    int best = -1;
    float least = Float.MAX_VALUE;
    for (int i = 0; i < rgba.length; i++) {
      int c = rgba[i];
      if ((c & 255) != alpha) {
        continue;
      }
      float dr = (c >>> 24) - r;
      float dg = (c >>> 16 & 255) - g;
      float db = (c >>> 8 & 255) - b;
      float d = 0.299f * dr * dr + 0.587f * dg * dg + 0.114f * db * db;
      if (d < least) {
        least = d;
        best = i;
      }
    }
    return best;
  }
}
