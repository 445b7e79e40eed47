package org.lakebrush.lama;

import java.nio.FloatBuffer;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Region;
import org.lakebrush.mask.Mask;

/** Fills an image's hole, crop by crop. Safe for any number of threads, each with a canvas of its own. */
public final class Inpainter {
  private final LamaPool lama;
  private final CropPlanner planner;

  /**
   * @param lama shared, and closed by its owner
   */
  public Inpainter(InpaintSettings settings, LamaPool lama) {
    this.lama = lama;
    this.planner = new CropPlanner(settings, lama.model(), lama.isOnGpu());
  }

  /** Plans the crops of a hole. */
  public CropPlan plan(Mask hole) {
    return planner.plan(hole);
  }

  /** Longest side of what the model gets. */
  public int maxSide() {
    return planner.maxSide();
  }

  /**
   * What it took to fill a hole.
   *
   * @param crops that the model was run on
   * @param rerun of those, how many were run again in float32
   * @param maxSide longest side of the crops: {@link Inpainter#maxSide()}, or less where the device's memory did not hold such
   */
  public record Filled(int crops, int rerun, int maxSide) {}

  /**
   * Carries out a plan. The model sees nothing of what the canvas holds under {@code unknown}, so the order of crops does not show.
   *
   * @param plan for a hole of the canvas's size
   * @param unknown the hole, and what else the model must not take for picture; only the hole is written
   * @param weight how much of the fill is taken, as in {@link Canvas#blend}; 0 outside the hole
   * @param after done to each crop at full size
   * @throws ImageFailure MODEL
   * @throws InterruptedException where the calling thread is interrupted; the canvas is then half done
   */
  public Filled fill(Canvas canvas, CropPlan plan, Mask unknown, byte[] weight, AfterFill after)
      throws ImageFailure, InterruptedException {
    CropFill fill = new CropFill(lama, canvas, unknown, weight, after);
    fill.fill(plan, planner);
    return new Filled(fill.crops(), fill.rerun(), fill.planner().maxSide());
  }

  /**
   * Paints what the model gets of a window: black under the unknown, and mirrored (edge pixel repeated) where the planes reach over the
   * canvas or over the window.
   */
  static void paint(Canvas canvas, Region window, Mask unknown, Planes planes) {
    int width = planes.width();
    Region inside = window.intersect(new Region(0, 0, canvas.width(), canvas.height()));
    int left = inside.x() - window.x();
    int top = inside.y() - window.y();
    canvas.read(inside, planes.rgb(), top * width + left, width, planes.plane());
    for (int y = 0; y < inside.height(); y++) {
      int row = (top + y) * width + left;
      int maskRow = (inside.y() + y) * unknown.width() + inside.x();
      for (int x = 0; x < inside.width(); x++) {
        if (unknown.pixels()[maskRow + x] != 0) {
          hide(planes, row + x);
        } else {
          planes.mask().put(row + x, 0);
        }
      }
    }
    mirror(planes, new Region(left, top, inside.width(), inside.height()));
  }

  /** Makes a pixel hole. */
  static void hide(Planes planes, int i) {
    int plane = planes.plane();
    planes.rgb().put(i, 0).put(plane + i, 0).put(2 * plane + i, 0);
    planes.mask().put(i, 1);
  }

  /** Mirrors a part of all planes over the rest, the edge pixel repeated. */
  static void mirror(Planes planes, Region part) {
    for (int c = 0; c < 3; c++) {
      mirror(planes.rgb(), c * planes.plane(), planes.width(), planes.height(), part);
    }
    mirror(planes.mask(), 0, planes.width(), planes.height(), part);
  }

  private static void mirror(FloatBuffer data, int plane, int width, int height, Region part) {
    for (int y = part.y(); y < part.bottom(); y++) {
      int row = plane + y * width;
      for (int x = 0; x < part.x(); x++) {
        data.put(row + x, data.get(row + part.x() + mirrored(x - part.x(), part.width())));
      }
      for (int x = part.right(); x < width; x++) {
        data.put(row + x, data.get(row + part.x() + mirrored(x - part.x(), part.width())));
      }
    }
    for (int y = 0; y < height; y++) {
      if (y < part.y() || y >= part.bottom()) {
        int from = plane + (part.y() + mirrored(y - part.y(), part.height())) * width;
        data.put(plane + y * width, data, from, width);
      }
    }
  }

  private static int mirrored(int i, int n) {
    int m = Math.floorMod(i, 2 * n);
    return m < n ? m : 2 * n - 1 - m;
  }
}
