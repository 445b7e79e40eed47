package org.lakebrush.spectral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.Region;

class SeamBlendTest {
  private static final int W = 120;
  private static final int H = 90;
  private static final int PLANE = W * H;

  private interface Painter {
    double at(int channel, int x, int y);
  }

  private static float[] planes(Painter painter) {
    float[] data = new float[4 * PLANE];
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < PLANE; i++) {
        data[c * PLANE + i] = (float) painter.at(c, i % W, i / W);
      }
    }
    return data;
  }

  /** What the model gets: black and marked in the hole. */
  private static float[] given(float[] picture, Region... holes) {
    float[] given = picture.clone();
    for (Region hole : holes) {
      for (int y = hole.y(); y < hole.bottom(); y++) {
        for (int x = hole.x(); x < hole.right(); x++) {
          for (int c = 0; c < 4; c++) {
            given[c * PLANE + y * W + x] = c < 3 ? 0 : 1;
          }
        }
      }
    }
    return given;
  }

  /** Root mean square of (a - b) over the hole. */
  private static double distance(float[] a, float[] b, float[] given) {
    double sum = 0;
    int n = 0;
    for (int i = 0; i < 3 * PLANE; i++) {
      if (given[3 * PLANE + i % PLANE] > 0) {
        sum += (a[i] - b[i]) * (a[i] - b[i]);
        n++;
      }
    }
    return Math.sqrt(sum / n);
  }

  private static double blend(float[] filled, float[] given) {
    return SeamBlend.blend(FloatBuffer.wrap(filled), FloatBuffer.wrap(given).slice(0, 3 * PLANE),
        FloatBuffer.wrap(given).slice(3 * PLANE, given.length - 3 * PLANE), W, H);
  }

  private static double picture(int c, int x, int y) {
    return 0.4 + 0.05 * c + 0.1 * Math.sin(x / 15.0) + 0.001 * y;
  }

  @Test
  void takesAwayAnOffset() {
    // A linear field is harmonic: the membrane through its edge is the field itself.
    float[] truth = planes(SeamBlendTest::picture);
    float[] given = given(truth, new Region(30, 20, 50, 40));
    float[] filled = planes((c, x, y) -> picture(c, x, y) + (c == 1 ? -0.1 : 0.06 + 0.002 * (x - 55) - 0.001 * (y - 40)));
    float[] before = filled.clone();
    double mismatch = blend(filled, given);
    assertEquals((0.1 + 2 * 0.06) / 3, mismatch, 0.01);
    assertTrue(distance(filled, truth, given) < 0.15 * distance(before, truth, given),
        distance(filled, truth, given) + " left of " + distance(before, truth, given));
  }

  @Test
  void keepsTheDetailOfTheFill() {
    Random random = new Random(3);
    float[] noise = new float[PLANE];
    for (int i = 0; i < PLANE; i++) {
      noise[i] = (float) (0.03 * random.nextGaussian());
    }
    float[] smooth = planes((c, x, y) -> 0.5);
    float[] given = given(smooth, new Region(30, 20, 50, 40));
    float[] wanted = planes((c, x, y) -> 0.5 + noise[y * W + x]);
    float[] filled = planes((c, x, y) -> 0.5 + noise[y * W + x] + 0.1);
    blend(filled, given);
    double off = 0;
    for (int y = 25; y < 55; y++) {
      for (int x = 35; x < 75; x++) {
        off = Math.max(off, Math.abs(filled[y * W + x] - wanted[y * W + x]));
      }
    }
    assertTrue(off < 0.03, "5 pixels into the hole, noise of 0.03 moved by " + off);
  }

  @Test
  void leavesAPerfectFillAlone() {
    // Steps that run into the hole straight and aslant are the picture's own, not a seam.
    Painter[] pictures = {(c, x, y) -> 0.5, (c, x, y) -> x < 55 ? 0.2 : 0.8, (c, x, y) -> x - y < 10 ? 0.9 - 0.2 * c : 0.3};
    for (Painter painter : pictures) {
      float[] truth = planes(painter);
      float[] given = given(truth, new Region(30, 20, 50, 40));
      float[] filled = truth.clone();
      assertEquals(0, blend(filled, given), 0.004);
      assertEquals(0, distance(filled, truth, given), 0.02);
    }
  }

  @Test
  void followsAnEdgeThatTheFillLost() {
    float[] truth = planes((c, x, y) -> x < 55 ? 0.2 : 0.8);
    Region scratch = new Region(10, 40, 100, 2);
    float[] given = given(truth, scratch);
    float[] filled = planes((c, x, y) -> x < 55 ? 0.2 + 0.3 * Math.exp((x - 55) / 4.0) : 0.8 - 0.3 * Math.exp((55 - x) / 4.0));
    double before = distance(filled, truth, given);
    blend(filled, given);
    assertTrue(distance(filled, truth, given) < 0.3 * before, distance(filled, truth, given) + " of " + before);
  }

  @Test
  void changesNothingOutsideTheHole() {
    Region[] holes = {new Region(0, 0, 40, 30), new Region(60, 50, 60, 40), new Region(70, 10, 1, 1), new Region(0, 45, 50, 1)};
    float[] given = given(planes(SeamBlendTest::picture), holes);
    float[] filled = planes((c, x, y) -> 0.9 - 0.004 * x);
    float[] before = filled.clone();
    assertTrue(blend(filled, given) > 0.05);
    for (int i = 0; i < filled.length; i++) {
      boolean inside = i < 3 * PLANE && given[3 * PLANE + i % PLANE] > 0;
      assertTrue(inside || filled[i] == before[i], "changed at " + i);
      assertTrue(filled[i] >= 0 && filled[i] <= 1, "out of range at " + i);
    }
  }

  @Test
  void hasNothingToGoByWhereAllOrNothingIsHole() {
    float[] picture = planes(SeamBlendTest::picture);
    for (float[] given : new float[][] {picture, given(picture, new Region(0, 0, W, H))}) {
      float[] filled = planes((c, x, y) -> 0.7);
      float[] before = filled.clone();
      assertEquals(0, blend(filled, given));
      assertArrayEquals(before, filled);
    }
    // One known pixel is enough.
    float[] given = given(picture, new Region(0, 0, W, H));
    given[3 * PLANE + 50 * W + 60] = 0;
    for (int c = 0; c < 3; c++) {
      given[c * PLANE + 50 * W + 60] = 0.5f;
    }
    float[] filled = planes((c, x, y) -> 0.7);
    assertEquals(0.2, blend(filled, given), 1e-6);
    assertEquals(0.5, filled[0], 1e-5);
  }

  @Test
  void refusesPlanesOfAnotherSize() {
    assertThrows(IllegalArgumentException.class, () -> blend(new float[3 * PLANE], new float[3 * PLANE]));
  }
}
