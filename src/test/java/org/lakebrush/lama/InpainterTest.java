package org.lakebrush.lama;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.FloatCanvas;
import org.lakebrush.mask.Mask;

class InpainterTest {
  private static LamaPool lama;
  private static LamaPool constant;
  private static LamaPool fixed;

  @BeforeAll
  static void open() throws Exception {
    lama = Models.open(Models.SHIPPED, 2, 4);
    constant = Models.open(Models.small("dynamic-range255"), 1, 4);
    fixed = Models.open(Models.small("fixed512-range255"), 1, 4);
  }

  @AfterAll
  static void close() {
    lama.close();
    constant.close();
    fixed.close();
  }

  private static Inpainter inpainter(LamaPool session, int maxSide) {
    return new Inpainter(new InpaintSettings("m", 1, maxSide, session.batch()), session);
  }

  private static int fill(Inpainter inpainter, FloatCanvas canvas, Mask hole) throws Exception {
    return inpainter.fill(canvas, inpainter.plan(hole), hole, hole.pixels(), AfterFill.NOTHING).crops();
  }

  private static Mask box(int width, int height, int x, int y, int w, int h) {
    Mask mask = new Mask(width, height);
    for (int row = y; row < y + h; row++) {
      Arrays.fill(mask.pixels(), row * width + x, row * width + x + w, Mask.HOLE);
    }
    return mask;
  }

  /** A picture that is nowhere flat. */
  private static FloatCanvas waves(int width, int height) {
    return FloatCanvas.of(width, height, (c, x, y) -> 0.5 + 0.4 * Math.sin(0.05 * x * (c + 1) + 0.03 * y));
  }

  @Test
  void fillsTheHoleAndNothingElse() throws Exception {
    for (LamaPool session : new LamaPool[] {constant, fixed}) {
      // Small and large images, holes inside, at a corner, over a whole side, and too large for a crop.
      int[][] cases = {{100, 90, 40, 30, 20, 15}, {700, 600, 0, 0, 60, 50}, {700, 600, 640, 550, 60, 50}, {300, 200, 0, 150, 300, 50},
          {1300, 700, 100, 100, 800, 500}, {9, 5, 3, 2, 2, 2}, {1, 300, 0, 100, 1, 30}, {1, 1, 0, 0, 1, 1},
          {7, 900, 0, 0, 7, 900}, {4000, 30, 100, 3, 3000, 20}};
      for (int[] k : cases) {
        FloatCanvas canvas = waves(k[0], k[1]);
        FloatCanvas before = canvas.copy();
        Mask hole = box(k[0], k[1], k[2], k[3], k[4], k[5]);
        fill(inpainter(session, 512), canvas, hole);
        for (int i = 0; i < canvas.data().length; i++) {
          boolean inside = hole.pixels()[i % hole.pixels().length] != 0;
          assertEquals(inside ? 0.25f : before.data()[i], canvas.data()[i], inside ? 1e-3f : 0, "case " + Arrays.toString(k) + " at " + i);
        }
      }
    }
  }

  @Test
  void weighsTheFill() throws Exception {
    FloatCanvas canvas = FloatCanvas.of(80, 80, (c, x, y) -> 0.75f);
    Mask hole = box(80, 80, 30, 30, 10, 10);
    byte[] weight = new byte[6400];
    weight[35 * 80 + 35] = (byte) 51;
    Inpainter inpainter = inpainter(constant, 512);
    assertEquals(1, inpainter.fill(canvas, inpainter.plan(hole), hole, weight, AfterFill.NOTHING).crops());
    assertEquals(0.75f - 0.5f * 51 / 255, canvas.at(0, 35, 35), 1e-6f);
    assertEquals(0.75f, canvas.at(0, 34, 35));
  }

  @Test
  void theModelNeverSeesWhatIsUnderTheHole() throws Exception {
    for (int maxSide : new int[] {512, 128}) {
      Mask hole = box(400, 300, 60, 50, 200, 130);
      FloatCanvas a = waves(400, 300);
      FloatCanvas b = a.copy();
      for (int i = 0; i < b.data().length; i++) {
        if (hole.pixels()[i % hole.pixels().length] != 0) {
          b.data()[i] = 1 - b.data()[i] / 2;
        }
      }
      fill(inpainter(lama, maxSide), a, hole);
      fill(inpainter(lama, maxSide), b, hole);
      assertArrayEquals(a.data(), b.data());
    }
  }

  @Test
  void theModelTakesNothingThatIsUnknownForPicture() throws Exception {
    Mask hole = box(200, 160, 80, 60, 30, 30);
    Mask unknown = box(200, 160, 60, 40, 70, 70);
    FloatCanvas a = FloatCanvas.of(200, 160, (c, x, y) -> unknown.isHole(x, y) ? 1 : 0.3f);
    Inpainter inpainter = inpainter(lama, 512);
    inpainter.fill(a, inpainter.plan(hole), unknown, hole.pixels(), AfterFill.NOTHING);
    assertEquals(0.3f, a.at(1, 95, 75), 0.05f);
    assertEquals(1, a.at(1, 65, 45));
  }

  @Test
  void theBatchDoesNotShow() throws Exception {
    Mask hole = new Mask(1200, 400);
    for (int i = 0; i < 5; i++) {
      Mask one = box(1200, 400, 40 + 240 * i, 100, 40, 30);
      for (int p = 0; p < hole.pixels().length; p++) {
        hole.pixels()[p] |= one.pixels()[p];
      }
    }
    FloatCanvas a = waves(1200, 400);
    FloatCanvas b = a.copy();
    try (LamaPool five = Models.batched(Models.SHIPPED, 5, Models.FOR_EVER)) {
      assertEquals(5, fill(inpainter(five, 128), a, hole));
      assertEquals(1, five.statistics().runs());
    }
    fill(inpainter(lama, 128), b, hole);
    assertArrayEquals(a.data(), b.data());
  }

  @Test
  void aLargeHoleShowsNoTiles() throws Exception {
    // A smooth ramp: wherever tiles of 128 met with an edge, neighbouring pixels would differ.
    FloatCanvas canvas = FloatCanvas.of(700, 500, (c, x, y) -> 0.2f + 0.5f * x / 700 + 0.2f * y / 500);
    FloatCanvas truth = canvas.copy();
    Mask hole = box(700, 500, 100, 80, 500, 340);
    int crops = fill(inpainter(lama, 128), canvas, hole);
    assertTrue(crops > 4);
    double worst = 0;
    double error = 0;
    for (int y = 80; y < 420; y++) {
      for (int x = 100; x < 600; x++) {
        worst = Math.max(worst, Math.abs(canvas.at(0, x, y) - canvas.at(0, x + 1, y)));
        worst = Math.max(worst, Math.abs(canvas.at(0, x, y) - canvas.at(0, x, y + 1)));
        error = Math.max(error, Math.abs(canvas.at(0, x, y) - truth.at(0, x, y)));
      }
    }
    assertTrue(worst < 4 / 255.0, "step of " + worst * 255);
    assertTrue(error < 0.25, "off by " + error);
  }

  @Test
  void withNothingToPaintFromThereIsAPictureStill() throws Exception {
    for (int[] size : new int[][] {{90, 70}, {600, 300}, {1, 1}}) {
      FloatCanvas canvas = waves(size[0], size[1]);
      fill(inpainter(lama, 128), canvas, box(size[0], size[1], 0, 0, size[0], size[1]));
      for (float v : canvas.data()) {
        assertTrue(v >= 0 && v <= 1);
      }
    }
  }

  /** Fills in a pool whose device holds so many pixels, blending a fifth of the fill: what were blended twice would be seen. */
  private static Inpainter.Filled fillWithin(int pixels, int maxSide, FloatCanvas canvas, Mask hole) throws Exception {
    byte[] weight = new byte[hole.pixels().length];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (byte) (hole.pixels()[i] != 0 ? 51 : 0);
    }
    LamaModel model = LamaModel.inspect(Models.small("dynamic-range255"));
    try (LamaPool pool = Models.batched(model, 4, Duration.ZERO, new TestNetwork(n -> n <= pixels))) {
      Inpainter inpainter = inpainter(pool, maxSide);
      return inpainter.fill(canvas, inpainter.plan(hole), hole, weight, AfterFill.NOTHING);
    }
  }

  @Test
  void cropsThatTheDeviceDoesNotHoldAreMadeSmaller() throws Exception {
    // Two holes of one crop each; one hole that fits no crop; one whose coarse fill the device holds, but not its tiles.
    int[][] cases = {{700, 700, 300, 300, 100, 80, 256 * 256, 512}, {1300, 700, 100, 100, 800, 500, 256 * 256, 512},
        {4000, 300, 500, 100, 3000, 100, 60_000, 512}, {700, 600, 200, 150, 300, 250, 512 * 512, 1024}};
    for (int[] k : cases) {
      FloatCanvas canvas = FloatCanvas.of(k[0], k[1], (c, x, y) -> 0.75f);
      Mask hole = box(k[0], k[1], k[2], k[3], k[4], k[5]);
      Inpainter.Filled filled = fillWithin(k[6], k[7], canvas, hole);
      assertEquals(k[7] / 2, filled.maxSide(), Arrays.toString(k));
      for (int i = 0; i < canvas.data().length; i++) {
        boolean inside = hole.pixels()[i % hole.pixels().length] != 0;
        float deep = 0.75f + (0.25f - 0.75f) / 5;
        assertEquals(inside ? deep : 0.75f, canvas.data()[i], inside ? 1e-3f : 0, "case " + Arrays.toString(k) + " at " + i);
      }
    }
  }

  @Test
  void whatTheDeviceHoldsIsNotMadeSmaller() throws Exception {
    Inpainter.Filled filled = fillWithin(512 * 512, 512, FloatCanvas.of(700, 700, (c, x, y) -> 0.75f), box(700, 700, 300, 300, 100, 80));
    assertEquals(new Inpainter.Filled(1, 0, 512), filled);
  }

  @Test
  void whereNoCropFitsTheDeviceTheImageFails() {
    for (int side : new int[] {100, 900}) {
      ImageFailure e = assertThrows(ImageFailure.class, () -> fillWithin(64 * 64 - 1, 512, FloatCanvas.of(1000, 1000, (c, x, y) -> 0.75f),
          box(1000, 1000, 50, 50, side, side)));
      assertEquals(ErrorKind.MODEL, e.kind());
      assertTrue(e.getMessage().contains("inpaint.batch") && e.getMessage().contains("inpaint.max_side"), e.getMessage());
    }
  }

  @Test
  void cropsThatWereRunAgainAreCounted() throws Exception {
    LamaSettings settings = new LamaSettings(1, 4, Duration.ZERO, true, LamaModel.inspect(Models.small("black-hole")));
    try (LamaPool pool = LamaPool.open(LamaModel.inspect(Models.small("dynamic-range255")), List.of(Device.parse("cpu")), settings)) {
      // At the left it is black, and so a black fill is right there.
      FloatCanvas canvas = FloatCanvas.of(1200, 200, (c, x, y) -> x < 400 ? 0 : 0.75f);
      Mask hole = box(1200, 200, 100, 90, 20, 20);
      for (int x : new int[] {600, 1000}) {
        Mask other = box(1200, 200, x, 90, 20, 20);
        for (int p = 0; p < hole.pixels().length; p++) {
          hole.pixels()[p] |= other.pixels()[p];
        }
      }
      Inpainter inpainter = inpainter(pool, 512);
      assertEquals(new Inpainter.Filled(3, 2, 512), inpainter.fill(canvas, inpainter.plan(hole), hole, hole.pixels(), AfterFill.NOTHING));
      assertEquals(0, canvas.at(0, 110, 100));
      assertEquals(0.25f, canvas.at(0, 610, 100), 1e-6f);
      assertEquals(0.25f, canvas.at(2, 1010, 100), 1e-6f);
    }
  }
}
