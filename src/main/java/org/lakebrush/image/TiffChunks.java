package org.lakebrush.image;

/** Between the bytes of a decompressed strip or tile and samples. */
final class TiffChunks {
  private TiffChunks() {}

  /** Spreads a strip or tile over the picture. */
  static void scatter(TiffFile f, int chunk, byte[] raw, Samples s) {
    move(f, chunk, raw, s, true);
  }

  /** Gathers a strip or tile from the picture; the overhang of edge tiles stays as it is. */
  static void gather(TiffFile f, int chunk, byte[] raw, Samples s) {
    move(f, chunk, raw, s, false);
  }

  private static void move(TiffFile f, int chunk, byte[] raw, Samples s, boolean in) {
    int perPlane = f.chunksAcross() * f.chunksDown();
    int plane = chunk / perPlane;
    int x0 = chunk % perPlane % f.chunksAcross() * f.chunkWidth();
    int y0 = chunk % perPlane / f.chunksAcross() * f.chunkHeight();
    int columns = Math.min(f.chunkWidth(), f.width() - x0);
    int rows = Math.min(f.rows(chunk), f.height() - y0);
    int n = s.channels();
    int run = f.planar() ? columns : columns * n;
    int step = f.planar() ? n : 1;
    for (int y = 0; y < rows; y++) {
      int at = ((y0 + y) * f.width() + x0) * n + (f.planar() ? plane : 0);
      int row = y * f.rowBytes();
      switch (f.bits()) {
        case 8 -> moveBytes(raw, row, s.bytes(), at, run, step, in);
        case 16 -> moveShorts(raw, row, s.shorts(), at, run, step, in, f.little());
        default -> moveBits(raw, row, s.bytes(), at, run, f.bits(), in);
      }
    }
  }

  private static void moveBytes(byte[] raw, int row, byte[] samples, int at, int run, int step, boolean in) {
    for (int i = 0; i < run; i++, at += step) {
      if (in) {
        samples[at] = raw[row + i];
      } else {
        raw[row + i] = samples[at];
      }
    }
  }

  private static void moveShorts(byte[] raw, int row, short[] samples, int at, int run, int step, boolean in, boolean little) {
    for (int i = 0; i < run; i++, at += step) {
      int p = row + 2 * i;
      if (in) {
        samples[at] = (short) (little ? Bytes.u16le(raw, p) : Bytes.u16be(raw, p));
      } else if (little) {
        Bytes.put16le(raw, p, samples[at]);
      } else {
        Bytes.put16be(raw, p, samples[at]);
      }
    }
  }

  private static void moveBits(byte[] raw, int row, byte[] samples, int at, int run, int bits, boolean in) {
    int perByte = 8 / bits;
    int mask = (1 << bits) - 1;
    for (int i = 0; i < run; i++, at++) {
      int shift = 8 - bits * (i % perByte + 1);
      int p = row + i / perByte;
      if (in) {
        samples[at] = (byte) (raw[p] >> shift & mask);
      } else {
        raw[p] = (byte) (raw[p] & ~(mask << shift) | samples[at] << shift);
      }
    }
  }

  /** Sums up horizontal differences (TIFF 6.0, section 14). */
  static void undoPredictor(TiffFile f, byte[] raw, int rows) {
    int n = f.planar() ? 1 : f.channels();
    for (int y = 0; y < rows; y++) {
      int row = y * f.rowBytes();
      if (f.bits() == 8) {
        for (int i = n; i < f.rowBytes(); i++) {
          raw[row + i] += raw[row + i - n];
        }
      } else {
        for (int i = 2 * n; i + 1 < f.rowBytes(); i += 2) {
          put16(f, raw, row + i, get16(f, raw, row + i) + get16(f, raw, row + i - 2 * n));
        }
      }
    }
  }

  /** Takes horizontal differences. */
  static void predict(TiffFile f, byte[] raw, int rows) {
    int n = f.planar() ? 1 : f.channels();
    for (int y = 0; y < rows; y++) {
      int row = y * f.rowBytes();
      if (f.bits() == 8) {
        for (int i = f.rowBytes() - 1; i >= n; i--) {
          raw[row + i] -= raw[row + i - n];
        }
      } else {
        for (int i = f.rowBytes() - 2; i >= 2 * n; i -= 2) {
          put16(f, raw, row + i, get16(f, raw, row + i) - get16(f, raw, row + i - 2 * n));
        }
      }
    }
  }

  private static int get16(TiffFile f, byte[] raw, int at) {
    return f.little() ? Bytes.u16le(raw, at) : Bytes.u16be(raw, at);
  }

  private static void put16(TiffFile f, byte[] raw, int at, int v) {
    if (f.little()) {
      Bytes.put16le(raw, at, v);
    } else {
      Bytes.put16be(raw, at, v);
    }
  }
}
