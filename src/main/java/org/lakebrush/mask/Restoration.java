package org.lakebrush.mask;

import org.lakebrush.image.Region;

/**
 * A part of the image where what lies under a mark is known: it is put back instead of being filled.
 *
 * @param region inside the image, in the upright frame
 * @param rgb planar, 0..1: sample (c, y, x) of the region is {@code rgb[(c * height + y) * width + x]}
 * @param weight one byte a pixel of the region, unsigned: how much of {@code rgb} is taken, 0 to 255
 */
public record Restoration(Region region, float[] rgb, byte[] weight) {}
