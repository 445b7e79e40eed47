package org.lakebrush.mask;

import java.io.Serializable;
import java.util.List;

/** One entry of a job's {@code masks}. The list of kinds is this interface's permits clause. */
public sealed interface MaskSpec extends Serializable {

  /** The word in the job file and in the log. */
  String kind();

  /** Where a box is anchored. */
  enum Anchor {
    TOP_LEFT, TOP, TOP_RIGHT, LEFT, CENTER, RIGHT, BOTTOM_LEFT, BOTTOM, BOTTOM_RIGHT
  }

  /** A mask file of its own. Grey values above 127 are hole. */
  sealed interface Sidecar extends MaskSpec {
    @Override
    default String kind() {
      return "sidecar";
    }
  }

  /**
   * A folder of masks that mirrors the input tree: same relative folder, same stem, any image extension.
   *
   * @param dir URI of the folder
   */
  record SidecarDir(String dir) implements Sidecar {}

  /**
   * A mask beside its image: stem, suffix, optionally three digits (LaMa's {@code a_mask001.png} for {@code a.png}), any image
   * extension.
   *
   * @param suffix for example {@code _mask}
   */
  record SidecarSuffix(String suffix) implements Sidecar {}

  /**
   * One mask for all images.
   *
   * @param file URI of the mask
   */
  record SidecarFile(String file) implements Sidecar {}

  /**
   * A rectangle. {@code margin} is its distance from the edges that the anchor names; horizontal and vertical per cent are of width
   * and height.
   */
  record Box(Anchor anchor, Length width, Length height, Length marginX, Length marginY) implements MaskSpec {
    @Override
    public String kind() {
      return "box";
    }
  }

  /** A polygon, filled by the even-odd rule. */
  record Polygon(List<Point> points) implements MaskSpec {
    @Override
    public String kind() {
      return "polygon";
    }
  }

  /** A polygon's corner. */
  record Point(Length x, Length y) implements Serializable {}

  /**
   * The pixels of a colour.
   *
   * @param red 0 to 255, likewise the others
   * @param tolerance largest difference in any channel, 0 to 255
   */
  record Color(int red, int green, int blue, int tolerance) implements MaskSpec {
    @Override
    public String kind() {
      return "color";
    }
  }

  /** The pixels that are less than half opaque; repaired ones become opaque. */
  record Alpha() implements MaskSpec {
    @Override
    public String kind() {
      return "alpha";
    }
  }

  /** The whole image. */
  record Full() implements MaskSpec {
    @Override
    public String kind() {
      return "full";
    }
  }

  /** The middle half in each direction. */
  record Center() implements MaskSpec {
    @Override
    public String kind() {
      return "center";
    }
  }
}
