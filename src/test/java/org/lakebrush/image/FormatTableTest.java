package org.lakebrush.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opencv.core.Mat;

/** The README's table "format by mode": each row goes in, is painted on, comes out, and is read by two decoders. */
class FormatTableTest {
  /** What a file holds. */
  enum Content {
    /** The formula of the lossless files, exactly. */
    STORED,
    /** Its complement: more is darker. */
    INVERTED,
    /** Indices by that formula. */
    PALETTE,
    /** The smooth formula, nearly. */
    SMOOTH,
    /** The smooth formula for four inks, nearly. */
    INKS,
    /** The formula, in fewer bits or multiplied by alpha: only that it stays. */
    OTHER
  }

  /**
   * One row.
   *
   * @param notes what the outcome says of itself
   */
  record Row(String file, ImageFormat format, String mode, Content content, List<String> notes) {
    @Override
    public String toString() {
      return file + " as " + mode;
    }
  }

  private static Row row(String file, String mode, Content content, String... notes) {
    ImageFormat format = ImageFormat.ofExtension(file.substring(file.lastIndexOf('.') + 1)).orElseThrow();
    return new Row(file, format, mode, content, List.of(notes));
  }

  static Stream<Row> table() {
    return Stream.of(
        row("baseline-420.jpg", "ycbcr8", Content.SMOOTH),
        row("baseline-422.jpg", "ycbcr8", Content.SMOOTH),
        row("baseline-444.jpg", "ycbcr8", Content.SMOOTH),
        row("progressive-420.jpg", "ycbcr8", Content.SMOOTH),
        row("progressive-444.jpg", "ycbcr8", Content.SMOOTH),
        row("restart-420.jpg", "ycbcr8", Content.SMOOTH),
        row("no-app0-420.jpg", "ycbcr8", Content.SMOOTH),
        row("no-app0-444.jpg", "ycbcr8", Content.SMOOTH),
        row("rgb.jpg", "rgb8", Content.SMOOTH),
        row("gray.jpg", "gray8", Content.SMOOTH),
        row("cmyk.jpg", "cmyk8", Content.INKS),
        row("cmyk-no-adobe.jpg", "cmyk8", Content.INKS),
        row("ycck.jpg", "ycck8", Content.INKS),
        row("gray1.png", "gray1", Content.STORED),
        row("gray2.png", "gray2", Content.STORED),
        row("gray4.png", "gray4", Content.STORED),
        row("gray8.png", "gray8", Content.STORED),
        row("gray16.png", "gray16", Content.STORED),
        row("gray8-key.png", "gray8", Content.STORED),
        row("graya8.png", "graya8", Content.STORED),
        row("graya16.png", "graya16", Content.STORED),
        row("rgb8.png", "rgb8", Content.STORED),
        row("rgb16.png", "rgb16", Content.STORED),
        row("rgb8-key.png", "rgb8", Content.STORED),
        row("rgba8.png", "rgba8", Content.STORED),
        row("rgba16.png", "rgba16", Content.STORED),
        row("palette1.png", "palette1", Content.PALETTE),
        row("palette2.png", "palette2", Content.PALETTE),
        row("palette4.png", "palette4", Content.PALETTE),
        row("palette4-alpha.png", "palette4", Content.PALETTE),
        row("palette8.png", "palette8", Content.PALETTE),
        row("palette1.bmp", "palette1", Content.PALETTE),
        row("palette4.bmp", "palette4", Content.PALETTE),
        row("palette8.bmp", "palette8", Content.PALETTE),
        row("palette8-rle.bmp", "palette8", Content.OTHER, "bmp run lengths written uncompressed"),
        row("rgb555.bmp", "rgb8", Content.OTHER),
        row("rgb565.bmp", "rgb8", Content.OTHER),
        row("rgb24.bmp", "rgb8", Content.STORED),
        row("rgb24-top-down.bmp", "rgb8", Content.STORED),
        row("rgb32.bmp", "rgb8", Content.STORED),
        row("rgba32-v5.bmp", "rgba8", Content.STORED),
        row("gray1-g3.tif", "gray1", Content.STORED, "ccitt group 3 written as group 4"),
        row("gray1-g4.tif", "gray1", Content.STORED),
        row("gray1-lzw.tif", "gray1", Content.STORED),
        row("gray1-packbits.tif", "gray1", Content.STORED),
        row("gray8-min-is-white.tif", "gray8", Content.INVERTED),
        row("gray16-be.tif", "gray16", Content.STORED),
        row("rgb8-none.tif", "rgb8", Content.STORED),
        row("rgb8-lzw.tif", "rgb8", Content.STORED),
        row("rgb8-lzw-predictor-be.tif", "rgb8", Content.STORED),
        row("rgb8-packbits.tif", "rgb8", Content.STORED),
        row("rgb8-tiled.tif", "rgb8", Content.STORED),
        row("rgb8-jpeg.tif", "rgb8", Content.SMOOTH, "jpeg in tiff written as deflate"),
        row("rgb16-deflate-predictor.tif", "rgb16", Content.STORED),
        row("rgb16-deflate-predictor-be.tif", "rgb16", Content.STORED),
        row("rgb16-planar.tif", "rgb16", Content.STORED),
        row("rgba8.tif", "rgba8", Content.STORED),
        row("rgba8-premultiplied.tif", "rgba8", Content.OTHER),
        row("rgba16-be.tif", "rgba16", Content.STORED),
        row("cmyk8.tif", "cmyk8", Content.INKS),
        row("palette8.tif", "palette8", Content.PALETTE),
        row("lossy.webp", "rgb8", Content.SMOOTH),
        row("lossy-alpha.webp", "rgba8", Content.SMOOTH),
        row("lossless.webp", "rgb8", Content.STORED),
        row("lossless-alpha.webp", "rgba8", Content.STORED));
  }

  @ParameterizedTest
  @MethodSource("table")
  void comesOutAsItWentIn(Row row) throws Exception {
    byte[] file = TestPictures.load(row.file());
    ImageHeader header = Codecs.header(file);
    assertEquals(row.format(), header.format());
    assertEquals(50, header.width());
    assertEquals(38, header.height());
    assertEquals(row.mode().replaceAll("[a-z]", ""), String.valueOf(header.bitsPerSample()));

    Picture before = Codecs.decode(file);
    assertEquals(row.format(), before.format());
    assertEquals(row.mode(), before.mode());
    assertHolds(row, before);

    Encoded out = TestPictures.painted(file);
    assertEquals(row.format(), out.format());
    assertEquals(row.notes(), out.notes());
    Picture after = Codecs.decode(out.bytes());
    assertEquals(row.mode(), after.mode());
    assertEquals(before.width(), after.width());
    assertEquals(before.height(), after.height());
    assertOutside(row, file, before, after);
    assertInside(row, file, after);
    if (isLossless(row)) {
      assertArrayEquals(TestPictures.alpha(before), TestPictures.alpha(after), "alpha");
      if (!row.file().contains("planar")) { // OpenCV 4.9 reads planes of 16 bits as if they were interleaved
        assertOtherDecoderAgrees(file, out.bytes());
      }
    }
  }

  private static boolean isLossless(Row row) {
    return row.format() != ImageFormat.JPEG && !row.file().startsWith("lossy");
  }

  private static void assertHolds(Row row, Picture p) {
    int n = p.width() * p.height();
    for (int pass = 0; pass < p.passes(); pass++) {
      float[] rgb = TestPictures.rgb(p, pass);
      double error = 0;
      for (int i = 0; i < 3 * n; i++) {
        int c = i / n;
        int x = i % n % p.width();
        int y = i % n / p.width();
        boolean gray = p.mode().startsWith("gray");
        int max = (1 << Integer.parseInt(p.mode().replaceAll("[a-z]", ""))) - 1;
        int stored = TestPictures.stored(gray ? 0 : c, x, y, max);
        switch (row.content()) {
          case STORED -> assertEquals(stored / (double) max, rgb[i], 1e-6);
          case INVERTED -> assertEquals(1 - stored / (double) max, rgb[i], 1e-6);
          case PALETTE -> assertEquals(TestPictures.palette(TestPictures.stored(0, x, y, max), c) / 255.0, rgb[i], 1e-6);
          case SMOOTH -> error += Math.abs(TestPictures.smooth(gray ? 0 : c, x, y) - 255 * rgb[i]);
          case INKS -> error += Math.abs(TestPictures.smooth(pass == 1 ? 3 : c, x, y) - 255 * rgb[i]);
          case OTHER -> { }
        }
      }
      assertTrue(error / (3 * n) < 6, "mean error " + error / (3 * n));
    }
  }

  private static void assertOutside(Row row, byte[] file, Picture before, Picture after) {
    int n = before.width() * before.height();
    // A JPEG's blocks may reach 15 pixels past the hole, and the interpolation of chroma one more.
    Region touched = row.format() == ImageFormat.JPEG ? TestPictures.HOLE.grow(16) : TestPictures.HOLE;
    for (int pass = 0; pass < before.passes(); pass++) {
      float[] a = TestPictures.rgb(before, pass);
      float[] b = TestPictures.rgb(after, pass);
      double error = 0;
      int count = 0;
      for (int i = 0; i < 3 * n; i++) {
        int x = i % n % before.width();
        int y = i % n / before.width();
        if (touched.intersects(new Region(x, y, 1, 1))) {
          continue;
        }
        if (isLossless(row)) {
          assertEquals(a[i], b[i], 0f, "pixel " + x + "," + y);
        }
        error += Math.abs(a[i] - b[i]) * 255;
        count++;
      }
      assertTrue(error / count < 3, "mean change outside " + error / count);
    }
  }

  private static void assertInside(Row row, byte[] file, Picture p) {
    if (p.mode().startsWith("palette") || p.mode().matches("gray[124]") || row.file().contains("-key")) {
      return;
    }
    float[] paint = TestPictures.PAINT;
    double luma = 0.299 * paint[0] + 0.587 * paint[1] + 0.114 * paint[2];
    double step = 1.0 / ((1 << Integer.parseInt(p.mode().replaceAll("[a-z]", ""))) - 1);
    double tolerance = !isLossless(row) ? 0.05 : row.file().contains("555") || row.file().contains("565") ? 1 / 31.0
        : row.file().contains("premultiplied") ? 1 : 0.51 * step;
    int x = TestPictures.HOLE.x() + 6;
    int y = TestPictures.HOLE.y() + 4;
    int n = p.width() * p.height();
    for (int pass = 0; pass < p.passes(); pass++) {
      float[] rgb = TestPictures.rgb(p, pass);
      for (int c = 0; c < 3; c++) {
        boolean gray = p.mode().startsWith("gray") || pass == 1;
        assertEquals(gray ? luma : paint[c], rgb[c * n + y * p.width() + x], tolerance + 1e-6);
      }
    }
  }

  private static void assertOtherDecoderAgrees(byte[] file, byte[] out) {
    Mat a = TestPictures.openCv(file);
    Mat b = TestPictures.openCv(out);
    try {
      assertEquals(a == null, b == null);
      if (a == null) {
        return;
      }
      assertEquals(a.type(), b.type());
      assertEquals(a.size(), b.size());
      for (int y = 0; y < a.rows(); y++) {
        for (int x = 0; x < a.cols(); x++) {
          if (!TestPictures.HOLE.intersects(new Region(x, y, 1, 1))) {
            assertArrayEquals(a.get(y, x), b.get(y, x));
          }
        }
      }
    } finally {
      if (a != null) {
        a.release();
      }
      if (b != null) {
        b.release();
      }
    }
  }
}
