package org.lakebrush.sink;

import java.io.Serializable;
import org.lakebrush.image.ImageFormat;

/**
 * The job's {@code output} section.
 *
 * @param name pattern of the file name: {@code {stem}}, {@code {ext}}, {@code {dir}}
 * @param format what to write; null for the input's own
 * @param unchanged what becomes of an image with nothing to repair
 */
public record OutputSettings(String name, ImageFormat format, Unchanged unchanged) implements Serializable {
  /**
   * The pattern, read.
   *
   * @throws IllegalArgumentException as {@link OutputName#parse}; never for a job that was read
   */
  public OutputName outputName() {
    return OutputName.parse(name, format);
  }

  /** What becomes of an image with nothing to repair. */
  public enum Unchanged {
    /** Its bytes go out as they came in. */
    COPY,
    /** Nothing goes out. */
    SKIP
  }
}
