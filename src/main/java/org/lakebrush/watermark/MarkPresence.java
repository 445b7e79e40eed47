package org.lakebrush.watermark;

import java.io.Serializable;
import java.util.List;
import org.lakebrush.image.Picture;

/** Tells images that carry a learned mark from those that do not. Immutable; safe for many threads. */
public final class MarkPresence implements Serializable {
  private static final long serialVersionUID = 1;

  /** A light mark has little contrast on a light picture: this part of what it has on an average one is enough. */
  private static final double ENOUGH = 0.25;

  private final MarkWindow place;
  private final float[] relief;

  public MarkPresence(LearnedMark mark) {
    place = mark.place();
    relief = mark.relief();
  }

  /**
   * Whether a picture has the mark where the mark is learned to be: the luma differences there, none larger than the mark's largest,
   * are projected on the mark's.
   */
  public boolean in(Picture picture) {
    int[] rgb = WindowView.read(picture, List.of(place)).get(0);
    int width = place.width();
    float most = 0;
    for (int i = 0; i + 1 < relief.length; i++) {
      most = Math.max(most, Math.abs(relief[i + 1] - relief[i]));
    }
    double found = 0;
    double whole = 0;
    for (int i = 0; i < rgb.length; i++) {
      for (int j : new int[] {i % width + 1 < width ? i + 1 : -1, i + width < rgb.length ? i + width : -1}) {
        if (j >= 0 && rgb[i] >= 0 && rgb[j] >= 0) {
          float mark = relief[j] - relief[i];
          float own = MarkStatistics.luma(rgb[j]) - MarkStatistics.luma(rgb[i]);
          found += mark * Math.max(-most, Math.min(most, own));
          whole += mark * mark;
        }
      }
    }
    return whole > 0 && found >= ENOUGH * whole;
  }
}
