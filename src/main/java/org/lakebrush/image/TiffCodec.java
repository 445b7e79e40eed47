package org.lakebrush.image;

import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageReader;
import org.lakebrush.failure.ImageFailure;

/**
 * TIFF. Strips and tiles are read where they lie: uncompressed, LZW, Deflate and PackBits by Lakebrush, CCITT and JPEG by the JDK's
 * javax.imageio, which gets a directory with nothing in it but the samples' layout.
 */
final class TiffCodec {
  /** What the JDK needs to find and decompress the samples. */
  private static final int[] LAYOUT_TAGS =
      {256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 322, 323, 324, 325, 347, 529, 530, 531, 532};

  /** Values of any of these tags, but for where strips and tiles lie, in bytes; more than any writer makes. */
  private static final int LONGEST_TAG = 1 << 16;

  private TiffCodec() {}

  static ImageHeader header(byte[] file) throws ImageFailure {
    TiffFile f = TiffFile.parse(file);
    int n = f.layout().channels();
    long pixels = (long) f.width() * f.height();
    long samples = pixels * n * (f.bits() == 16 ? 2 : 1);
    long decoder = TiffCompression.reads(f.compression()) ? 0 : samples;
    // A strip's raw bytes and, on the way out, its compressed ones lie beside the samples; a strip may be the whole picture. Where strips
    // lie and how long they are, as they were and as they come out, is known for each.
    long strip = 2 * f.expected(0) + 64L * f.offsets().length;
    return new ImageHeader(ImageFormat.TIFF, f.width(), f.height(), n, f.bits(), samples + decoder + strip + pixels * 2 + 2L * file.length);
  }

  static Picture decode(byte[] file) throws ImageFailure {
    TiffFile f = TiffFile.parse(file);
    Samples s;
    if (TiffCompression.reads(f.compression())) {
      s = new Samples(f.layout(), f.width(), f.height(), f.bits());
      for (int i = 0; i < f.offsets().length; i++) {
        byte[] raw = new byte[Math.toIntExact(f.expected(i))];
        TiffCompression.decompress(f.compression(), file, (int) f.offsets()[i], (int) f.counts()[i], raw,
            (long) f.rowBytes() * f.chunkHeight());
        unpredict(f, raw, i);
        TiffChunks.scatter(f, i, raw, s);
      }
    } else {
      s = readByJdk(f);
    }
    s.ink(f.photometric() == 0 || f.photometric() == 5);
    if (f.layout() == Layout.PALETTE) {
      s.palette(palette(f));
    }
    if (s.alphaSample()) {
      long extra = f.value(338, 0);
      s.alphaSample(extra == 1 || extra == 2).premultiplied(extra == 1);
    }
    return new Picture(s, Orientation.ofExif((int) f.value(TiffFile.ORIENTATION, 1)), new TiffOrigin(f));
  }

  private static void unpredict(TiffFile f, byte[] raw, int chunk) {
    if (f.value(TiffFile.PREDICTOR, 1) == 2 && f.compression() != TiffCompression.NONE) {
      TiffChunks.undoPredictor(f, raw, f.rows(chunk));
    }
  }

  private static Palette palette(TiffFile f) throws ImageFailure {
    int n = 1 << f.bits();
    long[] map = f.values(TiffFile.COLOR_MAP, 3 * n);
    if (map.length < 3 * n) {
      throw TiffFile.corrupt("a colour map of " + map.length + " values in place of " + 3 * n);
    }
    int[] rgba = new int[n];
    for (int i = 0; i < n; i++) {
      rgba[i] = (int) (map[i] >> 8) << 24 | (int) (map[n + i] >> 8) << 16 | (int) (map[2 * n + i] >> 8) << 8 | 255;
    }
    return new Palette(rgba);
  }

  private static Samples readByJdk(TiffFile f) throws ImageFailure {
    Samples.length(f.layout(), f.width(), f.height());
    for (int tag : LAYOUT_TAGS) {
      boolean places = tag == 273 || tag == 279 || tag == 324 || tag == 325;
      if (!places && f.has(tag) && f.entry(tag).bytes() > LONGEST_TAG) {
        throw TiffFile.corrupt("tag " + tag + " has " + f.entry(tag).bytes() + " bytes");
      }
    }
    if (f.compression() == TiffCompression.JPEG) {
      checkJpegs(f);
    }
    List<String> warnings = new ArrayList<>();
    ImageReader reader = Plugins.reader("tiff");
    try (MemoryInput in = new MemoryInput(bare(f))) {
      reader.setInput(in, true, true);
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      Raster raster = reader.read(0).getRaster();
      if (!warnings.isEmpty()) {
        throw TiffFile.corrupt("the decoder says \"" + warnings.get(0) + "\"");
      }
      return Rasters.samples(raster, f.layout(), f.bits());
    } catch (IOException | RuntimeException e) {
      throw TiffFile.corrupt(String.valueOf(e.getMessage()));
    } finally {
      reader.dispose();
    }
  }

  /** The JDK's TIFF reader keeps to itself what its JPEG decoder warns of: each strip or tile is heard alone before. */
  private static void checkJpegs(TiffFile f) throws ImageFailure {
    byte[] tables = f.has(TiffFile.JPEG_TABLES) ? f.data(TiffFile.JPEG_TABLES) : new byte[0];
    // Both are whole streams: SOI and EOI of the tables, and SOI of the picture, go.
    int from = Bytes.has(tables, 0, "\u00ff\u00d8") ? 2 : 0;
    int to = Bytes.has(tables, tables.length - 2, "\u00ff\u00d9") ? tables.length - 2 : tables.length;
    byte[] start = Bytes.concat(Bytes.latin1("\u00ff\u00d8"), Arrays.copyOfRange(tables, from, Math.max(from, to)));
    for (int i = 0; i < f.offsets().length; i++) {
      int at = (int) f.offsets()[i];
      if (!Bytes.has(f.bytes(), at, "\u00ff\u00d8")) {
        throw TiffFile.corrupt("the strip or tile at byte " + at + " is no JPEG");
      }
      int end = Math.toIntExact(at + f.counts()[i]);
      JpegCodec.check(Bytes.concat(start, Arrays.copyOfRange(f.bytes(), Math.min(at + 2, end), end)), f.chunkWidth(), f.chunkHeight());
    }
  }

  /** The same file, seen through another directory at its end. */
  private static List<ByteBuffer> bare(TiffFile f) {
    byte[] b = f.bytes();
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    int n = 0;
    for (int tag : LAYOUT_TAGS) {
      if (f.has(tag)) {
        table.write(b, f.entry(tag).at(), 12);
        n++;
      }
    }
    int pad = b.length & 1;
    byte[] head = new byte[8];
    System.arraycopy(b, 0, head, 0, 4);
    byte[] count = new byte[2];
    if (f.little()) {
      Bytes.put32le(head, 4, b.length + pad);
      Bytes.put16le(count, 0, n);
    } else {
      Bytes.put32be(head, 4, b.length + pad);
      Bytes.put16be(count, 0, n);
    }
    byte[] tail = Bytes.concat(new byte[pad], count, table.toByteArray(), new byte[4]);
    return List.of(ByteBuffer.wrap(head), ByteBuffer.wrap(b, 8, b.length - 8), ByteBuffer.wrap(tail));
  }
}
