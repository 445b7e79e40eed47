package org.lakebrush.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

/** Lays down a new TIFF: Deflate in strips, its directory at the end. */
final class TiffWriter {
  private static final int STRIP_BYTES = 1 << 18;

  private TiffWriter() {}

  static byte[] write(Samples s, Metadata m) throws IOException {
    IfdTree tree = IfdTree.ofExif(m.exif());
    int rowBytes = (int) (((long) s.width() * s.channels() * s.bits() + 7) / 8);
    int rows = Math.max(1, Math.min(s.height(), STRIP_BYTES / rowBytes));
    int strips = (s.height() + rows - 1) / rows;
    long[] offsets = new long[strips];
    long[] counts = new long[strips];
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    for (int i = 0; i < strips; i++) {
      int n = Math.min(rows, s.height() - i * rows);
      byte[] raw = new byte[rowBytes * n];
      for (int y = 0; y < n; y++) {
        row(s, i * rows + y, raw, y * rowBytes, tree.little());
      }
      byte[] data = TiffCompression.compress(TiffCompression.DEFLATE, raw, rowBytes, s.width());
      offsets[i] = 8L + pixels.size();
      counts[i] = data.length;
      pixels.writeBytes(data);
      if ((pixels.size() & 1) == 1) {
        pixels.write(0);
      }
    }
    int[] depths = new int[s.channels()];
    Arrays.fill(depths, s.bits());
    tree.longs(256, s.width()).longs(257, s.height()).shorts(258, depths).shorts(TiffFile.COMPRESSION, TiffCompression.DEFLATE)
        .shorts(TiffFile.PHOTOMETRIC, s.palette() != null ? 3 : s.channels() < 3 ? 1 : 2).longs(TiffFile.STRIP_OFFSETS, offsets)
        .shorts(277, s.channels()).longs(278, rows).longs(TiffFile.STRIP_BYTE_COUNTS, counts).shorts(284, 1);
    if (s.alphaSample()) {
      tree.shorts(338, 2);
    }
    if (s.palette() != null) {
      tree.shorts(TiffFile.COLOR_MAP, map(s));
    }
    if (m.dpiX() > 0 && m.dpiY() > 0) {
      tree.rational(282, m.dpiX()).rational(283, m.dpiY()).shorts(296, 2);
    }
    if (m.xmp() != null) {
      tree.bytes(TiffFile.XMP, 1, m.xmp());
    }
    if (m.icc() != null) {
      tree.bytes(TiffFile.ICC, 7, m.icc());
    }
    long directory = 8L + pixels.size();
    return Bytes.concat(tree.header(directory), pixels.toByteArray(), tree.serialize(directory));
  }

  private static int[] map(Samples s) {
    int n = 1 << s.bits();
    int[] map = new int[3 * n];
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < 3; c++) {
        map[c * n + i] = s.palette().sample(i, c) * 257;
      }
    }
    return map;
  }

  private static void row(Samples s, int y, byte[] raw, int to, boolean little) {
    int run = s.width() * s.channels();
    int at = y * run;
    if (s.bits() < 8) {
      Rasters.pack(s.bytes(), at, run, s.bits(), raw, to);
    } else if (s.bits() == 8) {
      System.arraycopy(s.bytes(), at, raw, to, run);
    } else {
      for (int i = 0; i < run; i++) {
        if (little) {
          Bytes.put16le(raw, to + 2 * i, s.shorts()[at + i]);
        } else {
          Bytes.put16be(raw, to + 2 * i, s.shorts()[at + i]);
        }
      }
    }
  }
}
