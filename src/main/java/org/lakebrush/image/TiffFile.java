package org.lakebrush.image;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

/** The structure of a TIFF file (TIFF 6.0): its byte order, its first directory, and where that one's strips or tiles lie. */
final class TiffFile {
  static final int SUBFILE_TYPE = 254;
  static final int COMPRESSION = 259;
  static final int PHOTOMETRIC = 262;
  static final int STRIP_OFFSETS = 273;
  static final int ORIENTATION = 274;
  static final int STRIP_BYTE_COUNTS = 279;
  static final int PREDICTOR = 317;
  static final int COLOR_MAP = 320;
  static final int TILE_OFFSETS = 324;
  static final int TILE_BYTE_COUNTS = 325;
  static final int SUB_IFDS = 330;
  static final int JPEG_TABLES = 347;
  static final int XMP = 700;
  static final int PHOTOSHOP = 34377;
  static final int ICC = 34675;
  static final int PHOTOSHOP_LAYERS = 37724;
  private static final int REDUCED = 1;
  private static final int MAX_SIDE = 1 << 24;
  /** Of tiles of 16x16, the smallest there are, 200 megapixels of four planes have three million. */
  private static final int MOST_CHUNKS = 1 << 22;
  /** What strips or tiles may hold beyond their picture, and be long beyond their file, in bytes, before they are not believed. */
  private static final long SLACK = 64L << 20;

  /**
   * A directory's entry.
   *
   * @param at offset of its twelve bytes
   * @param valueAt offset of its first value
   */
  record Entry(int tag, int type, int count, int at, int valueAt) {
    int size() {
      return sizeOf(type);
    }

    int bytes() {
      return count * size();
    }
  }

  private final byte[] b;
  private final boolean little;
  private final int ifd;
  private final Map<Integer, Entry> entries;
  private int width;
  private int height;
  private int bits;
  private int channels;
  private int compression;
  private int photometric;
  private boolean planar;
  private boolean tiled;
  private int chunkWidth;
  private int chunkHeight;
  private long[] offsets;
  private long[] counts;

  private TiffFile(byte[] b, boolean little, int ifd, Map<Integer, Entry> entries) {
    this.b = b;
    this.little = little;
    this.ifd = ifd;
    this.entries = entries;
  }

  byte[] bytes() {
    return b;
  }

  boolean little() {
    return little;
  }

  /** Offset of the first directory. */
  int ifd() {
    return ifd;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  int bits() {
    return bits;
  }

  int channels() {
    return channels;
  }

  int compression() {
    return compression;
  }

  int photometric() {
    return photometric;
  }

  /** Whether each channel has strips or tiles of its own. */
  boolean planar() {
    return planar;
  }

  boolean tiled() {
    return tiled;
  }

  /** Columns of a strip or tile, the overhang of edge tiles included. */
  int chunkWidth() {
    return chunkWidth;
  }

  /** Rows of a strip or tile; the last strip may have fewer. */
  int chunkHeight() {
    return chunkHeight;
  }

  int chunksAcross() {
    return (width + chunkWidth - 1) / chunkWidth;
  }

  int chunksDown() {
    return (height + chunkHeight - 1) / chunkHeight;
  }

  /** Offsets of the strips or tiles, plane by plane, row by row. */
  long[] offsets() {
    return offsets;
  }

  /** Lengths of the strips or tiles. */
  long[] counts() {
    return counts;
  }

  boolean has(int tag) {
    return entries.containsKey(tag);
  }

  Entry entry(int tag) {
    return entries.get(tag);
  }

  int u16(int at) {
    return little ? Bytes.u16le(b, at) : Bytes.u16be(b, at);
  }

  long u32(int at) {
    return little ? Bytes.u32le(b, at) : Bytes.u32be(b, at);
  }

  /** A tag's first value, or a default. */
  long value(int tag, long absent) {
    Entry e = entries.get(tag);
    return e == null || e.count() == 0 ? absent : element(e, 0);
  }

  /**
   * A tag's values of type BYTE, SHORT or LONG; null where the tag is missing.
   *
   * @param most of them, the first: a hostile file may claim as many as it has bytes
   */
  long[] values(int tag, int most) {
    Entry e = entries.get(tag);
    if (e == null) {
      return null;
    }
    long[] v = new long[Math.min(e.count(), most)];
    for (int i = 0; i < v.length; i++) {
      v[i] = element(e, i);
    }
    return v;
  }

  /** A tag's bytes; null where the tag is missing. */
  byte[] data(int tag) {
    Entry e = entries.get(tag);
    return e == null ? null : Arrays.copyOfRange(b, e.valueAt(), e.valueAt() + e.bytes());
  }

  private long element(Entry e, int i) {
    return switch (e.size()) {
      case 1 -> Bytes.u8(b, e.valueAt() + i);
      case 2 -> u16(e.valueAt() + 2 * i);
      case 4 -> u32(e.valueAt() + 4 * i);
      default -> 0;
    };
  }

  /** The values' colour model; RGB for YCbCr, which the decoder converts. */
  Layout layout() {
    return switch (photometric) {
      case 0, 1 -> channels == 1 ? Layout.GRAY : Layout.GRAY_ALPHA;
      case 3 -> Layout.PALETTE;
      case 5 -> Layout.CMYK;
      case 6 -> Layout.RGB;
      default -> channels == 3 ? Layout.RGB : Layout.RGBA;
    };
  }

  /** Bytes of a value by field type; 0 for an unknown one. */
  static int sizeOf(int type) {
    return switch (type) {
      case 1, 2, 6, 7 -> 1;
      case 3, 8 -> 2;
      case 4, 9, 11, 13 -> 4;
      case 5, 10, 12 -> 8;
      default -> 0;
    };
  }

  /** Offset of the next directory in the chain; 0 at its end. */
  long next() {
    int at = ifd + 2 + 12 * u16(ifd);
    return u32(at);
  }

  /** Reads the first directory. */
  static TiffFile parse(byte[] b) throws ImageFailure {
    boolean little = b[0] == 'I';
    if (b.length < 8) {
      throw truncated("its header");
    }
    if (Bytes.has(b, 8, "CR\2")) {
      throw unsupported("a camera's raw file (CR2) is not read; develop it to TIFF or JPEG");
    }
    TiffFile f = at(b, little, little ? Bytes.u32le(b, 4) : Bytes.u32be(b, 4));
    if ((f.value(SUBFILE_TYPE, 0) & REDUCED) != 0 || f.has(50706)) {
      throw unsupported("a camera's raw file (DNG, NEF and the like) is not read; develop it to TIFF or JPEG");
    }
    f.checkPages();
    f.readGeometry();
    return f;
  }

  /** The directory at an offset; null where there is none that makes sense. */
  TiffFile directory(long offset) {
    try {
      return at(b, little, offset);
    } catch (ImageFailure e) {
      return null;
    }
  }

  private static TiffFile at(byte[] b, boolean little, long offset) throws ImageFailure {
    if (offset < 8) {
      throw corrupt("its directory at byte " + offset);
    }
    if (offset + 2 > b.length) {
      throw truncated("what its directory at byte " + offset + " needs");
    }
    int ifd = (int) offset;
    int n = little ? Bytes.u16le(b, ifd) : Bytes.u16be(b, ifd);
    if (ifd + 6 + 12L * n > b.length) {
      throw truncated("its directory at byte " + offset);
    }
    Map<Integer, Entry> entries = new TreeMap<>();
    TiffFile f = new TiffFile(b, little, ifd, entries);
    for (int i = 0; i < n; i++) {
      int at = ifd + 2 + 12 * i;
      int type = f.u16(at + 2);
      long count = f.u32(at + 4);
      long size = count * sizeOf(type);
      if (size == 0) {
        continue;
      }
      long valueAt = size <= 4 ? at + 8 : f.u32(at + 8);
      if (valueAt + size > b.length) {
        throw truncated("the values of tag " + f.u16(at));
      }
      entries.put(f.u16(at), new Entry(f.u16(at), type, (int) count, at, (int) valueAt));
    }
    return f;
  }

  private void checkPages() throws ImageFailure {
    long next = next();
    for (int pages = 2; next != 0; pages++) {
      TiffFile page = directory(next);
      if (page == null) {
        return;
      }
      if ((page.value(SUBFILE_TYPE, 0) & REDUCED) == 0) {
        throw new ImageFailure(ErrorKind.MULTIPLE_FRAMES, "a TIFF of " + pages + " or more pages; only single pages are repaired, split it");
      }
      if (pages > 64) {
        throw corrupt("its directories go on without end");
      }
      next = page.next();
    }
  }

  private void readGeometry() throws ImageFailure {
    long w = value(256, 0);
    long h = value(257, 0);
    if (w < 1 || h < 1 || w > MAX_SIDE || h > MAX_SIDE) {
      throw corrupt("its header claims " + w + "x" + h + " pixels");
    }
    width = (int) w;
    height = (int) h;
    channels = (int) value(277, 1);
    compression = (int) value(COMPRESSION, 1);
    photometric = (int) value(PHOTOMETRIC, 1);
    planar = channels > 1 && value(284, 1) == 2;
    checkSamples();
    checkCompression();
    tiled = has(TILE_OFFSETS);
    chunkWidth = tiled ? (int) Math.min(MAX_SIDE, value(322, 0)) : width;
    chunkHeight = tiled ? (int) Math.min(MAX_SIDE, value(323, 0)) : (int) Math.min(height, value(278, height));
    if (chunkWidth < 1 || chunkHeight < 1) {
      throw corrupt("strips or tiles of " + chunkWidth + "x" + chunkHeight + " pixels");
    }
    long n = (long) chunksAcross() * chunksDown() * (planar ? channels : 1);
    double chunkBytes = Math.ceil((double) chunkWidth * (planar ? 1 : channels) * bits / 8) * chunkHeight;
    if (n > MOST_CHUNKS || n * chunkBytes > SLACK + 2.0 * width * height * channels * Math.max(1, bits / 8)) {
      throw corrupt(n + " strips or tiles of " + chunkWidth + "x" + chunkHeight + " pixels in a picture of " + width + "x" + height);
    }
    readChunks((int) n);
  }

  private long[] places(int tag, int n) throws ImageFailure {
    if (has(tag) && (entry(tag).count() > MOST_CHUNKS || entry(tag).size() != 2 && entry(tag).size() != 4)) {
      throw corrupt("tag " + tag + " has " + entry(tag).count() + " values of type " + entry(tag).type());
    }
    return values(tag, n);
  }

  private void readChunks(int n) throws ImageFailure {
    offsets = places(tiled ? TILE_OFFSETS : STRIP_OFFSETS, n);
    counts = places(tiled ? TILE_BYTE_COUNTS : STRIP_BYTE_COUNTS, n);
    if (offsets == null || offsets.length < n) {
      throw corrupt((offsets == null ? 0 : offsets.length) + " strips or tiles in place of " + n);
    }
    if (counts == null && compression == 1) {
      counts = new long[offsets.length];
      for (int i = 0; i < n; i++) {
        counts[i] = expected(i);
      }
    }
    if (counts == null || counts.length < n) {
      throw corrupt("lengths of " + (counts == null ? 0 : counts.length) + " strips or tiles in place of " + n);
    }
    // Strips that are alike may lie in one place; they are read one by one all the same.
    if (Arrays.stream(counts).sum() > Math.max(SLACK, 16L * b.length)) {
      throw corrupt("strips or tiles of " + Arrays.stream(counts).sum() + " bytes in a file of " + b.length);
    }
    long directoryEnd = ifd + 6L + 12L * u16(ifd);
    for (int i = 0; i < n; i++) {
      if (offsets[i] + counts[i] > b.length) {
        throw truncated("strip or tile " + i);
      }
      if (offsets[i] < 8 || offsets[i] < directoryEnd && offsets[i] + counts[i] > ifd) {
        throw corrupt("strip or tile " + i + " at byte " + offsets[i]);
      }
      if (compression == 1 && counts[i] < expected(i)) {
        throw truncated("strip or tile " + i);
      }
    }
  }

  /** Rows of a strip or tile that are stored. */
  int rows(int chunk) {
    int row = chunk % (chunksAcross() * chunksDown()) / chunksAcross();
    return tiled ? chunkHeight : Math.min(chunkHeight, height - row * chunkHeight);
  }

  /** Bytes of a row of a strip or tile, decompressed. */
  int rowBytes() {
    return (int) (((long) chunkWidth * (planar ? 1 : channels) * bits + 7) / 8);
  }

  /** Bytes of a strip or tile, decompressed. */
  long expected(int chunk) {
    return (long) rowBytes() * rows(chunk);
  }

  private void checkSamples() throws ImageFailure {
    long[] depths = has(258) ? values(258, 256) : new long[] {1};
    bits = (int) depths[0];
    for (long d : depths) {
      if (d != bits) {
        throw unsupported("a TIFF whose channels differ in depth is not read; save it with 8 or 16 bits in each");
      }
    }
    for (long format : has(339) ? values(339, 256) : new long[] {1}) {
      if (format != 1 && format != 4) {
        throw unsupported("a TIFF of " + (format == 3 ? "floating-point" : "signed") + " samples is not read; save it with 8 or 16 bits");
      }
    }
    boolean depth = switch (photometric) {
      case 0, 1 -> (bits == 1 || bits == 2 || bits == 4) && channels == 1 || (bits == 8 || bits == 16) && channels <= 2;
      case 2 -> (bits == 8 || bits == 16) && (channels == 3 || channels == 4);
      case 3 -> (bits == 1 || bits == 2 || bits == 4 || bits == 8) && channels == 1 && has(COLOR_MAP);
      case 5 -> (bits == 8 || bits == 16) && channels == 4 && value(332, 1) == 1;
      case 6 -> bits == 8 && channels == 3 && compression == 7;
      default -> false;
    };
    if (!depth) {
      throw unsupported("a TIFF of photometric interpretation " + photometric + " with " + channels + " channels of " + bits
          + " bits is not read; save it as grey, RGB, RGBA, CMYK or palette of 8 or 16 bits");
    }
  }

  private void checkCompression() throws ImageFailure {
    boolean fax = compression >= 2 && compression <= 4;
    boolean read = switch (compression) {
      case 1, 5, 8, 32946, 32773 -> value(266, 1) == 1;
      case 2, 3, 4 -> bits == 1;
      case 7 -> bits == 8 && photometric != 5 && photometric != 3 && channels != 2 && channels != 4 && !planar;
      default -> false;
    };
    long predictor = fax || compression == 7 || compression == 1 ? 1 : value(PREDICTOR, 1);
    if (!read || predictor != 1 && (predictor != 2 || bits < 8)) {
      throw unsupported("a TIFF of compression " + compression + " with predictor " + predictor + " and fill order " + value(266, 1)
          + " is not read; save it uncompressed or with LZW, Deflate, PackBits or CCITT");
    }
  }

  static ImageFailure truncated(String where) {
    return new ImageFailure(ErrorKind.TRUNCATED, "the TIFF ends within " + where + "; get the whole file");
  }

  static ImageFailure corrupt(String what) {
    return new ImageFailure(ErrorKind.CORRUPT, "damaged TIFF: " + what + "; get an intact copy");
  }

  private static ImageFailure unsupported(String what) {
    return new ImageFailure(ErrorKind.UNSUPPORTED, what);
  }
}
