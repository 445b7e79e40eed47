package org.lakebrush.spectral;

import java.util.Arrays;

/** Tells grey from colour. */
final class Gray {
  private Gray() {}

  /** Whether three planes, one after the other, are the same. */
  static boolean is(float[] rgb, int plane) {
    return Arrays.equals(rgb, 0, plane, rgb, plane, 2 * plane) && Arrays.equals(rgb, 0, plane, rgb, 2 * plane, 3 * plane);
  }
}
