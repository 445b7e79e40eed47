package org.lakebrush.mask;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Rec601;

/**
 * Reads mask files. The one mask of a {@link SidecarMask.File} entry is kept, one bit a pixel, and read once, as is what other entries
 * share; a failure is not kept, so that a storage that comes back is seen. Safe for any number of threads.
 */
final class SidecarFiles {
  /** A mask may have this many pixels, or as many as its image: a header that claims more is not believed. */
  static final long MAX_PIXELS = 64_000_000;

  private final MaskFiles files;
  private final MaskDecoder decoder;
  private final MaskSettings.Missing missing;
  /** One slot for each entry, so that its size is that of the job's list. */
  private final ConcurrentMap<Integer, Slot> kept = new ConcurrentHashMap<>();

  private static final class Slot {
    private String uri;
    private Object decoded;
  }

  SidecarFiles(MaskFiles files, MaskDecoder decoder, MaskSettings.Missing missing) {
    this.files = files;
    this.decoder = decoder;
    this.missing = missing;
  }

  /**
   * @param entry index of the entry in the job's list
   * @param uri its mask for this image, or null
   * @param imagePixels number of pixels of the image
   * @param clock of the waits for storage, and for another image that reads what all share
   * @return nothing where the mask is missing and the job lets it be
   */
  Optional<Bitmap> read(SidecarMask spec, int entry, String uri, long imagePixels, MaskFiles.Clock clock) throws ImageFailure {
    try {
      if (uri == null) {
        throw new ImageFailure(ErrorKind.MASK_MISSING, "no mask " + spec.place() + " for this image: add one, or set mask.missing:"
            + " unchanged to leave such images as they are");
      }
      return Optional.of(spec instanceof SidecarMask.File
          ? clock.time(() -> once(entry, uri, () -> decode(uri, files.read(uri), imagePixels)))
          : decode(uri, clock.time(() -> files.read(uri)), imagePixels));
    } catch (ImageFailure e) {
      if (e.kind() == ErrorKind.MASK_MISSING && missing == MaskSettings.Missing.UNCHANGED) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** What a file that all images share holds, read and decoded once for an entry of the job. */
  <T> T shared(int entry, String uri, SharedFile<T> decoder, MaskFiles.Clock clock) throws ImageFailure {
    return clock.time(() -> once(entry, uri, () -> decoder.decode(files.read(uri))));
  }

  /** An entry has one file and one way to decode it, so what its slot holds is what the caller wants. */
  @SuppressWarnings("unchecked")
  private <T> T once(int entry, String uri, MaskFiles.Wait<T> load) throws ImageFailure {
    Slot slot = kept.computeIfAbsent(entry, e -> new Slot());
    synchronized (slot) {
      if (!uri.equals(slot.uri)) {
        slot.decoded = load.run();
        slot.uri = uri;
      }
      return (T) slot.decoded;
    }
  }

  private Bitmap decode(String uri, byte[] file, long imagePixels) throws ImageFailure {
    return threshold(decoder.read(file, "mask " + uri, Math.max(MAX_PIXELS, imagePixels),
        "its image and more than " + MAX_PIXELS));
  }

  /** Grey above 127 is hole; Rec. 601 luma, over black where the mask is transparent. */
  private static Bitmap threshold(MaskPixels mask) {
    int width = mask.width();
    Bitmap hole = new Bitmap(width, mask.height());
    byte[] rgb = new byte[3 * width];
    byte[] alpha = mask.hasAlpha() ? new byte[width] : null;
    for (int y = 0; y < mask.height(); y++) {
      mask.readRow(y, rgb);
      if (alpha != null) {
        mask.readAlphaRow(y, alpha);
      }
      for (int x = 0; x < width; x++) {
        int luma = Rec601.luma1000(rgb, 3 * x);
        int opacity = alpha == null ? 255 : alpha[x] & 255;
        // In 1/255000 grey levels, rounded to the nearest: above 127 is 127.5 or more.
        if ((long) luma * opacity >= 127_500L * 255) {
          hole.set(x, y);
        }
      }
    }
    return hole;
  }
}
