package org.lakebrush.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import org.lakebrush.image.Region;

/** Marks hole pixels in a mask and keeps the smallest region that holds them, and what a search says of them. Used by one thread. */
public final class HoleMarker {
  private final Mask mask;
  private int left = Integer.MAX_VALUE;
  private int top = Integer.MAX_VALUE;
  private int right = Integer.MIN_VALUE;
  private int bottom = Integer.MIN_VALUE;
  private int count;
  private double confidence = 1;
  private final List<Restoration> restorations = new ArrayList<>();

  HoleMarker(Mask mask) {
    this.mask = mask;
  }

  /** Marks the pixels {@code from} to {@code to - 1} of a row, as far as they lie in the image. */
  public void mark(int y, int from, int to) {
    int l = Math.max(0, from);
    int r = Math.min(mask.width(), to);
    if (y < 0 || y >= mask.height() || l >= r) {
      return;
    }
    int row = y * mask.width();
    Arrays.fill(mask.pixels(), row + l, row + r, Mask.HOLE);
    left = Math.min(left, l);
    right = Math.max(right, r);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }

  /** Marks the pixels of a row whose column passes a test. */
  public void markWhere(int y, IntPredicate column) {
    markWhere(y, 0, mask.width(), column);
  }

  /** Marks the pixels {@code from} to {@code to - 1} of a row whose column passes a test. */
  public void markWhere(int y, int from, int to, IntPredicate column) {
    int x = from;
    while (x < to) {
      if (column.test(x)) {
        int first = x++;
        while (x < to && column.test(x)) {
          x++;
        }
        mark(y, first, x);
      }
      x++;
    }
  }

  /**
   * Says that one thing was found, whatever was marked for it.
   *
   * @param confidence how sure that is, 0..1
   */
  public void found(double confidence) {
    count++;
    this.confidence = Math.min(this.confidence, confidence);
  }

  /** Puts back what is known to lie under a mark; what is marked as hole too is filled all the same. */
  public void restore(Restoration restoration) {
    restorations.add(restoration);
  }

  /** How often {@link #found} was called. */
  int count() {
    return count;
  }

  /** The least confidence that {@link #found} was given. */
  double confidence() {
    return confidence;
  }

  List<Restoration> restorations() {
    return restorations;
  }

  /** The smallest region that holds all that was marked through this marker; empty where nothing was. */
  Region bounds() {
    return left > right ? new Region(0, 0, 0, 0) : new Region(left, top, right - left, bottom - top);
  }
}
