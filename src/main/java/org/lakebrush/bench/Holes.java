package org.lakebrush.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.lakebrush.demo.SyntheticLake.Frame;
import org.lakebrush.job.JobSpec;
import org.lakebrush.job.UsageException;
import org.lakebrush.lama.CropPlan;
import org.lakebrush.lama.CropPlan.Crop;
import org.lakebrush.lama.CropPlanner;
import org.lakebrush.mask.Mask;

/**
 * Square holes at a distance from an image's bottom right corner, and the crops that they take.
 *
 * @param side of the hole, before it is grown, in pixels
 * @param margin from the right and from the bottom edge, in pixels: enough for the crop to lie in the image
 */
record Holes(int side, int margin) {

  /** A crop's size in pixels. */
  record Size(int width, int height) {}

  /** A hole of a given side, with room for its context around it. */
  static Holes of(JobSpec spec, int side) {
    return new Holes(side, side + 4 * spec.mask().grow());
  }

  /** The hole in the middle of those that take a square crop of a given side. */
  static Holes forCrop(JobSpec spec, CropPlanner planner, int crop) throws UsageException {
    List<Integer> sides = new ArrayList<>();
    for (int side = 1; side < crop; side++) {
      Holes holes = new Holes(side, crop);
      if (holes.crops(spec, planner, new Frame(3 * crop, 3 * crop)).equals(List.of(new Size(crop, crop)))) {
        sides.add(side);
      }
    }
    if (sides.isEmpty()) {
      throw new UsageException("--crop " + crop + ": no square hole takes a crop of " + crop + " x " + crop
          + " of this model; give 128, 192, 256, 384, 512, 768 or 1024, or --hole");
    }
    int side = sides.get(sides.size() / 2);
    return new Holes(side, (crop - side) / 2 + 1);
  }

  /** The one crop that every image takes. */
  Size crop(JobSpec spec, CropPlanner planner, List<Frame> frames) throws UsageException {
    Set<Size> sizes = new HashSet<>();
    for (Frame frame : frames) {
      List<Size> crops = crops(spec, planner, frame);
      if (crops.size() != 1) {
        throw new UsageException("a hole of " + side + " px is not filled by one crop in an image of " + frame.width() + " x "
            + frame.height() + "; give a smaller --hole, or larger images (--megapixels)");
      }
      sizes.addAll(crops);
    }
    if (sizes.size() > 1) {
      throw new UsageException("these images are too small for their crops, which differ in size: " + sizes
          + "; give larger ones (--megapixels), or a smaller --crop or --hole");
    }
    return sizes.iterator().next();
  }

  private List<Size> crops(JobSpec spec, CropPlanner planner, Frame frame) {
    Mask mask = new Mask(frame.width(), frame.height());
    int grow = spec.mask().grow();
    // The disc leaves out the corners, which no crop's size depends on.
    int left = Math.max(0, frame.width() - margin - side - grow);
    int right = Math.min(frame.width(), frame.width() - margin + grow);
    for (int y = Math.max(0, frame.height() - margin - side - grow); y < Math.min(frame.height(), frame.height() - margin + grow); y++) {
      Arrays.fill(mask.pixels(), y * frame.width() + left, y * frame.width() + right, Mask.HOLE);
    }
    CropPlan plan = planner.plan(mask);
    return plan.large().isEmpty() ? plan.crops().stream().map(Holes::size).toList() : List.of();
  }

  private static Size size(Crop crop) {
    return new Size(crop.width(), crop.height());
  }
}
