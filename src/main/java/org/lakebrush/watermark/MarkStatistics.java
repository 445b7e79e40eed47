package org.lakebrush.watermark;

import java.io.Serializable;
import java.util.List;
import org.lakebrush.image.Picture;

/**
 * What many images have in common in a {@link MarkWindow}: for each pixel histograms of luma's differences to its right and lower
 * neighbour, sums of the colours' differences, sums of the colours, and the sum of luma's squares.
 *
 * <p>All are whole numbers that are added up: in which order images are added and statistics merged does not matter to the bit. About
 * 134 bytes a pixel of the window, however many images there are. Not safe for use by several threads at once.
 */
public final class MarkStatistics implements Serializable {
  private static final long serialVersionUID = 1;

  /** The most images: counts are 16 bits, sums of squares 32. */
  public static final int MAX_IMAGES = 30_000;

  /** Least absolute difference of each bin on the positive side; the negative side mirrors them, and bin 0 is for no difference. */
  private static final int[] FROM = {1, 2, 3, 5, 7, 10, 15, 22, 32, 48, 80};
  private static final int SIDE = FROM.length;
  private static final int BINS = 2 * SIDE + 1;
  private static final byte[] BIN = bins();

  private final MarkWindow window;
  private final int width;
  private final int height;
  private int images;
  private final char[] counts;
  private final int[] sums;
  private final int[] squares;
  private final char[] across;
  private final char[] down;
  private final int[] acrossSums;
  private final int[] downSums;

  public MarkStatistics(MarkWindow window) {
    this.window = window;
    width = window.width();
    height = window.height();
    int n = width * height;
    counts = new char[n];
    sums = new int[3 * n];
    squares = new int[n];
    across = new char[n * BINS];
    down = new char[n * BINS];
    acrossSums = new int[3 * n];
    downSums = new int[3 * n];
  }

  private static byte[] bins() {
    byte[] bin = new byte[511];
    for (int d = -255; d <= 255; d++) {
      int side = 0;
      while (side < SIDE && Math.abs(d) >= FROM[side]) {
        side++;
      }
      bin[d + 255] = (byte) (SIDE + Integer.signum(d) * side);
    }
    return bin;
  }

  public MarkWindow window() {
    return window;
  }

  /** How many images were added. */
  public int images() {
    return images;
  }

  /**
   * Adds one image to several statistics; each of its rows is read once.
   *
   * @throws IllegalStateException where they hold {@link #MAX_IMAGES} already
   */
  public static void add(Picture picture, List<MarkStatistics> all) {
    List<int[]> views = WindowView.read(picture, all.stream().map(MarkStatistics::window).toList());
    for (int i = 0; i < all.size(); i++) {
      all.get(i).add(views.get(i));
    }
  }

  /**
   * Adds one image.
   *
   * @param rgb the window's pixels, {@code r << 16 | g << 8 | b}, row by row; -1 where the window lies outside the image
   */
  void add(int[] rgb) {
    if (images == MAX_IMAGES) {
      throw new IllegalStateException("statistics hold no more than " + MAX_IMAGES + " images");
    }
    images++;
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++, i++) {
        int p = rgb[i];
        if (p < 0) {
          continue;
        }
        int luma = luma(p);
        counts[i]++;
        squares[i] += luma * luma;
        for (int c = 0; c < 3; c++) {
          sums[3 * i + c] += channel(p, c);
        }
        if (x + 1 < width && rgb[i + 1] >= 0) {
          difference(p, luma, rgb[i + 1], i, across, acrossSums);
        }
        if (y + 1 < height && rgb[i + width] >= 0) {
          difference(p, luma, rgb[i + width], i, down, downSums);
        }
      }
    }
  }

  private static void difference(int p, int luma, int q, int i, char[] histogram, int[] sums) {
    histogram[i * BINS + BIN[luma(q) - luma + 255]]++;
    for (int c = 0; c < 3; c++) {
      sums[3 * i + c] += channel(q, c) - channel(p, c);
    }
  }

  private static int channel(int rgb, int c) {
    return rgb >> 16 - 8 * c & 255;
  }

  /** ITU-R BT.601, in whole numbers. */
  static int luma(int rgb) {
    return 77 * channel(rgb, 0) + 150 * channel(rgb, 1) + 29 * channel(rgb, 2) + 128 >> 8;
  }

  /**
   * Adds what others have counted in the same window.
   *
   * @throws IllegalArgumentException where that is another window
   * @throws IllegalStateException where both hold more than {@link #MAX_IMAGES}
   */
  public void merge(MarkStatistics other) {
    if (!other.window.equals(window)) {
      throw new IllegalArgumentException("statistics of " + other.window + " do not go into those of " + window);
    }
    if (images + other.images > MAX_IMAGES) {
      throw new IllegalStateException("statistics hold no more than " + MAX_IMAGES + " images");
    }
    images += other.images;
    add(counts, other.counts);
    add(sums, other.sums);
    add(squares, other.squares);
    add(across, other.across);
    add(down, other.down);
    add(acrossSums, other.acrossSums);
    add(downSums, other.downSums);
  }

  private static void add(char[] to, char[] from) {
    for (int i = 0; i < to.length; i++) {
      to[i] += from[i];
    }
  }

  private static void add(int[] to, int[] from) {
    for (int i = 0; i < to.length; i++) {
      to[i] += from[i];
    }
  }

  /** Images that have pixel {@code i}. */
  int count(int i) {
    return counts[i];
  }

  /** The mean of a channel over the images that have pixel {@code i}, 0..255. */
  float mean(int i, int channel) {
    return counts[i] == 0 ? 0 : (float) sums[3 * i + channel] / counts[i];
  }

  /** Luma's variance over the images that have pixel {@code i}. */
  float variance(int i) {
    if (counts[i] == 0) {
      return 0;
    }
    double mean = (77.0 * sums[3 * i] + 150.0 * sums[3 * i + 1] + 29.0 * sums[3 * i + 2]) / 256 / counts[i];
    return (float) Math.max(0, (double) squares[i] / counts[i] - mean * mean);
  }

  /** The median of luma's difference to the right neighbour of pixel {@code i}; 0 where no image has both. */
  float medianAcross(int i) {
    return median(across, i);
  }

  /** The median of luma's difference to the lower neighbour of pixel {@code i}; 0 where no image has both. */
  float medianDown(int i) {
    return median(down, i);
  }

  /** The mean of a channel's difference to the right neighbour of pixel {@code i}; 0 where no image has both. */
  float meanAcross(int i, int channel) {
    return mean(across, acrossSums, i, channel);
  }

  /** The mean of a channel's difference to the lower neighbour of pixel {@code i}; 0 where no image has both. */
  float meanDown(int i, int channel) {
    return mean(down, downSums, i, channel);
  }

  private static float mean(char[] histogram, int[] sums, int i, int channel) {
    int n = total(histogram, i);
    return n == 0 ? 0 : (float) sums[3 * i + channel] / n;
  }

  private static int total(char[] histogram, int i) {
    int n = 0;
    for (int b = 0; b < BINS; b++) {
      n += histogram[i * BINS + b];
    }
    return n;
  }

  /** By linear interpolation inside the bin where half of the counts are reached. */
  private static float median(char[] histogram, int i) {
    int n = total(histogram, i);
    if (n == 0) {
      return 0;
    }
    double left = n / 2.0;
    int bin = 0;
    while (left > histogram[i * BINS + bin]) {
      left -= histogram[i * BINS + bin++];
    }
    int side = Math.abs(bin - SIDE);
    if (side == 0) {
      return (float) (left / histogram[i * BINS + bin] - 0.5);
    }
    double near = FROM[side - 1] - 0.5;
    double far = side < SIDE ? FROM[side] - 0.5 : 255.5;
    double within = left / histogram[i * BINS + bin];
    return (float) (bin > SIDE ? near + within * (far - near) : -far + within * (far - near));
  }
}
