package org.lakebrush.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lakebrush.mask.Mask;

class ScoreTest {
  private static Rgb8 flat(int value) {
    byte[] data = new byte[40 * 30 * 3];
    Arrays.fill(data, (byte) value);
    return new Rgb8(40, 30, data);
  }

  private static Rgb8 stripes(int low, int high) {
    byte[] data = new byte[40 * 30 * 3];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i / 3 % 40 % 2 == 0 ? low : high);
    }
    return new Rgb8(40, 30, data);
  }

  private static Mask hole() {
    Mask hole = new Mask(40, 30);
    for (int y = 0; y < 10; y++) {
      Arrays.fill(hole.pixels(), y * 40, y * 40 + 12, Mask.HOLE);
    }
    return hole;
  }

  @Test
  void aFlatErrorHasTheFormulasValue() {
    Score s = Score.of(flat(100), flat(110), hole());
    assertEquals(20 * Math.log10(255 / 10.0), s.psnr(), 1e-9);
    double c1 = 6.5025;
    assertEquals((2 * 100 * 110 + c1) / (100 * 100 + 110 * 110 + c1), s.ssim(), 1e-9);
  }

  @Test
  void theTruthItselfIsPerfect() {
    Score s = Score.of(stripes(50, 90), stripes(50, 90), hole());
    assertEquals(Double.POSITIVE_INFINITY, s.psnr());
    assertEquals(1, s.ssim(), 1e-9);
    assertEquals(1, s.gradient(), 1e-9);
  }

  @Test
  void halfTheContrastIsHalfTheGradient() {
    assertEquals(0.5, Score.of(stripes(50, 90), stripes(60, 80), hole()).gradient(), 1e-9);
    assertEquals(0, Score.of(stripes(50, 90), flat(70), hole()).gradient(), 1e-9);
  }

  @Test
  void onlyTheHoleCounts() {
    Rgb8 filled = flat(100);
    Arrays.fill(filled.data(), 20 * 40 * 3, filled.data().length, (byte) 0);
    assertEquals(Double.POSITIVE_INFINITY, Score.of(flat(100), filled, hole()).psnr());
  }

  @Test
  void meansAreMeans() {
    assertEquals(new Score(25, 0.5, 0.75), Score.mean(List.of(new Score(20, 0.25, 1), new Score(30, 0.75, 0.5))));
  }

  @Test
  void anEmptyHoleHasNoScore() {
    assertThrows(IllegalArgumentException.class, () -> Score.of(flat(1), flat(1), new Mask(40, 30)));
  }
}
