package org.lakebrush.image;

import java.util.List;

/**
 * An encoded picture.
 *
 * @param format what was written
 * @param bytes the whole file
 * @param notes what could not come through as it was, one short phrase each, for the log: for example {@code exif thumbnail dropped}
 */
public record Encoded(ImageFormat format, byte[] bytes, List<String> notes) {}
