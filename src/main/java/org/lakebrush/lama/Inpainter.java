package org.lakebrush.lama;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Region;
import org.lakebrush.lama.CropPlan.Crop;
import org.lakebrush.lama.CropPlan.LargeHole;
import org.lakebrush.mask.Mask;

/** Fills an image's hole, crop by crop. Safe for any number of threads, each with a canvas of its own. */
public final class Inpainter {
  private final LamaSession session;
  private final CropPlanner planner;

  /**
   * @param session shared, and closed by its owner
   */
  public Inpainter(InpaintSettings settings, LamaSession session) {
    this.session = session;
    this.planner = new CropPlanner(settings, session.model());
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
   * @return how many crops the model was run on
   * @throws ImageFailure MODEL
   * @throws InterruptedException where the calling thread is interrupted; the canvas is then half done
   */
  public int fill(Canvas canvas, CropPlan plan, Mask unknown, byte[] weight) throws ImageFailure, InterruptedException {
    List<Crop> crops = plan.crops();
    int next = 0;
    while (next < crops.size()) {
      List<Crop> some = new ArrayList<>();
      List<Planes> planes = new ArrayList<>();
      do {
        Crop crop = crops.get(next++);
        some.add(crop);
        planes.add(read(canvas, crop.window(), crop.width(), crop.height(), unknown));
      } while (next < crops.size() && some.size() < session.batch() && crops.get(next).width() == some.get(0).width()
          && crops.get(next).height() == some.get(0).height());
      session.fill(planes);
      for (int i = 0; i < some.size(); i++) {
        write(canvas, some.get(i), planes.get(i), weight);
      }
    }
    int runs = crops.size();
    for (LargeHole hole : plan.large()) {
      runs += new LargeHoleFill(session, planner, canvas, unknown, weight).fill(hole);
    }
    return runs;
  }

  private static void write(Canvas canvas, Crop crop, Planes planes, byte[] weight) {
    FloatBuffer data = FloatBuffer.wrap(planes.data());
    for (Region part : crop.writes()) {
      int offset = (part.y() - crop.window().y()) * planes.width() + part.x() - crop.window().x();
      canvas.blend(part, data, offset, planes.width(), planes.plane(), weight);
    }
  }

  /** What the model gets of a window: black under the unknown, and mirrored (edge pixel repeated) to the full width and height. */
  static Planes read(Canvas canvas, Region window, int width, int height, Mask unknown) {
    Planes planes = new Planes(width, height);
    float[] data = planes.data();
    int plane = planes.plane();
    canvas.read(window, FloatBuffer.wrap(data), 0, width, plane);
    for (int y = 0; y < window.height(); y++) {
      int row = y * width;
      int maskRow = (window.y() + y) * unknown.width() + window.x();
      for (int x = 0; x < window.width(); x++) {
        if (unknown.pixels()[maskRow + x] != 0) {
          hide(data, plane, row + x);
        }
      }
    }
    mirror(planes, window.width(), window.height());
    return planes;
  }

  /** Makes a pixel hole. */
  static void hide(float[] data, int plane, int i) {
    data[i] = 0;
    data[plane + i] = 0;
    data[2 * plane + i] = 0;
    data[3 * plane + i] = 1;
  }

  /** Mirrors the top left {@code width * height} of all planes over the rest, the edge pixel repeated. */
  static void mirror(Planes planes, int width, int height) {
    float[] data = planes.data();
    int w = planes.width();
    for (int c = 0; c < 4; c++) {
      int plane = c * planes.plane();
      for (int y = 0; y < height && width < w; y++) {
        int row = plane + y * w;
        for (int x = width; x < w; x++) {
          data[row + x] = data[row + mirrored(x, width)];
        }
      }
      for (int y = height; y < planes.height(); y++) {
        System.arraycopy(data, plane + mirrored(y, height) * w, data, plane + y * w, w);
      }
    }
  }

  private static int mirrored(int i, int n) {
    int m = i % (2 * n);
    return m < n ? m : 2 * n - 1 - m;
  }
}
