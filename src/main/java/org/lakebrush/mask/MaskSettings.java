package org.lakebrush.mask;

import java.io.Serializable;

/**
 * The job's {@code mask} section.
 *
 * @param grow pixels by which the union is dilated (Euclidean disc), 0 to 1000
 * @param feather pixels over which the fill fades in, inside the grown mask, 0 to 250
 * @param missing what becomes of an image whose sidecar is missing
 */
public record MaskSettings(int grow, int feather, Missing missing) implements Serializable {
  /** Largest {@code grow}. */
  public static final int MAX_GROW = 1000;
  /** Largest {@code feather}; up to here the weight of the hole's outermost pixels is more than 0. */
  public static final int MAX_FEATHER = 250;

  public MaskSettings {
    if (grow < 0 || grow > MAX_GROW || feather < 0 || feather > MAX_FEATHER) {
      throw new IllegalArgumentException("grow " + grow + " or feather " + feather + " is out of range");
    }
  }

  /** What becomes of an image whose sidecar is missing. */
  public enum Missing {
    /** The image is FAILED with MASK_MISSING. */
    FAIL,
    /** The entry adds nothing to the mask; an image with no other mask is UNCHANGED. */
    UNCHANGED
  }
}
