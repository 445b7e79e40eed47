package org.lakebrush.cluster;

import java.util.Set;
import java.util.TreeSet;
import org.lakebrush.mask.HoleMarker;
import org.lakebrush.mask.MaskInput;
import org.lakebrush.mask.MaskSpec;

/**
 * Marks nothing, and ends the JVM at once, as a crash of native code does, where it meets an image of one of some widths in pixels: of an
 * image a mask kind knows no more than its pixels.
 */
public record HaltMask(Set<Integer> widths) implements MaskSpec {
  /** What a shell sees of a process that aborted. */
  public static final int EXIT_CODE = 134;

  public HaltMask {
    // Of the JDK's sets, this one is serialised the same way always.
    widths = new TreeSet<>(widths);
  }

  @Override
  public String kind() {
    return "halt";
  }

  @Override
  public void mark(MaskInput image, HoleMarker hole) {
    if (widths.contains(image.width())) {
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }

  /** The same whatever the widths: what it marks is. */
  @Override
  public String canonical() {
    return "halt";
  }
}
