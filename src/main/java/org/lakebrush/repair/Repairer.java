package org.lakebrush.repair;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Encoded;
import org.lakebrush.image.ImageFormat;
import org.lakebrush.image.ImageHeader;
import org.lakebrush.image.Picture;
import org.lakebrush.image.Region;
import org.lakebrush.lama.AfterFill;
import org.lakebrush.lama.CropPlan;
import org.lakebrush.lama.Inpainter;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.Planes;
import org.lakebrush.mask.Found;
import org.lakebrush.mask.ImageMask;
import org.lakebrush.mask.Mask;
import org.lakebrush.mask.MaskBuilder;
import org.lakebrush.mask.MaskFiles;
import org.lakebrush.mask.Restoration;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.spectral.Descreen;
import org.lakebrush.spectral.GrainMatch;
import org.lakebrush.spectral.SeamBlend;
import org.lakebrush.spectral.SpectralSettings.Screens;

/**
 * Repairs one image: decode, descreen, mask, crops, LaMa, seam, grain, encode. Knows no Spark and no storage. Safe for any number of
 * threads. The same file gives the same pixels whatever runs beside it.
 */
public final class Repairer {
  private final RepairSettings settings;
  private final LamaPool lama;
  private final MaskBuilder masks;
  private final Inpainter inpainter;

  /**
   * @param lama shared, and closed by its owner
   */
  public Repairer(RepairSettings settings, LamaPool lama, MaskFiles masks) {
    this.settings = settings;
    this.lama = lama;
    this.masks = new MaskBuilder(settings.masks(), settings.mask(), masks);
    this.inpainter = new Inpainter(settings.inpaint(), lama);
  }

  /**
   * Repairs one image.
   *
   * @param file the whole file; not changed
   * @param uri the image's, or another text that is its own: what is random in a repair hangs on it
   * @param sidecars as {@link MaskBuilder#build(Picture, List)}
   * @param trace filled in on the way; what the encoder could not carry over is among its notes
   * @return the repaired file, or nothing where there is nothing to repair
   * @throws ImageFailure as {@link Codecs} and {@link MaskBuilder}; TOO_LARGE by the header, before any pixel is allocated; MODEL
   * @throws InterruptedException where the calling thread is interrupted while it waits for the model
   */
  public Optional<Encoded> repair(byte[] file, String uri, List<String> sidecars, RepairTrace trace)
      throws ImageFailure, InterruptedException {
    return repair(file, uri, sidecars, null, trace);
  }

  /**
   * As {@link #repair(byte[], String, List, RepairTrace)}, of an image that a manifest names.
   *
   * @param boxes as {@link MaskBuilder#build(Picture, List, String)}
   */
  public Optional<Encoded> repair(byte[] file, String uri, List<String> sidecars, String boxes, RepairTrace trace)
      throws ImageFailure, InterruptedException {
    Seen seen = look(file, sidecars, boxes, trace);
    if (seen.mask().isEmpty() && !seen.descreened()) {
      return Optional.empty();
    }
    fill(seen.picture(), seen.mask(), uri, trace);
    check(seen.picture(), seen.mask(), trace);
    Encoded encoded =
        trace.time(Stage.ENCODE, () -> Codecs.encode(seen.picture(), settings.format().orElse(seen.picture().format())));
    encoded.notes().forEach(trace::note);
    return Optional.of(encoded);
  }

  /**
   * What would be filled: the hole as a grey PNG of the upright image's size, 255 where it is. Nothing is repaired. Else as
   * {@link #repair(byte[], String, List, String, RepairTrace)}.
   *
   * @return never empty
   */
  public Optional<Encoded> mask(byte[] file, String uri, List<String> sidecars, String boxes, RepairTrace trace)
      throws ImageFailure, InterruptedException {
    ImageMask mask = look(file, sidecars, boxes, trace).mask();
    return Optional.of(new Encoded(ImageFormat.PNG, trace.time(Stage.ENCODE, () -> mask.hole().png()), List.of()));
  }

  /** What an image is, and where its hole is. */
  private record Seen(Picture picture, boolean descreened, ImageMask mask) {}

  private Seen look(byte[] file, List<String> sidecars, String boxes, RepairTrace trace) throws ImageFailure {
    Picture picture = decode(file, settings.maxPixels(), trace);
    List<Found> found = new ArrayList<>(trace.time(Stage.SPECTRAL, () -> descreen(picture, trace)));
    boolean descreened = !found.isEmpty();
    trace.found(found);
    ImageMask mask = trace.time(Stage.MASK, () -> masks.build(picture, sidecars, boxes, new Reading(trace)));
    trace.maskKinds(mask.kinds());
    found.addAll(mask.found());
    trace.found(found);
    trace.hole(mask.hole());
    return new Seen(picture, descreened, mask);
  }

  /**
   * Decodes an image, unless its header says that it is too large.
   *
   * @param maxPixels as in {@link RepairSettings}
   */
  static Picture decode(byte[] file, long maxPixels, RepairTrace trace) throws ImageFailure {
    ImageHeader header = trace.time(Stage.DECODE, () -> Codecs.header(file));
    trace.format(header.format().id());
    trace.size(header.width(), header.height());
    if (header.pixels() > maxPixels) {
      throw new ImageFailure(ErrorKind.TOO_LARGE, "The header says " + header.width() + "x" + header.height() + ", which is more than the "
          + maxPixels + " pixels of limits.max_pixels; raise that key, or take the image out of the input");
    }
    Picture picture = trace.time(Stage.DECODE, () -> Codecs.decode(file));
    trace.size(picture.width(), picture.height());
    trace.mode(picture.mode());
    return picture;
  }

  /** Takes screens out; returns what was found, at most one. */
  private List<Found> descreen(Picture picture, RepairTrace trace) {
    Screens mode = settings.spectral().descreen();
    if (mode == Screens.OFF) {
      return List.of();
    }
    if (picture.hasFewColours()) {
      trace.note("not descreened: " + picture.mode() + " has no room for the tones that lie under a screen");
      return List.of();
    }
    int peaks = 0;
    double confidence = 1;
    double square = 0;
    for (int pass = 0; pass < picture.passes(); pass++) {
      Optional<Descreen.Result> result = Descreen.apply(new PassCanvas(picture, pass), mode);
      if (result.isPresent()) {
        peaks += result.get().peaks();
        confidence = Math.min(confidence, result.get().confidence());
        square += result.get().change() * result.get().change();
      }
    }
    if (peaks == 0) {
      return List.of();
    }
    trace.descreen(Math.sqrt(square / picture.passes()));
    return List.of(new Found("descreen", peaks, confidence));
  }

  private static void restore(Picture picture, List<Restoration> restorations) {
    for (Restoration r : restorations) {
      Region region = r.region();
      picture.blendRegion(0, region, FloatBuffer.wrap(r.rgb()), 0, region.width(), Math.toIntExact(region.area()), r.weight());
    }
  }

  private void fill(Picture picture, ImageMask mask, String uri, RepairTrace trace) throws ImageFailure, InterruptedException {
    Stage outer = trace.enter(Stage.INPAINT);
    try {
      restore(picture, mask.restorations());
      if (trace.holeFraction() > 0) {
        inpaint(picture, mask, uri, trace);
      }
    } finally {
      trace.enter(outer);
    }
  }

  /** What can be said of the repair without knowing what the picture was. */
  private void check(Picture picture, ImageMask mask, RepairTrace trace) throws ImageFailure {
    trace.time(Stage.MASK, () -> masks.residual(picture, mask)).ifPresent(trace::residual);
    if (trace.holeFraction() > 0) {
      trace.damage(trace.time(Stage.MASK, () -> Damage.of(picture, mask.hole())));
    }
  }

  private void inpaint(Picture picture, ImageMask mask, String uri, RepairTrace trace) throws ImageFailure, InterruptedException {
    trace.device(lama.device());
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
    Seam seam = new Seam(trace);
    for (int pass = 0; pass < picture.passes(); pass++) {
      Inpainter.Filled filled =
          inpainter.fill(new PassCanvas(picture, pass), plan, unknown, weight, settings.spectral().seam() ? seam : AfterFill.NOTHING);
      trace.crops(trace.crops() + filled.crops());
      trace.fp32Crops(trace.fp32Crops() + filled.rerun());
      if (filled.maxSide() < inpainter.maxSide()) {
        trace.note("filled in crops of up to " + filled.maxSide() + " pixels: the memory of " + lama.device() + " holds no larger ones");
      }
    }
    seam.log();
    if (settings.spectral().grain()) {
      grain(picture, mask.hole(), unknown, weight, uri, trace);
    }
  }

  private static void grain(Picture picture, Mask hole, Mask unknown, byte[] weight, String uri, RepairTrace trace) {
    if (picture.hasFewColours()) {
      trace.note("no grain: " + picture.mode() + " has no room for its tones");
      return;
    }
    double strongest = 0;
    for (int pass = 0; pass < picture.passes(); pass++) {
      Canvas canvas = new PassCanvas(picture, pass);
      // Seeds that are 4 apart share no noise: the black ink's grain is its own.
      long seed = 31L * uri.hashCode() + 4L * pass;
      OptionalDouble added = trace.time(Stage.SPECTRAL, () -> GrainMatch.apply(canvas, hole, unknown, weight, seed));
      strongest = Math.max(strongest, added.orElse(0));
    }
    if (strongest > 0) {
      trace.grain(255 * strongest);
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

  /** The stage seam: fits each crop's fill to its surroundings. Used by one thread. */
  private static final class Seam implements AfterFill {
    private final RepairTrace trace;
    private double mismatch;
    private int crops;

    Seam(RepairTrace trace) {
      this.trace = trace;
    }

    @Override
    public void apply(Planes given, Planes filled) {
      mismatch += trace.time(Stage.SPECTRAL, () -> SeamBlend.blend(filled.rgb(), given.rgb(), given.mask(),
          given.width(), given.height()));
      crops++;
    }

    void log() {
      if (crops > 0) {
        trace.seam(255 * mismatch / crops);
      }
    }
  }

  /** Time in which a mask waits for storage is the stage READ's. */
  private record Reading(RepairTrace trace) implements MaskFiles.Clock {
    @Override
    public <T> T time(MaskFiles.Wait<T> wait) throws ImageFailure {
      return trace.time(Stage.READ, wait::run);
    }
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

    @Override
    public void write(Region region, FloatBuffer src, int offset, int rowStride, int planeStride) {
      picture.writeRgb(pass, region, src, offset, rowStride, planeStride);
    }
  }
}
