package org.lakebrush.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Small pictures within a file still show what was removed: none comes through, and the outcome says so. */
class PreviewTest {
  private static final byte[] SMALL = TestPictures.load("gray.jpg");
  /** Bytes that any copy of {@link #SMALL} holds. */
  private static final byte[] TELLTALE = Arrays.copyOfRange(SMALL, SMALL.length / 2, SMALL.length / 2 + 40);

  private static Encoded repaired(byte[]... segments) throws Exception {
    return TestPictures.painted(TestPictures.withSegments(TestPictures.load("no-app0-420.jpg"), segments));
  }

  private static byte[] exifThumbnail(byte[] block) {
    for (int i = 0; i + 3 < block.length; i++) {
      if (block[i] == (byte) 0xFF && block[i + 1] == (byte) 0xD8 && block[i + 2] == (byte) 0xFF) {
        return Arrays.copyOfRange(block, i, block.length);
      }
    }
    throw new IllegalStateException("no thumbnail in the test's block");
  }

  @Test
  void exifThumbnailOfJpeg() throws Exception {
    for (String name : List.of("exif-thumbnail-le.bin", "exif-thumbnail-be.bin")) {
      byte[] block = TestPictures.load(name);
      byte[] thumbnail = exifThumbnail(block);
      Encoded out = repaired(TestPictures.segment(0xE1, TestPictures.latin1("Exif\0\0"), block));
      assertEquals(List.of("exif thumbnail dropped"), out.notes());
      assertFalse(TestPictures.contains(out.bytes(), Arrays.copyOf(thumbnail, 24)));
      byte[] kept = TestPictures.segments(out.bytes()).get(0);
      assertEquals(4 + 6 + block.length, kept.length, "nothing moves");
      assertTrue(TestPictures.contains(kept, TestPictures.latin1("description")));
      // The first directory but for its link, and the description behind it, to the bit.
      assertArrayEquals(Arrays.copyOf(block, 8 + 2 + 24), Arrays.copyOfRange(kept, 10, 10 + 8 + 2 + 24));
      assertEquals(name.contains("le") ? 6 : 8, Codecs.decode(out.bytes()).orientation().exif());
    }
  }

  @Test
  void previewInMakerNote() throws Exception {
    byte[] block = TestPictures.concat(TestPictures.latin1("II*\0\10\0\0\0\0\0\0\0\0\0Maker note:"), SMALL, TestPictures.latin1("end"));
    Encoded out = repaired(TestPictures.segment(0xE1, TestPictures.latin1("Exif\0\0"), block));
    assertEquals(List.of("exif thumbnail dropped"), out.notes());
    assertFalse(TestPictures.contains(out.bytes(), TELLTALE));
    assertTrue(TestPictures.contains(out.bytes(), TestPictures.latin1("Maker note:")));
  }

  @Test
  void jfifThumbnails() throws Exception {
    byte[] jfif = TestPictures.concat(TestPictures.latin1("JFIF\0\1\2\1\0\110\0\110\2\1"), new byte[] {1, 2, 3, 4, 5, 6});
    byte[] jfxx = TestPictures.concat(TestPictures.latin1("JFXX\0\20"), SMALL);
    Encoded out = repaired(TestPictures.segment(0xE0, jfif), TestPictures.segment(0xE0, jfxx));
    assertEquals(List.of("jfif thumbnail dropped"), out.notes());
    assertEquals(List.of("ffe000104a46494600010201004800480000"), TestPictures.metadata(out.bytes()));
  }

  private static byte[] resource(int id, byte[] data) {
    byte[] pad = new byte[data.length & 1];
    return TestPictures.concat(TestPictures.latin1("8BIM"), new byte[] {(byte) (id >> 8), (byte) id, 0, 0}, TestPictures.int32(data.length),
        data, pad);
  }

  @Test
  void photoshopThumbnail() throws Exception {
    byte[] name = TestPictures.latin1("Photoshop 3.0\0");
    byte[] caption = resource(0x0404, TestPictures.latin1("caption"));
    byte[] last = resource(0x0425, new byte[16]);
    byte[] thumbnail = resource(0x040C, TestPictures.concat(new byte[28], SMALL));
    Encoded out = repaired(TestPictures.segment(0xED, name, caption, thumbnail, last));
    assertEquals(List.of("photoshop thumbnail dropped"), out.notes());
    assertArrayEquals(TestPictures.segment(0xED, name, caption, last), TestPictures.segments(out.bytes()).get(0));

    // The same, with the thumbnail running on from one segment to the next.
    byte[] all = TestPictures.concat(caption, thumbnail, last);
    byte[] head = Arrays.copyOf(all, 100);
    byte[] tail = Arrays.copyOfRange(all, 100, all.length);
    out = repaired(TestPictures.segment(0xED, name, head), TestPictures.segment(0xED, name, tail));
    assertArrayEquals(TestPictures.segment(0xED, name, caption, last), TestPictures.segments(out.bytes()).get(0));
    assertFalse(TestPictures.contains(out.bytes(), TELLTALE));
  }

  @Test
  void multiPictureFile() throws Exception {
    byte[] file = TestPictures.withSegments(TestPictures.load("no-app0-420.jpg"),
        TestPictures.segment(0xE2, TestPictures.latin1("MPF\0"), new byte[60]));
    Encoded out = TestPictures.painted(TestPictures.concat(file, SMALL));
    assertEquals(List.of("mpf pictures dropped", SMALL.length + " bytes after the picture dropped"), out.notes());
    assertFalse(TestPictures.contains(out.bytes(), TELLTALE));
    assertEquals(List.of(), TestPictures.metadata(out.bytes()));
  }

  @Test
  void previewInAnotherSegment() throws Exception {
    byte[] kept = TestPictures.segment(0xE5, TestPictures.latin1("a vendor's numbers"));
    Encoded out = repaired(TestPictures.segment(0xE4, SMALL), kept);
    assertEquals(List.of("app4 preview dropped"), out.notes());
    assertArrayEquals(kept, TestPictures.segments(out.bytes()).get(0));
  }

  private static String xmp(String inner) {
    return "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:Description dc:title=\"kept\">" + inner
        + "</rdf:Description></x:xmpmeta><?xpacket end=\"w\"?>";
  }

  private static final String XMP_THUMBNAIL =
      "<xmp:Thumbnails><rdf:Alt><rdf:li><xmpGImg:image>/9j/4AAQSkZJRg</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails>";

  @Test
  void xmpThumbnail() throws Exception {
    byte[] name = TestPictures.latin1("http://ns.adobe.com/xap/1.0/\0");
    byte[] packet = TestPictures.latin1(xmp(XMP_THUMBNAIL));
    Encoded out = repaired(TestPictures.segment(0xE1, name, packet));
    assertEquals(List.of("xmp thumbnail dropped"), out.notes());
    String kept = new String(TestPictures.segments(out.bytes()).get(0), StandardCharsets.ISO_8859_1);
    assertFalse(kept.contains("Thumbnails") || kept.contains("/9j/"));
    assertTrue(kept.contains("dc:title=\"kept\"") && kept.endsWith("<?xpacket end=\"w\"?>"));

    byte[] plain = TestPictures.segment(0xE1, name, TestPictures.latin1(xmp("<xmp:Rating>3</xmp:Rating>")));
    assertArrayEquals(plain, TestPictures.segments(repaired(plain).bytes()).get(0));
  }

  @Test
  void originalInExtendedXmp() throws Exception {
    byte[] name = TestPictures.latin1("http://ns.adobe.com/xmp/extension/\0" + "0".repeat(32) + "\0\0\1\0\0\0\0\0");
    Encoded out = repaired(TestPictures.segment(0xE1, name, TestPictures.latin1("<rdf GImage:Data=\"/9j/4AAQ\"/>")));
    assertEquals(List.of("extended xmp with a picture dropped"), out.notes());
    assertEquals(List.of(), TestPictures.metadata(out.bytes()));
  }

  @Test
  void png() throws Exception {
    byte[] file = TestPictures.load("rgb8.png");
    byte[] block = TestPictures.load("exif-thumbnail-le.bin");
    file = TestPictures.withChunk(file, "eXIf", block);
    file = TestPictures.withChunk(file, "iTXt", TestPictures.latin1("XML:com.adobe.xmp\0\0\0\0\0" + xmp(XMP_THUMBNAIL)));
    file = TestPictures.withChunk(file, "prVW", SMALL);
    file = TestPictures.withChunk(file, "tEXt", TestPictures.latin1("Raw profile type exif\0\nexif\n    10\nffd8ffe000104a464946\n"));
    Encoded out = TestPictures.painted(file);
    assertEquals(List.of("raw profile with a preview dropped", "png chunk prVW dropped, not safe to copy", "xmp thumbnail dropped",
        "exif thumbnail dropped"), out.notes());
    assertFalse(TestPictures.contains(out.bytes(), TELLTALE));
    assertFalse(TestPictures.contains(out.bytes(), Arrays.copyOf(exifThumbnail(block), 24)));
    assertEquals(block.length, TestPictures.chunks(out.bytes(), "eXIf").get(0).length);
  }

  @Test
  void webp() throws Exception {
    Encoded out = TestPictures.painted(TestPictures.load("metadata.webp"));
    assertEquals(List.of("exif thumbnail dropped"), out.notes());
    assertFalse(TestPictures.contains(out.bytes(), new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF}));
    assertTrue(TestPictures.contains(out.bytes(), TestPictures.latin1("description")));
    assertTrue(TestPictures.contains(out.bytes(), TestPictures.load("srgb.icc")));
    assertTrue(TestPictures.contains(out.bytes(), TestPictures.latin1("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>")));
  }

  @Test
  void tiff() throws Exception {
    byte[] file = TestPictures.load("rgb8-none.tif");
    ByteBuffer b = ByteBuffer.wrap(Arrays.copyOf(file, file.length + 400 + SMALL.length)).order(ByteOrder.LITTLE_ENDIAN);
    int ifd = b.getInt(4);
    int n = b.getShort(ifd);
    // The directory moves to the end and gets a sub-directory, Photoshop layers, and a second, reduced picture behind it.
    int at = file.length + 1 & ~1;
    byte[] entries = Arrays.copyOfRange(file, ifd + 2, ifd + 2 + 12 * n);
    int second = at + 2 + 12 * (n + 2) + 4;
    int picture = second + 2 + 12 * 3 + 4;
    b.putInt(4, at).putShort(at, (short) (n + 2)).position(at + 2).put(entries);
    b.putShort((short) 330).putShort((short) 4).putInt(1).putInt(second);
    b.putShort((short) 37724).putShort((short) 7).putInt(8).putInt(picture);
    b.putInt(second);
    b.putShort((short) 3).putShort((short) 254).putShort((short) 4).putInt(1).putInt(1);
    b.putShort((short) 513).putShort((short) 4).putInt(1).putInt(picture);
    b.putShort((short) 514).putShort((short) 4).putInt(1).putInt(SMALL.length).putInt(0).put(SMALL);
    Encoded out = TestPictures.painted(b.array());
    assertEquals(List.of("tiff thumbnail dropped", "photoshop layers dropped"), out.notes());
    assertFalse(TestPictures.contains(out.bytes(), TELLTALE));
    assertEquals(List.of(), TestPictures.painted(out.bytes()).notes());
  }
}
