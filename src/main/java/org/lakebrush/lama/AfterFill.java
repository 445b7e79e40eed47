package org.lakebrush.lama;

/** What is done to each crop once the model has filled it, before it is written back. Safe for any number of threads. */
@FunctionalInterface
public interface AfterFill {
  /** Leaves the model's fill as it is. */
  AfterFill NOTHING = (given, filled) -> {};

  /**
   * Changes the fill.
   *
   * @param given what the model got: the picture, black in the hole, and the mask; not to be changed
   * @param filled what the model made, the network's own output outside the hole too; what it holds in the hole is taken
   */
  void apply(Planes given, Planes filled);
}
