package org.lakebrush.job;

import java.io.Serializable;
import java.util.List;
import java.util.StringJoiner;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.mask.MaskSettings;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.repair.RepairSettings;
import org.lakebrush.sink.OutputSettings;
import org.lakebrush.spectral.SpectralSettings;

/** A job file, read and checked. Immutable. */
public record JobSpec(List<MaskSpec> masks, MaskSettings mask, InpaintSettings inpaint, SpectralSettings spectral, OutputSettings output,
    Limits limits, Retry retry, RunSettings run) implements Serializable {

  public JobSpec {
    masks = List.copyOf(masks);
  }

  /** All of it that bears on one image's pixels. */
  public RepairSettings repair() {
    return new RepairSettings(masks, mask, inpaint, spectral, output.outputName().format().orElse(null), limits.maxPixels());
  }

  /**
   * All settings that bear on what comes out for an image, as text, one a line: two jobs that differ in such a setting have different
   * texts, others the same. The result log's fingerprints are made from it, so for given settings it must be the same in every version.
   *
   * <p>Not in it: the model and its half-precision form (the caller adds their SHA-256, since a file may change under its name),
   * {@code inpaint.batch} and {@code inpaint.batch_delay} (the same pixels come out whatever the batch), {@code limits}, {@code retry} and
   * {@code run}.
   */
  public String canonical() {
    StringJoiner text = new StringJoiner("\n", "", "\n");
    masks.forEach(m -> text.add("masks: " + line(m.canonical())));
    text.add("mask.grow: " + mask.grow());
    text.add("mask.feather: " + mask.feather());
    text.add("mask.missing: " + SpecSection.word(mask.missing()));
    text.add("inpaint.context: " + inpaint.context());
    text.add("inpaint.max_side: " + inpaint.maxSide());
    // What is as it was before there was a key for it adds no line.
    if (!inpaint.tf32()) {
      text.add("inpaint.tf32: false");
    }
    if (spectral.descreen() != SpectralSettings.Screens.OFF) {
      text.add("spectral.descreen: " + SpecSection.word(spectral.descreen()));
    }
    if (spectral.seam()) {
      text.add("spectral.seam: true");
    }
    if (spectral.grain()) {
      text.add("spectral.grain: true");
    }
    text.add("output.name: " + line(output.name()));
    text.add("output.format: " + (output.format() == null ? "same" : output.format().id()));
    text.add("output.unchanged: " + SpecSection.word(output.unchanged()));
    return text.toString();
  }

  private static String line(String text) {
    return text.replace("\\", "\\\\").replace("\n", "\\n");
  }

  /**
   * The job's {@code limits} section.
   *
   * @param maxPixels larger images are FAILED with TOO_LARGE
   * @param maxFailures share of images, 0..1, above which the run ends with exit code 3
   * @param maxResidual share of what was to go, 0..1, above which a repaired image's status is REVIEW
   * @param secondsPerImage of work, after which an image is FAILED with TOO_SLOW
   * @param failOn whether the process's exit code says how the run went
   * @param emptyInput what becomes of a run whose input folder holds no image
   */
  public record Limits(long maxPixels, double maxFailures, double maxResidual, int secondsPerImage, FailOn failOn, EmptyInput emptyInput)
      implements Serializable {}

  /** What ends the process with an exit code that is not 0, once the run has begun. */
  public enum FailOn {
    /** A run that was not finished, or in which too many images failed. */
    FAILURES,
    /** Nothing: the log says how the run went. */
    NEVER
  }

  /** What an input folder is that exists and holds no image. */
  public enum EmptyInput {
    /** A mistake: the run is refused. */
    REFUSE,
    /** A run with nothing to do. */
    DONE
  }

  /**
   * The job's {@code retry} section.
   *
   * @param maxNights runs after which a FAILED image, unchanged, is not tried again
   * @param seconds for which reading, or writing, a file is tried again where its store does not serve it for the moment
   */
  public record Retry(int maxNights, int seconds) implements Serializable {}

  /**
   * The job's {@code run} section.
   *
   * @param sliceImages most images in a slice
   * @param slicesInFlight slices that run at once
   */
  public record RunSettings(int sliceImages, int slicesInFlight) implements Serializable {}
}
