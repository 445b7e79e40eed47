package org.lakebrush.image;

import java.util.Arrays;

/**
 * Reads and, in place, patches an EXIF block: a TIFF header and directories (Exif 2.32, section 4.5). A malformed block is read as
 * far as it makes sense and never an error.
 */
final class ExifBlock {
  private static final int ORIENTATION = 0x0112;
  private static final int STRIP_OFFSETS = 0x0111;
  private static final int STRIP_BYTE_COUNTS = 0x0117;
  private static final int JPEG_OFFSET = 0x0201;
  private static final int JPEG_LENGTH = 0x0202;
  private static final int X_RESOLUTION = 0x011A;
  private static final int Y_RESOLUTION = 0x011B;
  private static final int RESOLUTION_UNIT = 0x0128;

  private final byte[] b;
  private final boolean little;

  private ExifBlock(byte[] b) {
    this.b = b;
    this.little = b[0] == 'I';
  }

  private static ExifBlock of(byte[] block) {
    if (block == null || !Bytes.has(block, 0, "II*\0") && !Bytes.has(block, 0, "MM\0*") || block.length < 14) {
      return null;
    }
    return new ExifBlock(block);
  }

  /** The orientation that a block names; NORMAL where it is null, malformed or silent. */
  static Orientation orientation(byte[] block) {
    ExifBlock e = of(block);
    int at = e == null ? -1 : e.entry(e.first(), ORIENTATION);
    return at < 0 ? Orientation.NORMAL : Orientation.ofExif((int) e.value(at));
  }

  /** Pixels an inch, across and down; zeros where the block does not say. */
  static double[] dpi(byte[] block) {
    ExifBlock e = of(block);
    if (e == null) {
      return new double[2];
    }
    int unit = e.entry(e.first(), RESOLUTION_UNIT);
    double scale = unit >= 0 && e.value(unit) == 3 ? 2.54 : 1;
    return new double[] {scale * e.rational(X_RESOLUTION), scale * e.rational(Y_RESOLUTION)};
  }

  /** The same block without its thumbnail and without previews in maker notes; nothing else moves. The same array where there are none. */
  static byte[] withoutPreviews(byte[] block) {
    byte[] copy = block.clone();
    ExifBlock e = of(copy);
    if (e != null) {
      e.dropThumbnail();
    }
    byte[] clean = Previews.outOfBlock(copy);
    return Arrays.equals(clean, block) ? block : clean;
  }

  private void dropThumbnail() {
    int ifd0 = first();
    int link = link(ifd0);
    int ifd1 = link < 0 ? -1 : offset(link);
    if (ifd1 < 0) {
      return;
    }
    zero(ifd1, JPEG_OFFSET, JPEG_LENGTH);
    zero(ifd1, STRIP_OFFSETS, STRIP_BYTE_COUNTS);
    put32(link, 0);
  }

  /** Zeroes what a pair of tags points to, unless it lies over the header or the first directory. */
  private void zero(int ifd, int offsetTag, int lengthTag) {
    int o = entry(ifd, offsetTag);
    int n = entry(ifd, lengthTag);
    if (o < 0 || n < 0) {
      return;
    }
    long count = Math.min(u32(o + 4), u32(n + 4));
    long room = b.length; // strips that lie over one another again and again are no picture
    for (int i = 0; i < Math.min(count, 4096); i++) {
      long from = element(o, i);
      long length = element(n, i);
      if (from < 8 || length <= 0 || length > room || from + length > b.length || from < link(first()) + 4 && from + length > first()) {
        continue;
      }
      room -= length;
      Arrays.fill(b, (int) from, (int) (from + length), (byte) 0);
    }
  }

  private long element(int entry, int i) {
    int size = u16(entry + 2) == 3 ? 2 : 4;
    long count = u32(entry + 4);
    long at = count * size <= 4 ? entry + 8 + (long) i * size : u32(entry + 8) + (long) i * size;
    if (at < 0 || at + size > b.length) {
      return -1;
    }
    return size == 2 ? u16((int) at) : u32((int) at);
  }

  private double rational(int tag) {
    int at = entry(first(), tag);
    if (at < 0 || u16(at + 2) != 5) {
      return 0;
    }
    int v = offset(at + 8);
    if (v < 0 || v + 8 > b.length || u32(v + 4) == 0) {
      return 0;
    }
    return (double) u32(v) / u32(v + 4);
  }

  private int first() {
    return offset(4);
  }

  /** An offset that is stored at a place; -1 where it is none, or points out of the block. */
  private int offset(int at) {
    if (at < 0 || at + 4 > b.length) {
      return -1;
    }
    long v = u32(at);
    return v < 8 || v + 2 > b.length ? -1 : (int) v;
  }

  /** Where a directory's link to the next one is; -1 where the directory is cut off. */
  private int link(int ifd) {
    if (ifd < 0) {
      return -1;
    }
    int at = ifd + 2 + 12 * u16(ifd);
    return at + 4 > b.length ? -1 : at;
  }

  private int entry(int ifd, int tag) {
    if (ifd < 0) {
      return -1;
    }
    int n = u16(ifd);
    for (int i = 0; i < n; i++) {
      int at = ifd + 2 + 12 * i;
      if (at + 12 > b.length) {
        return -1;
      }
      if (u16(at) == tag) {
        return at;
      }
    }
    return -1;
  }

  /** The value of an entry that holds one SHORT or LONG. */
  private long value(int entry) {
    return u16(entry + 2) == 3 ? u16(entry + 8) : u32(entry + 8);
  }

  private int u16(int at) {
    return little ? Bytes.u16le(b, at) : Bytes.u16be(b, at);
  }

  private long u32(int at) {
    return little ? Bytes.u32le(b, at) : Bytes.u32be(b, at);
  }

  private void put32(int at, long v) {
    if (little) {
      Bytes.put32le(b, at, v);
    } else {
      Bytes.put32be(b, at, v);
    }
  }
}
