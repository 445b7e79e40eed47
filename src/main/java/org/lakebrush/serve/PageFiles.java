package org.lakebrush.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.lakebrush.sink.Sha256;

/** The files of the page, and the API's document: these, and no others, whatever a path says. Immutable. */
final class PageFiles {
  private static final List<String> NAMES = List.of("index.html", "page.css", "api.js", "app.js", "compare.js", "editor.js", "finders.js",
      "job.js", "picture.js", "png.js", "shapes.js", "stage.js", "trace.js", "ui.js", "openapi.json");
  private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8", "css", "text/css; charset=utf-8", "js",
      "text/javascript; charset=utf-8", "json", Exchange.JSON);
  private static final String HOME = "index.html";
  private static final String API = "openapi.json";

  private final Map<String, PageFile> byPath = new LinkedHashMap<>();

  /**
   * A file.
   *
   * @param tag for {@code ETag}
   */
  record PageFile(byte[] bytes, String mediaType, String tag) {}

  PageFiles() {
    for (String name : NAMES) {
      String path = name.equals(HOME) ? "/" : name.equals(API) ? "/api/" + name : "/" + name;
      byte[] bytes = read(name);
      byPath.put(path, new PageFile(bytes, TYPES.get(name.substring(name.lastIndexOf('.') + 1)),
          "\"" + Sha256.hex(bytes).substring(0, 32) + "\""));
    }
  }

  private static byte[] read(String name) {
    try (InputStream in = PageFiles.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name + " is not on the class path").readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Optional<PageFile> at(String path) {
    return Optional.ofNullable(byPath.get(path));
  }
}
