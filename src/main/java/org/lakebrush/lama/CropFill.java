package org.lakebrush.lama;

import java.util.List;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Region;
import org.lakebrush.lama.CropPlan.Crop;
import org.lakebrush.lama.CropPlan.LargeHole;
import org.lakebrush.mask.Mask;

/** Carries out a plan on one canvas. Where the device's memory does not hold its crops, what is left is planned anew with smaller ones. */
final class CropFill {
  /** Crops of a shorter longest side are not tried, in pixels: there is too little context in them. */
  private static final int SMALLEST = 256;

  private final LamaPool lama;
  private final Canvas canvas;
  private final Mask unknown;
  private final byte[] weight;
  private final AfterFill after;
  private CropPlanner planner;
  private int crops;
  private int rerun;

  CropFill(LamaPool lama, Canvas canvas, Mask unknown, byte[] weight, AfterFill after) {
    this.lama = lama;
    this.canvas = canvas;
    this.unknown = unknown;
    this.weight = weight;
    this.after = after;
  }

  /** Fills all of a plan. */
  void fill(CropPlan plan, CropPlanner by) throws ImageFailure, InterruptedException {
    planner = by;
    fill(plan);
  }

  private void fill(CropPlan plan) throws ImageFailure, InterruptedException {
    int next = 0;
    while (next < plan.crops().size()) {
      next += fill(plan.crops(), next);
    }
    for (LargeHole hole : plan.large()) {
      new LargeHoleFill(this).fill(hole);
    }
  }

  /** Fills the next crops of one size; returns how many they were. */
  private int fill(List<Crop> all, int next) throws ImageFailure, InterruptedException {
    Crop first = all.get(next);
    int end = next + 1;
    while (end < all.size() && all.get(end).width() == first.width() && all.get(end).height() == first.height()) {
      end++;
    }
    List<Crop> some = all.subList(next, end);
    try (Slots slots = lama.claim(first.width(), first.height(), some.size())) {
      some = some.subList(0, slots.size());
      for (int i = 0; i < some.size(); i++) {
        Inpainter.paint(canvas, some.get(i).window(), unknown, slots.given(i));
      }
      run(slots, some.size());
      for (int i = 0; i < some.size(); i++) {
        after.apply(slots.given(i), slots.filled(i));
        write(some.get(i), slots.filled(i));
      }
    } catch (CropTooLarge e) {
      makeSmaller(e);
      fill(planner.plan(hole(some)));
    }
    return some.size();
  }

  /** Runs the model on the first slots. */
  void run(Slots slots, int n) throws ImageFailure, CropTooLarge, InterruptedException {
    slots.fill(n);
    crops += n;
    rerun += slots.rerun();
  }

  /**
   * Halves the longest side of the crops that are still to be planned.
   *
   * @throws ImageFailure MODEL where they must not be smaller
   */
  void makeSmaller(CropTooLarge e) throws ImageFailure {
    int side = Math.max(SMALLEST, planner.maxSide() / 2);
    if (planner.isFixed() || side >= planner.maxSide()) {
      throw new ImageFailure(ErrorKind.MODEL, e.getMessage(), e);
    }
    planner = planner.withMaxSide(side);
  }

  /** What some crops would have filled. */
  private Mask hole(List<Crop> some) {
    Mask hole = new Mask(unknown.width(), unknown.height());
    for (Crop crop : some) {
      for (Region part : crop.writes()) {
        for (int y = part.y(); y < part.bottom(); y++) {
          int from = y * unknown.width() + part.x();
          System.arraycopy(unknown.pixels(), from, hole.pixels(), from, part.width());
        }
      }
    }
    return hole;
  }

  private void write(Crop crop, Planes filled) {
    for (Region part : crop.writes()) {
      int offset = (part.y() - crop.window().y()) * filled.width() + part.x() - crop.window().x();
      canvas.blend(part, filled.rgb(), offset, filled.width(), filled.plane(), weight);
    }
  }

  LamaPool lama() {
    return lama;
  }

  Canvas canvas() {
    return canvas;
  }

  Mask unknown() {
    return unknown;
  }

  byte[] weight() {
    return weight;
  }

  AfterFill after() {
    return after;
  }

  /** By which the rest is planned. */
  CropPlanner planner() {
    return planner;
  }

  /** How many crops the model was run on. */
  int crops() {
    return crops;
  }

  /** How many of them were run again. */
  int rerun() {
    return rerun;
  }
}
