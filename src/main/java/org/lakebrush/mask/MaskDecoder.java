package org.lakebrush.mask;

import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Codecs;

/** How a mask file's bytes become pixels. */
interface MaskDecoder {
  /** Any image format that Lakebrush reads. */
  MaskDecoder CODECS = new MaskDecoder() {
    @Override
    public long pixels(byte[] file) throws ImageFailure {
      return Codecs.header(file).pixels();
    }

    @Override
    public MaskPixels decode(byte[] file) throws ImageFailure {
      return MaskPixels.of(Codecs.decode(file));
    }
  };

  /** Number of pixels by the header; allocates none. */
  long pixels(byte[] file) throws ImageFailure;

  MaskPixels decode(byte[] file) throws ImageFailure;

  /**
   * The pixels of a file that a job names.
   *
   * @param name what messages call it
   * @param most pixels that it may have
   * @param bound what messages say that is
   * @throws ImageFailure MASK_UNREADABLE, whatever is wrong with it
   */
  default MaskPixels read(byte[] file, String name, long most, String bound) throws ImageFailure {
    if (file.length == 0) {
      throw new ImageFailure(ErrorKind.MASK_UNREADABLE, name + " has no bytes: write it again");
    }
    long pixels;
    try {
      pixels = pixels(file);
      if (pixels <= most) {
        return decode(file);
      }
    } catch (ImageFailure e) {
      throw new ImageFailure(ErrorKind.MASK_UNREADABLE, name + " is no readable picture (" + e.kind() + ": " + e.getMessage()
          + "): write it again", e);
    }
    throw new ImageFailure(ErrorKind.MASK_UNREADABLE, name + " claims " + pixels + " pixels, more than " + bound + ": scale it down");
  }
}
