package org.lakebrush.spectral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.FloatCanvas;
import org.lakebrush.image.Region;
import org.lakebrush.mask.Mask;

class GrainMatchTest {
  private static final Region HOLE = new Region(130, 100, 100, 90);

  private static double smooth(int c, int x, int y) {
    return 0.45 + 0.03 * c + 0.1 * Math.sin(x / 60.0) + 0.0004 * y;
  }

  private static double grey(int c, int x, int y) {
    return smooth(0, x, y);
  }

  private static FloatCanvas grainy(FloatCanvas.Painter picture, double size, boolean colour) {
    return MadeGrain.grainy(FloatCanvas.of(360, 300, picture), size, 8 / 255.0, colour, 7);
  }

  /** Grain everywhere but in the hole, which is filled smoothly. */
  private static FloatCanvas filled(FloatCanvas grainy, FloatCanvas.Painter picture) {
    return FloatCanvas.of(grainy.width(), grainy.height(),
        (c, x, y) -> HOLE.intersects(new Region(x, y, 1, 1)) ? picture.at(c, x, y) : grainy.at(c, x, y));
  }

  private static OptionalDouble apply(Canvas canvas, long seed) {
    Mask mask = MadeGrain.box(canvas.width(), canvas.height(), HOLE);
    return GrainMatch.apply(canvas, mask, mask, mask.pixels(), seed);
  }

  @Test
  void fillsTheHoleWithTheGrainOfItsSurroundings() {
    for (double size : new double[] {0.5, 1, 1.6}) {
      for (boolean colour : new boolean[] {false, true}) {
        FloatCanvas grainy = grainy(GrainMatchTest::smooth, size, colour);
        FloatCanvas canvas = filled(grainy, GrainMatchTest::smooth);
        assertTrue(apply(canvas, 1).isPresent());
        double[] truth = MadeGrain.meanPower(grainy, new Region(0, 0, 360, 300));
        double[] found = MadeGrain.meanPower(canvas.rounded(), HOLE);
        for (int b = 0; b < truth.length; b++) {
          assertEquals(0, 10 * Math.log10(found[b] / truth[b]), b == truth.length - 1 ? 0.7 : 1.5, "dB, size " + size + ", band " + b);
        }
      }
    }
  }

  @Test
  void keepsTheCorrelationOfTheColours() {
    // Grain of its own in each channel, and grain that all three share.
    for (boolean colour : new boolean[] {true, false}) {
      FloatCanvas canvas = filled(grainy(GrainMatchTest::smooth, 0.8, colour), GrainMatchTest::smooth);
      apply(canvas, 1);
      double rg = 0;
      double rr = 0;
      double gg = 0;
      for (int y = HOLE.y(); y < HOLE.bottom(); y++) {
        for (int x = HOLE.x(); x < HOLE.right(); x++) {
          double r = canvas.at(0, x, y) - smooth(0, x, y);
          double g = canvas.at(1, x, y) - smooth(1, x, y);
          rg += r * g;
          rr += r * r;
          gg += g * g;
        }
      }
      assertEquals(colour ? 0 : 1, rg / Math.sqrt(rr * gg), 0.1);
    }
  }

  @Test
  void keepsGreyGrey() {
    FloatCanvas canvas = filled(grainy(GrainMatchTest::grey, 1, false), GrainMatchTest::grey);
    apply(canvas, 1);
    int plane = 360 * 300;
    float[] red = Arrays.copyOf(canvas.data(), plane);
    assertArrayEquals(red, Arrays.copyOfRange(canvas.data(), plane, 2 * plane));
    assertArrayEquals(red, Arrays.copyOfRange(canvas.data(), 2 * plane, 3 * plane));
  }

  @Test
  void addsOnlyWhatTheFillLacks() {
    FloatCanvas grainy = grainy(GrainMatchTest::smooth, 1, false);
    FloatCanvas canvas = grainy.copy();
    double[] before = MadeGrain.meanPower(grainy, HOLE);
    apply(canvas, 1);
    double[] after = MadeGrain.meanPower(canvas.rounded(), HOLE);
    assertEquals(0, 10 * Math.log10(after[4] / before[4]), 1, "dB more of what was there");

    // A fill with texture of its own, far stronger than the grain, stays as it is.
    FloatCanvas.Painter texture = (c, x, y) -> smooth(c, x, y) + ((x / 3 + y / 3) % 2 == 0 ? 0.2f : -0.2f);
    canvas = filled(grainy, texture);
    apply(canvas, 1);
    for (int y = HOLE.y() + 16; y < HOLE.bottom() - 16; y++) {
      for (int x = HOLE.x() + 16; x < HOLE.right() - 16; x++) {
        assertEquals(texture.at(0, x, y), canvas.at(0, x, y), 0.06);
      }
    }
  }

  @Test
  void addsNothingWhereThereIsNoGrain() {
    Random random = new Random(5);
    float[] blobs = new float[90 * 75];
    for (int i = 0; i < blobs.length; i++) {
      blobs[i] = random.nextInt(6) == 0 ? 0.15f : 0;
    }
    FloatCanvas.Painter[] pictures = {(c, x, y) -> 0.5f, (c, x, y) -> 0, GrainMatchTest::smooth,
        // Stripes, and specks on even ground.
        (c, x, y) -> 0.5 + 0.1 * Math.sin(x * 1.1), (c, x, y) -> 0.4f + blobs[y / 4 * 90 + x / 4]};
    for (FloatCanvas.Painter picture : pictures) {
      FloatCanvas canvas = FloatCanvas.of(360, 300, picture).rounded();
      float[] before = canvas.data().clone();
      assertTrue(apply(canvas, 1).isEmpty());
      assertArrayEquals(before, canvas.data());
    }
  }

  @Test
  void needsKnownPixelsToMeasure() {
    FloatCanvas canvas = grainy(GrainMatchTest::smooth, 1, false);
    float[] before = canvas.data().clone();
    Mask all = MadeGrain.box(360, 300, new Region(0, 0, 360, 300));
    assertTrue(GrainMatch.apply(canvas, all, all, all.pixels(), 1).isEmpty());
    // A hole with nothing but unknown pixels around it.
    Mask hole = MadeGrain.box(360, 300, HOLE);
    assertTrue(GrainMatch.apply(canvas, hole, all, hole.pixels(), 1).isEmpty());
    FloatCanvas tiny = FloatCanvas.of(5, 4, GrainMatchTest::smooth);
    Mask pixel = MadeGrain.box(5, 4, new Region(2, 2, 1, 1));
    assertTrue(GrainMatch.apply(tiny, pixel, pixel, pixel.pixels(), 1).isEmpty());
    assertArrayEquals(before, canvas.data());
  }

  @Test
  void hangsOnTheSeedAlone() {
    FloatCanvas grainy = grainy(GrainMatchTest::smooth, 1, true);
    FloatCanvas[] canvases = {filled(grainy, GrainMatchTest::smooth), filled(grainy, GrainMatchTest::smooth),
        filled(grainy, GrainMatchTest::smooth)};
    assertEquals(apply(canvases[0], 1), apply(canvases[1], 1));
    apply(canvases[2], 2);
    assertArrayEquals(canvases[0].data(), canvases[1].data());
    assertNotEquals(canvases[0].at(0, 180, 140), canvases[2].at(0, 180, 140));
  }

  @Test
  void changesTheHoleAloneAndByItsWeight() {
    FloatCanvas canvas = filled(grainy(GrainMatchTest::smooth, 1, false), GrainMatchTest::smooth);
    float[] before = canvas.data().clone();
    Mask mask = MadeGrain.box(360, 300, HOLE);
    byte[] weight = mask.pixels().clone();
    Arrays.fill(weight, 0, 140 * 360, (byte) 0);
    GrainMatch.apply(canvas, mask, mask, weight, 1);
    int changed = 0;
    for (int i = 0; i < before.length; i++) {
      if (weight[i % (360 * 300)] == 0) {
        assertEquals(before[i], canvas.data()[i]);
      } else if (before[i] != canvas.data()[i]) {
        changed++;
      }
    }
    assertTrue(changed > 0.95 * 3 * 100 * 50, changed + " samples changed");
  }

  /** What shows through of the picture under the fill has its own share of the grain: the two together have all of it. */
  @Test
  void fillsUpWhatTheFeatherLeft() {
    Mask mask = MadeGrain.box(360, 300, HOLE);
    byte[] weight = mask.pixels().clone();
    for (int y = HOLE.y(); y < HOLE.bottom(); y++) {
      Arrays.fill(weight, y * 360 + 180, y * 360 + 184, (byte) 102);
    }
    double feather = 0;
    double whole = 0;
    for (int seed = 1; seed <= 8; seed++) {
      FloatCanvas grainy = MadeGrain.grainy(FloatCanvas.of(360, 300, GrainMatchTest::grey), 0.5, 8 / 255.0, false, seed);
      FloatCanvas canvas = FloatCanvas.of(360, 300, (c, x, y) -> grey(c, x, y)
          + (1 - (weight[y * 360 + x] & 255) / 255.0) * (grainy.at(c, x, y) - grey(c, x, y)));
      assertTrue(GrainMatch.apply(canvas, mask, mask, weight, seed).isPresent());
      feather += variance(canvas, new Region(180, HOLE.y(), 4, HOLE.height()));
      whole += variance(canvas, new Region(150, HOLE.y(), 20, HOLE.height()));
    }
    // Added by its weight of 0.4 alone, the variance would be 0.4^2 + 0.6^2, a half.
    assertEquals(1, feather / whole, 0.15);
  }

  private static double variance(FloatCanvas canvas, Region in) {
    double sum = 0;
    for (int y = in.y(); y < in.bottom(); y++) {
      for (int x = in.x(); x < in.right(); x++) {
        sum += Math.pow(canvas.at(0, x, y) - grey(0, x, y), 2);
      }
    }
    return sum / in.area();
  }

  @Test
  void readsOfALargePictureOnlyWhatLiesAroundTheHole() {
    Region[] holes = {new Region(2000, 1200, 40, 300), new Region(2500, 1200, 300, 6)};
    Mask mask = new Mask(6000, 4000);
    for (Region r : holes) {
      for (int y = r.y(); y < r.bottom(); y++) {
        Arrays.fill(mask.pixels(), y * 6000 + r.x(), y * 6000 + r.right(), Mask.HOLE);
      }
    }
    Region near = holes[0].union(holes[1]).grow(512);
    FloatCanvas part = MadeGrain.grainy(FloatCanvas.of(near.width(), near.height(), (c, x, y) -> 0.5f), 0.7, 6 / 255.0, false, 9);
    Canvas canvas = new Canvas() {
      @Override
      public int width() {
        return 6000;
      }

      @Override
      public int height() {
        return 4000;
      }

      private Region inside(Region r) {
        assertEquals(r, r.intersect(near), "reaches too far");
        return new Region(r.x() - near.x(), r.y() - near.y(), r.width(), r.height());
      }

      @Override
      public void read(Region r, FloatBuffer dst, int offset, int rowStride, int planeStride) {
        part.read(inside(r), dst, offset, rowStride, planeStride);
      }

      @Override
      public void blend(Region r, FloatBuffer src, int offset, int rowStride, int planeStride, byte[] weight) {
        assertTrue(Arrays.stream(holes).anyMatch(r::intersects));
        inside(r);
      }

      @Override
      public void write(Region r, FloatBuffer src, int offset, int rowStride, int planeStride) {
        throw new AssertionError("writes without weights");
      }
    };
    assertTrue(GrainMatch.apply(canvas, mask, mask, mask.pixels(), 1).isPresent());
  }
}
