package org.lakebrush.image;

import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.lakebrush.failure.ImageFailure;

/**
 * PNG: chunks by Lakebrush, pixel data by the JDK's javax.imageio, which gets to see nothing but IHDR and IDAT. A palette passes
 * through it as grey of the same depth, so that samples are never expanded.
 */
final class PngCodec {
  private static final int GRAY = 0;
  private static final int PALETTE = 3;
  /** JDK levels: 0 is the smallest file (zlib 9), 1 stored; this is about zlib 6. */
  private static final float COMPRESSION = 0.33f;

  private PngCodec() {}

  static ImageHeader header(byte[] file) throws ImageFailure {
    PngFile f = PngFile.parse(file, false);
    int n = f.layout().channels();
    long pixels = (long) f.width() * f.height();
    int sampleBytes = f.depth() == 16 ? 2 : 1;
    return new ImageHeader(ImageFormat.PNG, f.width(), f.height(), n, f.depth(), pixels * (n * sampleBytes + 2) + 3L * file.length);
  }

  static Picture decode(byte[] file) throws ImageFailure {
    PngFile f = PngFile.parse(file, true);
    PngFile.Chunk plte = f.find("PLTE");
    PngFile.Chunk trns = f.find("tRNS");
    if (f.colorType() == PALETTE && (plte == null || plte.length() < 3)) {
      throw PngFile.corrupt("a palette picture without its PLTE chunk");
    }
    Samples s = read(f);
    if (f.colorType() == PALETTE) {
      s.palette(palette(f.data(plte), trns == null ? new byte[0] : f.data(trns), 1 << f.depth()));
    } else if (trns != null && trns.length() == 2 * s.channels() && !s.alphaSample()) {
      int[] key = new int[s.channels()];
      for (int c = 0; c < key.length; c++) {
        key[c] = Bytes.u16be(file, trns.data() + 2 * c) & s.max();
      }
      s.key(key);
    }
    PngFile.Chunk exif = f.find("eXIf");
    return new Picture(s, ExifBlock.orientation(exif == null ? null : f.data(exif)), new PngOrigin(f));
  }

  /** The colours that a pixel can name; a chunk of more is seen, and a fill must not take them. */
  private static Palette palette(byte[] plte, byte[] trns, int most) {
    int[] rgba = new int[Math.min(plte.length / 3, most)];
    for (int i = 0; i < rgba.length; i++) {
      int alpha = i < trns.length ? trns[i] & 255 : 255;
      rgba[i] = (plte[3 * i] & 255) << 24 | (plte[3 * i + 1] & 255) << 16 | (plte[3 * i + 2] & 255) << 8 | alpha;
    }
    return new Palette(rgba);
  }

  private static Samples read(PngFile f) throws ImageFailure {
    Samples.length(f.layout(), f.width(), f.height());
    List<ByteBuffer> pieces = new ArrayList<>();
    pieces.add(ByteBuffer.wrap(Bytes.latin1(PngFile.SIGNATURE)));
    byte[] ihdr = f.data(f.chunks().get(0));
    if (f.colorType() == PALETTE) {
      ihdr[9] = GRAY;
    }
    pieces.add(ByteBuffer.wrap(PngFile.chunk("IHDR", ihdr)));
    for (PngFile.Chunk c : f.chunks()) {
      if (c.type().equals("IDAT")) {
        pieces.add(ByteBuffer.wrap(f.bytes(), c.at(), c.total()));
      }
    }
    if (pieces.size() == 2) {
      throw PngFile.corrupt("no IDAT chunk");
    }
    pieces.add(ByteBuffer.wrap(PngFile.chunk("IEND")));
    List<String> warnings = new ArrayList<>();
    ImageReader reader = Plugins.reader("png");
    try (MemoryInput in = new MemoryInput(pieces)) {
      reader.setInput(in, true, true);
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      Raster raster = reader.read(0).getRaster();
      if (!warnings.isEmpty()) {
        throw PngFile.corrupt("the decoder says \"" + warnings.get(0) + "\"");
      }
      return Rasters.samples(raster, f.layout(), f.depth());
    } catch (IOException | RuntimeException e) {
      throw PngFile.corrupt(String.valueOf(e.getMessage()));
    } finally {
      reader.dispose();
    }
  }

  /** Compresses samples: the IDAT chunks, whole. */
  static byte[] idat(Samples s, boolean interlaced, int expected) throws IOException {
    ImageWriter writer = Plugins.writer("png");
    try (MemoryOutput out = new MemoryOutput(expected)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setProgressiveMode(interlaced ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(COMPRESSION);
      writer.setOutput(out);
      writer.write(null, new IIOImage(Rasters.image(s), null, null), param);
      out.flush();
      ByteArrayOutputStream idat = new ByteArrayOutputStream(out.size());
      byte[] b = out.array();
      for (int at = 8; at + 12 <= out.size(); at += 12 + (int) Bytes.u32be(b, at)) {
        if (Bytes.has(b, at + 4, "IDAT")) {
          idat.write(b, at, 12 + (int) Bytes.u32be(b, at));
        }
      }
      return idat.toByteArray();
    } catch (RuntimeException e) {
      throw new IOException("javax.imageio could not write the PNG: " + e.getMessage(), e);
    } finally {
      writer.dispose();
    }
  }

  /** The type of IHDR for a layout. */
  static int colorType(Layout layout) {
    return switch (layout) {
      case GRAY -> GRAY;
      case GRAY_ALPHA -> 4;
      case PALETTE -> PALETTE;
      case RGBA -> 6;
      default -> 2;
    };
  }
}
