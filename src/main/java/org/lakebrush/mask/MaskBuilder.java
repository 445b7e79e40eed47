package org.lakebrush.mask;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Picture;
import org.lakebrush.image.Region;

/**
 * Builds an image's mask from a job's list: the union of its entries, grown by a Euclidean disc, with the feather's weights inside.
 *
 * <p>The weight at distance d from the nearest pixel outside the hole (centre to centre) is 255 d / (feather + 1) where d is not more
 * than {@code feather}, and 255 further in. Since the rim that {@code grow} adds is itself {@code grow} pixels wide, all that the job's
 * entries marked has full weight as long as {@code feather} is not more than {@code grow}. Beyond the image's border counts as hole: at
 * the border the fill has full weight.
 *
 * <p>Takes 1 byte a pixel for the hole and, with a feather, 1 for the weight ({@code alpha}: 1 more while building; kinds that search:
 * 1 more, and 1 more for the second look); the time beyond that follows the hole's bounding box. Immutable but for the files that it
 * keeps ({@link SidecarFiles}); safe for any number of threads.
 */
public final class MaskBuilder {
  private static final Region NOTHING = new Region(0, 0, 0, 0);

  private final List<MaskSpec> specs;
  private final int sidecars;
  private final MaskSettings settings;
  private final SidecarFiles files;

  /**
   * @param files how sidecars are read
   */
  public MaskBuilder(List<MaskSpec> specs, MaskSettings settings, MaskFiles files) {
    this(specs, settings, files, MaskDecoder.CODECS);
  }

  MaskBuilder(List<MaskSpec> specs, MaskSettings settings, MaskFiles files, MaskDecoder decoder) {
    this.specs = List.copyOf(specs);
    this.sidecars = (int) specs.stream().filter(SidecarMask.class::isInstance).count();
    this.settings = settings;
    this.files = new SidecarFiles(files, decoder, settings.missing());
  }

  /**
   * The union of the masks, grown, in the upright frame at the image's size.
   *
   * @param sidecars for each {@link SidecarMask} of the list, in order, the URI of this image's mask file, or null where none was
   *     found
   * @throws ImageFailure MASK_MISSING, MASK_UNREADABLE or MASK_ASPECT
   */
  public ImageMask build(Picture picture, List<String> sidecars) throws ImageFailure {
    return build(picture, sidecars, null);
  }

  /**
   * As {@link #build(Picture, List)}, of an image that a manifest names.
   *
   * @param boxes what the manifest says of rectangles, as {@link ManifestMask} reads it; null where it says nothing
   */
  public ImageMask build(Picture picture, List<String> sidecars, String boxes) throws ImageFailure {
    return build(picture, sidecars, boxes, MaskFiles.Clock.NONE);
  }

  /**
   * As {@link #build(Picture, List, String)}.
   *
   * @param clock of the waits for storage
   */
  public ImageMask build(Picture picture, List<String> sidecars, String boxes, MaskFiles.Clock clock) throws ImageFailure {
    return build(MaskPixels.of(picture), sidecars, boxes, clock);
  }

  ImageMask build(MaskPixels pixels, List<String> uris) throws ImageFailure {
    return build(pixels, uris, null, MaskFiles.Clock.NONE);
  }

  private ImageMask build(MaskPixels pixels, List<String> uris, String boxes, MaskFiles.Clock clock) throws ImageFailure {
    if (uris.size() != sidecars) {
      throw new IllegalArgumentException(uris.size() + " mask files for " + sidecars + " sidecar entries");
    }
    Mask hole = new Mask(pixels.width(), pixels.height());
    Region bounds = NOTHING;
    Mask alphaHole = null;
    Region alphaBounds = NOTHING;
    Mask searched = null;
    Region searchedBounds = NOTHING;
    boolean othersMarked = false;
    Set<String> kinds = new LinkedHashSet<>();
    List<Found> found = new ArrayList<>();
    List<Restoration> restorations = new ArrayList<>();
    int sidecar = 0;
    for (int i = 0; i < specs.size(); i++) {
      MaskSpec spec = specs.get(i);
      String uri = spec instanceof SidecarMask ? uris.get(sidecar++) : null;
      if (spec.makesOpaque() && alphaHole == null && pixels.hasAlpha()) {
        alphaHole = new Mask(pixels.width(), pixels.height());
      }
      if (spec.searches() && searched == null) {
        searched = new Mask(pixels.width(), pixels.height());
      }
      boolean opaque = spec.makesOpaque() && alphaHole != null;
      HoleMarker marker = new HoleMarker(opaque ? alphaHole : spec.searches() ? searched : hole);
      spec.mark(new MaskInput(pixels, files, i, uri, boxes, clock), marker);
      if (marker.count() > 0) {
        found.add(new Found(spec.kind(), marker.count(), marker.confidence()));
      }
      Region marked = marker.bounds();
      restorations.addAll(marker.restorations());
      if (marked.isEmpty()) {
        if (!marker.restorations().isEmpty()) {
          kinds.add(spec.kind());
        }
        continue;
      }
      kinds.add(spec.kind());
      bounds = bounds.union(marked);
      if (opaque) {
        alphaBounds = alphaBounds.union(marked);
      } else {
        othersMarked = true;
      }
      if (spec.searches()) {
        searchedBounds = searchedBounds.union(marked);
      }
    }
    if (!searchedBounds.isEmpty()) {
      add(searched, searchedBounds, hole);
    }
    if (!alphaBounds.isEmpty()) {
      add(alphaHole, alphaBounds, hole);
    }
    Mask grown = hole.within(grow(hole, bounds));
    Mask opaque = null;
    if (!alphaBounds.isEmpty()) {
      opaque = othersMarked ? alphaHole.within(grow(alphaHole, alphaBounds)) : grown;
    }
    if (searched != null) {
      // Last, for what is put back is no hole.
      markRestored(restorations, searched);
    }
    return new ImageMask(grown, weight(grown), opaque, List.copyOf(kinds), List.copyOf(found), List.copyOf(restorations),
        found.isEmpty() ? null : searched);
  }

  private static void markRestored(List<Restoration> restorations, Mask mask) {
    for (Restoration restoration : restorations) {
      Region region = restoration.region();
      for (int y = 0; y < region.height(); y++) {
        for (int x = 0; x < region.width(); x++) {
          if (restoration.weight()[y * region.width() + x] != 0) {
            mask.pixels()[(region.y() + y) * mask.width() + region.x() + x] = Mask.HOLE;
          }
        }
      }
    }
  }

  /**
   * Looks again for what was found: the share of the pixels that the searches marked in the damaged picture which they mark in the
   * repaired one too. What they find elsewhere does not count.
   *
   * @param before of the damaged picture
   * @return 0..1; nothing where the searches had found nothing
   * @throws ImageFailure as {@link #build}
   */
  public OptionalDouble residual(Picture repaired, ImageMask before) throws ImageFailure {
    return residual(MaskPixels.of(repaired), before);
  }

  OptionalDouble residual(MaskPixels repaired, ImageMask before) throws ImageFailure {
    if (before.searched() == null) {
      return OptionalDouble.empty();
    }
    Set<String> kinds = before.found().stream().map(Found::kind).collect(Collectors.toSet());
    Mask again = new Mask(repaired.width(), repaired.height());
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i).searches() && kinds.contains(specs.get(i).kind())) {
        HoleMarker marker = new HoleMarker(again);
        specs.get(i).mark(new MaskInput(repaired, files, i, null, null, MaskFiles.Clock.NONE), marker);
        markRestored(marker.restorations(), again);
      }
    }
    long marked = 0;
    long still = 0;
    for (int i = 0; i < again.pixels().length; i++) {
      if (before.searched().pixels()[i] != 0) {
        marked++;
        still += again.pixels()[i] & 1;
      }
    }
    return marked == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) still / marked);
  }

  private static void add(Mask from, Region region, Mask to) {
    for (int y = region.y(); y < region.bottom(); y++) {
      int row = y * from.width();
      for (int i = row + region.x(); i < row + region.right(); i++) {
        to.pixels()[i] |= from.pixels()[i];
      }
    }
  }

  /** Dilates a hole in place; gives its bounds then. */
  private Region grow(Mask hole, Region bounds) {
    if (bounds.isEmpty() || settings.grow() == 0) {
      return bounds;
    }
    Region region = within(bounds.grow(settings.grow()), hole);
    DistanceRows rows = new DistanceRows(hole.pixels(), hole.width(), region, true, settings.grow());
    for (int y = region.y(); y < region.bottom(); y++) {
      if (!rows.next()) {
        continue;
      }
      int[] distances = rows.distances();
      int row = y * hole.width() + region.x();
      for (int x = 0; x < region.width(); x++) {
        if (distances[x] != DistanceRows.FAR) {
          hole.pixels()[row + x] = Mask.HOLE;
        }
      }
    }
    return region;
  }

  private byte[] weight(Mask hole) {
    int feather = settings.feather();
    Region bounds = hole.bounds();
    if (bounds.isEmpty() || feather == 0) {
      return hole.pixels();
    }
    byte[] bySquare = new byte[feather * feather + 1];
    for (int d = 1; d < bySquare.length; d++) {
      bySquare[d] = (byte) Math.round(255 * Math.sqrt(d) / (feather + 1));
    }
    byte[] weight = hole.pixels().clone();
    // One pixel more on each side holds the nearest pixel outside the hole for all inside; beyond the image there is none.
    Region region = within(bounds.grow(1), hole);
    DistanceRows rows = new DistanceRows(hole.pixels(), hole.width(), region, false, feather);
    for (int y = region.y(); y < region.bottom(); y++) {
      if (!rows.next()) {
        continue;
      }
      int[] distances = rows.distances();
      int row = y * hole.width() + region.x();
      for (int x = 0; x < region.width(); x++) {
        if (distances[x] != DistanceRows.FAR) {
          weight[row + x] = bySquare[distances[x]];
        }
      }
    }
    return weight;
  }

  private static Region within(Region region, Mask mask) {
    return region.intersect(new Region(0, 0, mask.width(), mask.height()));
  }
}
