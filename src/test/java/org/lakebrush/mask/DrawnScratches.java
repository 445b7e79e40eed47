package org.lakebrush.mask;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.lakebrush.image.Picture;

/**
 * A picture with scratches drawn on it, and where they are: straight, bent, kinked and hair-like strokes, 60 to 400 pixels long and 1 to 4
 * wide, each of one grey that is drawn at random until it differs from the ground's luma by 25 or more under at least 3/4 of the stroke.
 *
 * @param rgb interleaved
 * @param cover how much of each pixel is scratch, 0..1
 */
record DrawnScratches(int width, int height, byte[] rgb, float[] cover) {
  private static final double STEP = 2;

  /** A picture to draw on. */
  static byte[] rgb(Picture picture) {
    byte[] rgb = new byte[3 * picture.width() * picture.height()];
    byte[] row = new byte[3 * picture.width()];
    for (int y = 0; y < picture.height(); y++) {
      picture.readRow(y, row);
      System.arraycopy(row, 0, rgb, y * row.length, row.length);
    }
    return rgb;
  }

  /** Draws 3 to 10. */
  static DrawnScratches draw(byte[] picture, int width, int height, long seed) {
    DrawnScratches drawn = new DrawnScratches(width, height, picture.clone(), new float[width * height]);
    Random random = new Random(seed);
    int count = 3 + random.nextInt(8);
    while (count > 0) {
      List<double[]> path = path(random, width, height);
      double tone = random.nextInt(256);
      double thickness = 1 + 3 * random.nextDouble();
      if (path.size() * STEP >= 60 && drawn.visible(picture, path, tone)) {
        drawn.stroke(path, tone, thickness);
        count--;
      }
    }
    return drawn;
  }

  /** The pixels of which at least this share is scratch. */
  boolean[] truth(double least) {
    boolean[] truth = new boolean[cover.length];
    for (int i = 0; i < truth.length; i++) {
      truth[i] = cover[i] >= least;
    }
    return truth;
  }

  private static List<double[]> path(Random random, int width, int height) {
    double x = random.nextDouble() * width;
    double y = random.nextDouble() * height;
    double angle = random.nextDouble() * 2 * Math.PI;
    int steps = (int) ((60 + 340 * random.nextDouble()) / STEP);
    int shape = random.nextInt(4);
    double bend = shape == 1 ? (random.nextDouble() - 0.5) * Math.PI / steps : 0;
    List<double[]> path = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      if (x >= 0 && y >= 0 && x < width && y < height) {
        path.add(new double[] {x, y});
      }
      x += STEP * Math.cos(angle);
      y += STEP * Math.sin(angle);
      angle += bend;
      if (shape == 2 && (i == steps / 3 || i == 2 * steps / 3)) {
        angle += (random.nextDouble() - 0.5) * 2;
      }
      if (shape == 3) {
        angle += random.nextGaussian() * 0.05;
      }
    }
    return path;
  }

  private boolean visible(byte[] picture, List<double[]> path, double tone) {
    int seen = 0;
    for (double[] p : path) {
      int at = 3 * ((int) p[1] * width + (int) p[0]);
      double luma = 0.299 * (picture[at] & 255) + 0.587 * (picture[at + 1] & 255) + 0.114 * (picture[at + 2] & 255);
      seen += Math.abs(tone - luma) >= 25 ? 1 : 0;
    }
    return seen >= 0.75 * path.size();
  }

  /**
   * Draws a stroke over the picture, anti-aliased.
   *
   * @param path points 2 pixels apart
   */
  void stroke(List<double[]> path, double tone, double thickness) {
    float[] own = new float[cover.length];
    int reach = (int) Math.ceil(thickness / 2 + 1);
    for (int i = 1; i < path.size(); i++) {
      double[] a = path.get(i - 1);
      double[] b = path.get(i);
      double dx = b[0] - a[0];
      double dy = b[1] - a[1];
      double length = dx * dx + dy * dy;
      if (length > 4 * STEP * STEP) {
        continue;
      }
      for (int y = Math.max(0, (int) a[1] - reach - 2); y <= Math.min(height - 1, (int) a[1] + reach + 3); y++) {
        for (int x = Math.max(0, (int) a[0] - reach - 2); x <= Math.min(width - 1, (int) a[0] + reach + 3); x++) {
          double t = Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / length));
          double d = Math.hypot(a[0] + t * dx - x, a[1] + t * dy - y);
          float c = (float) Math.max(0, Math.min(1, thickness / 2 + 0.5 - d));
          own[y * width + x] = Math.max(own[y * width + x], c);
        }
      }
    }
    for (int i = 0; i < own.length; i++) {
      if (own[i] > 0) {
        for (int c = 0; c < 3; c++) {
          rgb[3 * i + c] = (byte) Math.round((rgb[3 * i + c] & 255) * (1 - own[i]) + tone * own[i]);
        }
        cover[i] = Math.max(cover[i], own[i]);
      }
    }
  }
}
