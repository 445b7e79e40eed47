package org.lakebrush.lama;

import java.time.Duration;

/**
 * How a {@link LamaPool} runs its model. What comes out bears on {@code tf32} and {@code half} alone.
 *
 * @param threads cores that the CPU may take, 1 or more
 * @param batch most crops in one run on a GPU, 1 or more; larger than 512x512 they count for as many as they have pixels
 * @param delay how long a crop waits on a GPU for others of its size, 0 or more
 * @param tf32 whether a GPU may multiply float32 with the 10 bits of mantissa of TF32
 * @param half the model's half-precision form, in which all crops are run first, or null; a crop that comes out of it with NaN, infinity or a
 *     black hole is run again in the model itself
 */
public record LamaSettings(int threads, int batch, Duration delay, boolean tf32, LamaModel half) {

  /** What a job says. */
  public static LamaSettings of(InpaintSettings job, int threads, LamaModel half) {
    return new LamaSettings(threads, job.batch(), Duration.ofMillis(job.batchDelay()), job.tf32(), half);
  }

  /** What the job's defaults are for what is not named. */
  public LamaSettings(int threads, int batch) {
    this(threads, batch, Duration.ofMillis(InpaintSettings.BATCH_DELAY), true, null);
  }
}
