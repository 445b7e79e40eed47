package org.lakebrush.image;

import java.awt.Point;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.DataBufferUShort;
import java.awt.image.IndexColorModel;
import java.awt.image.MultiPixelPackedSampleModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import org.lakebrush.failure.ImageFailure;

/** Between samples and the rasters of java.awt.image. */
final class Rasters {
  private Rasters() {}

  /** A raster over the samples, not a copy, one sample to a byte or short. */
  static WritableRaster wrap(Samples s) {
    int n = s.channels();
    int[] offsets = new int[n];
    for (int i = 0; i < n; i++) {
      offsets[i] = i;
    }
    boolean wide = s.bits() == 16;
    PixelInterleavedSampleModel model = new PixelInterleavedSampleModel(wide ? DataBuffer.TYPE_USHORT : DataBuffer.TYPE_BYTE, s.width(),
        s.height(), n, s.width() * n, offsets);
    DataBuffer data =
        wide ? new DataBufferUShort(s.shorts(), s.shorts().length) : new DataBufferByte(s.bytes(), s.bytes().length);
    return Raster.createWritableRaster(model, data, new Point(0, 0));
  }

  /** An image of the samples as plain grey or RGB, with or without alpha, whatever they mean; below 8 bits, packed as grey levels. */
  static BufferedImage image(Samples s) {
    if (s.bits() < 8) {
      int rowBytes = (s.width() * s.bits() + 7) / 8;
      byte[] packed = new byte[rowBytes * s.height()];
      for (int y = 0; y < s.height(); y++) {
        pack(s.bytes(), y * s.width(), s.width(), s.bits(), packed, y * rowBytes);
      }
      byte[] levels = new byte[1 << s.bits()];
      for (int i = 0; i < levels.length; i++) {
        levels[i] = (byte) (i * 255 / s.max());
      }
      ColorModel model = new IndexColorModel(s.bits(), levels.length, levels, levels, levels);
      MultiPixelPackedSampleModel layout = new MultiPixelPackedSampleModel(DataBuffer.TYPE_BYTE, s.width(), s.height(), s.bits());
      return new BufferedImage(model, Raster.createWritableRaster(layout, new DataBufferByte(packed, packed.length), new Point(0, 0)),
          false, null);
    }
    int n = s.channels();
    boolean alpha = n == 2 || n == 4;
    ColorModel model = new ComponentColorModel(ColorSpace.getInstance(n < 3 ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB), alpha, false,
        alpha ? Transparency.TRANSLUCENT : Transparency.OPAQUE, s.bits() == 16 ? DataBuffer.TYPE_USHORT : DataBuffer.TYPE_BYTE);
    return new BufferedImage(model, wrap(s), false, null);
  }

  /** Packs a row of samples of 1, 2 or 4 bits into bytes, the first in the highest bits. */
  static void pack(byte[] src, int from, int n, int bits, byte[] dst, int to) {
    int perByte = 8 / bits;
    for (int x = 0; x < n; x++) {
      int shift = 8 - bits * (x % perByte + 1);
      dst[to + x / perByte] |= (byte) (src[from + x] << shift);
    }
  }

  /** The samples of a decoded raster; wrapped where they lie as {@link Samples} has them, else copied. */
  static Samples samples(Raster raster, Layout layout, int bits) throws ImageFailure {
    int w = raster.getWidth();
    int h = raster.getHeight();
    int n = layout.channels();
    if (raster.getNumBands() != n) {
      throw new IllegalStateException("the decoder gave " + raster.getNumBands() + " samples a pixel in place of " + n);
    }
    int length = Samples.length(layout, w, h);
    if (isInterleaved(raster, n)) {
      if (bits == 16 && raster.getDataBuffer() instanceof DataBufferUShort d && d.getData().length == length) {
        return new Samples(layout, w, h, bits, null, d.getData());
      }
      if (bits == 8 && raster.getDataBuffer() instanceof DataBufferByte d && d.getData().length == length) {
        return new Samples(layout, w, h, bits, d.getData(), null);
      }
    }
    Samples s = new Samples(layout, w, h, bits);
    int[] row = new int[w * n];
    for (int y = 0; y < h; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, w, 1, row);
      for (int i = 0, at = y * w * n; i < row.length; i++, at++) {
        s.set(at, row[i]);
      }
    }
    return s;
  }

  private static boolean isInterleaved(Raster raster, int n) {
    if (!(raster.getSampleModel() instanceof PixelInterleavedSampleModel m) || m.getPixelStride() != n
        || m.getScanlineStride() != n * raster.getWidth()) {
      return false;
    }
    int[] offsets = m.getBandOffsets();
    for (int i = 0; i < n; i++) {
      if (offsets[i] != i) {
        return false;
      }
    }
    return true;
  }
}
