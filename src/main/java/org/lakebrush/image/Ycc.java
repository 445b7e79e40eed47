package org.lakebrush.image;

/** The matrix between RGB and YCbCr of JFIF 1.02 (ITU-R BT.601, full range; Cb and Cr about 128). */
final class Ycc {
  static final float R_CR = 1.402f;
  static final float G_CB = -0.344136286f;
  static final float G_CR = -0.714136286f;
  static final float B_CB = 1.772f;

  static final float Y_R = Rec601.RED;
  static final float Y_G = Rec601.GREEN;
  static final float Y_B = Rec601.BLUE;
  static final float CB_R = -0.168735892f;
  static final float CB_G = -0.331264108f;
  static final float CB_B = 0.5f;
  static final float CR_R = 0.5f;
  static final float CR_G = -0.418687589f;
  static final float CR_B = -0.081312411f;

  private Ycc() {}
}
