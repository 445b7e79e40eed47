package org.lakebrush.lama;

/**
 * A crop as the model takes it: four planes of {@code height * width} floats, row by row: red, green and blue, 0..1, then the mask,
 * 1 = hole. Used by one thread at a time; while a {@link LamaSession} fills it, by that session.
 *
 * @param width in pixels
 * @param height in pixels
 * @param data sample (c, y, x) is {@code data[(c * height + y) * width + x]}
 */
public record Planes(int width, int height, float[] data) {

  /** Planes of zeros. */
  public Planes(int width, int height) {
    this(width, height, new float[Math.multiplyExact(4, Math.multiplyExact(width, height))]);
  }

  /** Planes of their own with the same samples. */
  Planes copy() {
    return new Planes(width, height, data.clone());
  }

  /** Samples in one plane. */
  public int plane() {
    return width * height;
  }
}
