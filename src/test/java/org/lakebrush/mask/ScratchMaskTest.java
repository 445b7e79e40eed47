package org.lakebrush.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Picture;
import org.lakebrush.mask.MaskSettings.Missing;
import org.lakebrush.mask.ScratchMask.Polarity;
import org.lakebrush.mask.ScratchMask.Sensitivity;

class ScratchMaskTest {
  private static final int W = 480;
  private static final int H = 360;
  private static final ScratchMask DEFAULT = new ScratchMask(Polarity.BOTH, Sensitivity.NORMAL, 4);
  private static final ScratchMask HIGH = new ScratchMask(Polarity.BOTH, Sensitivity.HIGH, 4);

  private static Mask mask(ScratchMask spec, byte[] rgb, int width, int height) throws Exception {
    FakePixels pixels = FakePixels.of(rgb, width, height);
    return new MaskBuilder(List.of(spec), new MaskSettings(0, 0, Missing.FAIL), uri -> {
      throw new AssertionError(uri);
    }).build(pixels, List.of()).hole();
  }

  private interface Grey {
    double at(int x, int y);
  }

  private static byte[] picture(int width, int height, Grey grey) {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < width * height; i++) {
      byte v = (byte) Math.round(Math.max(0, Math.min(255, grey.at(i % width, i / width))));
      rgb[3 * i] = v;
      rgb[3 * i + 1] = v;
      rgb[3 * i + 2] = v;
    }
    return rgb;
  }

  /** A ground that rises and falls slowly, with noise. */
  private static byte[] hills(double sigma, long seed) {
    Random random = new Random(seed);
    return picture(W, H, (x, y) -> 128 + 60 * Math.sin(x / 70.0) * Math.cos(y / 55.0) + sigma * random.nextGaussian());
  }

  private static List<double[]> line(double x0, double y0, double x1, double y1) {
    List<double[]> path = new ArrayList<>();
    int steps = (int) Math.ceil(Math.hypot(x1 - x0, y1 - y0) / 2);
    for (int i = 0; i <= steps; i++) {
      path.add(new double[] {x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps});
    }
    return path;
  }

  private static DrawnScratches on(byte[] rgb) {
    return new DrawnScratches(W, H, rgb.clone(), new float[W * H]);
  }

  private static byte[] photo(String name, int[] size) throws Exception {
    try (InputStream in = ScratchMaskTest.class.getResourceAsStream("/org/lakebrush/demo/" + name + ".jpg")) {
      Picture picture = Codecs.decode(in.readAllBytes());
      size[0] = picture.width();
      size[1] = picture.height();
      return DrawnScratches.rgb(picture);
    }
  }

  /** Share of the truth that is marked. */
  private static double recall(Mask mask, boolean[] truth) {
    int all = 0;
    int both = 0;
    for (int i = 0; i < truth.length; i++) {
      all += truth[i] ? 1 : 0;
      both += truth[i] && mask.pixels()[i] != 0 ? 1 : 0;
    }
    return (double) both / all;
  }

  /** Share of what is marked that is truth. */
  private static double precision(Mask mask, boolean[] truth) {
    int both = 0;
    for (int i = 0; i < truth.length; i++) {
      both += truth[i] && mask.pixels()[i] != 0 ? 1 : 0;
    }
    return (double) both / Math.max(1, mask.count());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void drawnScratchesAreFound(long seed) throws Exception {
    DrawnScratches drawn = DrawnScratches.draw(hills(6, seed), W, H, seed);
    Mask mask = mask(DEFAULT, drawn.rgb(), W, H);
    assertTrue(recall(mask, drawn.truth(0.5)) >= 0.8, "recall " + recall(mask, drawn.truth(0.5)));
    assertTrue(precision(mask, drawn.truth(0.5)) >= 0.6, "precision " + precision(mask, drawn.truth(0.5)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"black-canyon", "march-pastoral"})
  void drawnScratchesAreFoundOnPhotographs(String photo) throws Exception {
    int[] size = new int[2];
    byte[] rgb = photo(photo, size);
    assertEquals(0, mask(DEFAULT, rgb, size[0], size[1]).count());
    DrawnScratches drawn = DrawnScratches.draw(rgb, size[0], size[1], 7);
    Mask mask = mask(DEFAULT, drawn.rgb(), size[0], size[1]);
    assertTrue(recall(mask, drawn.truth(0.5)) >= 0.8, "recall " + recall(mask, drawn.truth(0.5)));
    assertTrue(precision(mask, drawn.truth(0.5)) >= 0.6, "precision " + precision(mask, drawn.truth(0.5)));
  }

  @ParameterizedTest
  @CsvSource({"1, 1.3", "2, 2", "3, 3", "4, 4"})
  void aScratchOfEachWidthIsMarkedAtItsWidth(int width, double drawnWidth) throws Exception {
    DrawnScratches drawn = on(hills(3, width));
    drawn.stroke(line(60, 40, 400, 300), 250, drawnWidth);
    Mask mask = mask(DEFAULT, drawn.rgb(), W, H);
    assertTrue(recall(mask, drawn.truth(0.5)) >= 0.9, "recall " + recall(mask, drawn.truth(0.5)));
    assertTrue(precision(mask, drawn.truth(0.01)) >= 0.9, "precision " + precision(mask, drawn.truth(0.01)));
  }

  /** Less than the noise's standard deviation in each pixel: only the sum along the line tells. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aFaintLongScratchIsLiftedOutOfTheNoise(long seed) throws Exception {
    Random random = new Random(seed);
    DrawnScratches drawn = on(new byte[3 * W * H]);
    drawn.stroke(line(20, 50, 460, 300), 255, 2);
    byte[] rgb = picture(W, H, (x, y) -> 128 + 16 * drawn.cover()[y * W + x] + 20 * random.nextGaussian());
    assertTrue(recall(mask(HIGH, rgb, W, H), drawn.truth(0.5)) >= 0.5);
    Random again = new Random(seed);
    assertEquals(0, mask(HIGH, picture(W, H, (x, y) -> 128 + 20 * again.nextGaussian()), W, H).count());
  }

  @Test
  void scratchIsFollowedWhereTheGroundPassesItsTone() throws Exception {
    DrawnScratches drawn = on(picture(W, H, (x, y) -> 40 + 180.0 * x / W));
    drawn.stroke(line(40, 170, 440, 190), 130, 2.5);
    Mask mask = mask(DEFAULT, drawn.rgb(), W, H);
    for (int x : new int[] {80, 380}) {
      assertTrue(mask.isHole(x, (int) Math.round(170 + 20 * (x - 40) / 400.0)), "at " + x);
    }
  }

  @Test
  void aStepEdgeIsNoScratch() throws Exception {
    assertEquals(0, mask(DEFAULT, picture(W, H, (x, y) -> x + 0.4 * y < 300 ? 60 : 190), W, H).count());
    assertEquals(0, mask(DEFAULT, picture(W, H, (x, y) -> Math.hypot(x - 240, y - 180) < 100 ? 60 : 190), W, H).count());
  }

  @Test
  void aLineAlongAnEdgeIsNoScratch() throws Exception {
    assertEquals(0, mask(DEFAULT, picture(W, H, (x, y) -> x < 240 ? 60 : x < 243 ? 230 : 190), W, H).count());
  }

  @Test
  void aBandWiderThanMaxWidthIsNoScratch() throws Exception {
    DrawnScratches drawn = on(hills(3, 1));
    drawn.stroke(line(60, 40, 400, 300), 250, 9);
    assertEquals(0, mask(DEFAULT, drawn.rgb(), W, H).count());
    DrawnScratches narrow = on(hills(3, 1));
    narrow.stroke(line(60, 40, 400, 300), 250, 3.5);
    assertTrue(mask(DEFAULT, narrow.rgb(), W, H).count() > 0);
    assertEquals(0, mask(new ScratchMask(Polarity.BOTH, Sensitivity.NORMAL, 2), narrow.rgb(), W, H).count());
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 24, 40})
  void wiresAndBricksAreNoScratches(int pitch) throws Exception {
    assertEquals(0, mask(DEFAULT, picture(W, H, (x, y) -> x % pitch < 2 || y % pitch < 2 ? 40 : 200), W, H).count(), "grid");
    assertEquals(0, mask(DEFAULT, picture(W, H, (x, y) -> (x + y / 3) % pitch < 2 ? 40 : 200), W, H).count(), "wires");
    Random random = new Random(pitch);
    assertEquals(0, mask(DEFAULT, picture(W, H,
        (x, y) -> (y % pitch < 2 || (x + y / pitch % 2 * pitch) % (2 * pitch) < 2 ? 190 : 110) + 8 * random.nextGaussian()), W, H).count(),
        "bricks");
  }

  @Test
  void polarityChooses() throws Exception {
    DrawnScratches bright = on(hills(3, 5));
    bright.stroke(line(40, 60, 300, 100), 255, 2);
    DrawnScratches both = new DrawnScratches(W, H, bright.rgb().clone(), new float[W * H]);
    both.stroke(line(60, 300, 420, 200), 0, 2);
    for (Sensitivity sensitivity : Sensitivity.values()) {
      Mask onlyBright = mask(new ScratchMask(Polarity.BRIGHT, sensitivity, 4), both.rgb(), W, H);
      Mask onlyDark = mask(new ScratchMask(Polarity.DARK, sensitivity, 4), both.rgb(), W, H);
      assertTrue(recall(onlyBright, bright.truth(0.5)) > 0.8);
      assertEquals(0, recall(onlyBright, both.truth(0.5)));
      assertEquals(0, recall(onlyDark, bright.truth(0.5)));
      assertTrue(recall(onlyDark, both.truth(0.5)) > 0.8);
    }
  }

  @Test
  void whatOneSensitivityMarksTheNextMarksToo() throws Exception {
    DrawnScratches drawn = DrawnScratches.draw(hills(14, 9), W, H, 9);
    Mask low = mask(new ScratchMask(Polarity.BOTH, Sensitivity.LOW, 4), drawn.rgb(), W, H);
    Mask high = mask(new ScratchMask(Polarity.BOTH, Sensitivity.HIGH, 4), drawn.rgb(), W, H);
    for (int i = 0; i < low.pixels().length; i++) {
      assertTrue(low.pixels()[i] == 0 || high.pixels()[i] != 0);
    }
  }

  /** A picture of several tiles: a border of other size before it moves them, and not what is found. */
  @Test
  void tilesDoNotShow() throws Exception {
    int width = 1100;
    int height = 600;
    Random random = new Random(4);
    byte[] ground = picture(width, height, (x, y) -> 128 + 5 * random.nextGaussian());
    DrawnScratches drawn = new DrawnScratches(width, height, ground, new float[width * height]);
    drawn.stroke(line(400, 100, 700, 500), 240, 2);
    drawn.stroke(line(480, 505, 560, 520), 20, 3);
    int dx = 61;
    int dy = 83;
    byte[] moved = picture(width + dx, height + dy, (x, y) -> x < dx || y < dy ? 128 : drawn.rgb()[3 * ((y - dy) * width + x - dx)] & 255);
    Mask here = mask(DEFAULT, drawn.rgb(), width, height);
    Mask there = mask(DEFAULT, moved, width + dx, height + dy);
    assertTrue(here.count() > 1000);
    byte[] back = new byte[width * height];
    for (int y = 0; y < height; y++) {
      System.arraycopy(there.pixels(), (y + dy) * (width + dx) + dx, back, y * width, width);
    }
    assertArrayEquals(here.pixels(), back);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 400", "400, 1", "7, 9", "40, 30"})
  void smallPictures(int width, int height) throws Exception {
    assertEquals(0, mask(DEFAULT, picture(width, height, (x, y) -> 90), width, height).count());
  }
}
