package org.lakebrush.image;

import java.util.Locale;

/** The colour models that samples are kept in, as the file stores them. */
enum Layout {
  GRAY(1, false),
  GRAY_ALPHA(2, true),
  RGB(3, false),
  /** Red, green, blue and a fourth sample: alpha, unless {@link Samples#hasAlpha()} says otherwise. */
  RGBA(4, true),
  /** BT.601 full range, as JFIF 1.02 has it. */
  YCBCR(3, false),
  CMYK(4, false),
  /** Adobe Technical Note 5116: C, M and Y, taken as RGB, in YCbCr; K as it is. */
  YCCK(4, false),
  PALETTE(1, false);

  private final int channels;
  private final boolean lastIsAlpha;

  Layout(int channels, boolean alpha) {
    this.channels = channels;
    this.lastIsAlpha = alpha;
  }

  /** Samples for each pixel. */
  int channels() {
    return channels;
  }

  /** Whether the last sample of a pixel can be alpha. */
  boolean lastCanBeAlpha() {
    return lastIsAlpha;
  }

  /** The name that {@link Picture#mode()} begins with. */
  String id() {
    return this == GRAY_ALPHA ? "graya" : name().toLowerCase(Locale.ROOT);
  }
}
