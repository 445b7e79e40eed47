package org.lakebrush.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not pixels comes through byte for byte; into another format, as far as that one can hold it. */
class MetadataTest {
  @Test
  void pngChunksKeepBytesAndOrder() throws Exception {
    byte[] file = TestPictures.load("rgb8.png");
    String[] types = {"gAMA", "cHRM", "sRGB", "sBIT", "bKGD", "pHYs", "tIME", "tEXt", "zTXt", "iTXt", "prVt", "vpAg"};
    for (int i = types.length - 1; i >= 0; i--) {
      file = TestPictures.withChunk(file, types[i], TestPictures.latin1("data of " + types[i] + "\0\0\0"));
    }
    byte[] end = Arrays.copyOfRange(file, file.length - 12, file.length);
    file = TestPictures.concat(Arrays.copyOf(file, file.length - 12), TestPictures.chunk("tEXt", TestPictures.latin1("Comment\0last")), end);
    Encoded out = TestPictures.painted(file);
    assertEquals(List.of(), out.notes());
    assertArrayEquals(withoutPixels(file), withoutPixels(out.bytes()));
  }

  @Test
  void whatIsTooLongToBeLookedIntoIsDroppedWithANote() throws Exception {
    byte[] plain = TestPictures.withChunk(TestPictures.load("rgb8.png"), "tEXt", TestPictures.latin1("Comment\0short"));
    byte[] file = TestPictures.withChunk(plain, "eXIf", new byte[9 << 20]);
    file = TestPictures.withChunk(file, "iTXt", TestPictures.concat(TestPictures.latin1("XML:com.adobe.xmp\0\0\0\0\0"), new byte[9 << 20]));
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(deflated)) {
      out.write(new byte[5 << 20]);
    }
    file = TestPictures.withChunk(file, "zTXt",
        TestPictures.concat(TestPictures.latin1("Raw profile type exif\0\0"), deflated.toByteArray()));
    Encoded out = TestPictures.painted(file);
    assertEquals(List.of("raw profile dropped, the file's texts inflate to more than 4 MB", "xmp of more than 8 MB dropped",
        "exif of more than 8 MB dropped"), out.notes());
    assertArrayEquals(withoutPixels(plain), withoutPixels(out.bytes()));
  }

  private static byte[] withoutPixels(byte[] png) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(png, 0, 8);
    for (int at = 8; at < png.length; ) {
      int n = ByteBuffer.wrap(png).getInt(at);
      if (png[at + 4] != 'I' || png[at + 5] != 'D') {
        out.write(png, at, n + 12);
      }
      at += n + 12;
    }
    return out.toByteArray();
  }

  @Test
  void pngStaysInterlaced() throws Exception {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream ios = new MemoryCacheImageOutputStream(file)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      writer.setOutput(ios);
      writer.write(null, new IIOImage(ImageIO.read(new ByteArrayInputStream(TestPictures.load("rgb8.png"))), null, null), param);
    } finally {
      writer.dispose();
    }
    Picture p = Codecs.decode(file.toByteArray());
    assertEquals(TestPictures.stored(2, 49, 37, 255) / 255f, TestPictures.rgb(p, 0)[3 * 50 * 38 - 1], 1e-6f);
    byte[] out = TestPictures.painted(file.toByteArray()).bytes();
    assertEquals(1, out[28], "interlace method");
    assertEquals(TestPictures.stored(2, 49, 37, 255) / 255f, TestPictures.rgb(Codecs.decode(out), 0)[3 * 50 * 38 - 1], 1e-6f);
  }

  /** Only pixels of the hole, and nothing before or after them, differ in files that are not compressed. */
  @ParameterizedTest
  @ValueSource(strings = {"rgb24.bmp", "rgb24-top-down.bmp", "rgb32.bmp", "rgba32-v5.bmp", "palette8.bmp", "rgb555.bmp", "rgb565.bmp",
      "rgb8-none.tif", "gray16-be.tif", "gray8-min-is-white.tif"})
  void uncompressedFilesChangeOnlyInTheHole(String name) throws Exception {
    byte[] file = TestPictures.load(name);
    byte[] out = TestPictures.painted(file).bytes();
    assertEquals(file.length, out.length);
    int changed = 0;
    for (int i = 0; i < file.length; i++) {
      changed += file[i] != out[i] ? 1 : 0;
    }
    assertTrue(changed > 0 && changed <= TestPictures.HOLE.area() * 4, changed + " bytes changed");
  }

  @Test
  void tiffStripsThatTheHoleDoesNotTouchKeepTheirBytes() throws Exception {
    byte[] file = TestPictures.load("rgb8-lzw.tif");
    byte[] out = TestPictures.painted(file).bytes();
    TiffFile a = TiffFile.parse(file);
    TiffFile b = TiffFile.parse(out);
    List<Integer> touched = new ArrayList<>();
    for (int i = 0; i < a.offsets().length; i++) {
      byte[] before = Arrays.copyOfRange(file, (int) a.offsets()[i], (int) (a.offsets()[i] + a.counts()[i]));
      byte[] after = Arrays.copyOfRange(out, (int) b.offsets()[i], (int) (b.offsets()[i] + b.counts()[i]));
      if (!Arrays.equals(before, after)) {
        touched.add(i);
      }
    }
    assertEquals(List.of(1, 2), touched, "strips of 8 rows; the hole lies in rows 8 to 16");
  }

  /** A profile, an EXIF block, an XMP packet and a resolution, from a PNG into each format. */
  @ParameterizedTest
  @EnumSource(ImageFormat.class)
  void goesIntoOtherFormats(ImageFormat format) throws Exception {
    byte[] icc = TestPictures.load("srgb.icc");
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(compressed)) {
      deflater.write(icc);
    }
    byte[] file = TestPictures.load("rgb8.png");
    file = TestPictures.withChunk(file, "iTXt", TestPictures.latin1("XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta/>"));
    file = TestPictures.withChunk(file, "eXIf", TestPictures.load("exif-thumbnail-be.bin"));
    file = TestPictures.withChunk(file, "pHYs", TestPictures.concat(TestPictures.int32(11811), TestPictures.int32(11811), new byte[] {1}));
    file = TestPictures.withChunk(file, "iCCP", TestPictures.concat(TestPictures.latin1("name\0\0"), compressed.toByteArray()));
    Picture p = Codecs.decode(file);
    Encoded out = Codecs.encode(p, format);
    assertEquals(format, out.format());
    Picture q = Codecs.decode(out.bytes());
    assertEquals(format, q.format());
    assertEquals(p.width(), q.width());
    assertEquals(p.height(), q.height());
    float[] a = TestPictures.rgb(p, 0);
    float[] b = TestPictures.rgb(q, 0);
    for (int i = 0; i < a.length; i++) {
      assertEquals(a[i], b[i], format == ImageFormat.JPEG ? 0.12 : 1e-6);
    }
    Metadata m = q.origin().metadata(new ArrayList<>());
    assertArrayEquals(icc, m.icc());
    assertEquals(300, format == ImageFormat.WEBP ? 300 : m.dpiX(), 0.01);
    if (format == ImageFormat.BMP) {
      assertEquals(List.of("turned upright, bmp has no orientation", "exif and xmp dropped, bmp holds none"), out.notes());
      assertEquals(Orientation.NORMAL, q.orientation());
    } else {
      assertEquals(Orientation.ROTATE_90_CCW, q.orientation());
      assertArrayEquals(TestPictures.latin1("<x:xmpmeta/>"), m.xmp());
      assertTrue(TestPictures.contains(out.bytes(), TestPictures.latin1("description")));
    }
  }

  private static Encoded as(String file, ImageFormat format) throws Exception {
    return Codecs.encode(Codecs.decode(TestPictures.load(file)), format);
  }

  @Test
  void whatTheOtherFormatCannotHoldIsConvertedAndSaid() throws Exception {
    Encoded e = as("rgba16.png", ImageFormat.JPEG);
    assertEquals(List.of("16 bits a sample written as 8", "alpha laid on white, jpeg has none"), e.notes());
    assertEquals("ycbcr8", Codecs.decode(e.bytes()).mode());
    e = as("cmyk.jpg", ImageFormat.PNG);
    assertEquals(List.of("four inks converted to rgb without a colour profile"), e.notes());
    assertEquals("rgb8", Codecs.decode(e.bytes()).mode());
    assertEquals("gray16", Codecs.decode(as("gray16.png", ImageFormat.TIFF).bytes()).mode());
    assertEquals("gray1", Codecs.decode(as("gray1-g4.tif", ImageFormat.PNG).bytes()).mode());
    assertEquals("palette4", Codecs.decode(as("palette4.bmp", ImageFormat.PNG).bytes()).mode());
    assertEquals("rgba8", Codecs.decode(as("palette4-alpha.png", ImageFormat.TIFF).bytes()).mode());
    assertEquals("gray8", Codecs.decode(as("gray4.png", ImageFormat.JPEG).bytes()).mode());
    assertEquals("rgba8", Codecs.decode(as("rgb8-key.png", ImageFormat.WEBP).bytes()).mode());
    assertEquals("graya16", Codecs.decode(as("graya16.png", ImageFormat.TIFF).bytes()).mode());
  }

  @Test
  void colourUnderTransparencyInLosslessWebpIsSaid() throws Exception {
    Picture p = Codecs.decode(TestPictures.load("palette4-alpha.png"));
    Encoded out = Codecs.encode(p, ImageFormat.WEBP);
    assertEquals(List.of("colour under fully transparent pixels not kept by webp"), out.notes());
    Picture q = Codecs.decode(out.bytes());
    assertEquals("rgba8", q.mode());
    byte[] alpha = TestPictures.alpha(p);
    assertArrayEquals(alpha, TestPictures.alpha(q));
    float[] a = TestPictures.rgb(p, 0);
    float[] b = TestPictures.rgb(q, 0);
    for (int i = 0; i < a.length; i++) {
      if (alpha[i % alpha.length] != 0) {
        assertEquals(a[i], b[i], 1e-6f);
      }
    }
  }

  @Test
  void greyProfileDoesNotGoIntoColour() throws Exception {
    byte[] icc = TestPictures.load("srgb.icc");
    System.arraycopy(TestPictures.latin1("GRAY"), 0, icc, 16, 4);
    byte[] file = TestPictures.withSegments(TestPictures.load("gray.jpg"),
        TestPictures.segment(0xE2, TestPictures.latin1("ICC_PROFILE\0\1\1"), icc));
    Picture p = Codecs.decode(file);
    Encoded out = Codecs.encode(p, ImageFormat.WEBP);
    assertEquals(List.of("grey colour profile dropped, webp is rgb"), out.notes());
    assertTrue(TestPictures.contains(Codecs.encode(p, ImageFormat.TIFF).bytes(), icc));
  }

  /** JPEG knows no predictor; a tag that a writer left there must not speak of the Deflate that takes its place. */
  @Test
  void predictorOfJpegInTiffDoesNotStay() throws Exception {
    byte[] file = TestPictures.load("rgb8-jpeg.tif");
    TiffFile.Entry planes = TiffFile.parse(file).entry(284);
    boolean little = file[0] == 'I';
    file[planes.at() + (little ? 0 : 1)] = (byte) 317;
    file[planes.at() + (little ? 1 : 0)] = (byte) (317 >> 8);
    file[planes.valueAt() + (little ? 0 : 1)] = 2;
    assertEquals(2, TiffFile.parse(file).value(TiffFile.PREDICTOR, 1));
    Picture p = Codecs.decode(file);
    byte[] out = Codecs.encode(p, ImageFormat.TIFF).bytes();
    assertEquals(1, TiffFile.parse(out).value(TiffFile.PREDICTOR, 1));
    assertArrayEquals(p.samples().bytes(), Codecs.decode(out).samples().bytes());
  }

  /** A strip is decompressed as a whole, and may be all of the picture. */
  @Test
  void headerCountsTheRawStrip() throws Exception {
    byte[] file = TestPictures.load("rgb8-packbits.tif");
    TiffFile tiff = TiffFile.parse(file);
    long samples = 3L * tiff.width() * tiff.height();
    assertTrue(Codecs.header(file).workingBytes() >= samples + 2 * tiff.expected(0) + 2L * file.length);
  }
}
