package org.lakebrush.job;

import java.io.Serializable;
import java.util.List;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.mask.MaskSettings;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.sink.OutputSettings;

/** A job file, read and checked. */
public record JobSpec(List<MaskSpec> masks, MaskSettings mask, InpaintSettings inpaint, OutputSettings output, Limits limits, Retry retry,
    RunSettings run) implements Serializable {

  /**
   * The job's {@code limits} section.
   *
   * @param maxPixels larger images are FAILED with TOO_LARGE
   * @param maxFailures share of images, 0..1, above which the run ends with exit code 3
   */
  public record Limits(long maxPixels, double maxFailures) implements Serializable {}

  /**
   * The job's {@code retry} section.
   *
   * @param maxNights runs after which a FAILED image, unchanged, is not tried again
   */
  public record Retry(int maxNights) implements Serializable {}

  /**
   * The job's {@code run} section.
   *
   * @param sliceImages most images in a slice
   * @param slicesInFlight slices that run at once
   */
  public record RunSettings(int sliceImages, int slicesInFlight) implements Serializable {}
}
