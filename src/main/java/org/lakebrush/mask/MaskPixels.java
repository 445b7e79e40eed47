package org.lakebrush.mask;

import org.lakebrush.image.Picture;
import org.lakebrush.image.Region;
import org.lakebrush.image.RgbPixels;

/** The part of {@link Picture} that masks are made from, upright rows. */
interface MaskPixels extends RgbPixels {
  boolean hasAlpha();

  /** Whether the RGB that {@link #readRgb} gives can be written back as it is: not where there are four inks. */
  boolean restorable();

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
      public void readRgb(Region region, float[] rgb) {
        picture.readRgb(region, rgb);
      }

      @Override
      public void readAlphaRow(int y, byte[] alpha) {
        picture.readAlphaRow(y, alpha);
      }
    };
  }
}
