package org.lakebrush.mask;

import java.util.ArrayList;
import java.util.List;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Region;

/**
 * What the manifest says of each image: a mask file, rectangles, or both.
 *
 * <p>Rectangles are {@code x,y,width,height} in pixels of the upright image, from its top left, separated by {@code ;}. Numbers may be
 * fractions: a rectangle covers every pixel that it touches. What lies outside the image is left out.
 */
public record ManifestMask() implements SidecarMask {
  private static final int NUMBERS = 4;

  @Override
  public String kind() {
    return "manifest";
  }

  @Override
  public String place() {
    return "and no box in the manifest";
  }

  @Override
  public String canonical() {
    return "manifest";
  }

  @Override
  public void mark(MaskInput image, HoleMarker hole) throws ImageFailure {
    List<Region> boxes = boxes(image.boxes(), image.width(), image.height());
    for (Region box : boxes) {
      for (int row = box.y(); row < box.bottom(); row++) {
        hole.mark(row, box.x(), box.right());
      }
    }
    if (boxes.isEmpty() || image.hasSidecar()) {
      SidecarMask.super.mark(image, hole);
    }
  }

  private static List<Region> boxes(String text, int width, int height) throws ImageFailure {
    List<Region> boxes = new ArrayList<>();
    for (String box : text == null || text.isBlank() ? new String[0] : text.split(";")) {
      double[] numbers = numbers(box, text);
      int left = clamp(Math.floor(numbers[0]), width);
      int top = clamp(Math.floor(numbers[1]), height);
      int right = clamp(Math.ceil(numbers[0] + numbers[2]), width);
      int bottom = clamp(Math.ceil(numbers[1] + numbers[3]), height);
      boxes.add(new Region(left, top, right - left, bottom - top));
    }
    return boxes;
  }

  private static double[] numbers(String box, String all) throws ImageFailure {
    String[] words = box.split(",", -1);
    double[] numbers = new double[NUMBERS];
    try {
      for (int i = 0; i < NUMBERS && words.length == NUMBERS; i++) {
        numbers[i] = Double.parseDouble(words[i].strip());
      }
    } catch (NumberFormatException e) {
      throw bad(box, all, e);
    }
    if (!(numbers[2] > 0 && numbers[3] > 0 && Double.isFinite(numbers[0] + numbers[1] + numbers[2] + numbers[3]))) {
      throw bad(box, all, null);
    }
    return numbers;
  }

  private static ImageFailure bad(String box, String all, Exception cause) {
    return new ImageFailure(ErrorKind.MASK_UNREADABLE, "the manifest's boxes for this image are '" + all + "', and '" + box.strip()
        + "' is no box: x,y,width,height in pixels, the size more than 0, boxes separated by ;", cause);
  }

  private static int clamp(double v, int extent) {
    return (int) Math.max(0, Math.min(extent, v));
  }
}
