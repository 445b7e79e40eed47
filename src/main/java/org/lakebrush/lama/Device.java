package org.lakebrush.lama;

import java.io.Serializable;

/**
 * Where the model runs.
 *
 * @param kind what was asked for
 * @param ordinal CUDA ordinal; 0 unless kind is CUDA
 */
public record Device(Kind kind, int ordinal) implements Serializable {
  /** What was asked for. */
  public enum Kind {
    /** A GPU where one is usable, else the CPU. */
    AUTO,
    CPU,
    CUDA
  }

  /**
   * Reads {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}.
   *
   * @throws IllegalArgumentException for anything else, saying what is allowed
   */
  public static Device parse(String text) {
    if (text.equals("auto")) {
      return new Device(Kind.AUTO, 0);
    }
    if (text.equals("cpu")) {
      return new Device(Kind.CPU, 0);
    }
    if (text.equals("cuda")) {
      return new Device(Kind.CUDA, 0);
    }
    if (text.matches("cuda:[0-9]{1,3}")) {
      return new Device(Kind.CUDA, Integer.parseInt(text.substring(5)));
    }
    throw new IllegalArgumentException("'" + text + "' is no device: use auto, cpu, cuda or cuda:N (N from 0)");
  }

  @Override
  public String toString() {
    return switch (kind) {
      case AUTO -> "auto";
      case CPU -> "cpu";
      case CUDA -> "cuda:" + ordinal;
    };
  }
}
