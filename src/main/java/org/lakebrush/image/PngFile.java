package org.lakebrush.image;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

/**
 * The chunks of a PNG file (PNG specification, third edition, section 5).
 *
 * @param bytes the whole file
 * @param end one past the IEND chunk; -1 where only the header was read
 * @param chunks a run of IDAT chunks is one
 */
record PngFile(byte[] bytes, List<Chunk> chunks, int width, int height, int depth, int colorType, boolean interlaced, int end) {
  static final String SIGNATURE = "\u0089PNG\r\n\u001a\n";
  /** More than any writer makes, but for IDAT. */
  private static final int MOST_CHUNKS = 1 << 16;

  /**
   * @param at offset of the chunk's length field
   * @param length of its data
   */
  record Chunk(String type, int at, int length) {
    int data() {
      return at + 8;
    }

    /** Length, type, data and checksum. */
    int total() {
      return length + 12;
    }
  }

  Layout layout() {
    return switch (colorType) {
      case 0 -> Layout.GRAY;
      case 2 -> Layout.RGB;
      case 3 -> Layout.PALETTE;
      case 4 -> Layout.GRAY_ALPHA;
      default -> Layout.RGBA;
    };
  }

  /** The first chunk of a type, or null. */
  Chunk find(String type) {
    for (Chunk c : chunks) {
      if (c.type().equals(type)) {
        return c;
      }
    }
    return null;
  }

  byte[] data(Chunk c) {
    return Arrays.copyOfRange(bytes, c.data(), c.data() + c.length());
  }

  /**
   * Reads the chunks.
   *
   * @param toEnd whether to go on to IEND and check every checksum; else up to the first IDAT, and only IHDR's
   */
  static PngFile parse(byte[] b, boolean toEnd) throws ImageFailure {
    List<Chunk> chunks = new ArrayList<>();
    int at = SIGNATURE.length();
    boolean ended = false;
    while (!ended) {
      if (at + 8 > b.length) {
        throw truncated(at);
      }
      long length = Bytes.u32be(b, at);
      String type = new String(b, at + 4, 4, StandardCharsets.ISO_8859_1);
      if (!type.chars().allMatch(c -> c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z')) {
        throw corrupt("no chunk at byte " + at);
      }
      if (chunks.isEmpty() && (!type.equals("IHDR") || length != 13)) {
        throw corrupt("it does not begin with an IHDR chunk of 13 bytes");
      }
      if (!toEnd && type.equals("IDAT")) {
        break;
      }
      if (length > b.length - at - 12) {
        throw truncated(at);
      }
      Chunk c = new Chunk(type, at, (int) length);
      if ((toEnd || chunks.isEmpty()) && crc(b, at + 4, 4 + c.length()) != Bytes.u32be(b, at + 8 + c.length())) {
        throw corrupt("the checksum of chunk " + type + " at byte " + at + " is wrong");
      }
      if (type.equals("acTL") && Bytes.u32be(b, at + 8) > 1) {
        throw new ImageFailure(ErrorKind.MULTIPLE_FRAMES,
            "an animated PNG of " + Bytes.u32be(b, at + 8) + " frames; only still images are repaired");
      }
      Chunk before = chunks.isEmpty() ? null : chunks.get(chunks.size() - 1);
      if (type.equals("IDAT") && before != null && before.type().equals(type)) {
        chunks.set(chunks.size() - 1, new Chunk(type, before.at(), before.length() + c.total()));
      } else if (chunks.size() < MOST_CHUNKS) {
        chunks.add(c);
      } else {
        throw corrupt("more than " + MOST_CHUNKS + " chunks");
      }
      at += c.total();
      ended = type.equals("IEND");
    }
    return header(b, chunks, toEnd ? at : -1);
  }

  private static PngFile header(byte[] b, List<Chunk> chunks, int end) throws ImageFailure {
    int at = chunks.get(0).data();
    long width = Bytes.u32be(b, at);
    long height = Bytes.u32be(b, at + 4);
    int depth = Bytes.u8(b, at + 8);
    int colorType = Bytes.u8(b, at + 9);
    if (width < 1 || height < 1 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
      throw corrupt("its header claims " + width + "x" + height + " pixels");
    }
    boolean valid = switch (colorType) {
      case 0 -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
      case 3 -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
      case 2, 4, 6 -> depth == 8 || depth == 16;
      default -> false;
    };
    if (!valid || b[at + 10] != 0 || b[at + 11] != 0 || Bytes.u8(b, at + 12) > 1) {
      throw corrupt("its header claims colour type " + colorType + " with " + depth + " bits, compression " + b[at + 10] + ", filter "
          + b[at + 11] + ", interlace " + b[at + 12]);
    }
    return new PngFile(b, List.copyOf(chunks), (int) width, (int) height, depth, colorType, b[at + 12] == 1, end);
  }

  /** A whole chunk: length, type, data, checksum. */
  static byte[] chunk(String type, byte[]... data) {
    byte[] all = Bytes.concat(data);
    byte[] c = new byte[all.length + 12];
    Bytes.put32be(c, 0, all.length);
    System.arraycopy(Bytes.latin1(type), 0, c, 4, 4);
    System.arraycopy(all, 0, c, 8, all.length);
    Bytes.put32be(c, c.length - 4, crc(c, 4, all.length + 4));
    return c;
  }

  private static long crc(byte[] b, int at, int length) {
    CRC32 crc = new CRC32();
    crc.update(b, at, length);
    return crc.getValue();
  }

  private static ImageFailure truncated(int at) {
    return new ImageFailure(ErrorKind.TRUNCATED, "the PNG ends within the chunk at byte " + at + "; get the whole file");
  }

  static ImageFailure corrupt(String what) {
    return new ImageFailure(ErrorKind.CORRUPT, "damaged PNG: " + what + "; get an intact copy");
  }
}
