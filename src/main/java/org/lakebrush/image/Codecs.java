package org.lakebrush.image;

import org.lakebrush.failure.ImageFailure;

/** Reads and writes image files held in memory. Stateless; safe for any number of threads. */
public final class Codecs {
  private Codecs() {}

  /**
   * Reads a file's header; allocates no pixel.
   *
   * @param file the whole file
   * @throws ImageFailure EMPTY_FILE, NOT_AN_IMAGE, UNSUPPORTED, TRUNCATED, CORRUPT or MULTIPLE_FRAMES
   */
  public static ImageHeader header(byte[] file) throws ImageFailure {
    throw new UnsupportedOperationException();
  }

  /**
   * Decodes a file. A decoder's silence is not trusted: checksums and the decoder's warnings are read.
   *
   * @param file the whole file; kept by the picture, not copied, not changed
   * @throws ImageFailure as {@link #header}; CORRUPT or TRUNCATED where the pixel data are damaged
   */
  public static Picture decode(byte[] file) throws ImageFailure {
    throw new UnsupportedOperationException();
  }

  /**
   * Encodes a picture, in its own format with its own parameters (quantisation tables, subsampling, compression, metadata), or in
   * another.
   *
   * @param format what to write
   * @throws ImageFailure ENCODE
   */
  public static Encoded encode(Picture picture, ImageFormat format) throws ImageFailure {
    throw new UnsupportedOperationException();
  }
}
