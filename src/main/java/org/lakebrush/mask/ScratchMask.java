package org.lakebrush.mask;

import java.util.List;
import java.util.Locale;

/**
 * Scratches, hairs and threads of dust on scanned photographs: thin lines, brighter or darker than what they lie over, found in the image's
 * grey values ({@link RidgeFilter}, {@link RidgeTracer}, {@link ScratchFinder}) and followed beyond what stands out by their tone
 * ({@link ScratchEnds}).
 *
 * <p>Lengths are in pixels of the image, whatever its size. Takes 3 bytes a pixel of memory (grey, ridges, directions), about a third of a
 * byte more for what the ridges look like, and some 10 MiB; the tiles that it works in do not bear on the result.
 *
 * @param polarity which lines
 * @param sensitivity how much must speak for a scratch
 * @param maxWidth of a scratch, in pixels, 1 to 4
 */
public record ScratchMask(Polarity polarity, Sensitivity sensitivity, int maxWidth) implements MaskSpec {
  private static final int WIDEST = 4;

  /** Which lines are looked for. */
  public enum Polarity {
    BOTH, BRIGHT, DARK;

    boolean takes(boolean bright) {
      return this == BOTH || bright == (this == BRIGHT);
    }
  }

  /** How much must speak for a scratch, and for there being any in the image. */
  public enum Sensitivity {
    LOW(0.01, 0, 10), NORMAL(0.02, -1, 5), HIGH(0.3, -1.5, 1);

    private final double share;
    private final double leastLogOdds;
    private final double leastEvidence;

    Sensitivity(double share, double leastLogOdds, double leastEvidence) {
      this.share = share;
      this.leastLogOdds = leastLogOdds;
      this.leastEvidence = leastEvidence;
    }

    /** The share of scratches among an image's lines that is assumed beforehand. */
    double share() {
      return share;
    }

    /** Of a line's being a scratch, in an image that has some. */
    double leastLogOdds() {
      return leastLogOdds;
    }

    /** Of the image's having some: sum of log odds above 0, each times the line's length over 100 pixels. */
    double leastEvidence() {
      return leastEvidence;
    }
  }

  static ScratchMask read(MaskKeys keys) {
    return new ScratchMask(keys.choice("polarity", Polarity.BOTH), keys.choice("sensitivity", Sensitivity.NORMAL),
        keys.integer("max_width", WIDEST, 1, WIDEST));
  }

  @Override
  public String kind() {
    return "scratches";
  }

  @Override
  public boolean searches() {
    return true;
  }

  @Override
  public long bytes(int width, int height) {
    return 4L * width * height;
  }

  @Override
  public void mark(MaskInput image, HoleMarker hole) {
    Luma luma = Luma.of(image);
    List<ScratchFinder.Scratch> scratches = ScratchFinder.find(luma, polarity, sensitivity, maxWidth);
    for (ScratchFinder.Scratch scratch : scratches) {
      RidgeLine line = new RidgeLine(scratch.ridge().points(), scratch.ridge().bright(), luma);
      line.mark(luma, hole);
      new ScratchEnds(luma, line).mark(hole);
      hole.found(scratch.confidence());
    }
  }

  @Override
  public String canonical() {
    return String.format(Locale.ROOT, "scratches polarity=%s sensitivity=%s max_width=%d", polarity.name().toLowerCase(Locale.ROOT),
        sensitivity.name().toLowerCase(Locale.ROOT), maxWidth);
  }
}
