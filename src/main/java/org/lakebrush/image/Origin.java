package org.lakebrush.image;

import java.io.IOException;
import java.util.List;
import org.lakebrush.failure.ImageFailure;

/** What a decoded file leaves behind beside its samples: all that its own format needs to be written again. Immutable. */
interface Origin {
  ImageFormat format();

  /** Writes the samples into a file of the same format with the same parameters and metadata. */
  Encoded encode(Samples samples) throws IOException, ImageFailure;

  /**
   * What another format should carry on.
   *
   * @param notes what had to be dropped is added
   */
  Metadata metadata(List<String> notes);
}
