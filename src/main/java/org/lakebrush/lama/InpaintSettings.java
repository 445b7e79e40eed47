package org.lakebrush.lama;

import java.io.Serializable;

/**
 * The job's {@code inpaint} section, but for the device.
 *
 * @param model registry name or URI of the model
 * @param context how much of the surroundings a crop takes on each side, as a share of the longer side of a connected hole, or, of a
 *     thin one (a scratch, an outline), of twice the root of its area where that is less; 32 pixels at least
 * @param maxSide longest side of a crop in pixels, a multiple of 8; larger holes are filled coarse first
 * @param batch most crops in one run of the model on a GPU, 1 or more
 * @param batchDelay how long a crop waits there for others of its size, in ms, 0 or more
 * @param tf32 whether a GPU may multiply float32 in TF32
 * @param halfModel registry name or URI of the model's half-precision form, or null where there is none to use
 */
public record InpaintSettings(String model, double context, int maxSide, int batch, int batchDelay, boolean tf32, String halfModel)
    implements Serializable {
  /** The default of {@code batchDelay}: about a run of the full-size model on one crop, so that waiting never costs more than running would. */
  public static final int BATCH_DELAY = 10;

  /** With the defaults of what is not named. */
  public InpaintSettings(String model, double context, int maxSide, int batch) {
    this(model, context, maxSide, batch, BATCH_DELAY, true, null);
  }
}
