package org.lakebrush.lama;

import java.io.Serializable;

/**
 * The job's {@code inpaint} section, but for the device.
 *
 * @param model registry name or URI of the model
 * @param context how much of the surroundings a crop takes on each side, as a share of the longer side of a connected hole, or, of a
 *     thin one (a scratch, an outline), of twice the root of its area where that is less; 32 pixels at least
 * @param maxSide longest side of a crop in pixels, a multiple of 8; larger holes are filled coarse first
 * @param batch most crops in one run of the model, 1 or more
 */
public record InpaintSettings(String model, double context, int maxSide, int batch) implements Serializable {}
