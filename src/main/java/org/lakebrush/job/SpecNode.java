package org.lakebrush.job;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value of a job with the place where it was given. Lists and mappings can be changed: overrides are put into them. */
sealed interface SpecNode {

  /**
   * Where something was given.
   *
   * @param text for messages: {@code job.yaml:12} or {@code --set key=value}
   * @param order places compare by it
   * @param folder what relative paths are relative to
   */
  record Place(String text, int order, Path folder) {}

  Place place();

  /** Why it cannot stand where something else is wanted, in words, for messages. */
  String misfit();

  /**
   * A scalar.
   *
   * @param text as written, without quotes; null where the key was given no value
   */
  record Scalar(String text, Place place) implements SpecNode {
    @Override
    public String misfit() {
      return text == null ? "no value" : "'" + text + "' does not fit";
    }
  }

  /** A list. */
  record Items(List<SpecNode> items, Place place) implements SpecNode {
    @Override
    public String misfit() {
      return "a list does not fit";
    }
  }

  /** A mapping. */
  record Fields(Map<String, Field> fields, Place place) implements SpecNode {
    static Fields empty(Place place) {
      return new Fields(new LinkedHashMap<>(), place);
    }

    @Override
    public String misfit() {
      return "a mapping does not fit";
    }
  }

  /** A key's value, and where the key stands. */
  record Field(Place place, SpecNode value) {}
}
