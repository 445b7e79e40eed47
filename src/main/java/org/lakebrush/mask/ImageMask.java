package org.lakebrush.mask;

import java.util.List;

/**
 * What the model is asked to fill.
 *
 * <p>The arrays are this image's own, and some may be one and the same: read them, do not write.
 *
 * @param hole the union of the job's masks, grown
 * @param weight one byte a pixel as in {@link Mask}, 0..255: how much of the fill is taken; 0 exactly outside the hole, rising over
 *     {@code mask.feather} pixels inside it as {@link MaskBuilder} says; without a feather (or a hole) it is {@code hole.pixels()} itself
 * @param opaque the pixels that the kind {@code alpha} asked for, grown, or null where it asked for none; {@code hole} itself where
 *     no other kind marked any
 * @param kinds the kinds that marked at least one pixel or put some back, in the job's order, each once
 * @param found what was found, one for each entry of the job that searches and found something, in the job's order
 * @param restorations what is put back before anything is filled, in order
 * @param searched the pixels that the entries that search marked or put back, not grown; null where they found nothing
 */
public record ImageMask(Mask hole, byte[] weight, Mask opaque, List<String> kinds, List<Found> found, List<Restoration> restorations,
    Mask searched) {

  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return kinds.isEmpty();
  }
}
