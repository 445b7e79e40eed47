package org.lakebrush.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.zip.Deflater;

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

  @Override
  public ImageFormat format() {
    return ImageFormat.PNG;
  }

  @Override
  public Encoded encode(Samples samples) throws IOException {
    List<String> notes = new ArrayList<>();
    Inflation inflation = new Inflation();
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
          if (Metadata.isTooLong(c.length(), "exif", notes)) {
            continue;
          }
          byte[] block = file.data(c);
          byte[] clean = ExifBlock.withoutPreviews(block);
          if (clean != block) {
            Metadata.note(notes, "exif thumbnail dropped");
          }
          write(c, block, clean, out);
        }
        case "iTXt", "zTXt", "tEXt" -> text(c, inflation, notes, out);
        default -> {
          boolean critical = Character.isUpperCase(c.type().charAt(0));
          boolean safe = Character.isLowerCase(c.type().charAt(3));
          if (critical || safe || KNOWN.contains(c.type())) {
            out.write(file.bytes(), c.at(), c.total());
          } else {
            Metadata.note(notes, "png chunk " + c.type() + " dropped, not safe to copy");
          }
        }
      }
    }
    if (file.end() < file.bytes().length) {
      notes.add(file.bytes().length - file.end() + " bytes after the picture dropped");
    }
    return new Encoded(ImageFormat.PNG, out.toByteArray(), List.copyOf(notes));
  }

  /** Writes a chunk: as it is where its data are. */
  private void write(PngFile.Chunk c, byte[] data, byte[] clean, ByteArrayOutputStream out) {
    if (clean == data) {
      out.write(file.bytes(), c.at(), c.total());
    } else {
      out.writeBytes(PngFile.chunk(c.type(), clean));
    }
  }

  private void text(PngFile.Chunk c, Inflation inflation, List<String> notes, ByteArrayOutputStream out) {
    boolean xmp = c.type().equals("iTXt") && Bytes.has(file.bytes(), c.data(), XMP_KEYWORD);
    boolean raw = !c.type().equals("iTXt") && Bytes.has(file.bytes(), c.data(), RAW_PROFILE);
    if (!xmp && !raw) {
      out.write(file.bytes(), c.at(), c.total());
      return;
    }
    if (Metadata.isTooLong(c.length(), xmp ? "xmp" : "raw profile", notes)) {
      return;
    }
    byte[] data = file.data(c);
    boolean deflated = xmp ? !isPlainXmp(data) : c.type().equals("zTXt");
    byte[] clean = xmp ? cleanXmp(c, data, inflation) : rawProfileHoldsPicture(c.type(), data, inflation) ? null : data;
    if (deflated && inflation.isExhausted()) {
      Metadata.note(notes, (xmp ? "xmp" : "raw profile") + " dropped, the file's texts inflate to more than " + (Inflation.MOST >> 20)
          + " MB");
      return;
    }
    if (clean != data) {
      Metadata.note(notes, xmp ? "xmp thumbnail dropped" : "raw profile with a preview dropped");
    }
    if (clean != null) {
      write(c, data, clean, out);
    }
  }

  private static boolean isPlainXmp(byte[] data) {
    return data.length > XMP_KEYWORD.length() && data[XMP_KEYWORD.length()] == 0;
  }

  private byte[] cleanXmp(PngFile.Chunk c, byte[] data, Inflation inflation) {
    if (isPlainXmp(data)) {
      return Previews.outOfXmp(data);
    }
    byte[] packet = xmp(c, inflation);
    byte[] clean = packet == null ? null : Previews.outOfXmp(packet);
    return clean == packet ? data : Bytes.concat(Bytes.latin1(XMP_KEYWORD), new byte[4], clean);
  }

  /** ImageMagick's way to keep EXIF and Photoshop blocks: lines of hexadecimal digits after a name and a length. */
  private static boolean rawProfileHoldsPicture(String type, byte[] data, Inflation inflation) {
    int zero = indexOfZero(data, 0);
    if (zero < 0) {
      return false;
    }
    byte[] text = type.equals("zTXt") ? inflation.inflate(data, zero + 2) : Arrays.copyOfRange(data, zero + 1, data.length);
    if (text == null) {
      return false;
    }
    String[] parts = new String(text, StandardCharsets.ISO_8859_1).strip().split("\\s+", 3);
    String digits = parts.length < 3 ? "" : parts[2].replaceAll("[^0-9a-fA-F]", "");
    byte[] raw = HexFormat.of().parseHex(digits.substring(0, digits.length() & ~1));
    return Previews.holdsJpeg(raw, 0, raw.length);
  }

  @Override
  public Metadata metadata(List<String> notes) {
    byte[] icc = null;
    byte[] xmp = null;
    PngFile.Chunk iccp = file.find("iCCP");
    if (iccp != null) {
      byte[] data = file.data(iccp);
      int zero = indexOfZero(data, 0);
      Inflation inflation = new Inflation();
      icc = zero < 0 ? null : inflation.inflate(data, zero + 2);
      if (inflation.isExhausted()) {
        notes.add("colour profile of more than " + (Inflation.MOST >> 20) + " MB dropped");
      }
    }
    Inflation texts = new Inflation();
    for (PngFile.Chunk c : file.chunks()) {
      if (c.type().equals("iTXt") && Bytes.has(file.bytes(), c.data(), XMP_KEYWORD) && !Metadata.isTooLong(c.length(), "xmp", notes)) {
        xmp = xmp(c, texts);
      }
    }
    if (texts.isExhausted()) {
      notes.add("xmp of more than " + (Inflation.MOST >> 20) + " MB dropped");
    }
    PngFile.Chunk exif = file.find("eXIf");
    boolean hasExif = exif != null && !Metadata.isTooLong(exif.length(), "exif", notes);
    PngFile.Chunk phys = file.find("pHYs");
    boolean metre = phys != null && phys.length() == 9 && file.bytes()[phys.data() + 8] == 1;
    double dpiX = metre ? Bytes.u32be(file.bytes(), phys.data()) * 0.0254 : 0;
    double dpiY = metre ? Bytes.u32be(file.bytes(), phys.data() + 4) * 0.0254 : 0;
    return new Metadata(icc, hasExif ? ExifBlock.withoutPreviews(file.data(exif)) : null, xmp == null ? null : Previews.outOfXmp(xmp),
        dpiX, dpiY);
  }

  private byte[] xmp(PngFile.Chunk c, Inflation inflation) {
    byte[] data = file.data(c);
    int at = XMP_KEYWORD.length();
    int language = at + 2 > data.length ? -1 : indexOfZero(data, at + 2);
    int keyword = language < 0 ? -1 : indexOfZero(data, language + 1);
    if (keyword < 0) {
      return null;
    }
    return data[at] == 0 ? Arrays.copyOfRange(data, keyword + 1, data.length) : inflation.inflate(data, keyword + 1);
  }

  private static int indexOfZero(byte[] b, int from) {
    for (int i = from; i < b.length; i++) {
      if (b[i] == 0) {
        return i;
      }
    }
    return -1;
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
