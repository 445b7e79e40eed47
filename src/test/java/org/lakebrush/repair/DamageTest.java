package org.lakebrush.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntBinaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Picture;
import org.lakebrush.mask.Mask;

/** Pictures of 64 by 48 with a hole of 20 by 16 in the middle, whose fill is drawn. */
class DamageTest {
  private static Picture picture(IntBinaryOperator level) throws Exception {
    BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 48; y++) {
      for (int x = 0; x < 64; x++) {
        image.getRaster().setSample(x, y, 0, level.applyAsInt(x, y));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return Codecs.decode(out.toByteArray());
  }

  private static boolean inHole(int x, int y) {
    return x >= 22 && x < 42 && y >= 16 && y < 32;
  }

  private static Mask hole() {
    Mask mask = new Mask(64, 48);
    for (int y = 16; y < 32; y++) {
      Arrays.fill(mask.pixels(), y * 64 + 22, y * 64 + 42, Mask.HOLE);
    }
    return mask;
  }

  private static IntBinaryOperator noise(int from, int range) {
    int[] levels = new Random(5).ints(64 * 48, from, from + range).toArray();
    return (x, y) -> levels[y * 64 + x];
  }

  @Test
  void aFillLikeItsSurroundingsDoesNotStandOut() throws Exception {
    assertEquals(0, Damage.of(picture((x, y) -> 120), hole()));
    assertEquals(0, Damage.of(picture((x, y) -> 2 * x + y), hole()), 0.01);
    assertTrue(Damage.of(picture(noise(100, 40)), hole()) < 0.25, "means over some hundred steps");
  }

  /** On flat ground the step across the edge is all: 1 - 1 / (1 + step). */
  @Test
  void aStepAtTheEdgeStandsOut() throws Exception {
    assertEquals(1 - 1 / 31.0, Damage.of(picture((x, y) -> inHole(x, y) ? 130 : 100), hole()), 1e-6);
    assertEquals(0.5, Damage.of(picture((x, y) -> inHole(x, y) ? 101 : 100), hole()), 1e-6);
  }

  /** Uniform levels 0..n-1 differ by (n * n - 1) / (3 n) on average. */
  @Test
  void aFlatFillInTextureStandsOut() throws Exception {
    IntBinaryOperator grain = noise(100, 40);
    double step = (40 * 40 - 1) / 120.0;
    double damage = Damage.of(picture((x, y) -> inHole(x, y) ? 120 : grain.applyAsInt(x, y)), hole());
    assertEquals(1 - 1 / (1 + step), damage, 0.02);
    double rough = Damage.of(picture((x, y) -> inHole(x, y) ? grain.applyAsInt(x, y) : 120), hole());
    assertTrue(rough > 0.8, "texture where there is none: " + rough);
  }

  @Test
  void aHoleOverAllHasNothingToStandOutFrom() throws Exception {
    Mask all = new Mask(64, 48);
    Arrays.fill(all.pixels(), Mask.HOLE);
    assertEquals(0, Damage.of(picture(noise(0, 255)), all));
  }
}
