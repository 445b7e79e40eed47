package org.lakebrush.lama;

/** What is done to each crop once the model has filled it, before it is written back. Called on the thread that fills. */
@FunctionalInterface
public interface AfterFill {
  /** Leaves the model's fill as it is. */
  AfterFill NOTHING = (given, filled) -> {};

  /**
   * Changes the fill.
   *
   * @param given what the model got: the picture, black in the hole, and the mask; not to be changed. Deep in a hole that fits no crop,
   *     the coarse fill stands for the picture ({@link LargeHoleFill}): the rim that is filled here must meet it, too
   * @param filled what the model made; what it holds in the hole is taken, and elsewhere says nothing
   */
  void apply(Planes given, Planes filled);
}
