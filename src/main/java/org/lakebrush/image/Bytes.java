package org.lakebrush.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Unsigned integers and tags in byte arrays. */
final class Bytes {
  private Bytes() {}

  static int u8(byte[] b, int at) {
    return b[at] & 255;
  }

  static int u16be(byte[] b, int at) {
    return u8(b, at) << 8 | u8(b, at + 1);
  }

  static int u16le(byte[] b, int at) {
    return u8(b, at) | u8(b, at + 1) << 8;
  }

  static int u24le(byte[] b, int at) {
    return u16le(b, at) | u8(b, at + 2) << 16;
  }

  static long u32be(byte[] b, int at) {
    return (long) u16be(b, at) << 16 | u16be(b, at + 2);
  }

  static long u32le(byte[] b, int at) {
    return u16le(b, at) | (long) u16le(b, at + 2) << 16;
  }

  static void put16be(byte[] b, int at, int v) {
    b[at] = (byte) (v >>> 8);
    b[at + 1] = (byte) v;
  }

  static void put32be(byte[] b, int at, long v) {
    put16be(b, at, (int) (v >>> 16));
    put16be(b, at + 2, (int) v);
  }

  static void put16le(byte[] b, int at, int v) {
    b[at] = (byte) v;
    b[at + 1] = (byte) (v >>> 8);
  }

  static void put32le(byte[] b, int at, long v) {
    put16le(b, at, (int) v);
    put16le(b, at + 2, (int) (v >>> 16));
  }

  /** Whether the bytes at a place are those of an ISO 8859-1 text; false where the array ends before. */
  static boolean has(byte[] b, int at, String text) {
    if (at < 0 || at + text.length() > b.length) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (u8(b, at + i) != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] concat(byte[]... parts) {
    int n = Arrays.stream(parts).mapToInt(p -> p.length).sum();
    byte[] all = new byte[n];
    int at = 0;
    for (byte[] p : parts) {
      System.arraycopy(p, 0, all, at, p.length);
      at += p.length;
    }
    return all;
  }
}
