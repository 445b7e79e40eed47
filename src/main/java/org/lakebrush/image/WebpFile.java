package org.lakebrush.image;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

/**
 * The chunks of a WebP file (RFC 9649).
 *
 * @param bytes the whole file
 * @param alpha whether the picture has alpha
 * @param lossless whether its data are VP8L
 * @param end one past the RIFF chunk
 */
record WebpFile(byte[] bytes, List<Chunk> chunks, int width, int height, boolean alpha, boolean lossless, int end) {
  /** More than any writer makes. */
  private static final int MOST_CHUNKS = 1 << 16;

  /**
   * @param at offset of the chunk's FourCC
   * @param length of its data
   */
  record Chunk(String type, int at, int length) {
    int data() {
      return at + 8;
    }
  }

  /** A chunk's data, or null where the file has none of that type. */
  byte[] data(String type) {
    for (Chunk c : chunks) {
      if (c.type().equals(type)) {
        return Arrays.copyOfRange(bytes, c.data(), c.data() + c.length());
      }
    }
    return null;
  }

  static WebpFile parse(byte[] b) throws ImageFailure {
    if (b.length < 20) {
      throw truncated(b.length);
    }
    long end = 8 + Bytes.u32le(b, 4);
    if (end > b.length) {
      throw truncated(b.length);
    }
    List<Chunk> chunks = new ArrayList<>();
    for (long at = 12; at + 8 <= end; ) {
      long length = Bytes.u32le(b, (int) at + 4);
      if (at + 8 + length > end) {
        throw truncated(at);
      }
      if (chunks.size() == MOST_CHUNKS) {
        throw corrupt("more than " + MOST_CHUNKS + " chunks");
      }
      chunks.add(new Chunk(new String(b, (int) at, 4, StandardCharsets.ISO_8859_1), (int) at, (int) length));
      at += 8 + length + (length & 1);
    }
    if (chunks.isEmpty()) {
      throw truncated(12);
    }
    boolean extended = chunks.get(0).type().equals("VP8X");
    int flags = extended && chunks.get(0).length() >= 10 ? b[chunks.get(0).data()] : 0;
    if ((flags & 2) != 0 || chunks.stream().anyMatch(c -> c.type().equals("ANMF"))) {
      throw new ImageFailure(ErrorKind.MULTIPLE_FRAMES, "an animated WebP; only still images are repaired");
    }
    for (Chunk c : chunks) {
      if (c.type().equals("VP8L")) {
        return lossless(b, c, chunks, (int) end);
      }
      if (c.type().equals("VP8 ")) {
        return lossy(b, c, chunks, (int) end);
      }
    }
    throw corrupt("no picture among its chunks");
  }

  private static WebpFile lossless(byte[] b, Chunk c, List<Chunk> chunks, int end) throws ImageFailure {
    if (c.length() < 5 || b[c.data()] != 0x2F) {
      throw corrupt("no VP8L signature");
    }
    long v = Bytes.u32le(b, c.data() + 1);
    if (v >>> 29 != 0) {
      throw corrupt("VP8L version " + (v >>> 29));
    }
    return new WebpFile(b, List.copyOf(chunks), (int) (v & 0x3FFF) + 1, (int) (v >> 14 & 0x3FFF) + 1, (v >> 28 & 1) == 1, true, end);
  }

  private static WebpFile lossy(byte[] b, Chunk c, List<Chunk> chunks, int end) throws ImageFailure {
    int at = c.data();
    if (c.length() < 10 || (b[at] & 1) != 0 || b[at + 3] != (byte) 0x9D || b[at + 4] != 1 || b[at + 5] != 0x2A) {
      throw corrupt("no VP8 key frame");
    }
    int width = Bytes.u16le(b, at + 6) & 0x3FFF;
    int height = Bytes.u16le(b, at + 8) & 0x3FFF;
    long first = Bytes.u24le(b, at) >> 5;
    if (width == 0 || height == 0 || first > c.length() - 10) {
      throw corrupt("a VP8 header of " + width + "x" + height + " pixels with a first partition of " + first + " bytes");
    }
    boolean alpha = chunks.stream().anyMatch(x -> x.type().equals("ALPH"));
    return new WebpFile(b, List.copyOf(chunks), width, height, alpha, false, end);
  }

  private static ImageFailure truncated(long at) {
    return new ImageFailure(ErrorKind.TRUNCATED, "the WebP ends within the chunk at byte " + at + "; get the whole file");
  }

  static ImageFailure corrupt(String what) {
    return new ImageFailure(ErrorKind.CORRUPT, "damaged WebP: " + what + "; get an intact copy");
  }
}
