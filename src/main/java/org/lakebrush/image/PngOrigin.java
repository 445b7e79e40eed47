package org.lakebrush.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * What a PNG leaves behind: its chunks. They come back byte for byte and in their order, but for those that speak of the pixels in a
 * way that Lakebrush does not know (marked "unsafe to copy"; signatures, editors' layers and previews are such) and for previews.
 */
record PngOrigin(PngFile file) implements Origin {
  /** Marked unsafe to copy, and known to hold after a repair. */
  private static final Set<String> KNOWN = Set.of("cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "mDCV", "mDCv", "cLLI", "cLLi", "bKGD",
      "tRNS", "sPLT", "tIME");
  private static final String XMP_KEYWORD = "XML:com.adobe.xmp\0";
  private static final String RAW_PROFILE = "Raw profile type ";
  private static final int LONGEST_TEXT = 1 << 24;

  @Override
  public ImageFormat format() {
    return ImageFormat.PNG;
  }

  @Override
  public Encoded encode(Samples samples) throws IOException {
    List<String> notes = new ArrayList<>();
    byte[] idat = PngCodec.idat(samples, file.interlaced(), file.bytes().length);
    ByteArrayOutputStream out = new ByteArrayOutputStream(idat.length + 4096);
    out.writeBytes(Bytes.latin1(PngFile.SIGNATURE));
    boolean written = false;
    for (PngFile.Chunk c : file.chunks()) {
      switch (c.type()) {
        case "IDAT" -> {
          if (!written) {
            out.writeBytes(idat);
          }
          written = true;
        }
        case "eXIf" -> {
          byte[] block = file.data(c);
          byte[] clean = ExifBlock.withoutPreviews(block);
          if (clean != block) {
            notes.add("exif thumbnail dropped");
          }
          out.writeBytes(PngFile.chunk(c.type(), clean));
        }
        case "iTXt", "zTXt", "tEXt" -> out.writeBytes(text(c, notes));
        default -> {
          boolean critical = Character.isUpperCase(c.type().charAt(0));
          boolean safe = Character.isLowerCase(c.type().charAt(3));
          if (critical || safe || KNOWN.contains(c.type())) {
            out.write(file.bytes(), c.at(), c.total());
          } else {
            notes.add("png chunk " + c.type() + " dropped, not safe to copy");
          }
        }
      }
    }
    if (file.end() < file.bytes().length) {
      notes.add(file.bytes().length - file.end() + " bytes after the picture dropped");
    }
    return new Encoded(ImageFormat.PNG, out.toByteArray(), List.copyOf(notes));
  }

  private byte[] text(PngFile.Chunk c, List<String> notes) {
    byte[] data = file.data(c);
    if (c.type().equals("iTXt") && Bytes.has(data, 0, XMP_KEYWORD)) {
      byte[] clean = data;
      if (data.length > XMP_KEYWORD.length() && data[XMP_KEYWORD.length()] == 0) {
        clean = Previews.outOfXmp(data);
      } else {
        byte[] packet = xmp(c);
        if (packet != null && Previews.outOfXmp(packet) != packet) {
          clean = Bytes.concat(Bytes.latin1(XMP_KEYWORD), new byte[4], Previews.outOfXmp(packet));
        }
      }
      if (clean != data) {
        notes.add("xmp thumbnail dropped");
      }
      return PngFile.chunk(c.type(), clean);
    }
    if (Bytes.has(data, 0, RAW_PROFILE) && rawProfileHoldsPicture(c.type(), data)) {
      notes.add("raw profile with a preview dropped");
      return new byte[0];
    }
    return PngFile.chunk(c.type(), data);
  }

  /** ImageMagick's way to keep EXIF and Photoshop blocks: lines of hexadecimal digits after a name and a length. */
  private static boolean rawProfileHoldsPicture(String type, byte[] data) {
    int zero = indexOfZero(data, 0);
    if (type.equals("iTXt") || zero < 0) {
      return false;
    }
    byte[] text = type.equals("zTXt") ? inflate(data, zero + 2) : Arrays.copyOfRange(data, zero + 1, data.length);
    if (text == null) {
      return false;
    }
    String[] parts = new String(text, StandardCharsets.ISO_8859_1).strip().split("\\s+", 3);
    String digits = parts.length < 3 ? "" : parts[2].replaceAll("[^0-9a-fA-F]", "");
    byte[] raw = HexFormat.of().parseHex(digits.substring(0, digits.length() & ~1));
    return Previews.holdsJpeg(raw, 0, raw.length);
  }

  @Override
  public Metadata metadata() {
    byte[] icc = null;
    byte[] xmp = null;
    PngFile.Chunk iccp = file.find("iCCP");
    if (iccp != null) {
      byte[] data = file.data(iccp);
      int zero = indexOfZero(data, 0);
      icc = zero < 0 ? null : inflate(data, zero + 2);
    }
    for (PngFile.Chunk c : file.chunks()) {
      if (c.type().equals("iTXt") && Bytes.has(file.bytes(), c.data(), XMP_KEYWORD)) {
        xmp = xmp(c);
      }
    }
    PngFile.Chunk exif = file.find("eXIf");
    PngFile.Chunk phys = file.find("pHYs");
    boolean metre = phys != null && phys.length() == 9 && file.bytes()[phys.data() + 8] == 1;
    double dpiX = metre ? Bytes.u32be(file.bytes(), phys.data()) * 0.0254 : 0;
    double dpiY = metre ? Bytes.u32be(file.bytes(), phys.data() + 4) * 0.0254 : 0;
    return new Metadata(icc, exif == null ? null : ExifBlock.withoutPreviews(file.data(exif)), xmp == null ? null : Previews.outOfXmp(xmp),
        dpiX, dpiY);
  }

  private byte[] xmp(PngFile.Chunk c) {
    byte[] data = file.data(c);
    int at = XMP_KEYWORD.length();
    int language = at + 2 > data.length ? -1 : indexOfZero(data, at + 2);
    int keyword = language < 0 ? -1 : indexOfZero(data, language + 1);
    if (keyword < 0) {
      return null;
    }
    return data[at] == 0 ? Arrays.copyOfRange(data, keyword + 1, data.length) : inflate(data, keyword + 1);
  }

  private static int indexOfZero(byte[] b, int from) {
    for (int i = from; i < b.length; i++) {
      if (b[i] == 0) {
        return i;
      }
    }
    return -1;
  }

  /** A zlib stream's content; null where it is damaged or longer than any sensible text. */
  private static byte[] inflate(byte[] b, int from) {
    if (from > b.length) {
      return null;
    }
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(b, from, b.length - from);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      while (!inflater.finished()) {
        int n = inflater.inflate(buffer);
        if (n == 0 || out.size() > LONGEST_TEXT) {
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

  /** A new PNG. */
  static byte[] write(Samples s, Metadata m) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(Bytes.latin1(PngFile.SIGNATURE));
    byte[] ihdr = new byte[13];
    Bytes.put32be(ihdr, 0, s.width());
    Bytes.put32be(ihdr, 4, s.height());
    ihdr[8] = (byte) s.bits();
    ihdr[9] = (byte) PngCodec.colorType(s.layout());
    out.writeBytes(PngFile.chunk("IHDR", ihdr));
    if (m.icc() != null) {
      out.writeBytes(PngFile.chunk("iCCP", Bytes.latin1("icc\0\0"), deflate(m.icc())));
    }
    if (m.dpiX() > 0 && m.dpiY() > 0) {
      byte[] phys = new byte[9];
      Bytes.put32be(phys, 0, Math.round(m.dpiX() / 0.0254));
      Bytes.put32be(phys, 4, Math.round(m.dpiY() / 0.0254));
      phys[8] = 1;
      out.writeBytes(PngFile.chunk("pHYs", phys));
    }
    if (m.exif() != null) {
      out.writeBytes(PngFile.chunk("eXIf", m.exif()));
    }
    if (m.xmp() != null) {
      out.writeBytes(PngFile.chunk("iTXt", Bytes.latin1(XMP_KEYWORD), new byte[4], m.xmp()));
    }
    if (s.palette() != null) {
      palette(s.palette(), out);
    }
    out.writeBytes(PngCodec.idat(s, false, 1 << 16));
    out.writeBytes(PngFile.chunk("IEND"));
    return out.toByteArray();
  }

  private static void palette(Palette p, ByteArrayOutputStream out) {
    byte[] plte = new byte[3 * p.size()];
    byte[] trns = new byte[p.size()];
    for (int i = 0; i < p.size(); i++) {
      for (int c = 0; c < 3; c++) {
        plte[3 * i + c] = (byte) p.sample(i, c);
      }
      trns[i] = (byte) p.sample(i, 3);
    }
    out.writeBytes(PngFile.chunk("PLTE", plte));
    if (p.hasAlpha()) {
      out.writeBytes(PngFile.chunk("tRNS", trns));
    }
  }

  private static byte[] deflate(byte[] b) {
    Deflater deflater = new Deflater();
    try {
      deflater.setInput(b);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }
}
