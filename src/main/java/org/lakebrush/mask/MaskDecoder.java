package org.lakebrush.mask;

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
}
