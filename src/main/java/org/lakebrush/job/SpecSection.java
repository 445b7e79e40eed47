package org.lakebrush.job;

import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lakebrush.job.SpecNode.Field;
import org.lakebrush.job.SpecNode.Fields;
import org.lakebrush.job.SpecNode.Items;
import org.lakebrush.job.SpecNode.Place;
import org.lakebrush.job.SpecNode.Scalar;
import org.lakebrush.mask.Length;
import org.lakebrush.mask.MaskKeys;
import org.lakebrush.mask.PolygonMask;

/**
 * Reads the keys of one mapping of a job. A bad value is reported and a stand-in returned; a key that was never asked for is reported by
 * {@link #close}.
 */
final class SpecSection implements MaskKeys, AutoCloseable {
  private static final Pattern SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:.*", Pattern.DOTALL);
  private static final String DECIMAL = "[0-9]{1,12}(?:\\.[0-9]{1,12})?";
  private static final Pattern LENGTH = Pattern.compile("(-?" + DECIMAL + ") ?(px|%)?");
  private static final Pattern SIZE = Pattern.compile("(" + DECIMAL + ") ?([kKMG])?");
  private static final Pattern PERCENT = Pattern.compile("(" + DECIMAL + ") ?(%)?");
  private static final double MAX_LENGTH = 1e6;
  private static final Map<String, Long> UNITS = Map.of("k", 1000L, "K", 1000L, "M", 1_000_000L, "G", 1_000_000_000L);

  private final SpecReport report;
  private final String path;
  private final Fields fields;
  private final Set<String> known = new TreeSet<>();

  /**
   * @param path dotted, empty for the job itself
   */
  SpecSection(SpecReport report, String path, Fields fields) {
    this.report = report;
    this.path = path;
    this.fields = fields;
  }

  private Field field(String key) {
    known.add(key);
    return fields.fields().get(key);
  }

  @Override
  public boolean has(String key) {
    return field(key) != null;
  }

  @Override
  public void reject(String key, String problem) {
    Field field = field(key);
    reject(field == null ? fields.place() : field.value().place(), key, problem);
  }

  private void reject(Place place, String key, String problem) {
    report.add(place, SpecYaml.join(path, key), problem);
  }

  /**
   * Reads a scalar.
   *
   * @param fallback where the key is not given
   * @param allowed what may stand there, for the message
   * @param parser gives null for what may not stand there
   */
  private <T> T scalar(String key, T fallback, String allowed, Function<String, T> parser) {
    Field field = field(key);
    return field == null ? fallback : scalar(field.value(), key, fallback, allowed, parser);
  }

  private <T> T scalar(SpecNode value, String key, T fallback, String allowed, Function<String, T> parser) {
    T result = value instanceof Scalar s && s.text() != null ? parser.apply(s.text()) : null;
    if (result == null) {
      reject(value.place(), key, value.misfit() + "; allowed: " + allowed);
      return fallback;
    }
    return result;
  }

  /** As {@link #scalar}, for a key that must be given. */
  private <T> T required(String key, T standIn, String allowed, Function<String, T> parser) {
    if (!has(key)) {
      reject(key, "missing; give " + allowed);
    }
    return scalar(key, standIn, allowed, parser);
  }

  /** A mapping, empty where it is not given or has no value. */
  SpecSection section(String key) {
    Field field = field(key);
    if (field != null && field.value() instanceof Fields mapping) {
      return new SpecSection(report, SpecYaml.join(path, key), mapping);
    }
    if (field != null && !(field.value() instanceof Scalar s && s.text() == null)) {
      reject(key, field.value().misfit() + "; allowed: a mapping of settings, one a line");
    }
    return new SpecSection(report, SpecYaml.join(path, key), Fields.empty(field == null ? fields.place() : field.place()));
  }

  @Override
  public <T> T section(String key, Function<MaskKeys, T> reader) {
    try (SpecSection section = section(key)) {
      return reader.apply(section);
    }
  }

  /**
   * A list of mappings, with one item at least.
   *
   * @param allowed what may stand there, for the message
   */
  List<SpecSection> sections(String key, String allowed) {
    Field field = field(key);
    List<SpecSection> result = new ArrayList<>();
    if (field == null) {
      reject(key, "missing; give " + allowed);
    } else if (!(field.value() instanceof Items list) || list.items().isEmpty()) {
      String found = field.value() instanceof Items ? "an empty list does not fit" : field.value().misfit();
      reject(key, found + "; allowed: " + allowed);
    } else {
      for (int i = 0; i < list.items().size(); i++) {
        if (list.items().get(i) instanceof Fields mapping) {
          result.add(new SpecSection(report, SpecYaml.join(SpecYaml.join(path, key), Integer.toString(i)), mapping));
        } else {
          reject(list.items().get(i).place(), key + "." + i, list.items().get(i).misfit() + "; allowed: " + allowed);
        }
      }
    }
    return result;
  }

  @Override
  public String text(String key, String allowed) {
    return required(key, "", allowed, s -> s.isBlank() ? null : s);
  }

  /** A text that is not empty, {@code fallback} where it is not given. */
  String text(String key, String fallback, String allowed) {
    return scalar(key, fallback, allowed, s -> s.isBlank() ? null : s);
  }

  @Override
  public String location(String key, String allowed) {
    String text = text(key, allowed);
    return text.isEmpty() ? text : locate(key, text);
  }

  /** A location for a text that was read from a key, as {@link MaskKeys#location}. */
  String locate(String key, String text) {
    if (text.startsWith("/") || SCHEME.matcher(text).matches()) {
      return text;
    }
    try {
      return "file:" + field(key).value().place().folder().resolve(text).normalize();
    } catch (InvalidPathException e) {
      reject(key, "'" + text + "' is no path (" + e.getReason() + "); allowed: a path or a URI");
      return text;
    }
  }

  @Override
  public int integer(String key, int fallback, int min, int max) {
    return integer(key, fallback, min, max, 1);
  }

  /** A whole number from min to max that is a multiple of {@code step}, {@code fallback} where it is not given. */
  int integer(String key, int fallback, int min, int max, int step) {
    return scalar(key, fallback, "a whole number from " + min + " to " + max + (step == 1 ? "" : ", a multiple of " + step), s -> {
      int n = s.matches("-?[0-9]{1,9}") ? Integer.parseInt(s) : Integer.MIN_VALUE;
      return n >= min && n <= max && n % step == 0 ? n : null;
    });
  }

  @Override
  public boolean flag(String key, boolean fallback) {
    return scalar(key, fallback, "on or off, or true or false", s -> switch (s) {
      case "on", "true" -> true;
      case "off", "false" -> false;
      default -> null;
    });
  }

  @Override
  public double decimal(String key, double fallback, double min, double max) {
    return scalar(key, fallback, "a number from " + new BigDecimal(min) + " to " + new BigDecimal(max), s -> {
      double n = s.matches("-?" + DECIMAL) ? Double.parseDouble(s) : Double.NaN;
      return n >= min && n <= max ? n : null;
    });
  }

  /** A count with k, M or G (thousand, million, thousand million) or without, {@code fallback} where it is not given. */
  long size(String key, long fallback, long min, long max) {
    return scalar(key, fallback, "a whole number from " + count(min) + " to " + count(max) + ", with k, M or G for thousand, million,"
        + " thousand million", s -> {
      Matcher m = SIZE.matcher(s);
      if (!m.matches()) {
        return null;
      }
      BigDecimal n = new BigDecimal(m.group(1)).multiply(BigDecimal.valueOf(m.group(2) == null ? 1 : UNITS.get(m.group(2))));
      boolean whole = n.stripTrailingZeros().scale() <= 0;
      return whole && n.compareTo(BigDecimal.valueOf(min)) >= 0 && n.compareTo(BigDecimal.valueOf(max)) <= 0 ? n.longValueExact() : null;
    });
  }

  private static String count(long n) {
    return n > 0 && n % 1_000_000_000 == 0 ? n / 1_000_000_000 + "G" : Long.toString(n);
  }

  /**
   * Per cent from 0 to 100, {@code fallback} where it is not given. The sign may be left out from 1 on: 0.05 alone could be meant as a
   * share.
   *
   * @return a share, 0..1
   */
  double share(String key, double fallback) {
    return share(key, fallback, 0, 1);
  }

  @Override
  public double share(String key, double fallback, double min, double max) {
    return scalar(key, fallback, percent(min) + " to " + percent(max) + "; below 1 with the sign (5% or 5 are a twentieth, 0.5% is a"
        + " two-hundredth)", s -> {
      Matcher m = PERCENT.matcher(s);
      double n = m.matches() ? Double.parseDouble(m.group(1)) : Double.NaN;
      return n >= 100 * min && n <= 100 * max && (n >= 1 || n == 0 || m.group(2) != null) ? n / 100 : null;
    });
  }

  private static String percent(double share) {
    return BigDecimal.valueOf(share).scaleByPowerOfTen(2).stripTrailingZeros().toPlainString() + "%";
  }

  @Override
  public Length length(String key, Length fallback) {
    if (fallback != null) {
      return scalar(key, fallback, "a length from 0 on, in pixels (24 or 24px) or per cent (2%, up to 100%)", s -> length(s, 0));
    }
    return required(key, new Length(1, false), "a length above 0, in pixels (120 or 120px) or per cent (20%, up to 100%)", s -> {
      Length length = length(s, 0);
      return length == null || length.value() == 0 ? null : length;
    });
  }

  private static Length length(String text, double min) {
    Matcher m = LENGTH.matcher(text);
    if (!m.matches()) {
      return null;
    }
    // Adding 0 turns -0 into 0.
    Length length = new Length(Double.parseDouble(m.group(1)) + 0.0, "%".equals(m.group(2)));
    double max = min == 0 && length.percent() ? 100 : MAX_LENGTH;
    return length.value() >= min && length.value() <= max ? length : null;
  }

  @Override
  public List<PolygonMask.Point> points(String key, int least) {
    Field field = field(key);
    String allowed = "at least " + least + " corners, each [x, y] in pixels or per cent: [[10%, 10%], [40%, 10%], [40%, 30%]]";
    List<PolygonMask.Point> result = new ArrayList<>();
    if (field == null) {
      reject(key, "missing; give " + allowed);
    } else if (!(field.value() instanceof Items list)) {
      reject(key, field.value().misfit() + "; allowed: " + allowed);
    } else if (list.items().size() < least) {
      reject(key, "a list of " + list.items().size() + " does not fit; allowed: " + allowed);
    } else {
      for (int i = 0; i < list.items().size(); i++) {
        SpecNode item = list.items().get(i);
        if (item instanceof Items pair && pair.items().size() == 2) {
          result.add(new PolygonMask.Point(coordinate(pair, 0, key + "." + i), coordinate(pair, 1, key + "." + i)));
        } else {
          reject(item.place(), key + "." + i, (item instanceof Items other ? "a list of " + other.items().size() + " does not fit"
              : item.misfit()) + "; allowed: a corner [x, y] in pixels or per cent");
        }
      }
    }
    return result;
  }

  private Length coordinate(Items pair, int index, String key) {
    return scalar(pair.items().get(index), key + "." + index, new Length(0, false), "a length in pixels (120 or 120px) or per cent (20%)",
        s -> length(s, -MAX_LENGTH));
  }

  @Override
  public <E extends Enum<E>> E choice(String key, Class<E> type) {
    E standIn = type.getEnumConstants()[0];
    return word(key, words(type)) == null ? standIn : choice(key, standIn);
  }

  @Override
  public <E extends Enum<E>> E choice(String key, E fallback) {
    Class<E> type = fallback.getDeclaringClass();
    return type.getEnumConstants()[words(type).indexOf(word(key, word(fallback), words(type)))];
  }

  /** One of some words, {@code fallback} where it is not given. */
  String word(String key, String fallback, List<String> words) {
    String found = has(key) ? word(key, words) : fallback;
    return found == null ? fallback : found;
  }

  /** One of some words that must be given; null where it cannot stand. */
  String word(String key, List<String> words) {
    Field field = field(key);
    if (field == null) {
      reject(key, "missing; give one of " + String.join(", ", words));
    } else if (field.value() instanceof Scalar s && s.text() != null) {
      if (words.contains(s.text())) {
        return s.text();
      }
      reject(key, s.misfit() + SpecReport.suggestion(s.text(), words) + "; allowed: " + String.join(", ", words));
    } else {
      reject(key, field.value().misfit() + "; allowed: " + String.join(", ", words));
    }
    return null;
  }

  /** The word of an enum's constant in a job. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static <E extends Enum<E>> List<String> words(Class<E> type) {
    return Arrays.stream(type.getEnumConstants()).map(SpecSection::word).toList();
  }

  /** Reports the keys that were never asked for. */
  @Override
  public void close() {
    fields.fields().forEach((key, field) -> {
      if (!known.contains(key)) {
        reject(field.place(), key, "unknown key" + SpecReport.suggestion(key, known) + "; allowed: " + String.join(", ", known));
      }
    });
  }
}
