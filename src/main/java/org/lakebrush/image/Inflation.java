package org.lakebrush.image;

import java.io.ByteArrayOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Inflates a file's metadata, up to a bound for all of it. Used by one thread. */
final class Inflation {
  /** Bytes that come out, in all. */
  static final int MOST = 4 << 20;

  private long left = MOST;

  /** Whether there was more than the bound: whatever was asked for since is not known. */
  boolean isExhausted() {
    return left < 0;
  }

  /** A zlib stream's content; null where it is damaged, or the bound is reached. */
  byte[] inflate(byte[] b, int from) {
    if (from > b.length || isExhausted()) {
      return null;
    }
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(b, from, b.length - from);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      while (!inflater.finished()) {
        int n = inflater.inflate(buffer);
        left -= n;
        if (n == 0 || isExhausted()) {
          return null;
        }
        out.write(buffer, 0, n);
      }
      return out.toByteArray();
    } catch (DataFormatException e) {
      return null;
    } finally {
      inflater.end();
    }
  }
}
