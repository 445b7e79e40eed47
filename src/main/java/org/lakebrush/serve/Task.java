package org.lakebrush.serve;

import java.util.Locale;

/** What can be asked for of an image: {@code POST /api/} and the word. */
enum Task {
  /** To repair it. */
  INPAINT,
  /** To show what would be repaired. */
  MASK,
  /** To show it, whatever its format. */
  VIEW;

  String path() {
    return "/api/" + name().toLowerCase(Locale.ROOT);
  }
}
