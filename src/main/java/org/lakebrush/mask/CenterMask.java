package org.lakebrush.mask;

/** The middle half in each direction, as a {@link BoxMask} of 50% by 50% at the centre. */
public record CenterMask() implements MaskSpec {
  private static final Length HALF = new Length(50, true);
  private static final Length NONE = new Length(0, false);
  private static final BoxMask BOX = new BoxMask(BoxMask.Anchor.CENTER, HALF, HALF, NONE, NONE);

  @Override
  public String kind() {
    return "center";
  }

  @Override
  public void mark(MaskInput image, HoleMarker hole) {
    BOX.mark(image, hole);
  }

  @Override
  public String canonical() {
    return "center";
  }
}
