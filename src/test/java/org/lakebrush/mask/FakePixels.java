package org.lakebrush.mask;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

/** A picture held as ARGB values, and the simplest of file formats for it, so that masks are tested without codecs. */
final class FakePixels implements MaskPixels {
  /** Reads what {@link #file} writes. */
  static final MaskDecoder DECODER = new MaskDecoder() {
    @Override
    public long pixels(byte[] file) throws ImageFailure {
      if (file[0] != 'F') {
        throw new ImageFailure(ErrorKind.NOT_AN_IMAGE, "no image");
      }
      String[] head = new String(file, StandardCharsets.ISO_8859_1).split(" ", 4);
      return Long.parseLong(head[1]) * Long.parseLong(head[2]);
    }

    @Override
    public MaskPixels decode(byte[] file) throws ImageFailure {
      String[] head = new String(file, StandardCharsets.ISO_8859_1).split(" ", 4);
      FakePixels p = new FakePixels(Integer.parseInt(head[1]), Integer.parseInt(head[2]), 0);
      byte[] body = head[3].getBytes(StandardCharsets.ISO_8859_1);
      if (body.length != 4 * p.argb.length) {
        throw new ImageFailure(ErrorKind.TRUNCATED, "the file ends early");
      }
      for (int i = 0; i < p.argb.length; i++) {
        p.argb[i] = (body[4 * i] & 255) << 24 | (body[4 * i + 1] & 255) << 16 | (body[4 * i + 2] & 255) << 8 | body[4 * i + 3] & 255;
      }
      return p;
    }
  };

  final int width;
  final int height;
  final int[] argb;

  FakePixels(int width, int height, int fill) {
    this.width = width;
    this.height = height;
    this.argb = new int[width * height];
    java.util.Arrays.fill(argb, fill);
  }

  /** An opaque picture of interleaved 8-bit RGB. */
  static FakePixels of(byte[] rgb, int width, int height) {
    FakePixels pixels = new FakePixels(width, height, 0xff000000);
    for (int i = 0; i < pixels.argb.length; i++) {
      pixels.argb[i] |= (rgb[3 * i] & 255) << 16 | (rgb[3 * i + 1] & 255) << 8 | rgb[3 * i + 2] & 255;
    }
    return pixels;
  }

  FakePixels set(int x, int y, int value) {
    argb[y * width + x] = value;
    return this;
  }

  /** An opaque grey. */
  static int grey(int level) {
    return 0xff000000 | level * 0x10101;
  }

  byte[] file() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(("F " + width + " " + height + " ").getBytes(StandardCharsets.ISO_8859_1));
    for (int v : argb) {
      out.write(v >>> 24);
      out.write(v >>> 16);
      out.write(v >>> 8);
      out.write(v);
    }
    return out.toByteArray();
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public boolean hasAlpha() {
    for (int v : argb) {
      if (v >>> 24 != 255) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean restorable() {
    return true;
  }

  @Override
  public void readRow(int y, byte[] rgb) {
    for (int x = 0; x < width; x++) {
      int v = argb[y * width + x];
      rgb[3 * x] = (byte) (v >> 16);
      rgb[3 * x + 1] = (byte) (v >> 8);
      rgb[3 * x + 2] = (byte) v;
    }
  }

  @Override
  public void readAlphaRow(int y, byte[] alpha) {
    for (int x = 0; x < width; x++) {
      alpha[x] = (byte) (argb[y * width + x] >>> 24);
    }
  }
}
