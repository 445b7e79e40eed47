package org.lakebrush.repair;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.lakebrush.image.ImageFormat;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.mask.MaskSettings;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.spectral.Descreen;
import org.lakebrush.spectral.SpectralSettings;

/**
 * All of a job that bears on one image's pixels.
 *
 * @param outputFormat what to write; null for the input's own format
 * @param maxPixels larger images are refused by their header
 */
public record RepairSettings(List<MaskSpec> masks, MaskSettings mask, InpaintSettings inpaint, SpectralSettings spectral,
    ImageFormat outputFormat, long maxPixels) implements Serializable {

  /**
   * Bytes for each pixel that this job's searches take beyond what decoding, filling and encoding an image do: the hungriest of its masks
   * (they search one after the other), what was found and what is found again, and the screens.
   */
  public int searchBytesPerPixel() {
    int most = masks.stream().mapToInt(MaskSpec::bytesPerPixel).max().orElse(0);
    int found = masks.stream().anyMatch(MaskSpec::searches) ? 2 : 0;
    int screens = spectral.descreen() == SpectralSettings.Screens.OFF ? 0 : Descreen.BYTES_PER_PIXEL;
    return Math.max(screens, most + found);
  }

  /** What to write, where it is not the input's own format. */
  public Optional<ImageFormat> format() {
    return Optional.ofNullable(outputFormat);
  }
}
