package org.lakebrush.lama;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Region;
import org.lakebrush.lama.CropPlan.LargeHole;
import org.lakebrush.mask.Mask;

/**
 * Fills holes that fit no crop, in two steps. Coarse: the hole with its context, scaled down by a whole number, is one crop. Then at
 * full size, in overlapping tiles: what lies deeper in the hole than {@link #RIM} is the coarse fill, scaled up; the rim between it and
 * the known pixels is painted by the model, to which the coarse fill is picture as much as the known pixels are, and so it is to what is
 * done after: the rim must meet both. Tiles fade into each other over their overlap, so that none of them has an edge.
 */
final class LargeHoleFill {
  /** How deep the full-size step reaches into the hole, in pixels. */
  private static final float RIM = 32;
  /** Longest side of a tile; larger ones would only take more memory. */
  private static final int TILE = 512;

  private final CropFill fill;
  private final Canvas canvas;
  private final Mask unknown;
  /** Rows of the canvas above it are done. */
  private int written;

  /**
   * @param fill the plan's, of which this hole is a part
   */
  LargeHoleFill(CropFill fill) {
    this.fill = fill;
    this.canvas = fill.canvas();
    this.unknown = fill.unknown();
  }

  /** Fills one hole. Where the device's memory does not hold a crop or a tile, that and what is left is done in smaller ones. */
  void fill(LargeHole hole) throws ImageFailure, InterruptedException {
    Coarse coarse = null;
    written = hole.box().y();
    while (written < hole.box().bottom()) {
      try {
        coarse = coarse == null ? coarse(hole) : coarse;
        refine(hole, coarse);
      } catch (CropTooLarge e) {
        fill.makeSmaller(e);
      }
    }
  }

  /**
   * A filled picture of a window, scaled down.
   *
   * @param window of the canvas
   * @param factor canvas pixels in one of its pixels, in each direction
   * @param rgb red, green and blue, planes of {@code height * width}
   */
  private record Coarse(Region window, int factor, int width, int height, float[] rgb) {

    /** Cubic convolution (Keys 1981, a = -0.5), pixel centres aligned, edges repeated. */
    float sample(int channel, float[] weightsX, int fromX, float[] weightsY, int fromY) {
      float sum = 0;
      for (int j = 0; j < 4; j++) {
        int row = (channel * height + Math.max(0, Math.min(height - 1, fromY + j))) * width;
        float line = 0;
        for (int i = 0; i < 4; i++) {
          line += weightsX[i] * rgb[row + Math.max(0, Math.min(width - 1, fromX + i))];
        }
        sum += weightsY[j] * line;
      }
      return Math.max(0, Math.min(1, sum));
    }
  }

  private Coarse coarse(LargeHole hole) throws ImageFailure, CropTooLarge, InterruptedException {
    CropPlanner planner = fill.planner();
    Region window = hole.box().grow(hole.context()).intersect(new Region(0, 0, canvas.width(), canvas.height()));
    int longest = Math.max(window.width(), window.height());
    int factor = (longest + planner.maxSide() - 1) / planner.maxSide();
    int width = (window.width() + factor - 1) / factor;
    int height = (window.height() + factor - 1) / factor;
    CropPlanner.Size size = planner.padded(width, height);
    try (Slots slots = fill.lama().claim(size.width(), size.height(), 1)) {
      Planes given = slots.given(0);
      shrink(window, factor, given, width, height);
      Inpainter.mirror(given, new Region(0, 0, width, height));
      fill.run(slots, 1);
      float[] rgb = new float[Math.multiplyExact(3, width * height)];
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int i = y * given.width() + x;
          FloatBuffer source = given.isHole(i) ? slots.filled(0).rgb() : given.rgb();
          for (int c = 0; c < 3; c++) {
            rgb[(c * height + y) * width + x] = source.get(c * given.plane() + i);
          }
        }
      }
      return new Coarse(window, factor, width, height, rgb);
    }
  }

  /** Averages blocks of {@code factor * factor} pixels, the known ones alone; a block that is more than half unknown is hole. */
  private void shrink(Region window, int factor, Planes planes, int width, int height) {
    FloatBuffer rgb = planes.rgb();
    int plane = planes.plane();
    int stripPlane = factor * window.width();
    FloatBuffer strip = FloatBuffer.allocate(3 * stripPlane);
    float[] source = strip.array();
    for (int cy = 0; cy < height; cy++) {
      int y0 = window.y() + cy * factor;
      int rows = Math.min(factor, window.bottom() - y0);
      canvas.read(new Region(window.x(), y0, window.width(), rows), strip, 0, window.width(), stripPlane);
      for (int cx = 0; cx < width; cx++) {
        int columns = Math.min(factor, window.width() - cx * factor);
        float red = 0;
        float green = 0;
        float blue = 0;
        int n = 0;
        for (int y = 0; y < rows; y++) {
          int from = y * window.width() + cx * factor;
          int maskFrom = (y0 + y) * unknown.width() + window.x() + cx * factor;
          for (int x = 0; x < columns; x++) {
            if (unknown.pixels()[maskFrom + x] == 0) {
              red += source[from + x];
              green += source[stripPlane + from + x];
              blue += source[2 * stripPlane + from + x];
              n++;
            }
          }
        }
        int i = cy * planes.width() + cx;
        if (2 * n < rows * columns) {
          Inpainter.hide(planes, i);
        } else {
          rgb.put(i, red / n).put(plane + i, green / n).put(2 * plane + i, blue / n);
          planes.mask().put(i, 0);
        }
      }
    }
  }

  private void refine(LargeHole hole, Coarse coarse) throws ImageFailure, CropTooLarge, InterruptedException {
    CropPlanner planner = fill.planner();
    int side = Math.min(planner.maxSide(), Math.max(TILE, planner.padded(1, 1).width()));
    Region area = hole.box().grow(side / 8).intersect(new Region(0, 0, canvas.width(), canvas.height()));
    Axis columns = Axis.of(area.x(), area.width(), side);
    Axis rows = Axis.of(area.y(), area.height(), side);
    Band band = new Band(area, rows.side);
    for (int r = 0; r < rows.starts.length; r++) {
      List<Tile> tiles = new ArrayList<>();
      for (int c = 0; c < columns.starts.length; c++) {
        Region window = new Region(columns.starts[c], rows.starts[r], columns.side, rows.side);
        if (window.bottom() > written && hole.writes().stream().anyMatch(window::intersects)) {
          tiles.add(new Tile(window, columns.weights[c], rows.weights[r]));
        }
      }
      for (int next = 0; next < tiles.size();) {
        next += fill(tiles.subList(next, tiles.size()), coarse, band);
      }
      band.write(r + 1 < rows.starts.length ? rows.starts[r + 1] : area.bottom(), hole.writes());
    }
  }

  /** A window of the canvas, and how much of its columns and rows is taken. */
  private record Tile(Region window, float[] weightsX, float[] weightsY) {}

  /** Fills the first tiles of a row; returns how many they were. */
  private int fill(List<Tile> tiles, Coarse coarse, Band band) throws ImageFailure, CropTooLarge, InterruptedException {
    Region window = tiles.get(0).window();
    CropPlanner.Size size = fill.planner().padded(window.width(), window.height());
    try (Slots slots = fill.lama().claim(size.width(), size.height(), tiles.size())) {
      List<Tile> rims = new ArrayList<>();
      int next = 0;
      while (next < tiles.size() && rims.size() < slots.size()) {
        Tile tile = tiles.get(next++);
        Planes given = slots.given(rims.size());
        if (paint(tile.window(), coarse, given)) {
          rims.add(tile);
        } else {
          band.add(tile, given, given);
        }
      }
      fill.run(slots, rims.size());
      for (int i = 0; i < rims.size(); i++) {
        fill.after().apply(slots.given(i), slots.filled(i));
        band.add(rims.get(i), slots.given(i), slots.filled(i));
      }
      return next;
    }
  }

  /** The rows of an area that are being painted: as many as a tile has, from {@code top} on. */
  private final class Band {
    private final Region area;
    private final int plane;
    private final float[] data;
    private int top;

    Band(Region area, int rows) {
      this.area = area;
      this.plane = area.width() * rows;
      this.data = new float[Math.multiplyExact(3, plane)];
      this.top = area.y();
    }

    /** Adds a tile of the same top, weighted: in its hole what the model made, elsewhere what it was given. */
    void add(Tile tile, Planes given, Planes filled) {
      int tilePlane = filled.plane();
      int left = tile.window().x() - area.x();
      for (int y = 0; y < tile.window().height(); y++) {
        for (int x = 0; x < tile.window().width(); x++) {
          float w = tile.weightsY()[y] * tile.weightsX()[x];
          int from = y * filled.width() + x;
          int to = y * area.width() + left + x;
          FloatBuffer source = given.isHole(from) ? filled.rgb() : given.rgb();
          for (int c = 0; c < 3; c++) {
            data[c * plane + to] += w * source.get(c * tilePlane + from);
          }
        }
      }
    }

    /** Blends the rows above {@code end} into the canvas, and goes on from there. */
    void write(int end, List<Region> parts) {
      FloatBuffer source = FloatBuffer.wrap(data);
      Region done = new Region(area.x(), Math.max(top, written), area.width(), Math.max(0, end - Math.max(top, written)));
      for (Region part : parts) {
        Region p = part.intersect(done);
        if (!p.isEmpty()) {
          canvas.blend(p, source, (p.y() - top) * area.width() + p.x() - area.x(), area.width(), plane, fill.weight());
        }
      }
      int shift = (end - top) * area.width();
      for (int c = 0; c < 3; c++) {
        System.arraycopy(data, c * plane + shift, data, c * plane, plane - shift);
        Arrays.fill(data, (c + 1) * plane - shift, (c + 1) * plane, 0);
      }
      top = end;
      written = Math.max(written, end);
    }
  }

  /**
   * Paints a tile as the model gets it: hole is the rim alone, and deeper than that stands the coarse fill.
   *
   * @return whether there is a rim in it
   */
  private boolean paint(Region tile, Coarse coarse, Planes planes) {
    Inpainter.paint(canvas, tile, unknown, planes);
    int plane = planes.plane();
    float[] depth = depth(planes);
    float[][] wx = new float[tile.width()][4];
    int[] fromX = new int[tile.width()];
    for (int x = 0; x < tile.width(); x++) {
      fromX[x] = cubic(tile.x() + x - coarse.window.x(), coarse.factor, wx[x]);
    }
    boolean rim = false;
    float[] wy = new float[4];
    for (int y = 0; y < tile.height(); y++) {
      int fromY = cubic(tile.y() + y - coarse.window.y(), coarse.factor, wy);
      for (int x = 0; x < tile.width(); x++) {
        int i = y * planes.width() + x;
        if (depth[i] > RIM) {
          for (int c = 0; c < 3; c++) {
            planes.rgb().put(c * plane + i, coarse.sample(c, wx[x], fromX[x], wy, fromY));
          }
          planes.mask().put(i, 0);
        } else if (depth[i] > 0) {
          rim = true;
        }
      }
    }
    Inpainter.mirror(planes, new Region(0, 0, tile.width(), tile.height()));
    return rim;
  }

  /** First of the four samples that cubic convolution takes at a canvas pixel, and their weights. */
  private static int cubic(int pixel, int factor, float[] weights) {
    float at = (pixel + 0.5f) / factor - 0.5f;
    int first = (int) Math.floor(at) - 1;
    for (int i = 0; i < 4; i++) {
      float d = Math.abs(at - (first + i));
      weights[i] = d <= 1 ? (1.5f * d - 2.5f) * d * d + 1 : ((-0.5f * d + 2.5f) * d - 4) * d + 2;
    }
    return first;
  }

  /** Distance from the nearest known pixel, in pixels, by the 3-4 chamfer of Borgefors (1986). */
  private static float[] depth(Planes planes) {
    int w = planes.width();
    int h = planes.height();
    int plane = planes.plane();
    float[] d = new float[plane];
    for (int i = 0; i < plane; i++) {
      d[i] = planes.isHole(i) ? Float.MAX_VALUE / 4 : 0;
    }
    float straight = 1;
    float diagonal = 4f / 3;
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        int i = y * w + x;
        float v = d[i];
        if (x > 0) {
          v = Math.min(v, d[i - 1] + straight);
        }
        if (y > 0) {
          v = Math.min(v, d[i - w] + straight);
          if (x > 0) {
            v = Math.min(v, d[i - w - 1] + diagonal);
          }
          if (x < w - 1) {
            v = Math.min(v, d[i - w + 1] + diagonal);
          }
        }
        d[i] = v;
      }
    }
    for (int y = h - 1; y >= 0; y--) {
      for (int x = w - 1; x >= 0; x--) {
        int i = y * w + x;
        float v = d[i];
        if (x < w - 1) {
          v = Math.min(v, d[i + 1] + straight);
        }
        if (y < h - 1) {
          v = Math.min(v, d[i + w] + straight);
          if (x > 0) {
            v = Math.min(v, d[i + w - 1] + diagonal);
          }
          if (x < w - 1) {
            v = Math.min(v, d[i + w + 1] + diagonal);
          }
        }
        d[i] = v;
      }
    }
    return d;
  }

  /** How tiles lie along one axis, and how much of each is taken: at every pixel the weights of all tiles add up to 1. */
  private static final class Axis {
    private final int side;
    private final int[] starts;
    private final float[][] weights;

    private Axis(int side, int[] starts, float[][] weights) {
      this.side = side;
      this.starts = starts;
      this.weights = weights;
    }

    static Axis of(int from, int length, int side) {
      if (length <= side) {
        float[] one = new float[length];
        Arrays.fill(one, 1);
        return new Axis(length, new int[] {from}, new float[][] {one});
      }
      int overlap = side / 4;
      int n = (length - overlap + side - overlap - 1) / (side - overlap);
      int[] starts = new int[n];
      for (int i = 0; i < n; i++) {
        starts[i] = from + (int) ((long) i * (length - side) / (n - 1));
      }
      float[][] weights = new float[n][side];
      float[] sum = new float[length];
      for (int i = 0; i < n; i++) {
        for (int x = 0; x < side; x++) {
          float left = i == 0 ? 1 : fade(x + 0.5f, overlap);
          float right = i == n - 1 ? 1 : fade(side - x - 0.5f, overlap);
          weights[i][x] = Math.min(left, right);
          sum[starts[i] - from + x] += weights[i][x];
        }
      }
      for (int i = 0; i < n; i++) {
        for (int x = 0; x < side; x++) {
          weights[i][x] /= sum[starts[i] - from + x];
        }
      }
      return new Axis(side, starts, weights);
    }

    /** 0 in the first quarter of the overlap, where a tile knows least, then up to 1 in its third, smoothly. */
    private static float fade(float distance, int overlap) {
      float t = Math.max(0, Math.min(1, distance / overlap * 2 - 0.5f));
      return t * t * (3 - 2 * t);
    }
  }
}
