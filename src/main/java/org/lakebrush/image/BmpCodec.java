package org.lakebrush.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageReader;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

/**
 * BMP. What is not run-length coded is a table of pixels at a known place: they are read there, and a repaired file is the source's
 * bytes with the repaired pixels' bits changed and no other.
 */
final class BmpCodec {
  private static final int RGB = 0;
  private static final int RLE8 = 1;
  private static final int RLE4 = 2;
  private static final int BITFIELDS = 3;
  private static final int ALPHABITFIELDS = 6;
  private static final int V5 = 124;

  private BmpCodec() {}

  /**
   * The header of a BMP file.
   *
   * @param headerSize of the DIB header, 12 to 124
   * @param masks bit masks of red, green, blue and alpha, for 16 and 32 bits a pixel
   */
  private record Header(int pixels, int headerSize, int width, int height, boolean topDown, int depth, int compression, long[] masks) {

    boolean runLength() {
      return compression == RLE8 || compression == RLE4;
    }

    Layout layout() {
      return depth <= 8 ? Layout.PALETTE : masks[3] != 0 ? Layout.RGBA : Layout.RGB;
    }

    long rowBytes() {
      return ((long) width * depth + 31) / 32 * 4;
    }

    /** Offset of a row, counted from the top. */
    long row(int y) {
      return pixels + rowBytes() * (topDown ? y : height - 1 - y);
    }

    int entrySize() {
      return headerSize == 12 ? 3 : 4;
    }

    int table() {
      return 14 + headerSize + (headerSize == 40 && compression == BITFIELDS ? 12 : headerSize == 40 && compression == ALPHABITFIELDS ? 16 : 0);
    }
  }

  private static Header parse(byte[] b) throws ImageFailure {
    if (b.length < 26 || b.length < 14 + Bytes.u32le(b, 14)) {
      throw truncated("its header");
    }
    int size = (int) Bytes.u32le(b, 14);
    if (size != 12 && (size < 40 || size > 124)) {
      throw corrupt("a header of " + Bytes.u32le(b, 14) + " bytes");
    }
    boolean old = size == 12;
    int width = old ? Bytes.u16le(b, 18) : (int) Bytes.u32le(b, 18);
    int height = old ? Bytes.u16le(b, 20) : (int) Bytes.u32le(b, 22);
    int depth = Bytes.u16le(b, old ? 24 : 28);
    int compression = old ? RGB : (int) Bytes.u32le(b, 30);
    if (width <= 0 || height == 0 || height == Integer.MIN_VALUE) {
      throw corrupt("its header claims " + width + "x" + height + " pixels");
    }
    if (compression == 4 || compression == 5) {
      throw new ImageFailure(ErrorKind.UNSUPPORTED, "a BMP that holds a JPEG or PNG is not read; save it as an ordinary BMP");
    }
    boolean valid = switch (compression) {
      case RGB -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16 || depth == 24 || depth == 32;
      case RLE8 -> depth == 8 && height > 0;
      case RLE4 -> depth == 4 && height > 0;
      case BITFIELDS, ALPHABITFIELDS -> depth == 16 || depth == 32;
      default -> false;
    };
    long pixels = Bytes.u32le(b, 10);
    if (!valid || pixels < 14 + size) {
      throw corrupt("its header claims " + depth + " bits a pixel, compression " + compression + ", pixels at byte " + pixels);
    }
    if (pixels >= b.length) {
      throw truncated("its header");
    }
    return new Header((int) pixels, size, width, Math.abs(height), height < 0, depth, compression, masks(b, size, depth, compression));
  }

  private static long[] masks(byte[] b, int size, int depth, int compression) throws ImageFailure {
    if (compression != BITFIELDS && compression != ALPHABITFIELDS) {
      return depth == 16 ? new long[] {0x7C00, 0x3E0, 0x1F, 0} : new long[] {0xFF0000, 0xFF00, 0xFF, 0};
    }
    if (b.length < 70) {
      throw truncated("its header");
    }
    boolean alpha = size >= 56 || compression == ALPHABITFIELDS;
    long[] m = {Bytes.u32le(b, 54), Bytes.u32le(b, 58), Bytes.u32le(b, 62), alpha ? Bytes.u32le(b, 66) : 0};
    for (int c = 0; c < 4; c++) {
      long field = m[c] >>> Long.numberOfTrailingZeros(m[c] | 1L << 40);
      if (c < 3 && m[c] == 0 || (field & field + 1) != 0) {
        throw corrupt("colour mask 0x" + Long.toHexString(m[c]));
      }
    }
    return m;
  }

  static ImageHeader header(byte[] file) throws ImageFailure {
    Header h = parse(file);
    int n = h.layout().channels();
    int bits = h.depth() <= 8 ? h.depth() : 8;
    long pixels = (long) h.width() * h.height();
    return new ImageHeader(ImageFormat.BMP, h.width(), h.height(), n, bits, pixels * (n + 2) + file.length);
  }

  static Picture decode(byte[] file) throws ImageFailure {
    Header h = parse(file);
    Samples.length(h.layout(), h.width(), h.height());
    Samples s;
    if (h.runLength()) {
      s = readRunLength(file, h);
    } else {
      if (h.pixels() + h.rowBytes() * h.height() - (h.rowBytes() - ((long) h.width() * h.depth() + 7) / 8) > file.length) {
        throw truncated("its pixels");
      }
      s = new Samples(h.layout(), h.width(), h.height(), h.depth() <= 8 ? h.depth() : 8);
      read(file, h, s);
    }
    if (h.layout() == Layout.PALETTE) {
      s.palette(palette(file, h));
    }
    return new Picture(s, Orientation.NORMAL, new BmpOrigin(file, h));
  }

  private static Samples readRunLength(byte[] file, Header h) throws ImageFailure {
    ImageReader reader = Plugins.reader("bmp");
    try (MemoryInput in = new MemoryInput(bare(file, h))) {
      reader.setInput(in, true, true);
      return Rasters.samples(reader.read(0).getRaster(), Layout.PALETTE, h.depth());
    } catch (IOException | RuntimeException e) {
      throw new ImageFailure(ErrorKind.CORRUPT, "damaged BMP: " + e.getMessage() + "; get an intact copy", e);
    } finally {
      reader.dispose();
    }
  }

  /** The same run lengths behind a header that says no more than their size: the decoder believes lengths, and reads profiles. */
  private static List<ByteBuffer> bare(byte[] file, Header h) {
    int colours = 1 << h.depth();
    byte[] head = new byte[54 + 4 * colours];
    System.arraycopy(file, 0, head, 0, 2);
    System.arraycopy(file, 18, head, 18, 16);
    int length = file.length - h.pixels();
    Bytes.put32le(head, 2, head.length + (long) length);
    Bytes.put32le(head, 10, head.length);
    Bytes.put32le(head, 14, 40);
    Bytes.put32le(head, 34, length);
    Bytes.put32le(head, 46, colours);
    for (int i = 0; i < colours; i++) {
      Bytes.put32le(head, 54 + 4 * i, i * 0x010101);
    }
    return List.of(ByteBuffer.wrap(head), ByteBuffer.wrap(file, h.pixels(), length));
  }

  private static Palette palette(byte[] b, Header h) {
    int size = h.entrySize();
    long used = h.headerSize() == 12 ? 0 : Bytes.u32le(b, 46);
    int most = Math.max(0, (h.pixels() - h.table()) / size);
    int n = (int) Math.min(Math.min(used == 0 ? 1 << h.depth() : used, 1 << h.depth()), most);
    int[] rgba = new int[n];
    for (int i = 0; i < n; i++) {
      rgba[i] = Bytes.u24le(b, h.table() + i * size) << 8 | 255;
    }
    return new Palette(rgba);
  }

  private static void read(byte[] b, Header h, Samples s) {
    int[] pixel = new int[4];
    int n = s.channels();
    for (int y = 0, at = 0; y < h.height(); y++) {
      int row = (int) h.row(y);
      for (int x = 0; x < h.width(); x++) {
        get(b, h, row, x, pixel);
        for (int c = 0; c < n; c++) {
          s.set(at++, pixel[c]);
        }
      }
    }
  }

  private static void get(byte[] b, Header h, int row, int x, int[] pixel) {
    switch (h.depth()) {
      case 8 -> pixel[0] = b[row + x] & 255;
      case 24 -> {
        int at = row + 3 * x;
        pixel[0] = b[at + 2] & 255;
        pixel[1] = b[at + 1] & 255;
        pixel[2] = b[at] & 255;
      }
      case 16, 32 -> {
        long v = h.depth() == 16 ? Bytes.u16le(b, row + 2 * x) : Bytes.u32le(b, row + 4 * x);
        for (int c = 0; c < 4; c++) {
          long m = h.masks()[c];
          if (m != 0) {
            long max = m >>> Long.numberOfTrailingZeros(m);
            pixel[c] = (int) ((((v & m) >>> Long.numberOfTrailingZeros(m)) * 255 + max / 2) / max);
          }
        }
      }
      default -> {
        int perByte = 8 / h.depth();
        int shift = 8 - h.depth() * (x % perByte + 1);
        pixel[0] = b[row + x / perByte] >> shift & (1 << h.depth()) - 1;
      }
    }
  }

  private static void put(byte[] b, Header h, int row, int x, Samples s, int at) {
    switch (h.depth()) {
      case 8 -> b[row + x] = (byte) s.get(at);
      case 24 -> {
        int to = row + 3 * x;
        b[to + 2] = (byte) s.get(at);
        b[to + 1] = (byte) s.get(at + 1);
        b[to] = (byte) s.get(at + 2);
      }
      case 16, 32 -> {
        int to = row + x * h.depth() / 8;
        long v = h.depth() == 16 ? Bytes.u16le(b, to) : Bytes.u32le(b, to);
        for (int c = 0; c < s.channels(); c++) {
          long m = h.masks()[c];
          int shift = Long.numberOfTrailingZeros(m);
          v = v & ~m | (s.get(at + c) * (m >>> shift) + 127) / 255 << shift;
        }
        if (h.depth() == 16) {
          Bytes.put16le(b, to, (int) v);
        } else {
          Bytes.put32le(b, to, v);
        }
      }
      default -> {
        int perByte = 8 / h.depth();
        int shift = 8 - h.depth() * (x % perByte + 1);
        int to = row + x / perByte;
        b[to] = (byte) (b[to] & ~(((1 << h.depth()) - 1) << shift) | s.get(at) << shift);
      }
    }
  }

  /** Changes in a file the pixels that are not those of the samples. */
  private static void patch(byte[] b, Header h, Samples s) {
    int[] pixel = new int[4];
    int n = s.channels();
    for (int y = 0, at = 0; y < h.height(); y++) {
      int row = (int) h.row(y);
      for (int x = 0; x < h.width(); x++, at += n) {
        get(b, h, row, x, pixel);
        for (int c = 0; c < n; c++) {
          if (pixel[c] != s.get(at + c)) {
            put(b, h, row, x, s, at);
            break;
          }
        }
      }
    }
  }

  private record BmpOrigin(byte[] file, Header h) implements Origin {
    @Override
    public ImageFormat format() {
      return ImageFormat.BMP;
    }

    @Override
    public Encoded encode(Samples s) throws IOException {
      if (!h.runLength()) {
        byte[] out = file.clone();
        patch(out, h, s);
        return new Encoded(ImageFormat.BMP, out, List.of());
      }
      Header plain = new Header(h.pixels(), h.headerSize(), h.width(), h.height(), false, h.depth(), RGB, h.masks());
      long size = h.pixels() + plain.rowBytes() * h.height();
      byte[] profile = profile();
      if (size + 124 > Integer.MAX_VALUE) {
        throw new IOException("the BMP would be larger than 2 GiB");
      }
      byte[] out = Arrays.copyOf(Arrays.copyOf(file, h.pixels()), (int) size);
      Bytes.put32le(out, 2, size + (profile == null ? 0 : profile.length));
      Bytes.put32le(out, 30, RGB);
      Bytes.put32le(out, 34, size - h.pixels());
      patch(out, plain, s);
      if (profile != null) {
        Bytes.put32le(out, 14 + 112, size - 14);
        out = Bytes.concat(out, profile);
      }
      return new Encoded(ImageFormat.BMP, out, List.of("bmp run lengths written uncompressed"));
    }

    /** The embedded profile of a version 5 header, or null. */
    private byte[] profile() {
      if (h.headerSize() < V5 || !Bytes.has(file, 14 + 56, "DEBM")) {
        return null;
      }
      long at = 14 + Bytes.u32le(file, 14 + 112);
      long n = Bytes.u32le(file, 14 + 116);
      return n == 0 || at + n > file.length ? null : Arrays.copyOfRange(file, (int) at, (int) (at + n));
    }

    @Override
    public Metadata metadata(List<String> notes) {
      double x = h.headerSize() < 40 ? 0 : Bytes.u32le(file, 38) * 0.0254;
      double y = h.headerSize() < 40 ? 0 : Bytes.u32le(file, 42) * 0.0254;
      return new Metadata(profile(), null, null, x, y);
    }
  }

  /** A new BMP of grey, RGB or RGBA of 8 bits, or of a palette. */
  static byte[] write(Samples s, Metadata m) throws IOException {
    boolean alpha = s.layout() == Layout.RGBA;
    boolean v5 = alpha || m.icc() != null;
    int depth = switch (s.layout()) {
      case RGBA -> 32;
      case RGB -> 24;
      default -> s.bits() == 2 ? 4 : s.bits();
    };
    int entries = depth <= 8 ? s.palette() == null ? 256 : s.palette().size() : 0;
    int headerSize = v5 ? V5 : 40;
    int pixels = 14 + headerSize + 4 * entries;
    long[] masks = {0xFF0000, 0xFF00, 0xFF, alpha ? 0xFF000000L : 0};
    Header h = new Header(pixels, headerSize, s.width(), s.height(), false, depth, alpha ? BITFIELDS : RGB, masks);
    long end = pixels + h.rowBytes() * s.height();
    long size = end + (m.icc() == null ? 0 : m.icc().length);
    if (size > Integer.MAX_VALUE - 8) {
      throw new IOException("the BMP would be larger than 2 GiB");
    }
    byte[] b = new byte[(int) size];
    b[0] = 'B';
    b[1] = 'M';
    Bytes.put32le(b, 2, size);
    Bytes.put32le(b, 10, pixels);
    Bytes.put32le(b, 14, headerSize);
    Bytes.put32le(b, 18, s.width());
    Bytes.put32le(b, 22, s.height());
    Bytes.put16le(b, 26, 1);
    Bytes.put16le(b, 28, depth);
    Bytes.put32le(b, 30, h.compression());
    Bytes.put32le(b, 34, end - pixels);
    Bytes.put32le(b, 38, Math.round(m.dpiX() / 0.0254));
    Bytes.put32le(b, 42, Math.round(m.dpiY() / 0.0254));
    Bytes.put32le(b, 46, entries);
    if (v5) {
      for (int c = 0; alpha && c < 4; c++) {
        Bytes.put32le(b, 54 + 4 * c, masks[c]);
      }
      System.arraycopy(Bytes.latin1(m.icc() == null ? "BGRs" : "DEBM"), 0, b, 14 + 56, 4);
      Bytes.put32le(b, 14 + 108, 4);
      if (m.icc() != null) {
        Bytes.put32le(b, 14 + 112, end - 14);
        Bytes.put32le(b, 14 + 116, m.icc().length);
        System.arraycopy(m.icc(), 0, b, (int) end, m.icc().length);
      }
    }
    for (int i = 0; i < entries; i++) {
      int grey = i * 0x010101;
      int rgb = s.palette() == null ? grey : s.palette().rgba()[i] >>> 8;
      Bytes.put32le(b, 14 + headerSize + 4 * i, rgb);
    }
    for (int y = 0, at = 0; y < s.height(); y++) {
      for (int x = 0; x < s.width(); x++, at += s.channels()) {
        put(b, h, (int) h.row(y), x, s, at);
      }
    }
    return b;
  }

  private static ImageFailure truncated(String where) {
    return new ImageFailure(ErrorKind.TRUNCATED, "the BMP ends within " + where + "; get the whole file");
  }

  private static ImageFailure corrupt(String what) {
    return new ImageFailure(ErrorKind.CORRUPT, "damaged BMP: " + what + "; get an intact copy");
  }
}
