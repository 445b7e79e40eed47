package org.lakebrush.repair;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of one image's way so far, filled in as it goes, so that a FAILED row too says how far it came. Used by one thread.
 */
public final class RepairTrace {
  /** The stages whose time is logged. */
  public enum Stage {
    READ, DECODE, MASK, INPAINT, ENCODE, WRITE
  }

  private final Map<Stage, Long> nanos = new EnumMap<>(Stage.class);
  private final List<String> notes = new ArrayList<>();
  private int width;
  private int height;
  private String format;
  private String mode;
  private List<String> maskKinds = List.of();
  private double holeFraction;
  private int crops;
  private String device;

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

  public void crops(int crops) {
    this.crops = crops;
  }

  public void device(String device) {
    this.device = device;
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

  /** Runs of the model that this image took, each on one crop. */
  public int crops() {
    return crops;
  }

  public String device() {
    return device;
  }

  public List<String> notes() {
    return List.copyOf(notes);
  }
}
