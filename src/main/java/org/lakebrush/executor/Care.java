package org.lakebrush.executor;

import java.io.Serializable;
import org.lakebrush.sink.Deaths;

/**
 * How carefully a slice's tasks go about it.
 *
 * @param deaths with an image alone in hand, as far as the driver knew them
 * @param before times that the slice was in hand before, in this run
 */
public record Care(Mode mode, Deaths deaths, int before) implements Serializable {

  /** One way or another. Whatever it is, a task that Spark tries again is careful. */
  public enum Mode {
    /** Many images at once. */
    FAST,
    /** One image of a task after another, each with a marker; one with which a process died is left out. */
    CAREFUL,
    /** Likewise, with nothing beside it, an image with which a process died, once more. */
    LAST
  }
}
