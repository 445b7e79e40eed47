package org.lakebrush.mask;

import java.io.Serializable;
import java.util.List;
import org.lakebrush.failure.ImageFailure;

/**
 * One entry of a job's {@code masks}. A kind is one file, which holds its settings (a record), how they are read from the job and how
 * the pixels are marked, and one line in {@link MaskKind#ALL}.
 *
 * <p>Implementations are immutable and safe for any number of threads.
 */
public interface MaskSpec extends Serializable {

  /** The word in the job file and in the log. */
  String kind();

  /**
   * Marks the hole of one image.
   *
   * @param image what may be looked at
   * @param hole what is marked; several entries may mark the same pixel
   * @throws ImageFailure MASK_MISSING, MASK_UNREADABLE or MASK_ASPECT
   */
  void mark(MaskInput image, HoleMarker hole) throws ImageFailure;

  /** Whether the marked pixels shall be opaque once they are repaired. */
  default boolean makesOpaque() {
    return false;
  }

  /**
   * URIs of the files that this entry needs whatever the image, read by {@link MaskInput#shared}. What they hold bears on the result
   * log's fingerprints.
   */
  default List<String> files() {
    return List.of();
  }

  /** Whether it looks for its hole in the image, and can look again once that is repaired. */
  default boolean searches() {
    return false;
  }

  /** About how many bytes of memory marking an image of a size takes, beside the mask itself. */
  default long bytes(int width, int height) {
    return 0;
  }

  /**
   * One line of text that is the same for two entries exactly where they mark the same pixels of every image by their settings. It
   * goes into the result log's fingerprints: what it is for given settings must not change from one version to the next.
   */
  String canonical();
}
