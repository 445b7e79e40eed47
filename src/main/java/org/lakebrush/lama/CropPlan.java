package org.lakebrush.lama;

import java.util.List;
import org.lakebrush.image.Region;

/**
 * How a hole is filled. Each hole pixel lies in exactly one rectangle among all {@code writes} of all crops and large holes.
 *
 * @param crops holes that fit a crop
 * @param large holes that do not
 */
public record CropPlan(List<Crop> crops, List<LargeHole> large) {

  /**
   * One crop.
   *
   * @param window what of the image it shows; may reach over the image's border, where the image is mirrored
   * @param width of what the model gets: the window's, or more, to the right of it, mirrored too
   * @param height likewise, below it
   * @param writes disjoint rectangles inside the window and the image; what the fill is taken for
   */
  public record Crop(Region window, int width, int height, List<Region> writes) {}

  /**
   * A hole that is filled coarse first.
   *
   * @param box the smallest rectangle around it
   * @param context how much of its surroundings the coarse fill sees on each side, in pixels
   * @param writes disjoint rectangles inside the box
   */
  public record LargeHole(Region box, int context, List<Region> writes) {}
}
