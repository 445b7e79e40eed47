package org.lakebrush.watermark;

/**
 * One projection of a picture, 8 bits a pixel.
 *
 * @param data 0..255, row by row
 */
record MarkPlane(Projection projection, int width, int height, byte[] data) {

  /**
   * Copies a rectangle, which may reach out of the picture: there the nearest pixel goes on.
   *
   * @return 0..1
   */
  float[] read(int x, int y, int w, int h) {
    float[] part = new float[w * h];
    for (int j = 0; j < h; j++) {
      int row = Math.max(0, Math.min(height - 1, y + j)) * width;
      for (int i = 0; i < w; i++) {
        part[j * w + i] = (data[row + Math.max(0, Math.min(width - 1, x + i))] & 255) / 255f;
      }
    }
    return part;
  }
}
