package org.lakebrush.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.imgcodecs.Imgcodecs;

/** The pictures in the test resources, what they hold by formula, and small helpers around {@link Codecs}. */
final class TestPictures {
  /** Where the tests paint, upright. */
  static final Region HOLE = new Region(10, 8, 13, 9);
  /** What they paint. */
  static final float[] PAINT = {0.2f, 0.6f, 0.4f};

  private TestPictures() {}

  static byte[] load(String name) {
    try (InputStream in = TestPictures.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(name, e);
    }
  }

  /** The lossless files' formula. */
  static int stored(int c, int x, int y, int max) {
    return (int) ((5L * x + 3 * y + 40 * c + x * y % 7) * max / 560 % (max + 1));
  }

  /** The test palettes' formula, 0..255. */
  static int palette(int i, int c) {
    return (i * 37 + c * 11 + i * i % 50) % 256;
  }

  /** The lossy files' formula, 0..255. */
  static double smooth(int c, int x, int y) {
    return Math.rint(128 + 90 * Math.sin(x / 9.0 + 2 * c) * Math.cos(y / 8.0 - c));
  }

  /** The whole picture as planar RGB, 0..1. */
  static float[] rgb(Picture p, int pass) {
    int n = p.width() * p.height();
    float[] out = new float[3 * n];
    p.readRgb(pass, new Region(0, 0, p.width(), p.height()), FloatBuffer.wrap(out), 0, p.width(), n);
    return out;
  }

  static byte[] alpha(Picture p) {
    byte[] all = new byte[p.width() * p.height()];
    byte[] row = new byte[p.width()];
    for (int y = 0; y < p.height(); y++) {
      p.readAlphaRow(y, row);
      System.arraycopy(row, 0, all, y * p.width(), p.width());
    }
    return all;
  }

  /** Weight 255 in a region, 0 elsewhere. */
  static byte[] weight(Picture p, Region r) {
    byte[] w = new byte[p.width() * p.height()];
    for (int y = r.y(); y < r.bottom(); y++) {
      Arrays.fill(w, y * p.width() + r.x(), y * p.width() + r.right(), (byte) 255);
    }
    return w;
  }

  /** Paints a region in one colour, in every pass. */
  static void paint(Picture p, Region r, float[] colour) {
    int n = (int) r.area();
    FloatBuffer src = FloatBuffer.allocate(3 * n);
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < n; i++) {
        src.put(c * n + i, colour[c]);
      }
    }
    for (int pass = 0; pass < p.passes(); pass++) {
      p.blendRgb(pass, r, src, 0, r.width(), n, weight(p, r));
    }
  }

  /** Decodes, paints {@link #HOLE}, encodes in the same format. */
  static Encoded painted(byte[] file) throws ImageFailure {
    Picture p = Codecs.decode(file);
    paint(p, HOLE, PAINT);
    return Codecs.encode(p, p.format());
  }

  /** The kind of failure that reading a file ends in; null where it does not fail. */
  static ErrorKind failure(byte[] file) {
    try {
      Codecs.header(file);
      Codecs.decode(file);
      return null;
    } catch (ImageFailure e) {
      return e.kind();
    }
  }

  /** An independent decoder's picture, in its own order of channels; null where it cannot read the file. */
  static Mat openCv(byte[] file) {
    OpenCv.ensureLoaded();
    MatOfByte in = new MatOfByte(file);
    try {
      Mat m = Imgcodecs.imdecode(in, Imgcodecs.IMREAD_UNCHANGED | Imgcodecs.IMREAD_IGNORE_ORIENTATION);
      if (m.empty()) {
        m.release();
        return null;
      }
      return m;
    } finally {
      in.release();
    }
  }

  /** A JPEG's segments before the first scan, each whole, SOI left out. */
  static List<byte[]> segments(byte[] jpeg) {
    List<byte[]> list = new ArrayList<>();
    int at = 2;
    while ((jpeg[at + 1] & 255) != 0xDA) {
      int size = 2 + ((jpeg[at + 2] & 255) << 8 | jpeg[at + 3] & 255);
      list.add(Arrays.copyOfRange(jpeg, at, at + size));
      at += size;
    }
    return list;
  }

  /** The application and comment segments of a JPEG. */
  static List<String> metadata(byte[] jpeg) {
    return segments(jpeg).stream().filter(s -> (s[1] & 255) >= 0xE0).map(HexFormat.of()::formatHex).toList();
  }

  /** A PNG's chunks of a type, data only. */
  static List<byte[]> chunks(byte[] png, String type) {
    List<byte[]> list = new ArrayList<>();
    for (int at = 8; at + 12 <= png.length; ) {
      int n = (png[at] & 255) << 24 | (png[at + 1] & 255) << 16 | (png[at + 2] & 255) << 8 | png[at + 3] & 255;
      if (new String(png, at + 4, 4, StandardCharsets.ISO_8859_1).equals(type)) {
        list.add(Arrays.copyOfRange(png, at + 8, at + 8 + n));
      }
      at += 12 + n;
    }
    return list;
  }

  /** Whether a file holds a piece of bytes. */
  static boolean contains(byte[] file, byte[] piece) {
    for (int i = 0; i + piece.length <= file.length; i++) {
      if (Arrays.equals(file, i, i + piece.length, piece, 0, piece.length)) {
        return true;
      }
    }
    return false;
  }

  /** A JPEG with segments put in behind SOI. */
  static byte[] withSegments(byte[] jpeg, byte[]... segments) {
    byte[] head = Arrays.copyOf(jpeg, 2);
    byte[] rest = Arrays.copyOfRange(jpeg, 2, jpeg.length);
    return concat(head, concat(segments), rest);
  }

  /** A JPEG segment. */
  static byte[] segment(int marker, byte[]... payload) {
    byte[] p = concat(payload);
    return concat(new byte[] {(byte) 0xFF, (byte) marker, (byte) (p.length + 2 >> 8), (byte) (p.length + 2)}, p);
  }

  static byte[] latin1(String s) {
    return s.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] p : parts) {
      out.writeBytes(p);
    }
    return out.toByteArray();
  }

  /** A PNG with a chunk put in behind IHDR. */
  static byte[] withChunk(byte[] png, String type, byte[] data) {
    return concat(Arrays.copyOf(png, 33), chunk(type, data), Arrays.copyOfRange(png, 33, png.length));
  }

  static byte[] chunk(String type, byte[] data) {
    byte[] body = concat(latin1(type), data);
    CRC32 crc = new CRC32();
    crc.update(body);
    return concat(int32(data.length), body, int32((int) crc.getValue()));
  }

  static byte[] int32(int v) {
    return ByteBuffer.allocate(4).putInt(v).array();
  }
}
