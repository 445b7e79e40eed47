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
   * About how many bytes this job's searches take in an image of a size, beyond what decoding, filling and encoding it do: the screens, or
   * the hungriest of its masks (they search one after the other) with what was found and what is found again.
   */
  public long searchBytes(int width, int height) {
    long most = masks.stream().mapToLong(mask -> mask.bytes(width, height)).max().orElse(0);
    long found = masks.stream().anyMatch(MaskSpec::searches) ? 2L * width * height : 0;
    long screens = spectral.descreen() == SpectralSettings.Screens.OFF ? 0 : Descreen.bytes(width, height);
    return Math.max(screens, most + found);
  }

  /** What to write, where it is not the input's own format. */
  public Optional<ImageFormat> format() {
    return Optional.ofNullable(outputFormat);
  }
}
