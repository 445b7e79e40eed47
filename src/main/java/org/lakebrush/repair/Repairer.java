package org.lakebrush.repair;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Encoded;
import org.lakebrush.image.ImageHeader;
import org.lakebrush.image.Picture;
import org.lakebrush.image.Region;
import org.lakebrush.lama.AfterFill;
import org.lakebrush.lama.CropPlan;
import org.lakebrush.lama.Inpainter;
import org.lakebrush.lama.LamaSession;
import org.lakebrush.mask.ImageMask;
import org.lakebrush.mask.Mask;
import org.lakebrush.mask.MaskBuilder;
import org.lakebrush.mask.MaskFiles;
import org.lakebrush.mask.Restoration;
import org.lakebrush.repair.RepairTrace.Stage;

/**
 * Repairs one image: decode, mask, crops, LaMa, encode. Knows no Spark and no storage. Safe for any number of threads. The same file
 * gives the same pixels whatever runs beside it.
 */
public final class Repairer {
  private final RepairSettings settings;
  private final LamaSession session;
  private final MaskBuilder masks;
  private final Inpainter inpainter;

  /**
   * @param session shared, and closed by its owner
   */
  public Repairer(RepairSettings settings, LamaSession session, MaskFiles masks) {
    this.settings = settings;
    this.session = session;
    this.masks = new MaskBuilder(settings.masks(), settings.mask(), masks);
    this.inpainter = new Inpainter(settings.inpaint(), session);
  }

  /**
   * Repairs one image.
   *
   * @param file the whole file; not changed
   * @param uri the image's, or another text that is its own: what is random in a repair hangs on it
   * @param sidecars as {@link MaskBuilder#build}
   * @param trace filled in on the way; what the encoder could not carry over is among its notes
   * @return the repaired file, or nothing where there is nothing to repair
   * @throws ImageFailure as {@link Codecs} and {@link MaskBuilder}; TOO_LARGE by the header, before any pixel is allocated; MODEL
   * @throws InterruptedException where the calling thread is interrupted while it waits for the model
   */
  public Optional<Encoded> repair(byte[] file, String uri, List<String> sidecars, RepairTrace trace)
      throws ImageFailure, InterruptedException {
    ImageHeader header = trace.time(Stage.DECODE, () -> Codecs.header(file));
    trace.format(header.format().id());
    trace.size(header.width(), header.height());
    if (header.pixels() > settings.maxPixels()) {
      throw new ImageFailure(ErrorKind.TOO_LARGE, "The header says " + header.width() + "x" + header.height() + ", which is more than the "
          + settings.maxPixels() + " pixels of limits.max_pixels; raise that key, or take the image out of the input");
    }
    Picture picture = trace.time(Stage.DECODE, () -> Codecs.decode(file));
    trace.size(picture.width(), picture.height());
    trace.mode(picture.mode());

    ImageMask mask = trace.time(Stage.MASK, () -> masks.build(picture, sidecars));
    long holes = mask.hole().count();
    trace.maskKinds(mask.kinds());
    trace.found(mask.found());
    trace.holeFraction((double) holes / mask.hole().pixels().length);
    if (mask.isEmpty()) {
      return Optional.empty();
    }
    restore(picture, mask.restorations());
    if (holes > 0) {
      fill(picture, mask, trace);
    }
    check(picture, mask, trace);
    Encoded encoded = trace.time(Stage.ENCODE, () -> Codecs.encode(picture, settings.format().orElse(picture.format())));
    encoded.notes().forEach(trace::note);
    return Optional.of(encoded);
  }

  private static void restore(Picture picture, List<Restoration> restorations) {
    for (Restoration r : restorations) {
      Region region = r.region();
      picture.blendRegion(0, region, FloatBuffer.wrap(r.rgb()), 0, region.width(), Math.toIntExact(region.area()), r.weight());
    }
  }

  private void fill(Picture picture, ImageMask mask, RepairTrace trace) throws ImageFailure, InterruptedException {
    trace.device(session.device());
    long start = System.nanoTime();
    try {
      inpaint(picture, mask, trace);
    } finally {
      trace.add(Stage.INPAINT, System.nanoTime() - start);
    }
  }

  /** What can be said of the repair without knowing what the picture was. */
  private void check(Picture picture, ImageMask mask, RepairTrace trace) throws ImageFailure {
    trace.time(Stage.MASK, () -> masks.residual(picture, mask)).ifPresent(trace::residual);
    if (trace.holeFraction() > 0) {
      trace.damage(Damage.of(picture, mask.hole()));
    }
  }

  private void inpaint(Picture picture, ImageMask mask, RepairTrace trace) throws ImageFailure, InterruptedException {
    Mask unknown = unknown(picture, mask.hole());
    if (unknown.count() == unknown.pixels().length) {
      trace.note("nothing left to paint from");
    }
    byte[] weight = weight(picture, mask);
    if (mask.opaque() != null) {
      // Before the fill: a palette picks among its opaque colours only for a pixel that is opaque.
      picture.makeOpaque(mask.opaque().bounds(), mask.opaque().pixels());
    }
    CropPlan plan = inpainter.plan(mask.hole());
    int crops = 0;
    for (int pass = 0; pass < picture.passes(); pass++) {
      crops += inpainter.fill(new PassCanvas(picture, pass), plan, unknown, weight, AfterFill.NOTHING);
      trace.crops(crops);
    }
  }

  /** The hole, and the fully transparent pixels: what colour those have, nobody has seen. */
  private static Mask unknown(Picture picture, Mask hole) {
    if (!picture.hasAlpha()) {
      return hole;
    }
    Mask unknown = new Mask(hole.width(), hole.height());
    byte[] pixels = unknown.pixels();
    System.arraycopy(hole.pixels(), 0, pixels, 0, pixels.length);
    byte[] alpha = new byte[hole.width()];
    for (int y = 0; y < hole.height(); y++) {
      picture.readAlphaRow(y, alpha);
      for (int x = 0; x < alpha.length; x++) {
        if (alpha[x] == 0) {
          pixels[y * alpha.length + x] = Mask.HOLE;
        }
      }
    }
    return unknown;
  }

  /** The mask's weights, but in full where a transparent pixel becomes opaque: its hidden colour must not shine through the feather. */
  private byte[] weight(Picture picture, ImageMask mask) {
    if (mask.opaque() == null || settings.mask().feather() <= settings.mask().grow()) {
      return mask.weight();
    }
    byte[] weight = Arrays.copyOf(mask.weight(), mask.weight().length);
    byte[] alpha = new byte[picture.width()];
    Region bounds = mask.opaque().bounds();
    for (int y = bounds.y(); y < bounds.bottom(); y++) {
      picture.readAlphaRow(y, alpha);
      for (int x = bounds.x(); x < bounds.right(); x++) {
        if (mask.opaque().isHole(x, y) && (alpha[x] & 255) < 128) {
          weight[y * alpha.length + x] = (byte) 255;
        }
      }
    }
    return weight;
  }

  /** One pass of a picture. */
  private record PassCanvas(Picture picture, int pass) implements Canvas {
    @Override
    public int width() {
      return picture.width();
    }

    @Override
    public int height() {
      return picture.height();
    }

    @Override
    public void read(Region region, FloatBuffer dst, int offset, int rowStride, int planeStride) {
      picture.readRgb(pass, region, dst, offset, rowStride, planeStride);
    }

    @Override
    public void blend(Region region, FloatBuffer src, int offset, int rowStride, int planeStride, byte[] weight) {
      picture.blendRgb(pass, region, src, offset, rowStride, planeStride, weight);
    }
  }
}
