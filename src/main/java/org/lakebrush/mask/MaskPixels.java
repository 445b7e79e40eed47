package org.lakebrush.mask;

import org.lakebrush.image.Picture;

/** The part of {@link Picture} that masks are made from, upright rows. */
interface MaskPixels {
  int width();

  int height();

  boolean hasAlpha();

  /** Whether the RGB that {@link #readRow} gives can be written back as it is: not where there are four inks. */
  boolean restorable();

  /** As {@link Picture#readRow}. */
  void readRow(int y, byte[] rgb);

  /** As {@link Picture#readAlphaRow}. */
  void readAlphaRow(int y, byte[] alpha);

  static MaskPixels of(Picture picture) {
    return new MaskPixels() {
      @Override
      public int width() {
        return picture.width();
      }

      @Override
      public int height() {
        return picture.height();
      }

      @Override
      public boolean hasAlpha() {
        return picture.hasAlpha();
      }

      @Override
      public boolean restorable() {
        return picture.passes() == 1;
      }

      @Override
      public void readRow(int y, byte[] rgb) {
        picture.readRow(y, rgb);
      }

      @Override
      public void readAlphaRow(int y, byte[] alpha) {
        picture.readAlphaRow(y, alpha);
      }
    };
  }
}
