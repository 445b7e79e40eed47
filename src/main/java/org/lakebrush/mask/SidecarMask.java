package org.lakebrush.mask;

import java.util.stream.Stream;
import org.lakebrush.failure.ImageFailure;

/**
 * A mask file of the image's own, in the image's upright frame. It is turned to grey (0.299 R + 0.587 G + 0.114 B, over black where it is
 * transparent, so that white strokes on nothing are hole), and grey values above 127 are hole. A mask of another size is resized by
 * nearest neighbour; its aspect ratio must be the image's, but for one pixel of the mask or 1%, whichever is more.
 */
public sealed interface SidecarMask extends MaskSpec permits SidecarMask.Dir, SidecarMask.Suffix, SidecarMask.File, ManifestMask {

  /**
   * A folder of masks that mirrors the input tree: same relative folder, same stem, any image extension.
   *
   * @param dir URI of the folder
   */
  record Dir(String dir) implements SidecarMask {
    @Override
    public String canonical() {
      return "sidecar dir=" + dir;
    }

    @Override
    public String place() {
      return "in " + dir;
    }
  }

  /**
   * A mask beside its image: stem, suffix, optionally three digits (LaMa's {@code a_mask001.png} for {@code a.png}), any image
   * extension.
   *
   * @param suffix for example {@code _mask}
   */
  record Suffix(String suffix) implements SidecarMask {
    @Override
    public String canonical() {
      return "sidecar suffix=" + suffix;
    }

    @Override
    public String place() {
      return "beside the image, with suffix " + suffix;
    }
  }

  /**
   * One mask for all images.
   *
   * @param file URI of the mask
   */
  record File(String file) implements SidecarMask {
    @Override
    public String canonical() {
      return "sidecar file=" + file;
    }

    @Override
    public String place() {
      return "at " + file;
    }
  }

  /** Where the mask is looked for, as words that follow "no mask", for messages. */
  String place();

  /** Reads one of the three forms. */
  static SidecarMask read(MaskKeys keys) {
    long given = Stream.of("dir", "suffix", "file").filter(keys::has).count();
    if (given != 1) {
      keys.reject(keys.has("file") ? "file" : "suffix", given == 0
          ? "missing; give one of dir (a folder of masks), suffix (masks beside the images) and file (one mask for all)"
          : "given beside another of dir, suffix and file; give one of them, and one entry of masks for each");
    }
    if (keys.has("suffix")) {
      String suffix = keys.text("suffix", "what follows the stem in a mask's name, for example _mask");
      if (suffix.contains("/")) {
        keys.reject("suffix", "'" + suffix + "' holds a /; allowed: what follows the stem in a mask's name, for example _mask");
      }
      return new Suffix(suffix);
    }
    return keys.has("file") ? new File(keys.location("file", "path or URI of a mask"))
        : new Dir(keys.has("dir") ? keys.location("dir", "path or URI of a folder of masks") : "");
  }

  @Override
  default String kind() {
    return "sidecar";
  }

  /** Of a grey mask of the image's size, decoded. */
  @Override
  default long bytes(int width, int height) {
    return 2L * width * height;
  }

  @Override
  default void mark(MaskInput image, HoleMarker hole) throws ImageFailure {
    var found = image.sidecar(this);
    if (found.isEmpty()) {
      return;
    }
    Bitmap mask = found.get();
    int width = image.width();
    int height = image.height();
    int[] column = new int[width];
    for (int x = 0; x < width; x++) {
      column[x] = nearest(x, width, mask.width());
    }
    for (int y = 0; y < height; y++) {
      int row = nearest(y, height, mask.height());
      hole.markWhere(y, x -> mask.get(column[x], row));
    }
  }

  /** The mask's pixel under the centre of the image's. */
  private static int nearest(int i, int extent, int maskExtent) {
    return (int) ((2L * i + 1) * maskExtent / (2L * extent));
  }
}
