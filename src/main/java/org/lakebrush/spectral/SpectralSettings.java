package org.lakebrush.spectral;

import java.io.Serializable;

/**
 * The job's {@code spectral} section.
 *
 * @param descreen whether screens over the whole picture are taken out before anything else
 * @param seam whether the fill is fitted to its surroundings along the hole's edge
 * @param grain whether the fill gets the grain of its surroundings
 */
public record SpectralSettings(Screens descreen, boolean seam, boolean grain) implements Serializable {
  /** No stage. */
  public static final SpectralSettings OFF = new SpectralSettings(Screens.OFF, false, false);

  /** What is done about screens. */
  public enum Screens {
    /** Nothing. */
    OFF,
    /** Those that are surely there are taken out; a picture without one stays as it is to the bit. */
    AUTO,
    /** Whatever stands out of the spectrum is taken out. */
    ON
  }
}
