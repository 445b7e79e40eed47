package org.lakebrush.watermark;

/**
 * One number for a colour: a weighted sum of red, green and blue (ITU-R BT.601), and an offset that brings it to 0..1.
 *
 * @param offset what is added for an opaque colour
 */
record Projection(float red, float green, float blue, float offset) {
  static final Projection LUMA = new Projection(0.299f, 0.587f, 0.114f, 0);
  static final Projection CB = new Projection(-0.168736f, -0.331264f, 0.5f, 0);
  static final Projection CR = new Projection(0.5f, -0.418688f, -0.081312f, 0);

  /** Along a direction of the chroma plane; 0.5 is grey. */
  static Projection chroma(float cb, float cr) {
    // A unit vector can take the sum of both axes to 0.71.
    float k = 0.7f;
    return new Projection(k * (cb * CB.red + cr * CR.red), k * (cb * CB.green + cr * CR.green), k * (cb * CB.blue + cr * CR.blue), 0.5f);
  }

  boolean isChroma() {
    return offset != 0;
  }

  /** Of a pixel of premultiplied planes (alpha, red, green, blue). */
  float of(float[][] planes, int i) {
    return red * planes[1][i] + green * planes[2][i] + blue * planes[3][i] + offset * planes[0][i];
  }

  /** Of an opaque colour, 0..1. */
  float of(float r, float g, float b) {
    return red * r + green * g + blue * b + offset;
  }

  /** Of an opaque colour of 8 bits, 0..255, rounded. */
  byte of8(int r, int g, int b) {
    return (byte) Math.max(0, Math.min(255, Math.round(red * r + green * g + blue * b + offset * 255)));
  }
}
