package org.lakebrush.mask;

import java.io.Serializable;

/**
 * A length in a job: pixels, or per cent of the image's width (for horizontal lengths) or height (for vertical ones).
 *
 * @param value pixels, or per cent (20 is a fifth)
 * @param percent whether it is per cent
 */
public record Length(double value, boolean percent) implements Serializable {

  /** In pixels of an image that is {@code extent} pixels wide or high; not rounded. */
  public double pixels(int extent) {
    return percent ? value * extent / 100 : value;
  }

  @Override
  public String toString() {
    String v = value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    return percent ? v + "%" : v;
  }
}
