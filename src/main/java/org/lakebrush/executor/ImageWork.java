package org.lakebrush.executor;

import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Encoded;
import org.lakebrush.mask.Mask;
import org.lakebrush.sink.Written;
import org.lakebrush.source.ImageRef;

/** Where one image comes from and where it goes. Its methods are called on a {@link Pipeline}'s threads, one after another. */
public interface ImageWork {
  /** The image. */
  ImageRef ref();

  /** Its bytes, which nobody changes afterwards. */
  byte[] read() throws ImageFailure;

  /**
   * Told what is to be filled, before it is.
   *
   * @param hole to be read, not written; the memory for it is the pipeline's, and not to be kept
   */
  default void masked(Mask hole) {}

  /**
   * Puts the repaired image in its place.
   *
   * @return what was written
   */
  Written write(Encoded repaired) throws ImageFailure;

  /**
   * Puts an image in its place that had nothing to repair.
   *
   * @param file as {@link #read} gave it
   * @return what was written, or null where such images do not go out
   */
  Written copy(byte[] file) throws ImageFailure;
}
