package org.lakebrush.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.lakebrush.failure.ImageFailure;
import org.opencv.core.CvException;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.MatOfInt;
import org.opencv.imgcodecs.Imgcodecs;

/** WebP: chunks by Lakebrush, pixel data by OpenCV, which holds libwebp. */
final class WebpCodec {
  static final String HIDDEN_COLOUR = "colour under fully transparent pixels not kept by webp";
  /** OpenCV's quality for lossless. */
  private static final int LOSSLESS = 101;
  private static final int CONVERTED_QUALITY = 95;
  private static final int MAX_SIDE = 16383;
  /** Where a VP8L chunk's header says whether its alpha is used (RFC 9649, section 3.4). */
  private static final int VP8L_ALPHA_AT = 12;
  private static final int ICC_FLAG = 0x20;
  private static final int ALPHA_FLAG = 0x10;
  private static final int EXIF_FLAG = 0x08;
  private static final int XMP_FLAG = 0x04;

  /** What the decoder's tables may take at once, in KB; a file that may need more decodes with no other such file beside it. */
  private static final int MOST_TABLES = (int) Math.min(Integer.MAX_VALUE, Math.max(1, Runtime.getRuntime().maxMemory() >> 12));
  private static final Semaphore TABLES = new Semaphore(MOST_TABLES, true);

  private WebpCodec() {}

  static ImageHeader header(byte[] file) throws ImageFailure {
    WebpFile f = WebpFile.parse(file);
    int n = f.alpha() ? 4 : 3;
    long pixels = (long) f.width() * f.height();
    // OpenCV's own picture and libwebp's planes lie beside the samples.
    return new ImageHeader(ImageFormat.WEBP, f.width(), f.height(), n, 8, pixels * (2 * n + 4 + 2) + 3L * file.length);
  }

  static Picture decode(byte[] file) throws ImageFailure {
    WebpFile f = WebpFile.parse(file);
    Layout layout = f.alpha() ? Layout.RGBA : Layout.RGB;
    Samples s = new Samples(layout, f.width(), f.height(), 8);
    int tables = (int) Math.min(MOST_TABLES, tables(f) >> 10);
    TABLES.acquireUninterruptibly(tables);
    try {
      read(f, s);
    } finally {
      TABLES.release(tables);
    }
    byte[] exif = f.data("EXIF");
    return new Picture(s, ExifBlock.orientation(block(exif)), new WebpOrigin(f));
  }

  private static void read(WebpFile f, Samples s) throws ImageFailure {
    OpenCv.ensureLoaded();
    // Only what the decoder needs, so that it does not try its hand at metadata.
    MatOfByte in = new MatOfByte(bare(f));
    Mat mat = null;
    try {
      mat = Imgcodecs.imdecode(in, Imgcodecs.IMREAD_UNCHANGED);
      if (mat.empty() || mat.cols() != f.width() || mat.rows() != f.height() || mat.depth() != CvType.CV_8U) {
        throw WebpFile.corrupt("the decoder gives no picture");
      }
      int n = s.channels();
      int have = mat.channels();
      byte[] row = new byte[f.width() * have];
      for (int y = 0, at = 0; y < f.height(); y++) {
        mat.get(y, 0, row);
        for (int x = 0; x < row.length; x += have, at += n) {
          s.bytes()[at] = row[x + 2];
          s.bytes()[at + 1] = row[x + 1];
          s.bytes()[at + 2] = row[x];
          if (n == 4) {
            s.bytes()[at + 3] = have == 4 ? row[x + 3] : -1;
          }
        }
      }
    } catch (CvException e) {
      throw WebpFile.corrupt(oneLine(e));
    } finally {
      in.release();
      if (mat != null) {
        mat.release();
      }
    }
  }

  /**
   * Bytes that libwebp's tables may take beyond the picture: a lossless one, and alpha, can have five prefix codes of their own for each
   * block of 4x4 pixels, up to 65536 times. Each takes 20 bits or more of the file, and 1 to 4 KB of tables.
   */
  private static long tables(WebpFile f) {
    long groups = Math.min(1 << 16, (long) f.width() * f.height() / 16);
    return f.lossless() || f.alpha() ? Math.min(groups * 20_000, 2048L * f.bytes().length) : 0;
  }

  private static String oneLine(CvException e) {
    return String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " ");
  }

  private static byte[] bare(WebpFile f) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] alph = f.lossless() ? null : f.data("ALPH");
    String type = f.lossless() ? "VP8L" : "VP8 ";
    if (alph != null) {
      out.writeBytes(vp8x(ALPHA_FLAG, f.width(), f.height()));
      out.writeBytes(chunk("ALPH", alph));
    }
    out.writeBytes(chunk(type, f.data(type)));
    return riff(out.toByteArray());
  }

  /** Compresses samples; the chunks that hold the picture, without the RIFF header. */
  private static List<byte[]> compress(Samples s, int quality) throws IOException {
    if (s.width() > MAX_SIDE || s.height() > MAX_SIDE) {
      throw new IOException("WebP holds at most " + MAX_SIDE + " pixels a side, not " + s.width() + "x" + s.height());
    }
    OpenCv.ensureLoaded();
    int n = s.channels();
    Mat mat = new Mat(s.height(), s.width(), CvType.CV_8UC(n));
    MatOfByte out = new MatOfByte();
    MatOfInt param = new MatOfInt(Imgcodecs.IMWRITE_WEBP_QUALITY, quality);
    byte[] file;
    try {
      byte[] row = new byte[s.width() * n];
      for (int y = 0, at = 0; y < s.height(); y++) {
        for (int x = 0; x < row.length; x += n, at += n) {
          row[x] = s.bytes()[at + 2];
          row[x + 1] = s.bytes()[at + 1];
          row[x + 2] = s.bytes()[at];
          if (n == 4) {
            row[x + 3] = s.bytes()[at + 3];
          }
        }
        mat.put(y, 0, row);
      }
      if (!Imgcodecs.imencode(".webp", mat, out, param)) {
        throw new IOException("OpenCV could not write the WebP");
      }
      file = out.toArray();
    } catch (CvException e) {
      throw new IOException("OpenCV could not write the WebP: " + oneLine(e), e);
    } finally {
      mat.release();
      out.release();
      param.release();
    }
    List<byte[]> chunks = new ArrayList<>();
    for (int at = 12; at + 8 <= file.length; ) {
      int total = (int) (8 + Bytes.u32le(file, at + 4) + (Bytes.u32le(file, at + 4) & 1));
      if (Bytes.has(file, at, "VP8L") || Bytes.has(file, at, "VP8 ") || Bytes.has(file, at, "ALPH")) {
        byte[] c = Arrays.copyOfRange(file, at, Math.min(file.length, at + total));
        if (n == 4 && Bytes.has(c, 0, "VP8L")) {
          c[VP8L_ALPHA_AT] |= 0x10; // libwebp leaves it out where all is opaque; the pixels hold it all the same
        }
        chunks.add(c);
      }
      at += total;
    }
    return chunks;
  }

  /**
   * The quality of libwebp's encoder that gives a quantiser index, by its own curve: index = 127 (1 - l^(1/3)), where l is 2/3 of the
   * quality (0..1) below 0.75 and twice the quality less 1 above.
   */
  static int quality(double index) {
    double l = Math.pow(1 - index / 127, 3);
    double q = l < 0.5 ? l * 1.5 : (l + 1) / 2;
    return (int) Math.max(1, Math.min(100, Math.round(100 * q)));
  }

  /** Whether a fully transparent pixel has a colour: libwebp, as OpenCV calls it, does not keep that. */
  static boolean hidesColour(Samples s) {
    for (int i = 0; s.layout() == Layout.RGBA && i < s.bytes().length; i += 4) {
      if (s.bytes()[i + 3] == 0 && (s.bytes()[i] | s.bytes()[i + 1] | s.bytes()[i + 2]) != 0) {
        return true;
      }
    }
    return false;
  }

  private record WebpOrigin(WebpFile file) implements Origin {
    @Override
    public ImageFormat format() {
      return ImageFormat.WEBP;
    }

    @Override
    public Encoded encode(Samples s) throws IOException {
      List<String> notes = new ArrayList<>();
      if (file.lossless() && hidesColour(s)) {
        notes.add(HIDDEN_COLOUR);
      }
      int quality = file.lossless() ? LOSSLESS : quality(Vp8Header.quantiser(file.data("VP8 ")));
      byte[] exif = metadata("EXIF", "exif", notes);
      byte[] xmp = metadata("XMP ", "xmp", notes);
      byte[] cleanExif = cleanExif(exif);
      byte[] cleanXmp = xmp == null ? null : Previews.outOfXmp(xmp);
      if (cleanExif != exif) {
        notes.add("exif thumbnail dropped");
      }
      if (cleanXmp != xmp) {
        notes.add("xmp thumbnail dropped");
      }
      if (file.end() < file.bytes().length) {
        notes.add(file.bytes().length - file.end() + " bytes after the picture dropped");
      }
      List<byte[]> others = new ArrayList<>();
      for (WebpFile.Chunk c : file.chunks()) {
        switch (c.type()) {
          case "VP8X", "VP8 ", "VP8L", "ALPH", "ICCP", "EXIF", "XMP " -> { }
          default -> others.add(chunk(c.type(), Arrays.copyOfRange(file.bytes(), c.data(), c.data() + c.length())));
        }
      }
      return new Encoded(ImageFormat.WEBP, assemble(s, quality, file.data("ICCP"), cleanExif, cleanXmp, others), List.copyOf(notes));
    }

    private byte[] metadata(String type, String what, List<String> notes) {
      byte[] data = file.data(type);
      return data == null || Metadata.isTooLong(data.length, what, notes) ? null : data;
    }

    @Override
    public Metadata metadata(List<String> notes) {
      byte[] exif = block(cleanExif(metadata("EXIF", "exif", notes)));
      byte[] xmp = metadata("XMP ", "xmp", notes);
      double[] dpi = ExifBlock.dpi(exif);
      return new Metadata(file.data("ICCP"), exif, xmp == null ? null : Previews.outOfXmp(xmp), dpi[0], dpi[1]);
    }
  }

  /** Some writers put JPEG's name before the block; it stays there. */
  private static byte[] cleanExif(byte[] chunk) {
    if (chunk == null) {
      return null;
    }
    byte[] block = block(chunk);
    byte[] clean = ExifBlock.withoutPreviews(block);
    if (clean == block) {
      return chunk;
    }
    return block.length == chunk.length ? clean : Bytes.concat(Bytes.latin1("Exif\0\0"), clean);
  }

  private static byte[] block(byte[] chunk) {
    return chunk != null && Bytes.has(chunk, 0, "Exif\0\0") ? Arrays.copyOfRange(chunk, 6, chunk.length) : chunk;
  }

  /** A new WebP of RGB or RGBA of 8 bits. */
  static byte[] write(Samples s, Metadata m, boolean lossless) throws IOException {
    return assemble(s, lossless ? LOSSLESS : CONVERTED_QUALITY, m.icc(), m.exif(), m.xmp(), List.of());
  }

  private static byte[] assemble(Samples s, int quality, byte[] icc, byte[] exif, byte[] xmp, List<byte[]> others) throws IOException {
    List<byte[]> picture = compress(s, quality);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int flags = (icc == null ? 0 : ICC_FLAG) | (exif == null ? 0 : EXIF_FLAG) | (xmp == null ? 0 : XMP_FLAG);
    if (flags != 0 || picture.size() > 1 || !others.isEmpty()) {
      out.writeBytes(vp8x(flags | (s.hasAlpha() ? ALPHA_FLAG : 0), s.width(), s.height()));
    }
    if (icc != null) {
      out.writeBytes(chunk("ICCP", icc));
    }
    picture.forEach(out::writeBytes);
    if (exif != null) {
      out.writeBytes(chunk("EXIF", exif));
    }
    if (xmp != null) {
      out.writeBytes(chunk("XMP ", xmp));
    }
    others.forEach(out::writeBytes);
    return riff(out.toByteArray());
  }

  private static byte[] vp8x(int flags, int width, int height) {
    byte[] data = new byte[10];
    data[0] = (byte) flags;
    Bytes.put16le(data, 4, width - 1);
    data[6] = (byte) (width - 1 >>> 16);
    Bytes.put16le(data, 7, height - 1);
    data[9] = (byte) (height - 1 >>> 16);
    return chunk("VP8X", data);
  }

  private static byte[] chunk(String type, byte[] data) {
    byte[] c = new byte[8 + data.length + (data.length & 1)];
    System.arraycopy(Bytes.latin1(type), 0, c, 0, 4);
    Bytes.put32le(c, 4, data.length);
    System.arraycopy(data, 0, c, 8, data.length);
    return c;
  }

  private static byte[] riff(byte[] chunks) {
    byte[] head = new byte[12];
    System.arraycopy(Bytes.latin1("RIFF"), 0, head, 0, 4);
    Bytes.put32le(head, 4, 4L + chunks.length);
    System.arraycopy(Bytes.latin1("WEBP"), 0, head, 8, 4);
    return Bytes.concat(head, chunks);
  }
}
