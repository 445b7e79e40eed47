package org.lakebrush.sink;

import java.io.Serializable;
import java.util.Collection;
import java.util.Map;

/**
 * How often a process died while an image was alone in hand.
 *
 * @param byUnit by {@link Hand#key} of the file that a task takes, then by that of the image in it: the same, but in a table
 */
public record Deaths(Map<String, Map<String, Integer>> byUnit) implements Serializable {
  /** So many are no chance: the image is not tried again. */
  public static final int MOST = 2;
  /** Nobody died. */
  public static final Deaths NONE = new Deaths(Map.of());

  /** Those with an image in hand. */
  public int of(String unit, String image) {
    return byUnit.getOrDefault(unit, Map.of()).getOrDefault(image, 0);
  }

  /** Those with any image of these files in hand. */
  public int of(Collection<String> units) {
    return units.stream().mapToInt(unit -> byUnit.getOrDefault(unit, Map.of()).values().stream().mapToInt(Integer::intValue).sum()).sum();
  }

  /** Whether a file has an image that may have been there by chance: it must be tried once more, with nothing beside it. */
  public boolean isOpen(String unit) {
    return byUnit.getOrDefault(unit, Map.of()).values().stream().anyMatch(deaths -> deaths < MOST);
  }
}
