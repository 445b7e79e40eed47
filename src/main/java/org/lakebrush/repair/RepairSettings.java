package org.lakebrush.repair;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.lakebrush.image.ImageFormat;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.mask.MaskSettings;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.spectral.SpectralSettings;

/**
 * All of a job that bears on one image's pixels.
 *
 * @param outputFormat what to write; null for the input's own format
 * @param maxPixels larger images are refused by their header
 */
public record RepairSettings(List<MaskSpec> masks, MaskSettings mask, InpaintSettings inpaint, SpectralSettings spectral,
    ImageFormat outputFormat, long maxPixels) implements Serializable {

  /** What to write, where it is not the input's own format. */
  public Optional<ImageFormat> format() {
    return Optional.ofNullable(outputFormat);
  }
}
