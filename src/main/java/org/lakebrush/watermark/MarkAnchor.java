package org.lakebrush.watermark;

import java.util.Locale;

/** The corner, edge or centre of an image that a common mark keeps its place to. */
public enum MarkAnchor {
  BOTTOM_RIGHT(1, 1), BOTTOM_LEFT(-1, 1), TOP_RIGHT(1, -1), TOP_LEFT(-1, -1), BOTTOM(0, 1), TOP(0, -1),
  CENTER(0, 0);

  private final int x;
  private final int y;

  MarkAnchor(int x, int y) {
    this.x = x;
    this.y = y;
  }

  /** The word in a job file. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The distance from the side that this names of what lies {@code shift} pixels to the right of this; without a side the shift. */
  int marginX(int shift) {
    return x > 0 ? -shift : shift;
  }

  /** The distance from the top or bottom that this names of what lies {@code shift} pixels below this; without either the shift. */
  int marginY(int shift) {
    return y > 0 ? -shift : shift;
  }

  /** Where a span of {@code size} pixels that lies at this anchor begins in an image of this width, from the left. */
  int left(int width, int size) {
    return start(x, width, size);
  }

  /** Where a span of {@code size} pixels that lies at this anchor begins in an image of this height, from the top. */
  int top(int height, int size) {
    return start(y, height, size);
  }

  private static int start(int side, int whole, int size) {
    return side < 0 ? 0 : side > 0 ? whole - size : Math.floorDiv(whole - size, 2);
  }
}
