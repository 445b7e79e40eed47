package org.lakebrush.job;

import java.nio.file.Path;

/**
 * A key of a job that is given apart from its text.
 *
 * @param text {@code key=value}: a dotted key, as in {@code inpaint.max_side} or {@code masks.0.width}, and a value, YAML or plain text
 * @param label what to call it in messages
 * @param folder absolute; what relative paths in it are relative to
 */
public record Setting(String text, String label, Path folder) {

  /** One of the command line. */
  static Setting ofCommandLine(String text) {
    return new Setting(text, "--set " + text, Path.of("").toAbsolutePath());
  }
}
