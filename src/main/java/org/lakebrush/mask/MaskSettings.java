package org.lakebrush.mask;

import java.io.Serializable;

/**
 * The job's {@code mask} section.
 *
 * @param grow pixels by which the union is dilated (Euclidean disc), 0 or more
 * @param feather pixels over which the fill fades in, inside the grown mask, 0 or more
 * @param missing what becomes of an image whose sidecar is missing
 */
public record MaskSettings(int grow, int feather, Missing missing) implements Serializable {
  /** What becomes of an image whose sidecar is missing. */
  public enum Missing {
    /** The image is FAILED with MASK_MISSING. */
    FAIL,
    /** This entry adds nothing to the mask; an image with no other mask is UNCHANGED. */
    UNCHANGED
  }
}
