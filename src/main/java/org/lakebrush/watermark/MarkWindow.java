package org.lakebrush.watermark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * The part of every image that is searched for a common mark: a rectangle that keeps its place relative to an anchor, seen reduced by
 * averaging squares of pixels.
 *
 * @param anchor what the window keeps its place to
 * @param shiftX how far the window lies to the right of where its anchor alone would put it, in image pixels
 * @param shiftY likewise downwards
 * @param width in reduced pixels, even, so that what is centred is so in the same way at any reduction
 * @param height in reduced pixels, even
 * @param reduction image pixels along the side of a reduced one, from 1 on
 */
public record MarkWindow(MarkAnchor anchor, int shiftX, int shiftY, int width, int height, int reduction) implements Serializable {
  /** The share of the image's sides that a window covers at least. */
  private static final double MOST = 0.6;

  /**
   * A window for each anchor: as much of the image as so many pixels take, at the least reduction at which that is most of it.
   *
   * @param imageWidth of a small one of the images
   * @param imageHeight likewise
   * @param maxPixels reduced pixels of a window
   */
  public static List<MarkWindow> all(int imageWidth, int imageHeight, int maxPixels) {
    double area = (double) imageWidth * imageHeight;
    int reduction = (int) Math.max(1, Math.ceil(Math.sqrt(MOST * MOST * area / maxPixels)));
    double share = Math.min(1, reduction * Math.sqrt(maxPixels / area));
    int width = Math.max(2, (int) (imageWidth * share / (2 * reduction)) * 2);
    int height = Math.max(2, (int) (imageHeight * share / (2 * reduction)) * 2);
    return Arrays.stream(MarkAnchor.values()).map(a -> new MarkWindow(a, 0, 0, width, height, reduction)).toList();
  }

  /** Where the window begins in an image of this width, in image pixels from the left; may be outside. */
  int left(int imageWidth) {
    return anchor.left(imageWidth, width * reduction) + shiftX;
  }

  /** Where the window begins in an image of this height, in image pixels from the top; may be outside. */
  int top(int imageHeight) {
    return anchor.top(imageHeight, height * reduction) + shiftY;
  }

  /**
   * This window with a rim around it, at the least reduction that keeps it in so many reduced pixels, or little more.
   *
   * @param rim in image pixels
   */
  public MarkWindow around(int rim, int maxPixels) {
    int reducedRim = (rim + reduction - 1) / reduction;
    int w = width + 2 * reducedRim;
    int h = height + 2 * reducedRim;
    int newReduction = (int) Math.max(1, Math.ceil(reduction * Math.sqrt((double) w * h / maxPixels)));
    return part(-reducedRim, -reducedRim, w, h, newReduction);
  }

  /** A part of this window at another reduction, not smaller than asked; x, y, w and h are in this window's reduced pixels. */
  MarkWindow part(int x, int y, int w, int h, int newReduction) {
    int newWidth = even(w * reduction, newReduction);
    int newHeight = even(h * reduction, newReduction);
    // The difference between the two places is the same in every image: take one that is large enough for both.
    int side = 2 * Math.max(width, height) * reduction + 2 * Math.max(newWidth, newHeight) * newReduction;
    return new MarkWindow(anchor, left(side) + x * reduction - anchor.left(side, newWidth * newReduction),
        top(side) + y * reduction - anchor.top(side, newHeight * newReduction), newWidth, newHeight, newReduction);
  }

  private static int even(int pixels, int reduction) {
    return (pixels + 2 * reduction - 1) / (2 * reduction) * 2;
  }
}
