package org.lakebrush.lama;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Region;
import org.lakebrush.lama.CropPlan.Crop;
import org.lakebrush.lama.CropPlan.LargeHole;
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
    this.planner = new CropPlanner(settings, lama.model());
  }

  /** Plans the crops of a hole. */
  public CropPlan plan(Mask hole) {
    return planner.plan(hole);
  }

  /**
   * Carries out a plan. The model sees nothing of what the canvas holds under {@code unknown}, so the order of crops does not show.
   *
   * @param plan for a hole of the canvas's size
   * @param unknown the hole, and what else the model must not take for picture; only the hole is written
   * @param weight how much of the fill is taken, as in {@link Canvas#blend}; 0 outside the hole
   * @param after done to each crop at full size
   * @return how many crops the model was run on
   * @throws ImageFailure MODEL
   * @throws InterruptedException where the calling thread is interrupted; the canvas is then half done
   */
  public int fill(Canvas canvas, CropPlan plan, Mask unknown, byte[] weight, AfterFill after)
      throws ImageFailure, InterruptedException {
    List<Crop> crops = plan.crops();
    int next = 0;
    while (next < crops.size()) {
      List<Crop> some = new ArrayList<>();
      List<Planes> planes = new ArrayList<>();
      do {
        Crop crop = crops.get(next++);
        some.add(crop);
        planes.add(read(canvas, crop.window(), crop.width(), crop.height(), unknown));
      } while (next < crops.size() && some.size() < lama.batch() && crops.get(next).width() == some.get(0).width()
          && crops.get(next).height() == some.get(0).height());
      fill(lama, after, planes);
      for (int i = 0; i < some.size(); i++) {
        write(canvas, some.get(i), planes.get(i), weight);
      }
    }
    int runs = crops.size();
    for (LargeHole hole : plan.large()) {
      runs += new LargeHoleFill(lama, planner, after, canvas, unknown, weight).fill(hole);
    }
    return runs;
  }

  /** Fills crops, and does to each what is done after. */
  static void fill(LamaPool lama, AfterFill after, List<Planes> planes) throws ImageFailure, InterruptedException {
    List<Planes> given = after == AfterFill.NOTHING ? planes : planes.stream().map(Planes::copy).toList();
    lama.fill(planes);
    for (int i = 0; i < planes.size(); i++) {
      after.apply(given.get(i), planes.get(i));
    }
  }

  private static void write(Canvas canvas, Crop crop, Planes planes, byte[] weight) {
    FloatBuffer data = FloatBuffer.wrap(planes.data());
    for (Region part : crop.writes()) {
      int offset = (part.y() - crop.window().y()) * planes.width() + part.x() - crop.window().x();
      canvas.blend(part, data, offset, planes.width(), planes.plane(), weight);
    }
  }

  /**
   * What the model gets of a window: black under the unknown, and mirrored (edge pixel repeated) where it reaches over the canvas or
   * over the window.
   */
  static Planes read(Canvas canvas, Region window, int width, int height, Mask unknown) {
    Planes planes = new Planes(width, height);
    float[] data = planes.data();
    int plane = planes.plane();
    Region inside = window.intersect(new Region(0, 0, canvas.width(), canvas.height()));
    int left = inside.x() - window.x();
    int top = inside.y() - window.y();
    canvas.read(inside, FloatBuffer.wrap(data), top * width + left, width, plane);
    for (int y = 0; y < inside.height(); y++) {
      int row = (top + y) * width + left;
      int maskRow = (inside.y() + y) * unknown.width() + inside.x();
      for (int x = 0; x < inside.width(); x++) {
        if (unknown.pixels()[maskRow + x] != 0) {
          hide(data, plane, row + x);
        }
      }
    }
    mirror(planes, new Region(left, top, inside.width(), inside.height()));
    return planes;
  }

  /** Makes a pixel hole. */
  static void hide(float[] data, int plane, int i) {
    data[i] = 0;
    data[plane + i] = 0;
    data[2 * plane + i] = 0;
    data[3 * plane + i] = 1;
  }

  /** Mirrors a part of all planes over the rest, the edge pixel repeated. */
  static void mirror(Planes planes, Region part) {
    float[] data = planes.data();
    int w = planes.width();
    for (int c = 0; c < 4; c++) {
      int plane = c * planes.plane();
      for (int y = part.y(); y < part.bottom(); y++) {
        int row = plane + y * w;
        for (int x = 0; x < w; x++) {
          if (x < part.x() || x >= part.right()) {
            data[row + x] = data[row + part.x() + mirrored(x - part.x(), part.width())];
          }
        }
      }
      for (int y = 0; y < planes.height(); y++) {
        if (y < part.y() || y >= part.bottom()) {
          System.arraycopy(data, plane + (part.y() + mirrored(y - part.y(), part.height())) * w, data, plane + y * w, w);
        }
      }
    }
  }

  private static int mirrored(int i, int n) {
    int m = Math.floorMod(i, 2 * n);
    return m < n ? m : 2 * n - 1 - m;
  }
}
