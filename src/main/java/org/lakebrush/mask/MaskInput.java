package org.lakebrush.mask;

import java.util.Optional;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Region;
import org.lakebrush.image.RgbPixels;

/** What a mask kind may look at: the image, upright, and for sidecars its mask file, for manifests its boxes. Used by one thread. */
public final class MaskInput implements RgbPixels {
  private final MaskPixels pixels;
  private final SidecarFiles files;
  private final int entry;
  private final String sidecar;
  private final String boxes;
  private final MaskFiles.Clock clock;

  /**
   * @param entry index of this entry in the job's list
   * @param sidecar URI of this entry's mask file, or null
   * @param boxes what the manifest says of boxes, or null
   * @param clock of the waits for storage
   */
  MaskInput(MaskPixels pixels, SidecarFiles files, int entry, String sidecar, String boxes, MaskFiles.Clock clock) {
    this.pixels = pixels;
    this.files = files;
    this.entry = entry;
    this.sidecar = sidecar;
    this.boxes = boxes;
    this.clock = clock;
  }

  /** Upright width in pixels. */
  @Override
  public int width() {
    return pixels.width();
  }

  /** Upright height in pixels. */
  @Override
  public int height() {
    return pixels.height();
  }

  /** Whether some pixel may be less than opaque. */
  public boolean hasAlpha() {
    return pixels.hasAlpha();
  }

  /** Whether {@link HoleMarker#restore} may be called: not for pictures of four inks. */
  public boolean restorable() {
    return pixels.restorable();
  }

  @Override
  public void readRow(int y, byte[] rgb) {
    pixels.readRow(y, rgb);
  }

  @Override
  public void readRgb(Region region, float[] rgb) {
    pixels.readRgb(region, rgb);
  }

  /** One row of alpha, 0 transparent to 255 opaque, at least width() bytes. */
  public void readAlphaRow(int y, byte[] alpha) {
    pixels.readAlphaRow(y, alpha);
  }

  /** What the manifest says of this image's boxes, or null. */
  String boxes() {
    return boxes;
  }

  /** Whether this image has a mask file for this entry. */
  boolean hasSidecar() {
    return sidecar != null;
  }

  /**
   * This image's mask file for an entry, of the image's aspect ratio.
   *
   * @return nothing where it is missing and the job lets it be
   */
  Optional<Bitmap> sidecar(SidecarMask spec) throws ImageFailure {
    Optional<Bitmap> mask = files.read(spec, entry, sidecar, (long) width() * height(), clock);
    if (mask.isPresent() && !sameAspect(mask.get())) {
      throw new ImageFailure(ErrorKind.MASK_ASPECT, "mask " + sidecar + " is " + mask.get().width() + "x" + mask.get().height()
          + " and its image upright " + width() + "x" + height() + ": make the mask from the upright image, uncropped");
    }
    return mask;
  }

  /**
   * One of the entry's {@link MaskSpec#files}, decoded: once for all images.
   *
   * @throws ImageFailure MASK_MISSING, MASK_UNREADABLE, or what the decoder throws
   */
  public <T> T shared(String uri, SharedFile<T> decoder) throws ImageFailure {
    return files.shared(entry, uri, decoder, clock);
  }

  /** Whether one side of the mask follows from the other but for a pixel, as after scaling, or for 1%. */
  private boolean sameAspect(Bitmap mask) {
    double w = (double) mask.height() * width() / height();
    double h = (double) mask.width() * height() / width();
    return Math.abs(mask.width() - w) <= Math.max(1, 0.01 * w) || Math.abs(mask.height() - h) <= Math.max(1, 0.01 * h);
  }
}
