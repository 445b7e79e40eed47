package org.lakebrush.image;

import java.nio.FloatBuffer;

/** Pixels that can be read and written over in part: planar RGB, float, 0..1, in the upright frame. Used by one thread at a time. */
public interface Canvas {

  /** In pixels. */
  int width();

  /** In pixels. */
  int height();

  /** Reads a region: sample (c, y, x) of it goes to {@code dst[offset + c * planeStride + y * rowStride + x]}. */
  void read(Region region, FloatBuffer dst, int offset, int rowStride, int planeStride);

  /**
   * Blends into a region: new = old + (src - old) * weight / 255.
   *
   * @param weight one byte a pixel of the whole canvas, unsigned, row by row
   */
  void blend(Region region, FloatBuffer src, int offset, int rowStride, int planeStride, byte[] weight);

  /** Replaces a region; the layout is that of {@link #read}. */
  void write(Region region, FloatBuffer src, int offset, int rowStride, int planeStride);
}
