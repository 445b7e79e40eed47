package org.lakebrush.repair;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import org.lakebrush.mask.Found;
import org.lakebrush.mask.Mask;

/**
 * What is known of one image's way so far, filled in as it goes, so that a FAILED row too says how far it came. Used by one thread, but for
 * {@link #work} and {@link #soFar}, which any may ask.
 */
public final class RepairTrace {
  /** The stages whose time is logged. */
  public enum Stage {
    READ, DECODE, MASK, INPAINT, SPECTRAL, ENCODE, WRITE
  }

  /** The stages between reading and writing, in order. */
  public static final Set<Stage> ON_IMAGE = Collections.unmodifiableSet(EnumSet.range(Stage.DECODE, Stage.ENCODE));

  /** The stages that are nothing but this machine's own work on one image: the others wait for storage, or for the model. */
  private static final Set<Stage> WORK = EnumSet.of(Stage.DECODE, Stage.MASK, Stage.SPECTRAL, Stage.ENCODE);

  /**
   * The stage that runs.
   *
   * @param stage null for none
   * @param since System.nanoTime()
   * @param before work until then, in ns
   */
  private record Lap(Stage stage, long since, long before) {}

  /**
   * Work on an image so far.
   *
   * @param stage that runs now; null for none
   * @param nanos in all stages, what was waited for storage, memory and the model left out
   */
  public record Work(Stage stage, long nanos) {}

  private final AtomicLongArray nanos = new AtomicLongArray(Stage.values().length);
  /** Written last of all, and read first of all, when another thread asks. */
  private volatile Lap lap = new Lap(null, System.nanoTime(), 0);
  private final List<String> notes = new ArrayList<>();
  private final Consumer<Mask> holes;
  private int width;
  private int height;
  private String format;
  private String mode;
  private List<String> maskKinds = List.of();
  private double holeFraction;
  private List<Found> found = List.of();
  private Double residual;
  private Double damage;
  private Double descreen;
  private Double seam;
  private Double grain;
  private int crops;
  private int fp32Crops;
  private String device;
  private int retries;

  /** A trace that nobody looks at on the way. */
  public RepairTrace() {
    this(hole -> {});
  }

  /**
   * A trace.
   *
   * @param holes is given the image's hole before it is filled, by the thread that repairs; to be read, not written, and not to be kept
   *     longer than there is memory for it
   */
  public RepairTrace(Consumer<Mask> holes) {
    this.holes = holes;
  }

  /** A stage's body. */
  @FunctionalInterface
  public interface Body<T, E extends Exception> {
    T run() throws E;
  }

  /** Runs a stage and adds its time, also where it throws. A stage within a stage counts for itself alone. */
  public <T, E extends Exception> T time(Stage stage, Body<T, E> body) throws E {
    Stage outer = enter(stage);
    try {
      return body.run();
    } finally {
      enter(outer);
    }
  }

  /**
   * Time from here on is another stage's.
   *
   * @param stage null for none
   * @return the stage until here, to be entered again; null for none
   */
  Stage enter(Stage stage) {
    long now = System.nanoTime();
    Lap done = lap;
    if (done.stage() != null) {
      nanos.addAndGet(done.stage().ordinal(), now - done.since());
    }
    lap = new Lap(stage, now, worked(done, now));
    return done.stage();
  }

  private static long worked(Lap lap, long now) {
    return lap.before() + (lap.stage() != null && WORK.contains(lap.stage()) ? now - lap.since() : 0);
  }

  /** Work so far. */
  public Work work() {
    Lap now = lap;
    return new Work(now.stage(), worked(now, System.nanoTime()));
  }

  /** How far it came, in a trace of its own: the size, the format and the stages' times. */
  public RepairTrace soFar() {
    Lap now = lap;
    RepairTrace copy = new RepairTrace();
    copy.width = width;
    copy.height = height;
    copy.format = format;
    copy.mode = mode;
    for (Stage stage : Stage.values()) {
      copy.nanos.set(stage.ordinal(), nanos.get(stage.ordinal()) + (stage == now.stage() ? System.nanoTime() - now.since() : 0));
    }
    return copy;
  }

  /** Time in a stage so far, in milliseconds. */
  public double millis(Stage stage) {
    return nanos.get(stage.ordinal()) / 1e6;
  }

  /** Upright size, known once the header is read. */
  public void size(int width, int height) {
    this.width = width;
    this.height = height;
  }

  public void format(String format) {
    this.format = format;
  }

  public void mode(String mode) {
    this.mode = mode;
  }

  public void maskKinds(List<String> kinds) {
    this.maskKinds = List.copyOf(kinds);
  }

  public void hole(Mask hole) {
    holeFraction = (double) hole.count() / hole.pixels().length;
    holes.accept(hole);
  }

  public void found(List<Found> found) {
    this.found = List.copyOf(found);
  }

  public void residual(double residual) {
    this.residual = residual;
  }

  public void damage(double damage) {
    this.damage = damage;
  }

  public void descreen(double change) {
    this.descreen = change;
  }

  public void seam(double mismatch) {
    this.seam = mismatch;
  }

  public void grain(double deviation) {
    this.grain = deviation;
  }

  public void crops(int crops) {
    this.crops = crops;
  }

  public void fp32Crops(int crops) {
    this.fp32Crops = crops;
  }

  public void device(String device) {
    this.device = device;
  }

  /** Adds requests that a store did not serve at once. */
  public void addRetries(int more) {
    retries += more;
  }

  public void note(String note) {
    notes.add(note);
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  /** Null until known, likewise {@link #mode()} and {@link #device()}. */
  public String format() {
    return format;
  }

  public String mode() {
    return mode;
  }

  public List<String> maskKinds() {
    return maskKinds;
  }

  /** Hole pixels as a share of all, 0..1. */
  public double holeFraction() {
    return holeFraction;
  }

  /** What was found, screens first, then masks in the job's order. */
  public List<Found> found() {
    return found;
  }

  /** The share of what was found that is found again once it is repaired, 0..1; null where nothing was found. */
  public Double residual() {
    return residual;
  }

  /** How far the fill stands out from its surroundings, 0..1, as {@link Damage}; null where nothing was filled. */
  public Double damage() {
    return damage;
  }

  /** Root mean square of what descreening changed, in 1/255; null where it changed nothing. */
  public Double descreen() {
    return descreen;
  }

  /** Mean difference between fill and picture along the hole's edge, in 1/255, that was carried into the fill; null where none was. */
  public Double seam() {
    return seam;
  }

  /** Standard deviation of the grain laid over the fill, in 1/255; null where none was. */
  public Double grain() {
    return grain;
  }

  /** Runs of the model that this image took, each on one crop. */
  public int crops() {
    return crops;
  }

  /** Of {@link #crops()} those that came out of the half-precision model damaged, and were run again in float32. */
  public int fp32Crops() {
    return fp32Crops;
  }

  public String device() {
    return device;
  }

  /** How often reading, masks and writing were tried again. */
  public int retries() {
    return retries;
  }

  public List<String> notes() {
    return List.copyOf(notes);
  }
}
