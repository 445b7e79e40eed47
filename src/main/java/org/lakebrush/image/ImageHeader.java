package org.lakebrush.image;

/**
 * What a file's header says, read without allocating a pixel.
 *
 * @param format by the file's first bytes, not by its name
 * @param width stored columns
 * @param height stored rows
 * @param channels samples for each pixel, as stored
 * @param bitsPerSample 1 to 16
 * @param workingBytes estimate of the memory that decoding, repairing and encoding this image takes, in bytes, the file's own
 *     bytes not counted
 */
public record ImageHeader(ImageFormat format, int width, int height, int channels, int bitsPerSample, long workingBytes) {

  /** Number of pixels. */
  public long pixels() {
    return (long) width * height;
  }
}
