package org.lakebrush.spectral;

import java.io.Serializable;

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

  /** Where the window begins in an image of this width, in image pixels from the left; may be outside. */
  int left(int imageWidth) {
    return anchor.left(imageWidth, width * reduction) + shiftX;
  }

  /** Where the window begins in an image of this height, in image pixels from the top; may be outside. */
  int top(int imageHeight) {
    return anchor.top(imageHeight, height * reduction) + shiftY;
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
