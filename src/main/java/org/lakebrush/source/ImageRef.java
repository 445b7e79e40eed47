package org.lakebrush.source;

import java.io.Serializable;
import java.util.List;

/**
 * A row of metadata that stands for an image; its bytes are read on the executor.
 *
 * @param uri full URI as Hadoop's {@code Path.toString} gives it (not percent-encoded)
 * @param path relative to the input, with {@code /}; for one file its name
 * @param length in bytes, as listed
 * @param modificationTime in ms since 1970, as listed
 * @param sidecars for each sidecar entry of the job, in order, the mask's URI or null where none was found
 * @param fingerprint of settings, model and this image's mask files, lower-case hex: what the log compares
 */
public record ImageRef(String uri, String path, long length, long modificationTime, List<String> sidecars, String fingerprint)
    implements Serializable {}
