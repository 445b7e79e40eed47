package org.lakebrush.image;

/** Reads from the head of a VP8 key frame (RFC 6386, sections 7 and 9) how finely it was quantised. */
final class Vp8Header {
  private final byte[] b;
  private final int end;
  private int at;
  private int value;
  private int range = 255;
  private int bits;

  private Vp8Header(byte[] b, int from, int end) {
    this.b = b;
    this.at = from;
    this.end = end;
    value = next() << 8 | next();
  }

  /**
   * The quantiser index, 0 fine to 127 coarse. Where each segment has its own: between their mean and the finest, which was seen to
   * give back the encoder's quality or up to four more.
   *
   * @param data of the chunk {@code VP8 }
   */
  static double quantiser(byte[] data) {
    int first = Bytes.u24le(data, 0) >> 5;
    return new Vp8Header(data, 10, Math.min(data.length, 10 + first)).read();
  }

  private double read() {
    literal(2); // colour space and clamping
    double[] segments = null;
    boolean absolute = false;
    if (literal(1) == 1) {
      boolean map = literal(1) == 1;
      if (literal(1) == 1) {
        absolute = literal(1) == 1;
        segments = new double[4];
        for (int i = 0; i < 4; i++) {
          segments[i] = optional(7);
        }
        for (int i = 0; i < 4; i++) {
          optional(6); // loop filter level
        }
      }
      for (int i = 0; map && i < 3; i++) {
        if (literal(1) == 1) {
          literal(8);
        }
      }
    }
    literal(1 + 6 + 3); // loop filter type, level and sharpness
    if (literal(1) == 1 && literal(1) == 1) {
      for (int i = 0; i < 8; i++) {
        optional(6);
      }
    }
    literal(2); // partitions
    int base = literal(7);
    if (segments == null) {
      return base;
    }
    double sum = 0;
    double finest = 127;
    for (double s : segments) {
      double index = absolute ? s : base + s;
      sum += index;
      finest = Math.min(finest, index);
    }
    return (sum / segments.length + finest) / 2;
  }

  private int optional(int n) {
    if (literal(1) == 0) {
      return 0;
    }
    int v = literal(n);
    return literal(1) == 1 ? -v : v;
  }

  private int literal(int n) {
    int v = 0;
    for (int i = 0; i < n; i++) {
      v = v << 1 | bit();
    }
    return v;
  }

  /** The Boolean decoder of section 7.3 at probability one half. */
  private int bit() {
    int split = 1 + ((range - 1) * 128 >> 8);
    int bit = value >= split << 8 ? 1 : 0;
    if (bit == 1) {
      range -= split;
      value -= split << 8;
    } else {
      range = split;
    }
    while (range < 128) {
      value <<= 1;
      range <<= 1;
      if (++bits == 8) {
        bits = 0;
        value |= next();
      }
    }
    return bit;
  }

  private int next() {
    return at < end ? b[at++] & 255 : 0;
  }
}
