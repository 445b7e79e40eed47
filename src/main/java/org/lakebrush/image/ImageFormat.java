package org.lakebrush.image;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The file formats that Lakebrush reads and writes. */
public enum ImageFormat {
  JPEG("jpg", "jpeg", "jpe", "jfif"),
  PNG("png"),
  WEBP("webp"),
  BMP("bmp", "dib"),
  TIFF("tiff", "tif");

  private final List<String> extensions;

  ImageFormat(String... extensions) {
    this.extensions = List.of(extensions);
  }

  /** File-name extensions without the dot, in lower case; the first is the usual one. */
  public List<String> extensions() {
    return extensions;
  }

  /** The name that the job file and the result log use, in lower case. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Its media type, {@code image/png} for instance. */
  public String mediaType() {
    return "image/" + id();
  }

  /** The format that a file-name extension (no dot, any case) stands for. */
  public static Optional<ImageFormat> ofExtension(String extension) {
    String e = extension.toLowerCase(Locale.ROOT);
    for (ImageFormat f : values()) {
      if (f.extensions.contains(e)) {
        return Optional.of(f);
      }
    }
    return Optional.empty();
  }
}
