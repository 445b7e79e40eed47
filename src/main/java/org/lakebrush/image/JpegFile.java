package org.lakebrush.image;

import java.util.ArrayList;
import java.util.List;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

/**
 * The marker structure of a JPEG file (ITU-T T.81, annex B), read without decoding.
 *
 * @param bytes the whole file
 * @param segments the segments before the first scan, without SOI
 * @param sof the frame header's marker, 0xC0, 0xC1 or 0xC2
 * @param components in the frame header's order
 * @param tables quantisation tables by slot, in zigzag order; null where a slot is empty
 * @param restartInterval MCUs between restart markers; 0 for none
 * @param scans offset of the first SOS marker
 * @param end one past the EOI marker; -1 where the file has none
 */
record JpegFile(byte[] bytes, List<Segment> segments, int sof, int width, int height, List<Component> components, int[][] tables,
    int restartInterval, int scans, int end) {

  /**
   * One marker segment.
   *
   * @param at offset of the 0xFF before the marker
   * @param length of the whole segment, marker included
   */
  record Segment(int marker, int at, int length) {
    /** Offset of what follows the length field. */
    int payload() {
      return at + 4;
    }

    int payloadLength() {
      return length - 4;
    }

    boolean isApplication() {
      return marker >= 0xE0 && marker <= 0xEF;
    }

    boolean isComment() {
      return marker == 0xFE;
    }
  }

  /**
   * @param h horizontal sampling factor
   * @param v vertical sampling factor
   * @param table slot of its quantisation table
   */
  record Component(int id, int h, int v, int table) {}

  boolean progressive() {
    return sof == 0xC2;
  }

  /** More than any writer makes. */
  private static final int MOST_SEGMENTS = 1 << 16;
  /** Likewise; each costs the decoder a walk over the whole picture, be it ever so short. */
  private static final int MOST_SCANS = 100;

  /** The transform of the Adobe APP14 segment, or -1 where there is none. */
  int adobeTransform() {
    for (Segment s : segments) {
      if (s.marker() == 0xEE && s.payloadLength() >= 12 && Bytes.has(bytes, s.payload(), "Adobe")) {
        return Bytes.u8(bytes, s.payload() + 11);
      }
    }
    return -1;
  }

  boolean jfif() {
    return segments.stream().anyMatch(s -> s.marker() == 0xE0 && s.payloadLength() >= 5 && Bytes.has(bytes, s.payload(), "JFIF\0"));
  }

  /** The colour model, told from the markers as libjpeg tells it. */
  Layout layout() {
    int adobe = adobeTransform();
    return switch (components.size()) {
      case 1 -> Layout.GRAY;
      case 3 -> {
        if (jfif()) {
          yield Layout.YCBCR;
        }
        if (adobe >= 0) {
          yield adobe == 0 ? Layout.RGB : Layout.YCBCR;
        }
        boolean letters = components.get(0).id() == 'R' && components.get(1).id() == 'G' && components.get(2).id() == 'B';
        yield letters ? Layout.RGB : Layout.YCBCR;
      }
      default -> adobe == 2 ? Layout.YCCK : Layout.CMYK;
    };
  }

  /**
   * Reads the headers up to the first scan.
   *
   * @param toEnd whether to walk on through the scans to EOI; else {@link #end} is -1
   */
  static JpegFile parse(byte[] b, boolean toEnd) throws ImageFailure {
    List<Segment> segments = new ArrayList<>();
    List<Component> components = new ArrayList<>();
    int[][] tables = new int[4][];
    int sof = 0;
    int width = 0;
    int height = 0;
    int restart = 0;
    int at = 2;
    while (true) {
      if (at + 4 > b.length) {
        throw truncated("its headers", at);
      }
      if (Bytes.u8(b, at) != 0xFF) {
        throw corrupt("no marker at byte " + at + " among its headers");
      }
      int marker = Bytes.u8(b, at + 1);
      if (marker == 0xFF) {
        at++;
        continue;
      }
      if (marker == 0xD9) {
        throw truncated("its first scan", at);
      }
      if (marker == 0x01 || marker >= 0xD0 && marker <= 0xD8 || marker == 0) {
        throw corrupt("marker 0x" + Integer.toHexString(marker) + " at byte " + at + " among its headers");
      }
      int length = Bytes.u16be(b, at + 2);
      if (length < 2) {
        throw corrupt("a segment of length " + length + " at byte " + at);
      }
      if (at + 2 + length > b.length) {
        throw truncated("the segment that begins", at);
      }
      Segment s = new Segment(marker, at, 2 + length);
      if (marker == 0xDA) {
        break;
      }
      if (marker == 0xDB) {
        readTables(b, s, tables);
      } else if (marker == 0xDD && length == 4) {
        restart = Bytes.u16be(b, at + 4);
      } else if (isFrame(marker)) {
        if (sof != 0) {
          throw corrupt("a second frame header at byte " + at);
        }
        sof = marker;
        checkFrame(b, s);
        height = Bytes.u16be(b, at + 5);
        width = Bytes.u16be(b, at + 7);
        readComponents(b, s, components);
      }
      if (segments.size() == MOST_SEGMENTS) {
        throw corrupt("more than " + MOST_SEGMENTS + " segments before its first scan");
      }
      segments.add(s);
      at += s.length();
    }
    if (sof == 0) {
      throw corrupt("no frame header before its first scan");
    }
    for (Component c : components) {
      if (tables[c.table()] == null) {
        throw corrupt("no quantisation table " + c.table() + " before its first scan");
      }
    }
    return new JpegFile(b, List.copyOf(segments), sof, width, height, List.copyOf(components), tables, restart, at,
        toEnd ? findEnd(b, at) : -1);
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  }

  private static void checkFrame(byte[] b, Segment s) throws ImageFailure {
    String process = switch (s.marker()) {
      case 0xC0, 0xC1, 0xC2 -> null;
      case 0xC3 -> "lossless";
      case 0xC9, 0xCA -> "arithmetic-coded";
      case 0xCB -> "lossless arithmetic-coded";
      default -> "hierarchical";
    };
    if (process != null) {
      throw unsupported(process + " JPEG is not read; save it as baseline or progressive JPEG");
    }
    if (s.payloadLength() < 6) {
      throw corrupt("a frame header of " + s.payloadLength() + " bytes");
    }
    int precision = Bytes.u8(b, s.payload());
    if (precision != 8) {
      throw unsupported(precision + "-bit JPEG is not read; save it with 8 bits");
    }
    if (Bytes.u16be(b, s.payload() + 1) == 0) {
      throw unsupported("a JPEG that gives its height only after its first scan (DNL) is not read; save it again");
    }
    if (Bytes.u16be(b, s.payload() + 3) == 0) {
      throw corrupt("a width of 0");
    }
  }

  private static void readComponents(byte[] b, Segment s, List<Component> components) throws ImageFailure {
    int n = Bytes.u8(b, s.payload() + 5);
    if (s.payloadLength() != 6 + 3 * n) {
      throw corrupt("a frame header of " + s.payloadLength() + " bytes for " + n + " components");
    }
    if (n != 1 && n != 3 && n != 4) {
      throw unsupported("a JPEG of " + n + " components is not read; 1, 3 or 4 are");
    }
    for (int i = 0; i < n; i++) {
      int at = s.payload() + 6 + 3 * i;
      Component c = new Component(Bytes.u8(b, at), Bytes.u8(b, at + 1) >> 4, Bytes.u8(b, at + 1) & 15, Bytes.u8(b, at + 2));
      if (c.h() < 1 || c.h() > 4 || c.v() < 1 || c.v() > 4 || c.table() > 3) {
        throw corrupt("sampling factors " + c.h() + "x" + c.v() + ", quantisation table " + c.table() + " for component " + i);
      }
      components.add(c);
    }
  }

  private static void readTables(byte[] b, Segment s, int[][] tables) throws ImageFailure {
    int at = s.payload();
    int end = s.at() + s.length();
    while (at < end) {
      int wide = Bytes.u8(b, at) >> 4;
      int slot = Bytes.u8(b, at) & 15;
      if (wide > 1 || slot > 3 || at + 1 + 64 * (wide + 1) > end) {
        throw corrupt("a malformed quantisation table at byte " + at);
      }
      int[] t = new int[64];
      for (int i = 0; i < 64; i++) {
        t[i] = wide == 1 ? Bytes.u16be(b, at + 1 + 2 * i) : Bytes.u8(b, at + 1 + i);
        if (t[i] == 0) {
          throw corrupt("a zero in the quantisation table at byte " + at); // libjpeg's encoder would divide by it
        }
      }
      tables[slot] = t;
      at += 1 + 64 * (wide + 1);
    }
  }

  /** One past EOI, or -1. */
  private static int findEnd(byte[] b, int firstScan) throws ImageFailure {
    int scans = 0;
    int at = firstScan;
    while (at + 1 < b.length) {
      if (b[at] != (byte) 0xFF) {
        at++;
        continue;
      }
      int marker = Bytes.u8(b, at + 1);
      if (marker == 0xD9) {
        return at + 2;
      }
      if (marker == 0xFF) {
        at++;
      } else if (marker == 0 || marker == 1 || marker >= 0xD0 && marker <= 0xD7) {
        at += 2;
      } else {
        if (at + 4 > b.length) {
          return -1;
        }
        if (marker == 0xDA && ++scans > MOST_SCANS) {
          throw corrupt("more than " + MOST_SCANS + " scans");
        }
        at += 2 + Math.max(2, Bytes.u16be(b, at + 2));
      }
    }
    return -1;
  }

  private static ImageFailure truncated(String where, int at) {
    return new ImageFailure(ErrorKind.TRUNCATED, "the JPEG ends within " + where + " (byte " + at + "); get the whole file");
  }

  private static ImageFailure corrupt(String what) {
    return new ImageFailure(ErrorKind.CORRUPT, "damaged JPEG: " + what + "; get an intact copy");
  }

  private static ImageFailure unsupported(String what) {
    return new ImageFailure(ErrorKind.UNSUPPORTED, what);
  }
}
