package org.lakebrush.mask;

/** The whole image. Nothing is left to paint from: what comes out is the model's invention. */
public record FullMask() implements MaskSpec {
  @Override
  public String kind() {
    return "full";
  }

  @Override
  public void mark(MaskInput image, HoleMarker hole) {
    for (int y = 0; y < image.height(); y++) {
      hole.mark(y, 0, image.width());
    }
  }

  @Override
  public String canonical() {
    return "full";
  }
}
