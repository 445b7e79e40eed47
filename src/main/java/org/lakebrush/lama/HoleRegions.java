package org.lakebrush.lama;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lakebrush.image.Region;
import org.lakebrush.mask.Mask;

/**
 * The connected regions of a hole. They are found on a grid of cells of 8x8 pixels: cells in a row that hold hole pixels make a run,
 * runs of neighbouring rows that touch (corners too) are one region, by union-find. What lies within a cell of each other would share
 * its crop anyway, and the memory is that of the runs, not of the pixels.
 */
final class HoleRegions {
  private static final int CELL = 8;

  private HoleRegions() {}

  /**
   * One region.
   *
   * @param box the smallest rectangle around its pixels
   * @param pixels how many there are
   * @param parts disjoint rectangles that hold all of its pixels, and none of another region's
   */
  record HoleRegion(Region box, long pixels, List<Region> parts) {

    /** Its longer side; of a thin one (a scratch, an outline), whose surroundings are near everywhere, twice the root of its area. */
    double extent() {
      return Math.min(Math.max(box.width(), box.height()), 2 * Math.sqrt(pixels));
    }
  }

  /** All regions, from top to bottom and left to right by their first run. */
  static List<HoleRegion> of(Mask hole) {
    Region bounds = hole.bounds();
    List<Region> runs = new ArrayList<>();
    int[] parent = new int[64];
    int previousFirst = 0;
    int previousEnd = 0;
    int firstRow = bounds.y() / CELL;
    int endRow = (bounds.bottom() + CELL - 1) / CELL;
    CellRow row = new CellRow(hole, bounds);
    for (int cellRow = firstRow; cellRow < endRow; cellRow++) {
      row.read(cellRow);
      int first = runs.size();
      row.addRuns(runs);
      int end = runs.size();
      if (parent.length < end) {
        parent = Arrays.copyOf(parent, Math.max(end, 2 * parent.length));
      }
      int above = previousFirst;
      for (int r = first; r < end; r++) {
        parent[r] = r;
        int left = runs.get(r).x() / CELL;
        int right = (runs.get(r).right() - 1) / CELL;
        while (above < previousEnd && (runs.get(above).right() - 1) / CELL < left - 1) {
          above++;
        }
        // The last run that touches may touch the next one too, so it is looked at again.
        for (int a = above; a < previousEnd && runs.get(a).x() / CELL <= right + 1; a++) {
          join(parent, a, r);
        }
      }
      previousFirst = first;
      previousEnd = end;
    }

    Map<Integer, List<Region>> parts = new LinkedHashMap<>();
    for (int r = 0; r < runs.size(); r++) {
      parts.computeIfAbsent(root(parent, r), k -> new ArrayList<>()).add(runs.get(r));
    }
    List<HoleRegion> regions = new ArrayList<>();
    for (List<Region> p : parts.values()) {
      regions.add(new HoleRegion(p.stream().reduce(Region::union).orElseThrow(), count(hole, p), p));
    }
    return regions;
  }

  private static long count(Mask hole, List<Region> parts) {
    long n = 0;
    for (Region p : parts) {
      for (int y = p.y(); y < p.bottom(); y++) {
        for (int x = p.x(); x < p.right(); x++) {
          n += hole.isHole(x, y) ? 1 : 0;
        }
      }
    }
    return n;
  }

  private static void join(int[] parent, int a, int b) {
    int ra = root(parent, a);
    int rb = root(parent, b);
    parent[Math.max(ra, rb)] = Math.min(ra, rb);
  }

  private static int root(int[] parent, int i) {
    int r = i;
    while (parent[r] != r) {
      parent[r] = parent[parent[r]];
      r = parent[r];
    }
    return r;
  }

  /** One row of cells: the extent of the hole in each. */
  private static final class CellRow {
    private final Mask hole;
    private final Region bounds;
    private final int firstCell;
    private final int[] left;
    private final int[] right;
    private final int[] top;
    private final int[] bottom;

    CellRow(Mask hole, Region bounds) {
      this.hole = hole;
      this.bounds = bounds;
      this.firstCell = bounds.x() / CELL;
      int cells = bounds.isEmpty() ? 0 : (bounds.right() - 1) / CELL - firstCell + 1;
      left = new int[cells];
      right = new int[cells];
      top = new int[cells];
      bottom = new int[cells];
    }

    void read(int cellRow) {
      Arrays.fill(left, Integer.MAX_VALUE);
      Arrays.fill(right, -1);
      Arrays.fill(top, Integer.MAX_VALUE);
      Arrays.fill(bottom, -1);
      byte[] pixels = hole.pixels();
      int endY = Math.min(bounds.bottom(), (cellRow + 1) * CELL);
      for (int y = Math.max(bounds.y(), cellRow * CELL); y < endY; y++) {
        int offset = y * hole.width();
        for (int x = bounds.x(); x < bounds.right(); x++) {
          if (pixels[offset + x] != 0) {
            int c = x / CELL - firstCell;
            left[c] = Math.min(left[c], x);
            right[c] = x > right[c] ? x : right[c];
            top[c] = Math.min(top[c], y);
            bottom[c] = y;
          }
        }
      }
    }

    void addRuns(List<Region> runs) {
      int c = 0;
      while (c < left.length) {
        if (right[c] < 0) {
          c++;
          continue;
        }
        int l = left[c];
        int t = Integer.MAX_VALUE;
        int b = -1;
        int r = -1;
        for (; c < left.length && right[c] >= 0; c++) {
          t = Math.min(t, top[c]);
          b = Math.max(b, bottom[c]);
          r = right[c];
        }
        runs.add(new Region(l, t, r - l + 1, b - t + 1));
      }
    }
  }
}
