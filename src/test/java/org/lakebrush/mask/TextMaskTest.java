package org.lakebrush.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lakebrush.demo.SampleLake;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Mats;
import org.lakebrush.image.Picture;
import org.lakebrush.mask.BoxMask.Anchor;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.Point;
import org.opencv.core.Scalar;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/** Text drawn on photographs of the demo: what was drawn is the truth. */
class TextMaskTest {
  private static final Length NONE = new Length(0, false);

  /** A picture with text, and which of its pixels that changed. */
  private record Drawn(Picture picture, byte[] truth) {}

  private record Text(String text, double x, double y, double scale, Scalar color) {}

  private static Drawn draw(String photo, Text... texts) throws Exception {
    try (Mats mats = new Mats(); InputStream in = SampleLake.class.getResourceAsStream(photo + ".jpg")) {
      MatOfByte bytes = mats.keep(new MatOfByte(in.readAllBytes()));
      Mat image = mats.keep(Imgcodecs.imdecode(bytes, Imgcodecs.IMREAD_COLOR));
      Mat truth = mats.keep(Mat.zeros(image.size(), CvType.CV_8U));
      for (Text t : texts) {
        Point at = new Point(t.x * image.cols(), t.y * image.rows());
        Imgproc.putText(image, t.text, at, Imgproc.FONT_HERSHEY_DUPLEX, t.scale, t.color, 2, Imgproc.LINE_AA);
        Imgproc.putText(truth, t.text, at, Imgproc.FONT_HERSHEY_DUPLEX, t.scale, new Scalar(255), 2, Imgproc.LINE_AA);
      }
      MatOfByte png = mats.keep(new MatOfByte());
      Imgcodecs.imencode(".png", image, png);
      Core.compare(truth, new Scalar(127), truth, Core.CMP_GT);
      byte[] pixels = new byte[truth.cols() * truth.rows()];
      truth.get(0, 0, pixels);
      return new Drawn(Codecs.decode(png.toArray()), pixels);
    }
  }

  private static ImageMask build(Picture picture, BoxMask region) throws Exception {
    return builder(region).build(picture, List.of());
  }

  private static MaskBuilder builder(BoxMask region) {
    return new MaskBuilder(List.of(new TextMask(region, 65)), new MaskSettings(0, 0, MaskSettings.Missing.FAIL), uri -> new byte[0]);
  }

  private static double covered(Drawn drawn, Mask hole) {
    long glyphs = 0;
    long hit = 0;
    for (int i = 0; i < drawn.truth.length; i++) {
      glyphs += drawn.truth[i] & 1;
      hit += drawn.truth[i] & hole.pixels()[i] & 1;
    }
    return (double) hit / glyphs;
  }

  private static long count(byte[] mask) {
    long n = 0;
    for (byte b : mask) {
      n += b & 1;
    }
    return n;
  }

  private static final Text STAMP = new Text("'98  7 14", 0.66, 0.94, 1.6, new Scalar(40, 120, 250));
  private static final Text CAPTION = new Text("NOT FOR SALE", 0.08, 0.2, 1.4, new Scalar(245, 245, 245));

  @Test
  void glyphsAreCoveredAndLittleElse() throws Exception {
    Drawn drawn = draw("nagasaki-boats", STAMP, CAPTION);
    ImageMask mask = build(drawn.picture, null);
    assertTrue(covered(drawn, mask.hole()) >= 0.97, "coverage " + covered(drawn, mask.hole()));
    long beyond = mask.hole().count() - 2 * count(drawn.truth);
    assertTrue(beyond <= 0.01 * drawn.truth.length, "beyond twice the glyphs: " + beyond);
    assertEquals(List.of("text"), mask.kinds());
    assertEquals(2, mask.found().get(0).count());
    assertTrue(mask.found().get(0).confidence() >= 0.65);
  }

  @Test
  void onlyLinesWhoseMiddleLiesInTheRegion() throws Exception {
    Drawn both = draw("nagasaki-boats", STAMP, CAPTION);
    BoxMask corner = new BoxMask(Anchor.BOTTOM_RIGHT, new Length(50, true), new Length(20, true), NONE, NONE);
    ImageMask mask = build(both.picture, corner);
    assertTrue(covered(draw("nagasaki-boats", STAMP), mask.hole()) >= 0.97);
    assertEquals(1, mask.found().get(0).count());
    for (int y = 0; y < both.picture.height() / 2; y++) {
      for (int x = 0; x < both.picture.width(); x++) {
        assertEquals(false, mask.hole().isHole(x, y), x + "," + y);
      }
    }
  }

  /** The region ends within the line: it is marked whole all the same. */
  @Test
  void aLineAtTheEdgeOfTheRegionIsMarkedWhole() throws Exception {
    Drawn drawn = draw("nagasaki-boats", STAMP);
    BoxMask tight = new BoxMask(Anchor.BOTTOM_RIGHT, new Length(26, true), new Length(12, true), NONE, NONE);
    double covered = covered(drawn, build(drawn.picture, tight).hole());
    assertTrue(covered >= 0.97, "coverage " + covered);
  }

  @Test
  void photographsWithoutTextStayAsTheyAre() throws Exception {
    for (String photo : new String[] {"airplane-from-above", "allium-oreophilum"}) {
      ImageMask mask = build(draw(photo).picture, null);
      assertTrue(mask.isEmpty(), photo + ": " + mask.found());
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 700", "700, 1", "20, 9", "3, 2500"})
  void picturesOfAFewPixelsHaveNone(int width, int height) throws Exception {
    FakePixels pixels = new FakePixels(width, height, 0xff808080);
    pixels.argb[width * height / 2] = 0xffffffff;
    BoxMask corner = new BoxMask(Anchor.TOP_LEFT, new Length(1, false), new Length(1, false), NONE, NONE);
    for (BoxMask region : new BoxMask[] {null, corner}) {
      assertTrue(builder(region).build(pixels, List.of()).isEmpty());
    }
  }

  @Test
  void looksAgainOnceItIsRepaired() throws Exception {
    Drawn drawn = draw("nagasaki-boats", STAMP, CAPTION);
    MaskBuilder builder = new MaskBuilder(List.of(new TextMask(null, 65)), new MaskSettings(4, 3, MaskSettings.Missing.FAIL),
        uri -> new byte[0]);
    ImageMask mask = builder.build(drawn.picture, List.of());
    assertEquals(1, builder.residual(drawn.picture, mask).orElseThrow(), "nothing was done");
    assertEquals(0, builder.residual(draw("nagasaki-boats").picture, mask).orElseThrow(), "the photograph itself");
    double half = builder.residual(draw("nagasaki-boats", CAPTION).picture, mask).orElseThrow();
    assertTrue(half > 0.3 && half < 0.7, "one of two lines: " + half);
  }

  @Test
  void threadsShareTheModels() throws Exception {
    Drawn drawn = draw("nagasaki-boats", CAPTION);
    byte[] expected = build(drawn.picture, null).hole().pixels();
    var threads = Executors.newFixedThreadPool(3);
    try {
      List<Callable<byte[]>> work = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        work.add(() -> build(drawn.picture, null).hole().pixels());
      }
      for (Future<byte[]> result : threads.invokeAll(work)) {
        assertArrayEquals(expected, result.get());
      }
    } finally {
      threads.shutdown();
    }
  }
}
