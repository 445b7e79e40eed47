package org.lakebrush.mask;

/** The pixels that are less than half opaque (alpha below 128 of 255); repaired ones become opaque. */
public record AlphaMask() implements MaskSpec {
  @Override
  public String kind() {
    return "alpha";
  }

  @Override
  public void mark(MaskInput image, HoleMarker hole) {
    if (!image.hasAlpha()) {
      return;
    }
    byte[] row = new byte[image.width()];
    for (int y = 0; y < image.height(); y++) {
      image.readAlphaRow(y, row);
      hole.markWhere(y, x -> (row[x] & 255) < 128);
    }
  }

  @Override
  public boolean makesOpaque() {
    return true;
  }

  @Override
  public String canonical() {
    return "alpha";
  }
}
