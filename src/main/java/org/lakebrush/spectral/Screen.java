package org.lakebrush.spectral;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What stands out of a picture's mean spectrum.
 *
 * @param size bins of the spectrum in each direction; bin k stands for k / size cycles a pixel
 * @param channels red, green, blue
 * @param peaks of the channel with the most
 * @param period of the strongest peak, in pixels
 * @param confidence share of the tiles that show the strongest peak, 0..1
 * @param lines straight lines along the rows or the columns, where the peaks are such
 */
record Screen(int size, List<Channel> channels, int peaks, double period, double confidence, Optional<Lines> lines) {

  /**
   * What stands out in one channel: some bins of the whole spectrum, each with its opposite.
   *
   * @param bins row * size + column
   * @param rise how far each stands out of the envelope, natural logarithm of power
   * @param spread share of the spectrum, 0..1, that stands out around the strongest peak, on one side of 0
   */
  record Channel(int[] bins, float[] rise, double spread) {

    boolean same(Channel o) {
      return spread == o.spread && Arrays.equals(bins, o.bins) && Arrays.equals(rise, o.rise);
    }
  }

  /**
   * Straight lines.
   *
   * @param rows whether they run along the rows
   * @param frequency in cycles a pixel, to about half a bin
   * @param amplitude of the fundamental, 0..1, in the channel that has most of it
   */
  record Lines(boolean rows, double frequency, double amplitude) {}
}
