package org.lakebrush.mask;

import java.util.List;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Picture;

/** Builds an image's mask from a job's list. Immutable; safe for any number of threads. */
public final class MaskBuilder {

  /**
   * @param files how sidecars are read
   */
  public MaskBuilder(List<MaskSpec> specs, MaskSettings settings, MaskFiles files) {
    throw new UnsupportedOperationException();
  }

  /**
   * The union of the masks, grown, in the upright frame at the image's size.
   *
   * @param sidecars for each {@link MaskSpec.Sidecar} of the list, in order, the URI of this image's mask file, or null where none
   *     was found
   * @throws ImageFailure MASK_MISSING, MASK_UNREADABLE or MASK_ASPECT
   */
  public ImageMask build(Picture picture, List<String> sidecars) throws ImageFailure {
    throw new UnsupportedOperationException();
  }
}
