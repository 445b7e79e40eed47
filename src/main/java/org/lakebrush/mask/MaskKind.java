package org.lakebrush.mask;

import java.util.List;
import java.util.function.Function;

/**
 * A kind of mask.
 *
 * @param name the word in the job file and in the log
 * @param reader reads an entry's own keys ({@code kind} itself aside)
 */
public record MaskKind(String name, Function<MaskKeys, MaskSpec> reader) {

  /** All kinds: to register one is to add its line. */
  public static final List<MaskKind> ALL = List.of(
      new MaskKind("sidecar", SidecarMask::read),
      new MaskKind("manifest", keys -> new ManifestMask()),
      new MaskKind("box", BoxMask::read),
      new MaskKind("polygon", PolygonMask::read),
      new MaskKind("color", ColorMask::read),
      new MaskKind("watermark", WatermarkMask::read),
      new MaskKind("text", TextMask::read),
      new MaskKind("alpha", keys -> new AlphaMask()),
      new MaskKind("full", keys -> new FullMask()),
      new MaskKind("center", keys -> new CenterMask()),
      new MaskKind("scratches", ScratchMask::read));
}
