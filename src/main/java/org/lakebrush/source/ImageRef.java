package org.lakebrush.source;

import java.io.Serializable;
import java.util.List;

/**
 * A row of metadata that stands for an image; its bytes are read on the executor.
 *
 * @param uri full URI as Hadoop's {@code Path.toString} gives it (not percent-encoded)
 * @param path relative to the input, with {@code /}; for one file its name
 * @param length in bytes, as listed; {@link #UNKNOWN_LENGTH} where a manifest does not say
 * @param modificationTime in ms since 1970, as listed; {@link #UNKNOWN_TIME} where a manifest does not say
 * @param sidecars for each sidecar entry of the job, in order, the mask's URI or null where none was found
 * @param boxes what a manifest says of rectangles to repair, as {@link org.lakebrush.mask.ManifestMask} reads it; null where it says
 *     nothing
 * @param fingerprint of settings, model and this image's masks, lower-case hex: what the log compares
 */
public record ImageRef(String uri, String path, long length, long modificationTime, List<String> sidecars, String boxes,
    String fingerprint) implements Serializable {
  /** A length that is obtained when the image is read. */
  public static final long UNKNOWN_LENGTH = -1;
  /** A modification time that nobody knows. */
  public static final long UNKNOWN_TIME = 0;

  /** An image without boxes. */
  public ImageRef(String uri, String path, long length, long modificationTime, List<String> sidecars, String fingerprint) {
    this(uri, path, length, modificationTime, sidecars, null, fingerprint);
  }
}
