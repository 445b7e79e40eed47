package org.lakebrush.eval;

/**
 * A picture of 8-bit RGB.
 *
 * @param width in pixels
 * @param height in pixels
 * @param data interleaved: sample c of pixel (x, y) is {@code data[(y * width + x) * 3 + c]}, unsigned
 */
public record Rgb8(int width, int height, byte[] data) {

  /** One sample, 0..255. */
  int sample(int x, int y, int channel) {
    return data[(y * width + x) * 3 + channel] & 255;
  }

  /** Luma Y' of ITU-R BT.601, 0..255. */
  double luma(int x, int y) {
    return 0.299 * sample(x, y, 0) + 0.587 * sample(x, y, 1) + 0.114 * sample(x, y, 2);
  }
}
