package org.lakebrush.spectral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.Region;
import org.lakebrush.lama.FloatCanvas;
import org.lakebrush.mask.Mask;

class GrainMatchTest {
  private static final Region HOLE = new Region(130, 100, 100, 90);

  private static float smooth(int c, int x, int y) {
    return (float) (0.45 + 0.03 * c + 0.1 * Math.sin(x / 60.0) + 0.0004 * y);
  }

  private static FloatCanvas smooth() {
    return FloatCanvas.of(360, 300, GrainMatchTest::smooth);
  }

  /** Grain everywhere but in the hole, which is filled smoothly. */
  private static FloatCanvas filled(FloatCanvas grainy) {
    return FloatCanvas.of(grainy.width(), grainy.height(),
        (c, x, y) -> HOLE.intersects(new Region(x, y, 1, 1)) ? smooth(c, x, y) : grainy.at(c, x, y));
  }

  private static OptionalDouble apply(FloatCanvas canvas, long seed) {
    Mask mask = GrainBench.box(canvas.width(), canvas.height(), HOLE);
    return GrainMatch.apply(canvas, mask, mask, mask.pixels(), seed);
  }

  @Test
  void fillsTheHoleWithTheGrainOfItsSurroundings() {
    for (double size : new double[] {0.5, 1, 1.6}) {
      for (boolean colour : new boolean[] {false, true}) {
        FloatCanvas grainy = GrainBench.grainy(smooth(), size, 8 / 255.0, colour, 7);
        FloatCanvas canvas = filled(grainy);
        OptionalDouble added = apply(canvas, 1);
        assertTrue(added.isPresent());
        double[] truth = GrainBench.meanPower(grainy, new Region(0, 0, 360, 300));
        double[] found = GrainBench.meanPower(GrainBench.rounded(canvas), HOLE);
        StringBuilder t = new StringBuilder();
        for (int b = 0; b < truth.length; b++) {
          t.append(String.format(" %.2f", 10 * Math.log10(found[b] / truth[b])));
        }
        System.out.println(size + " " + colour + t + " " + 255 * added.getAsDouble());
      }
    }
  }
}
