package org.lakebrush.lama;

import java.nio.FloatBuffer;
import org.lakebrush.image.Region;

/** Makes pixels of what a model put out, and tells where it is none. */
final class Readback {
  /** All of a black hole's samples are below it. */
  private static final float BLACK = 2 / 255f;
  /** Mean of the brightest channel around a black hole, at least: a dark picture's fill is dark by right. */
  private static final float LIT = 8 / 255f;
  /** How far around the hole the picture is looked at, in pixels. */
  private static final int AROUND = 8;

  private Readback() {}

  /**
   * Scales what stands in the hole to 0..1, in place, in one pass.
   *
   * @param range the model's largest output
   * @return the largest sample in the hole; 0 where there is no hole; NaN where a sample in it is NaN or infinite, which leaves the rest as
   *     it came
   */
  static float settle(Planes filled, float range) {
    FloatBuffer rgb = filled.rgb();
    FloatBuffer mask = filled.mask();
    int plane = filled.plane();
    float scale = 1 / range;
    float most = 0;
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < plane; i++) {
        if (mask.get(i) == 0) {
          continue;
        }
        float v = rgb.get(c * plane + i) * scale;
        if (!Float.isFinite(v)) {
          return Float.NaN;
        }
        v = Math.min(1, Math.max(0, v));
        rgb.put(c * plane + i, v);
        most = Math.max(most, v);
      }
    }
    return most;
  }

  /**
   * Whether a fill is a black hole, as half precision makes them: no sample in it reaches 2/255, and the known pixels of the hole's bounding
   * box, grown by 8 pixels, have a brightest channel of 8/255 or more in the mean.
   *
   * @param given what the model got
   * @param brightest the largest sample of the fill, 0..1
   */
  static boolean isBlackHole(Planes given, float brightest) {
    if (brightest >= BLACK) {
      return false;
    }
    Region hole = hole(given);
    Region around = hole.grow(AROUND).intersect(new Region(0, 0, given.width(), given.height()));
    FloatBuffer rgb = given.rgb();
    int plane = given.plane();
    double sum = 0;
    int n = 0;
    for (int y = around.y(); y < around.bottom(); y++) {
      for (int x = around.x(); x < around.right(); x++) {
        int i = y * given.width() + x;
        if (!given.isHole(i)) {
          sum += Math.max(rgb.get(i), Math.max(rgb.get(plane + i), rgb.get(2 * plane + i)));
          n++;
        }
      }
    }
    return n > 0 && !hole.isEmpty() && sum / n >= LIT;
  }

  /** The smallest rectangle around the hole. */
  private static Region hole(Planes given) {
    int left = given.width();
    int right = 0;
    int top = given.height();
    int bottom = 0;
    for (int y = 0; y < given.height(); y++) {
      for (int x = 0; x < given.width(); x++) {
        if (given.isHole(y * given.width() + x)) {
          left = Math.min(left, x);
          right = Math.max(right, x + 1);
          top = Math.min(top, y);
          bottom = y + 1;
        }
      }
    }
    return right == 0 ? new Region(0, 0, 0, 0) : new Region(left, top, right - left, bottom - top);
  }
}
