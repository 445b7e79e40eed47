package org.lakebrush.image;

import java.awt.Point;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.MultiPixelPackedSampleModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import javax.imageio.IIOImage;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import org.lakebrush.failure.ImageFailure;

/** The lossless compressions of TIFF 6.0, one strip or tile at a time. */
final class TiffCompression {
  static final int NONE = 1;
  static final int FAX_G4 = 4;
  static final int LZW = 5;
  static final int JPEG = 7;
  static final int DEFLATE = 8;
  static final int OLD_DEFLATE = 32946;
  static final int PACKBITS = 32773;

  private static final int LZW_CLEAR = 256;
  private static final int LZW_END = 257;

  private TiffCompression() {}

  /** Whether a compression is read here; the others are the JDK's. */
  static boolean reads(int compression) {
    return compression == NONE || compression == LZW || compression == DEFLATE || compression == OLD_DEFLATE || compression == PACKBITS;
  }

  /**
   * Decompresses.
   *
   * @param out filled to its end
   * @param most bytes that may come out; what is beyond {@code out} is thrown away, as of a last strip that has more rows than its picture
   * @throws ImageFailure CORRUPT where the data give less, or are damaged
   */
  static void decompress(int compression, byte[] b, int at, int length, byte[] out, long most) throws ImageFailure {
    int n = switch (compression) {
      case LZW -> unLzw(b, at, at + length, out);
      case PACKBITS -> unPackBits(b, at, at + length, out);
      case NONE -> {
        System.arraycopy(b, at, out, 0, out.length);
        yield out.length;
      }
      default -> inflate(b, at, length, out, most);
    };
    if (n < out.length) {
      throw TiffFile.corrupt("the strip or tile at byte " + at + " holds " + n + " bytes in place of " + out.length);
    }
  }

  private static int inflate(byte[] b, int at, int length, byte[] out, long most) throws ImageFailure {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(b, at, length);
      int n = 0;
      while (n < out.length && !inflater.finished()) {
        int got = inflater.inflate(out, n, out.length - n);
        if (got == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          return n;
        }
        n += got;
      }
      // The stream's checksum comes after its last byte.
      byte[] rest = new byte[4096];
      while (!inflater.finished() && inflater.inflate(rest) > 0) {
        if (inflater.getBytesWritten() > most) {
          throw TiffFile.corrupt("the Deflate data at byte " + at + " give more than the " + most + " bytes of a strip or tile");
        }
      }
      if (!inflater.finished() && inflater.needsInput()) {
        throw TiffFile.corrupt("the Deflate data at byte " + at + " have no end");
      }
      return n;
    } catch (DataFormatException e) {
      throw TiffFile.corrupt("the Deflate data at byte " + at + ": " + e.getMessage());
    } finally {
      inflater.end();
    }
  }

  private static int unPackBits(byte[] b, int at, int end, byte[] out) {
    int n = 0;
    while (at < end && n < out.length) {
      int control = b[at++];
      if (control >= 0) {
        int run = Math.min(Math.min(control + 1, end - at), out.length - n);
        System.arraycopy(b, at, out, n, run);
        at += control + 1;
        n += run;
      } else if (control != -128 && at < end) {
        int run = Math.min(1 - control, out.length - n);
        Arrays.fill(out, n, n + run, b[at++]);
        n += run;
      }
    }
    return n;
  }

  /** LZW of TIFF 6.0, section 13: codes from the high bit, one bit longer one code early. */
  private static int unLzw(byte[] b, int at, int end, byte[] out) throws ImageFailure {
    int[] start = new int[4097];
    int[] length = new int[4097];
    int next = 258;
    int width = 9;
    int buffer = 0;
    int bits = 0;
    int n = 0;
    int before = -1;
    while (n < out.length) {
      while (bits < width) {
        if (at == end) {
          return n;
        }
        buffer = buffer << 8 | b[at++] & 255;
        bits += 8;
      }
      int code = buffer >>> bits - width & (1 << width) - 1;
      bits -= width;
      buffer &= (1 << bits) - 1;
      if (code == LZW_END) {
        return n;
      }
      if (code == LZW_CLEAR) {
        next = 258;
        width = 9;
        before = -1;
        continue;
      }
      int from = n;
      if (code < 256) {
        out[n++] = (byte) code;
      } else if (code < next || code == next && before >= 0) {
        // A string is what lies in the output where it was first met, and one byte more.
        int s = code < next ? start[code] : before;
        int l = code < next ? length[code] : from - before + 1;
        for (int i = 0; i < l && n < out.length; i++) {
          out[n++] = out[s + i];
        }
      } else {
        throw TiffFile.corrupt("LZW code " + code + " at byte " + at + " stands for nothing");
      }
      if (before >= 0 && next < 4096) {
        start[next] = before;
        length[next] = from - before + 1;
        next++;
      }
      before = from;
      width = next + 1 >= 2048 ? 12 : next + 1 >= 1024 ? 11 : next + 1 >= 512 ? 10 : 9;
    }
    return n;
  }

  /**
   * Compresses.
   *
   * @param rowBytes bytes of a row: PackBits does not run over its end
   * @param columns pixels of a row, for CCITT
   */
  static byte[] compress(int compression, byte[] raw, int rowBytes, int columns) throws IOException {
    return switch (compression) {
      case NONE -> raw;
      case DEFLATE, OLD_DEFLATE -> deflate(raw);
      case LZW -> byJdk("LZW", raw, rowBytes, rowBytes, 8);
      case PACKBITS -> byJdk("PackBits", raw, rowBytes, rowBytes, 8);
      case FAX_G4 -> byJdk("CCITT T.6", raw, rowBytes, columns, 1);
      default -> throw new IOException("no writer for TIFF compression " + compression);
    };
  }

  private static byte[] deflate(byte[] raw) {
    Deflater deflater = new Deflater();
    try {
      deflater.setInput(raw);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream(raw.length / 2 + 64);
      byte[] buffer = new byte[16384];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }

  /** Has the JDK write a TIFF of one strip, and takes the strip out of it. */
  private static byte[] byJdk(String type, byte[] raw, int rowBytes, int columns, int bits) throws IOException {
    int rows = raw.length / rowBytes;
    BufferedImage image = bits == 8 ? gray(raw, columns, rows) : bilevel(raw, columns, rows, rowBytes);
    ImageWriter writer = Plugins.writer("tiff");
    try (MemoryOutput out = new MemoryOutput(raw.length / 2 + 1024)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionType(type);
      IIOMetadata metadata = writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), param);
      String format = metadata.getNativeMetadataFormatName();
      IIOMetadataNode root = new IIOMetadataNode(format);
      IIOMetadataNode ifd = new IIOMetadataNode("TIFFIFD");
      ifd.setAttribute("tagSets", "javax.imageio.plugins.tiff.BaselineTIFFTagSet");
      root.appendChild(ifd);
      ifd.appendChild(longField(278, rows));
      metadata.mergeTree(format, root);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, metadata), param);
      out.flush();
      TiffFile f = TiffFile.parse(Arrays.copyOf(out.array(), out.size()));
      if (f.offsets().length != 1) {
        throw new IOException("the TIFF writer made " + f.offsets().length + " strips in place of one");
      }
      int at = (int) f.offsets()[0];
      return Arrays.copyOfRange(f.bytes(), at, at + (int) f.counts()[0]);
    } catch (ImageFailure | RuntimeException e) {
      throw new IOException("javax.imageio could not write TIFF data by " + type + ": " + e.getMessage(), e);
    } finally {
      writer.dispose();
    }
  }

  private static IIOMetadataNode longField(int tag, long value) {
    IIOMetadataNode field = new IIOMetadataNode("TIFFField");
    field.setAttribute("number", String.valueOf(tag));
    IIOMetadataNode longs = new IIOMetadataNode("TIFFLongs");
    IIOMetadataNode one = new IIOMetadataNode("TIFFLong");
    one.setAttribute("value", String.valueOf(value));
    longs.appendChild(one);
    field.appendChild(longs);
    return field;
  }

  private static BufferedImage gray(byte[] raw, int columns, int rows) {
    BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
    WritableRaster raster = Raster.createInterleavedRaster(new DataBufferByte(raw, raw.length), columns, rows, columns, 1, new int[] {0},
        new Point(0, 0));
    return new BufferedImage(image.getColorModel(), raster, false, null);
  }

  /** Zero is white: so the writer takes the bits as CCITT has them. */
  private static BufferedImage bilevel(byte[] raw, int columns, int rows, int rowBytes) {
    byte[] levels = {-1, 0};
    MultiPixelPackedSampleModel layout = new MultiPixelPackedSampleModel(DataBuffer.TYPE_BYTE, columns, rows, 1, rowBytes, 0);
    WritableRaster raster = Raster.createWritableRaster(layout, new DataBufferByte(raw, raw.length), new Point(0, 0));
    return new BufferedImage(new IndexColorModel(1, 2, levels, levels, levels), raster, false, null);
  }
}
