package org.lakebrush.repair;

import java.util.List;
import java.util.Optional;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Encoded;

/** What is done to one image: to repair it, or something that shows what a repair would do. Safe for any number of threads. */
@FunctionalInterface
public interface ImageOperation {
  /**
   * Does it.
   *
   * @param file the whole file; not changed
   * @param uri the image's, or another text that is its own: what is random in a repair hangs on it
   * @param sidecars as {@link org.lakebrush.mask.MaskBuilder#build(org.lakebrush.image.Picture, List)}
   * @param boxes as {@link org.lakebrush.mask.MaskBuilder#build(org.lakebrush.image.Picture, List, String)}
   * @param trace filled in on the way
   * @return the file that comes out, or nothing where the image is to stay as it is
   * @throws ImageFailure where it cannot be done to this image
   * @throws InterruptedException where the calling thread is interrupted while it waits
   */
  Optional<Encoded> apply(byte[] file, String uri, List<String> sidecars, String boxes, RepairTrace trace)
      throws ImageFailure, InterruptedException;
}
