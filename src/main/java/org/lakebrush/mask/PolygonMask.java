package org.lakebrush.mask;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A polygon, filled by the even-odd rule: a pixel is hole where its centre lies inside. What lies outside the image is left out.
 *
 * @param points three or more corners, in order; the last is joined to the first
 */
public record PolygonMask(List<Point> points) implements MaskSpec {

  /**
   * A polygon's corner, from the image's top left corner.
   *
   * @param x per cent are of the image's width
   * @param y per cent are of the image's height
   */
  public record Point(Length x, Length y) implements Serializable {}

  public PolygonMask {
    points = List.copyOf(points);
  }

  static PolygonMask read(MaskKeys keys) {
    return new PolygonMask(keys.points("points", 3));
  }

  @Override
  public String kind() {
    return "polygon";
  }

  @Override
  public void mark(MaskInput image, HoleMarker hole) {
    int n = points.size();
    double[] xs = new double[n];
    double[] ys = new double[n];
    for (int i = 0; i < n; i++) {
      xs[i] = points.get(i).x().pixels(image.width());
      ys[i] = points.get(i).y().pixels(image.height());
    }
    int top = (int) Math.max(0, Math.floor(Arrays.stream(ys).min().orElse(0)));
    int bottom = (int) Math.min(image.height(), Math.ceil(Arrays.stream(ys).max().orElse(0)));
    double[] crossings = new double[n];
    for (int y = top; y < bottom; y++) {
      double centre = y + 0.5;
      int count = 0;
      for (int i = 0; i < n; i++) {
        int j = i + 1 == n ? 0 : i + 1;
        // Half-open in y, so that a corner on the line is crossed once and polygons that share an edge share no pixel.
        if ((ys[i] <= centre) != (ys[j] <= centre)) {
          crossings[count++] = xs[i] + (centre - ys[i]) / (ys[j] - ys[i]) * (xs[j] - xs[i]);
        }
      }
      Arrays.sort(crossings, 0, count);
      for (int i = 0; i + 1 < count; i += 2) {
        hole.mark(y, (int) Math.ceil(crossings[i] - 0.5), (int) Math.ceil(crossings[i + 1] - 0.5));
      }
    }
  }

  @Override
  public String canonical() {
    return "polygon points=" + points.stream().map(p -> p.x() + "," + p.y()).collect(Collectors.joining(" "));
  }
}
