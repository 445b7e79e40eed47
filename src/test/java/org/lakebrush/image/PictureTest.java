package org.lakebrush.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureTest {
  private static Picture open(String name) throws Exception {
    return Codecs.decode(TestPictures.load(name));
  }

  private static FloatBuffer colour(float r, float g, float b) {
    return FloatBuffer.wrap(new float[] {r, g, b});
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 64, 128, 200, 255})
  void blendsByWeight(int weight) throws Exception {
    Picture p = open("rgb8.png");
    byte[] w = new byte[p.width() * p.height()];
    w[7 * p.width() + 9] = (byte) weight;
    p.blendRgb(0, new Region(9, 7, 1, 1), colour(1, 0, 0.5f), 0, 1, 1, w);
    float[] rgb = TestPictures.rgb(p, 0);
    float[] src = {255, 0, 127.5f};
    for (int c = 0; c < 3; c++) {
      int old = TestPictures.stored(c, 9, 7, 255);
      assertEquals(Math.round(old + (src[c] - old) * weight / 255), Math.round(rgb[(c * p.height() + 7) * p.width() + 9] * 255));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"baseline-420.jpg", "ycck.jpg", "cmyk.jpg", "cmyk8.tif", "rgb.jpg", "rgba16.png", "palette8.png", "gray4.png",
      "rgba8-premultiplied.tif", "gray8-min-is-white.tif"})
  void whatIsReadBlendsBackToItself(String name) throws Exception {
    Picture p = open(name);
    Picture same = open(name);
    Region all = new Region(0, 0, p.width(), p.height());
    int n = (int) all.area();
    for (int pass = 0; pass < p.passes(); pass++) {
      p.blendRgb(pass, all, FloatBuffer.wrap(TestPictures.rgb(same, pass)), 0, p.width(), n, TestPictures.weight(p, all));
      float[] a = TestPictures.rgb(same, pass);
      float[] b = TestPictures.rgb(p, pass);
      for (int i = 0; i < a.length; i++) {
        // Two indices of a palette may hold one colour; colours that RGB clips come back clipped.
        assertEquals(a[i], b[i], name.startsWith("rgba8-pre") ? 0.51 : 2.01 / 255);
      }
    }
  }

  @Test
  void infiniteAndMissingNumbersBecomeColours() throws Exception {
    Picture p = open("rgb8.png");
    Region r = new Region(0, 0, 1, 1);
    p.blendRgb(0, r, colour(Float.NaN, Float.POSITIVE_INFINITY, -3), 0, 1, 1, TestPictures.weight(p, r));
    byte[] row = new byte[3 * p.width()];
    p.readRow(0, row);
    assertEquals(-1, row[1]);
    assertEquals(0, row[2]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"photo-420.jpg", "gray8.png", "rgba16.png", "palette8.png"})
  void aPartOfARowIsWhatTheModelSeesThereInEightBits(String name) throws Exception {
    Picture p = open(name);
    Region part = new Region(3, p.height() - 1, p.width() - 5, 1);
    byte[] row = new byte[3 * part.width()];
    p.readRow(part.y(), part.x(), part.right(), row);
    float[] rgb = new float[row.length];
    p.readRgb(part, rgb);
    for (int i = 0; i < row.length; i++) {
      assertEquals(255 * rgb[i % 3 * part.width() + i / 3], row[i] & 255, 0.501, name + " sample " + i);
    }
  }

  @Test
  void readsIntoAnyLayout() throws Exception {
    Picture p = open("rgb8.png");
    Region r = new Region(20, 10, 7, 5);
    float[] dst = new float[1000];
    p.readRgb(0, r, FloatBuffer.wrap(dst), 11, 13, 200);
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < 5; y++) {
        for (int x = 0; x < 7; x++) {
          assertEquals(TestPictures.stored(c, 20 + x, 10 + y, 255) / 255f, dst[11 + c * 200 + y * 13 + x], 1e-6f);
        }
      }
    }
    assertEquals(0, dst[10]);
    assertEquals(0, dst[11 + 7]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rgba8.png", "rgba16.png", "graya8.png", "graya16.png", "rgba8.tif", "rgba32-v5.bmp", "lossless-alpha.webp"})
  void blendingLeavesAlphaAndMakingOpaqueSetsIt(String name) throws Exception {
    Picture p = open(name);
    assertTrue(p.hasAlpha());
    byte[] before = TestPictures.alpha(p);
    TestPictures.paint(p, TestPictures.HOLE, TestPictures.PAINT);
    assertArrayEquals(before, TestPictures.alpha(p));
    p.makeOpaque(TestPictures.HOLE, TestPictures.weight(p, TestPictures.HOLE));
    byte[] after = TestPictures.alpha(Codecs.decode(Codecs.encode(p, p.format()).bytes()));
    byte[] weight = TestPictures.weight(p, TestPictures.HOLE);
    for (int i = 0; i < after.length; i++) {
      assertEquals(weight[i] != 0 ? -1 : before[i], after[i]);
    }
  }

  @Test
  void premultipliedColourIsSeenAsItLooks() throws Exception {
    Picture straight = open("rgba8.tif");
    Picture p = open("rgba8-premultiplied.tif");
    byte[] alpha = TestPictures.alpha(p);
    float[] a = TestPictures.rgb(straight, 0);
    float[] b = TestPictures.rgb(p, 0);
    for (int i = 0; i < a.length; i++) {
      int opacity = alpha[i % alpha.length] & 255;
      if (opacity > 0) {
        assertEquals(a[i], b[i], 0.51 / opacity + 1e-4);
      }
    }
    Region r = TestPictures.HOLE;
    p.makeOpaque(r, TestPictures.weight(p, r));
    TestPictures.paint(p, r, TestPictures.PAINT);
    assertEquals(0.6, TestPictures.rgb(p, 0)[p.width() * p.height() + 9 * p.width() + 12], 0.51 / 255);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rgb8-key.png", "gray8-key.png"})
  void transparentColourIsNeitherLostNorMade(String name) throws Exception {
    Picture p = open(name);
    assertTrue(p.hasAlpha());
    byte[] before = TestPictures.alpha(p);
    assertEquals(0, before[5 * p.width() + 5]);
    Region all = new Region(0, 0, p.width(), p.height());
    float[] key = new float[3];
    float[] rgb = TestPictures.rgb(p, 0);
    for (int c = 0; c < 3; c++) {
      key[c] = rgb[(c * p.height() + 5) * p.width() + 5];
    }
    TestPictures.paint(p, all, key);
    assertArrayEquals(before, TestPictures.alpha(p));
    p.makeOpaque(all, TestPictures.weight(p, all));
    TestPictures.paint(p, all, key);
    for (byte a : TestPictures.alpha(p)) {
      assertEquals(-1, a);
    }
    assertNotEquals(0, TestPictures.chunks(Codecs.encode(p, ImageFormat.PNG).bytes(), "tRNS").size());
  }

  /** More colours than the depth can name, as careless writers leave them: taking one would spill into the pixels beside it. */
  @Test
  void coloursThatNoPixelCanNameAreNotTaken() throws Exception {
    byte[] file = TestPictures.load("palette2.png");
    byte[] colours = TestPictures.chunks(file, "PLTE").get(0);
    byte[] longer = Arrays.copyOf(colours, 768);
    for (int i = colours.length; i < longer.length; i++) {
      longer[i] = (byte) (31 * i);
    }
    int at = new String(file, StandardCharsets.ISO_8859_1).indexOf("PLTE") - 4;
    byte[] more = TestPictures.concat(Arrays.copyOf(file, at), TestPictures.chunk("PLTE", longer),
        Arrays.copyOfRange(file, at + 12 + colours.length, file.length));
    Picture expected = Codecs.decode(TestPictures.painted(file).bytes());
    Picture given = Codecs.decode(TestPictures.painted(more).bytes());
    assertArrayEquals(expected.samples().bytes(), given.samples().bytes());
  }

  @Test
  void paletteGivesItsNearestColourOfTheSameAlpha() throws Exception {
    Picture p = open("palette4-alpha.png");
    byte[] before = TestPictures.alpha(p);
    Region all = new Region(0, 0, p.width(), p.height());
    // Entry 5 of the test's palette, which is opaque.
    TestPictures.paint(p, all, new float[] {TestPictures.palette(5, 0) / 255f, TestPictures.palette(5, 1) / 255f,
        TestPictures.palette(5, 2) / 255f});
    assertArrayEquals(before, TestPictures.alpha(p));
    p.makeOpaque(all, TestPictures.weight(p, all));
    byte[] row = new byte[3 * p.width()];
    for (int y = 0; y < p.height(); y++) {
      p.readRow(y, row);
      for (int x = 0; x < p.width(); x++) {
        if ((before[y * p.width() + x] & 255) == 255) {
          assertEquals(TestPictures.palette(5, 0), row[3 * x] & 255);
        }
      }
    }
    for (byte a : TestPictures.alpha(p)) {
      assertEquals(-1, a);
    }
  }

  @ParameterizedTest
  @CsvSource({"gray1.png, 0.5", "gray2.png, 0.5", "gray1-g4.tif, 0.4", "gray4.png, 0.37", "palette1.png, 0.5"})
  void halfTonesOfFewLevelsAreDithered(String name, float tone) throws Exception {
    Picture p = open(name);
    Region r = new Region(2, 3, 40, 30);
    // For a palette of two colours, the tone between them.
    float[] from = {TestPictures.palette(0, 0) / 255f, TestPictures.palette(0, 1) / 255f, TestPictures.palette(0, 2) / 255f};
    float[] to = {TestPictures.palette(1, 0) / 255f, TestPictures.palette(1, 1) / 255f, TestPictures.palette(1, 2) / 255f};
    float[] colour = new float[3];
    for (int c = 0; c < 3; c++) {
      colour[c] = name.startsWith("palette") ? from[c] + (to[c] - from[c]) * tone : tone;
    }
    TestPictures.paint(p, r, colour);
    float[] rgb = new float[3 * (int) r.area()];
    p.readRgb(0, r, FloatBuffer.wrap(rgb), 0, r.width(), (int) r.area());
    double mean = 0;
    for (int i = 0; i < r.area(); i++) {
      mean += rgb[i] / r.area();
    }
    assertEquals(colour[0], mean, 0.03);
  }

  @ParameterizedTest
  @CsvSource({"0.1, 0", "0.9, 1"})
  void nearlyBlackAndNearlyWhiteStayCleanInOneBit(float tone, float expected) throws Exception {
    Picture p = open("gray1.png");
    Region r = new Region(2, 3, 40, 30);
    TestPictures.paint(p, r, new float[] {tone, tone, tone});
    float[] rgb = new float[3 * (int) r.area()];
    p.readRgb(0, r, FloatBuffer.wrap(rgb), 0, r.width(), (int) r.area());
    for (float v : rgb) {
      assertEquals(expected, v);
    }
  }

  @Test
  void fourInksAreTwoPasses() throws Exception {
    Picture p = open("cmyk8.tif");
    assertEquals(2, p.passes());
    assertEquals("cmyk8", p.mode());
    byte[] row = new byte[3 * p.width()];
    p.readRow(11, row);
    for (int x = 0; x < p.width(); x++) {
      double k = TestPictures.smooth(3, x, 11) / 255;
      assertEquals(TestPictures.smooth(0, x, 11) * k, row[3 * x] & 255, 0.51);
    }
  }

  @Test
  void withoutAlphaAllIsOpaque() throws Exception {
    Picture p = open("rgb8.png");
    assertFalse(p.hasAlpha());
    for (byte a : TestPictures.alpha(p)) {
      assertEquals(-1, a);
    }
  }

  /** What a repair made opaque all over keeps its channel. */
  @Test
  void opaqueLosslessWebpKeepsItsAlpha() throws Exception {
    Picture p = Codecs.decode(TestPictures.load("lossless-alpha.webp"));
    Region all = new Region(0, 0, p.width(), p.height());
    p.makeOpaque(all, TestPictures.weight(p, all));
    byte[] out = Codecs.encode(p, ImageFormat.WEBP).bytes();
    Picture q = Codecs.decode(out);
    assertEquals("rgba8", q.mode());
    assertArrayEquals(p.samples().bytes(), q.samples().bytes());
  }
}
