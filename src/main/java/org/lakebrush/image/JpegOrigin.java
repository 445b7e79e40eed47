package org.lakebrush.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a JPEG leaves behind: its marker structure and its segments. */
final class JpegOrigin implements Origin {
  private static final String EXIF = "Exif\0\0";
  private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";
  private static final String EXTENDED_XMP = "http://ns.adobe.com/xmp/extension/\0";
  private static final String ICC = "ICC_PROFILE\0";
  private static final String PHOTOSHOP = "Photoshop 3.0\0";
  private static final int LONGEST_PAYLOAD = 65533;

  private final JpegFile file;

  private JpegOrigin(JpegFile file) {
    this.file = file;
  }

  static JpegOrigin of(JpegFile file) {
    return new JpegOrigin(file);
  }

  @Override
  public ImageFormat format() {
    return ImageFormat.JPEG;
  }

  /** The EXIF block, or null. */
  byte[] exif() {
    return payload(0xE1, EXIF);
  }

  @Override
  public Metadata metadata(List<String> notes) {
    byte[] exif = exif();
    byte[] xmp = payload(0xE1, XMP);
    double[] dpi = ExifBlock.dpi(exif);
    byte[] jfif = payload(0xE0, "JFIF\0");
    if (jfif != null && jfif.length >= 7 && jfif[2] != 0) {
      double scale = jfif[2] == 2 ? 2.54 : 1;
      dpi = new double[] {scale * Bytes.u16be(jfif, 3), scale * Bytes.u16be(jfif, 5)};
    }
    return new Metadata(icc(), exif == null ? null : ExifBlock.withoutPreviews(exif), xmp == null ? null : Previews.outOfXmp(xmp), dpi[0],
        dpi[1]);
  }

  @Override
  public Encoded encode(Samples samples) throws IOException {
    List<String> notes = new ArrayList<>();
    List<byte[]> segments = segments(notes);
    JpegCodec.Coding coding =
        new JpegCodec.Coding(file.components(), file.tables(), file.progressive(), file.restartInterval());
    int hMax = file.components().stream().mapToInt(JpegFile.Component::h).max().orElse(1);
    int vMax = file.components().stream().mapToInt(JpegFile.Component::v).max().orElse(1);
    if (file.components().stream().anyMatch(c -> hMax % c.h() != 0 || vMax % c.v() != 0)) {
      coding = coding.fullResolution();
      notes.add("fractional chroma subsampling written as 4:4:4");
    }
    return new Encoded(ImageFormat.JPEG, JpegCodec.write(samples, coding, segments, file.bytes().length), List.copyOf(notes));
  }

  /** The APPn and COM segments as they are, without what shows the picture. */
  private List<byte[]> segments(List<String> notes) {
    byte[] b = file.bytes();
    boolean dropExtendedXmp = extendedXmpHoldsPicture();
    Set<Integer> previewMarkers = new HashSet<>();
    for (JpegFile.Segment s : file.segments()) {
      boolean known = s.marker() <= 0xE2 || s.marker() == 0xED || s.marker() == 0xEE;
      if (s.isApplication() && !known && Previews.holdsJpeg(b, s.payload(), s.at() + s.length())) {
        previewMarkers.add(s.marker());
      }
    }
    List<byte[]> kept = new ArrayList<>();
    boolean photoshopDone = false;
    for (JpegFile.Segment s : file.segments()) {
      if (!s.isApplication() && !s.isComment()) {
        continue;
      }
      byte[] segment = Arrays.copyOfRange(b, s.at(), s.at() + s.length());
      if (is(s, 0xE0, "JFXX\0")) {
        Metadata.note(notes, "jfif thumbnail dropped");
      } else if (is(s, 0xE0, "JFIF\0") && s.payloadLength() > 14) {
        Metadata.note(notes, "jfif thumbnail dropped");
        byte[] plain = Arrays.copyOf(segment, 18);
        Bytes.put16be(plain, 2, 16);
        plain[16] = 0;
        plain[17] = 0;
        kept.add(plain);
      } else if (is(s, 0xE1, EXIF)) {
        byte[] block = Arrays.copyOfRange(segment, 4 + EXIF.length(), segment.length);
        byte[] clean = ExifBlock.withoutPreviews(block);
        if (clean != block) {
          Metadata.note(notes, "exif thumbnail dropped");
          System.arraycopy(clean, 0, segment, 4 + EXIF.length(), clean.length);
        }
        kept.add(segment);
      } else if (is(s, 0xE1, XMP)) {
        byte[] packet = Arrays.copyOfRange(segment, 4 + XMP.length(), segment.length);
        byte[] clean = Previews.outOfXmp(packet);
        if (clean != packet) {
          Metadata.note(notes, "xmp thumbnail dropped");
          System.arraycopy(clean, 0, segment, 4 + XMP.length(), clean.length);
        }
        kept.add(segment);
      } else if (is(s, 0xE1, EXTENDED_XMP) && dropExtendedXmp) {
        Metadata.note(notes, "extended xmp with a picture dropped");
      } else if (is(s, 0xE2, "MPF\0")) {
        Metadata.note(notes, "mpf pictures dropped");
      } else if (is(s, 0xE2, "FPXR\0")) {
        Metadata.note(notes, "flashpix preview dropped");
      } else if (is(s, 0xED, PHOTOSHOP)) {
        if (!photoshopDone) {
          kept.addAll(photoshop(notes));
        }
        photoshopDone = true;
      } else if (previewMarkers.contains(s.marker())) {
        Metadata.note(notes, "app" + (s.marker() - 0xE0) + " preview dropped");
      } else {
        kept.add(segment);
      }
    }
    for (int i = file.end(); i < b.length; i++) {
      if (b[i] != 0) {
        Metadata.note(notes, (b.length - file.end()) + " bytes after the picture dropped");
        break;
      }
    }
    return kept;
  }

  private boolean is(JpegFile.Segment s, int marker, String name) {
    return s.marker() == marker && s.payloadLength() >= name.length() && Bytes.has(file.bytes(), s.payload(), name);
  }

  private byte[] payload(int marker, String name) {
    for (JpegFile.Segment s : file.segments()) {
      if (is(s, marker, name)) {
        return Arrays.copyOfRange(file.bytes(), s.payload() + name.length(), s.at() + s.length());
      }
    }
    return null;
  }

  /** Photoshop's resources without thumbnails; they may run on over several segments. */
  private List<byte[]> photoshop(List<String> notes) {
    List<byte[]> whole = new ArrayList<>();
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (JpegFile.Segment s : file.segments()) {
      if (is(s, 0xED, PHOTOSHOP)) {
        whole.add(Arrays.copyOfRange(file.bytes(), s.at(), s.at() + s.length()));
        joined.write(file.bytes(), s.payload() + PHOTOSHOP.length(), s.payloadLength() - PHOTOSHOP.length());
      }
    }
    byte[] resources = joined.toByteArray();
    byte[] clean = Previews.outOfPhotoshop(resources);
    if (clean == resources) {
      return whole;
    }
    Metadata.note(notes, "photoshop thumbnail dropped");
    return clean.length == 0 ? List.of() : split(0xED, PHOTOSHOP, clean);
  }

  private static List<byte[]> split(int marker, String name, byte[] data) {
    List<byte[]> parts = new ArrayList<>();
    int room = LONGEST_PAYLOAD - name.length();
    for (int at = 0; at < data.length; at += room) {
      parts.add(segment(marker, name, Arrays.copyOfRange(data, at, Math.min(data.length, at + room))));
    }
    return parts;
  }

  private boolean extendedXmpHoldsPicture() {
    StringBuilder text = new StringBuilder();
    for (JpegFile.Segment s : file.segments()) {
      if (is(s, 0xE1, EXTENDED_XMP)) {
        int from = Math.min(s.at() + s.length(), s.payload() + EXTENDED_XMP.length() + 40);
        text.append(new String(file.bytes(), from, s.at() + s.length() - from, StandardCharsets.ISO_8859_1));
      }
    }
    return text.indexOf("Thumbnails") >= 0 || text.indexOf("GImage:Data") >= 0 || text.indexOf("GDepth:Data") >= 0;
  }

  private byte[] icc() {
    byte[][] parts = null;
    for (JpegFile.Segment s : file.segments()) {
      if (is(s, 0xE2, ICC) && s.payloadLength() >= ICC.length() + 2) {
        int number = Bytes.u8(file.bytes(), s.payload() + ICC.length());
        int count = Bytes.u8(file.bytes(), s.payload() + ICC.length() + 1);
        parts = parts == null ? new byte[count][] : parts;
        if (number < 1 || number > parts.length) {
          return null;
        }
        parts[number - 1] = Arrays.copyOfRange(file.bytes(), s.payload() + ICC.length() + 2, s.at() + s.length());
      }
    }
    return parts == null || Arrays.asList(parts).contains(null) ? null : Bytes.concat(parts);
  }

  /** One segment with a name before its data. */
  private static byte[] segment(int marker, String name, byte[]... data) {
    byte[] all = Bytes.concat(data);
    byte[] s = new byte[4 + name.length() + all.length];
    s[0] = (byte) 0xFF;
    s[1] = (byte) marker;
    Bytes.put16be(s, 2, s.length - 2);
    System.arraycopy(Bytes.latin1(name), 0, s, 4, name.length());
    System.arraycopy(all, 0, s, 4 + name.length(), all.length);
    return s;
  }

  /** The segments of a new file. */
  static List<byte[]> segmentsOf(Metadata m, List<String> notes) {
    List<byte[]> list = new ArrayList<>();
    byte[] jfif = {1, 1, 0, 0, 1, 0, 1, 0, 0};
    if (m.dpiX() >= 1 && m.dpiY() >= 1) {
      jfif[2] = 1;
      Bytes.put16be(jfif, 3, (int) Math.min(65535, Math.round(m.dpiX())));
      Bytes.put16be(jfif, 5, (int) Math.min(65535, Math.round(m.dpiY())));
    }
    list.add(segment(0xE0, "JFIF\0", jfif));
    addOne(list, EXIF, m.exif(), "exif", notes);
    addOne(list, XMP, m.xmp(), "xmp", notes);
    if (m.icc() != null) {
      int room = LONGEST_PAYLOAD - ICC.length() - 2;
      int count = (m.icc().length + room - 1) / room;
      if (count > 255) {
        notes.add("colour profile too long for jpeg");
      }
      for (int i = 0; i < count && count <= 255; i++) {
        byte[] part = Arrays.copyOfRange(m.icc(), i * room, Math.min(m.icc().length, (i + 1) * room));
        list.add(segment(0xE2, ICC, new byte[] {(byte) (i + 1), (byte) count}, part));
      }
    }
    return list;
  }

  private static void addOne(List<byte[]> list, String name, byte[] data, String what, List<String> notes) {
    if (data == null) {
      return;
    }
    if (name.length() + data.length > LONGEST_PAYLOAD) {
      notes.add(what + " too long for jpeg");
    } else {
      list.add(segment(0xE1, name, data));
    }
  }
}
