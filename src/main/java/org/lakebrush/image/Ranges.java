package org.lakebrush.image;

import java.util.Arrays;

/** Runs of bytes in a file, kept so that it is soon known which others they touch. Immutable. */
final class Ranges {
  private final long[] starts;
  private final long[] ends;
  private final int size;
  private final boolean overlapping;

  /** Runs of less than 2 GiB; those of no length are left out. */
  Ranges(long[] offsets, long[] lengths) {
    long[] sorted = new long[offsets.length];
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = offsets[i] << 32 | lengths[i];
    }
    Arrays.sort(sorted);
    starts = new long[sorted.length];
    ends = new long[sorted.length];
    int n = 0;
    boolean over = false;
    for (long run : sorted) {
      long start = run >>> 32;
      long end = start + (int) run;
      if (start == end) {
        continue;
      }
      if (n > 0 && start < ends[n - 1]) {
        over = true;
        ends[n - 1] = Math.max(ends[n - 1], end);
      } else {
        starts[n] = start;
        ends[n++] = end;
      }
    }
    size = n;
    overlapping = over;
  }

  /** Whether two of them have a byte in common, as some writers have equal strips. */
  boolean overlapThemselves() {
    return overlapping;
  }

  /** Whether one of them has a byte in common with another run. */
  boolean overlap(long start, long length) {
    int next = Arrays.binarySearch(starts, 0, size, start + length);
    // The last that begins before the run's end.
    int last = (next < 0 ? -next - 1 : next) - 1;
    return last >= 0 && ends[last] > start;
  }
}
