package org.lakebrush.mask;

import java.util.Arrays;
import org.lakebrush.image.Region;

/**
 * The exact Euclidean distance transform as far as a limit, a row at a time: squared distances from each pixel's centre to the nearest
 * seed's.
 *
 * <p>Distances along columns first, then for each row the lower envelope of the parabolas that stand on them (P. F. Felzenszwalb and
 * D. P. Huttenlocher, Distance Transforms of Sampled Functions, Theory of Computing 8, 2012), in whole numbers. It keeps a few numbers a
 * column and none a pixel, and time is linear in the region's area. When row y is handed out no row up to y is read again: the
 * caller may write over them.
 */
final class DistanceRows {
  /** Stands for more than the limit. */
  static final int FAR = Integer.MAX_VALUE;
  private static final int NONE = -1;

  private final byte[] pixels;
  private final int stride;
  private final Region region;
  private final boolean holeIsSeed;
  private final int limit;
  /** By column: the nearest seed's row above, the nearest one at or below (or NONE), and the first row not looked at. */
  private final int[] above;
  private final int[] below;
  private final int[] scanned;
  /** By column: squared distance along the column, or FAR. */
  private final int[] vertical;
  private final int[] distances;
  /** The envelope: the columns of its parabolas and where each begins to be the lowest. */
  private final int[] apex;
  private final int[] from;
  private int y;

  /**
   * @param pixels a mask
   * @param stride its width
   * @param region what is looked at: seeds outside count for nothing
   * @param holeIsSeed whether the seeds are the hole's pixels, else all others
   * @param limit distances above are FAR, in pixels, less than 46341
   */
  DistanceRows(byte[] pixels, int stride, Region region, boolean holeIsSeed, int limit) {
    this.pixels = pixels;
    this.stride = stride;
    this.region = region;
    this.holeIsSeed = holeIsSeed;
    this.limit = limit;
    int n = region.width();
    above = new int[n];
    below = new int[n];
    scanned = new int[n];
    vertical = new int[n];
    distances = new int[n];
    apex = new int[n];
    from = new int[n];
    Arrays.fill(above, NONE);
    Arrays.fill(below, NONE);
    Arrays.fill(scanned, region.y());
    y = region.y() - 1;
  }

  /**
   * Goes to the next row of the region.
   *
   * @return whether one of its pixels is within the limit; if not, {@link #distances} is not set
   */
  boolean next() {
    y++;
    int end = Math.min(region.bottom(), y + limit + 1);
    boolean any = false;
    for (int x = 0; x < vertical.length; x++) {
      int b = below[x];
      if (b != NONE && b < y) {
        above[x] = b;
        b = NONE;
      }
      int s = scanned[x];
      while (b == NONE && s < end) {
        if ((pixels[s * stride + region.x() + x] != 0) == holeIsSeed) {
          b = s;
        }
        s++;
      }
      scanned[x] = s;
      below[x] = b;
      int d = b == NONE ? limit + 1 : b - y;
      d = above[x] == NONE ? d : Math.min(d, y - above[x]);
      vertical[x] = d > limit ? FAR : d * d;
      any |= d <= limit;
    }
    if (any) {
      envelope();
    }
    return any;
  }

  private void envelope() {
    int n = vertical.length;
    int last = -1;
    for (int q = 0; q < n; q++) {
      if (vertical[q] == FAR) {
        continue;
      }
      while (last >= 0 && value(apex[last], from[last]) > value(q, from[last])) {
        last--;
      }
      if (last < 0) {
        last = 0;
        apex[0] = q;
        from[0] = 0;
        continue;
      }
      int p = apex[last];
      long rise = (long) q * q - (long) p * p + vertical[q] - vertical[p];
      long crossing = Math.floorDiv(rise, 2L * (q - p)) + 1;
      if (crossing < n) {
        last++;
        apex[last] = q;
        from[last] = (int) crossing;
      }
    }
    long far = (long) limit * limit;
    int end = n;
    for (; last >= 0; last--) {
      for (int x = from[last]; x < end; x++) {
        long d = value(apex[last], x);
        distances[x] = d > far ? FAR : (int) d;
      }
      end = from[last];
    }
  }

  private long value(int apexColumn, int x) {
    long dx = x - apexColumn;
    return dx * dx + vertical[apexColumn];
  }

  /** The current row's squared distances by column of the region, or FAR; overwritten by the next row. */
  int[] distances() {
    return distances;
  }
}
