package org.lakebrush.sink;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lakebrush.image.ImageFormat;

/**
 * The pattern {@code output.name}: where an image goes below the output, and in which format.
 *
 * <ul>
 *   <li>{@code {stem}}: the image's file name without its extension; must be there.
 *   <li>{@code {ext}}: its extension as it is written where the format stays, else the new format's usual one. An extension is what
 *       follows the last dot where it is one of {@link ImageFormat#extensions}; of a file without one, {@code {ext}} is empty and
 *       takes the dot before it along.
 *   <li>{@code {dir}}: its folder relative to the input, without a slash at its end; empty for an image right in the input, and then
 *       takes the slash after it along. A pattern without {@code {dir}} is a path below the image's own folder; one with it is the
 *       whole path.
 *   <li>The pattern ends with {@code {ext}}, or with the extension of a format ({@code {stem}.png}), which is then what is written.
 * </ul>
 *
 * <p>Immutable; safe for any number of threads.
 */
public final class OutputName implements Serializable {
  private static final Pattern TOKEN = Pattern.compile("\\{([^{}]*)}|[{}]");
  private static final Pattern LAST_EXTENSION = Pattern.compile("(?s)(.*\\.)([^./]*)");

  private enum Kind {
    TEXT, STEM, EXT, DIR,
    /** The extension of a format, at the pattern's end. */
    FORMAT
  }

  private record Part(Kind kind, String text) implements Serializable {}

  private final String pattern;
  private final List<Part> parts;
  private final ImageFormat format;

  private OutputName(String pattern, List<Part> parts, ImageFormat format) {
    this.pattern = pattern;
    this.parts = List.copyOf(parts);
    this.format = format;
  }

  /**
   * Reads a pattern.
   *
   * @param format the job's {@code output.format}, null for the image's own
   * @throws IllegalArgumentException where the pattern cannot stand, or contradicts the format: what is wrong and what is allowed
   */
  public static OutputName parse(String pattern, ImageFormat format) {
    checkPath(pattern);
    List<Part> parts = new ArrayList<>();
    Matcher m = TOKEN.matcher(pattern);
    int at = 0;
    while (m.find()) {
      if (m.start() > at) {
        parts.add(new Part(Kind.TEXT, pattern.substring(at, m.start())));
      }
      parts.add(placeholder(pattern, m));
      at = m.end();
    }
    if (parts.stream().noneMatch(p -> p.kind() == Kind.STEM)) {
      throw bad(pattern, "has no {stem}: all images of a folder would get one name; allowed: for example repaired_{stem}.{ext}");
    }
    if (at == pattern.length() && parts.get(parts.size() - 1).kind() == Kind.EXT) {
      return new OutputName(pattern, parts, format);
    }
    Matcher tail = LAST_EXTENSION.matcher(pattern.substring(at));
    if (!tail.matches()) {
      throw bad(pattern, "has no extension at its end; end it with .{ext} for the image's own, or with that of a format, for example"
          + " .png");
    }
    ImageFormat written = ImageFormat.ofExtension(tail.group(2)).orElseThrow(() -> bad(pattern, "ends with ." + tail.group(2)
        + ", which is no format that Lakebrush writes; end it with .{ext} for the image's own, or with .jpg, .png, .webp, .bmp or"
        + " .tiff"));
    if (format != null && format != written) {
      throw bad(pattern, "writes " + written.id() + " and output.format is " + format.id() + "; end the name with .{ext} or drop"
          + " output.format");
    }
    parts.add(new Part(Kind.TEXT, tail.group(1)));
    parts.add(new Part(Kind.FORMAT, tail.group(2)));
    return new OutputName(pattern, parts, written);
  }

  private static Part placeholder(String pattern, Matcher m) {
    String name = m.group(1);
    if (name == null) {
      throw bad(pattern, "has a brace without its other half; allowed: {stem}, {ext} and {dir}");
    }
    return switch (name) {
      case "stem" -> new Part(Kind.STEM, "");
      case "ext" -> new Part(Kind.EXT, "");
      case "dir" -> new Part(Kind.DIR, "");
      default -> throw bad(pattern, "has {" + name + "}, which is unknown; allowed: {stem}, {ext} and {dir}");
    };
  }

  private static void checkPath(String pattern) {
    if (pattern.startsWith("/") || pattern.endsWith("/") || pattern.contains("//")) {
      throw bad(pattern, "is no path below the output; allowed: a relative path such as fixed/{stem}.{ext}");
    }
    for (char c : pattern.toCharArray()) {
      if (c == '\\' || c == ':' || Character.isISOControl(c)) {
        throw bad(pattern, "holds " + (c < ' ' ? "a control character" : "a " + c) + ", which not every storage takes; use / between"
            + " folders");
      }
    }
    for (String segment : pattern.split("/")) {
      if (segment.equals("..") || segment.equals(".")) {
        throw bad(pattern, "holds the folder " + segment + "; allowed: a path that stays below the output");
      }
    }
    if (pattern.startsWith("_lakebrush/")) {
      throw bad(pattern, "begins with _lakebrush, where unfinished files lie; use another folder");
    }
  }

  private static IllegalArgumentException bad(String pattern, String problem) {
    return new IllegalArgumentException("'" + pattern + "' " + problem);
  }

  /** What is written; nothing for the image's own format. */
  public Optional<ImageFormat> format() {
    return Optional.ofNullable(format);
  }

  /**
   * The path of a repaired image.
   *
   * @param path of the image, relative to the input, with {@code /}
   * @return relative to the output, with {@code /}
   * @throws IllegalArgumentException where the image's name would lead out of the output (a folder named {@code ..})
   */
  public String apply(String path) {
    return name(path, false);
  }

  /**
   * The path of an image whose bytes go out as they came in: as {@link #apply}, but with the image's own extension, since a JPEG that
   * is copied is no PNG.
   */
  public String applyUnchanged(String path) {
    return name(path, true);
  }

  private String name(String path, boolean unchanged) {
    int slash = path.lastIndexOf('/');
    String dir = slash < 0 ? "" : path.substring(0, slash);
    String file = path.substring(slash + 1);
    int dot = file.lastIndexOf('.');
    Optional<ImageFormat> own = dot > 0 ? ImageFormat.ofExtension(file.substring(dot + 1)) : Optional.empty();
    String ext = own.isPresent() ? file.substring(dot + 1) : "";
    String stem = own.isPresent() ? file.substring(0, dot) : file;
    boolean stays = unchanged || format == null || own.filter(f -> f == format).isPresent();
    boolean whole = false;
    StringBuilder out = new StringBuilder();
    for (Part part : parts) {
      switch (part.kind()) {
        case STEM -> out.append(stem);
        case EXT -> extension(out, stays ? ext : format.extensions().get(0));
        case FORMAT -> extension(out, unchanged && own.filter(f -> f == format).isEmpty() ? ext : part.text());
        case DIR -> {
          out.append(dir);
          whole = true;
        }
        case TEXT -> out.append((out.length() == 0 || out.charAt(out.length() - 1) == '/') && part.text().startsWith("/")
            ? part.text().substring(1) : part.text());
      }
    }
    if (!whole && !dir.isEmpty()) {
      out.insert(0, dir + "/");
    }
    String result = out.toString();
    if (("/" + result + "/").contains("/../") || ("/" + result + "/").contains("/./")) {
      throw new IllegalArgumentException("image " + path + " would go to " + result + " by output.name '" + pattern + "': rename it");
    }
    return result;
  }

  private static void extension(StringBuilder out, String ext) {
    if (ext.isEmpty() && out.length() > 0 && out.charAt(out.length() - 1) == '.') {
      out.setLength(out.length() - 1);
    }
    out.append(ext);
  }

  /** The pattern. */
  @Override
  public String toString() {
    return pattern;
  }
}
