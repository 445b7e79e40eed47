package org.lakebrush.repair;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.lakebrush.mask.Found;

/**
 * What is known of one image's way so far, filled in as it goes, so that a FAILED row too says how far it came. Used by one thread.
 */
public final class RepairTrace {
  /** The stages whose time is logged. */
  public enum Stage {
    READ, DECODE, MASK, INPAINT, SPECTRAL, ENCODE, WRITE
  }

  private final Map<Stage, Long> nanos = new EnumMap<>(Stage.class);
  private final List<String> notes = new ArrayList<>();
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

  /** A stage's body. */
  @FunctionalInterface
  public interface Work<T, E extends Exception> {
    T run() throws E;
  }

  /** Runs a stage and adds its time, also where it throws. */
  public <T, E extends Exception> T time(Stage stage, Work<T, E> work) throws E {
    long start = System.nanoTime();
    try {
      return work.run();
    } finally {
      add(stage, System.nanoTime() - start);
    }
  }

  /**
   * Adds time to a stage.
   *
   * @param time in ns
   */
  public void add(Stage stage, long time) {
    nanos.merge(stage, time, Long::sum);
  }

  /** Time in a stage so far, in milliseconds. */
  public double millis(Stage stage) {
    return nanos.getOrDefault(stage, 0L) / 1e6;
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

  public void holeFraction(double fraction) {
    this.holeFraction = fraction;
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
