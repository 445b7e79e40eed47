package org.lakebrush.spectral;

/**
 * A mark that was found.
 *
 * @param x left edge of the mark as it is cut to what is visible, in pixels of the picture, where pixel i lies from i to i + 1
 * @param y top edge
 * @param scaleX pixels of the picture for one of the mark
 * @param scaleY likewise, downwards
 * @param opacity 0..1, by which the mark's alpha is multiplied
 * @param confidence 0..1
 */
public record WatermarkFind(double x, double y, double scaleX, double scaleY, double opacity, double confidence) {}
