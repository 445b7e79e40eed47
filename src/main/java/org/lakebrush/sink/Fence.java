package org.lakebrush.sink;

/** Asked right before each file is put in its place: what nobody wants any more must not get there. Safe for any number of threads. */
@FunctionalInterface
public interface Fence {
  /** For what nobody stands in the way of. */
  Fence OPEN = () -> {};

  /**
   * Returns where the file may be published; may wait until that is known.
   *
   * @throws FencedException where it may not
   */
  void check();
}
