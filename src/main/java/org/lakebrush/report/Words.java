package org.lakebrush.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers and times as people read them. */
public final class Words {
  private static final DateTimeFormatter CLOCK = format("HH:mm");
  private static final DateTimeFormatter CLOCK_SECONDS = format("HH:mm:ss");
  private static final DateTimeFormatter DAY = format("EEE d MMM uuuu");
  private static final DateTimeFormatter SHORT_DAY = format("EEE d MMM");

  private Words() {}

  private static DateTimeFormatter format(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).withZone(ZoneOffset.UTC);
  }

  /** A number of things. */
  static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /** A number of things with what they are: {@code 1 image}, {@code 2 images}. */
  static String count(long n, String thing) {
    return count(n) + " " + thing + (n == 1 ? "" : "s");
  }

  /** A share, 0..1, with two digits or so that mean something. */
  static String percent(double share) {
    double p = 100 * share;
    if (p == 0 || p >= 100) {
      return Math.round(p) + "%";
    }
    if (p >= 99.95) {
      return ">99.9%";
    }
    if (p < 0.001) {
      return "<0.001%";
    }
    return decimal(p) + "%";
  }

  /** A share that is a bound: {@code 0.03%}, {@code 30%}. */
  public static String share(double share) {
    return new BigDecimal(100 * share).round(new MathContext(3)).stripTrailingZeros().toPlainString() + "%";
  }

  /** A number of things that need not be whole. */
  static String decimalCount(double n) {
    return count(Math.round(n));
  }

  /** A number of two digits or so that mean something. */
  static String decimal(double v) {
    double size = Math.abs(v);
    int digits = size >= 100 ? 0 : size >= 1 ? 1 : size >= 0.1 ? 2 : size > 0 ? 3 : 0;
    return String.format(Locale.ROOT, "%,." + digits + "f", v);
  }

  /** A number of bytes. */
  public static String bytes(long n) {
    if (n < 1000) {
      return n + " B";
    }
    double v = n;
    String units = "kMGTPE";
    int u = -1;
    while (v >= 999.5 && u < units.length() - 1) {
      v /= 1000;
      u++;
    }
    return String.format(Locale.ROOT, v < 10 ? "%.1f %sB" : "%.0f %sB", v, units.charAt(u));
  }

  /** A duration of seconds to days. */
  public static String duration(Duration d) {
    long s = Math.round(d.toMillis() / 1e3);
    if (s < 60) {
      return s + " s";
    }
    return s < 3600 ? String.format(Locale.ROOT, "%d min %02d s", s / 60, s % 60)
        : String.format(Locale.ROOT, "%d h %02d min", s / 3600, s / 60 % 60);
  }

  /** A duration of milliseconds to days. */
  static String millis(double ms) {
    if (ms < 999.5) {
      return ms == 0 ? "0" : decimal(ms) + " ms";
    }
    return ms < 59_500 ? decimal(ms / 1e3) + " s" : duration(Duration.ofMillis(Math.round(ms)));
  }

  /** A time of day, UTC. */
  static String clock(long millis) {
    return CLOCK.format(Instant.ofEpochMilli(millis));
  }

  /** A time of day to the second, UTC. */
  static String clockSeconds(long millis) {
    return CLOCK_SECONDS.format(Instant.ofEpochMilli(millis));
  }

  /** A day with its year, UTC. */
  static String day(long millis) {
    return DAY.format(Instant.ofEpochMilli(millis));
  }

  /** A day, UTC. */
  static String shortDay(long millis) {
    return SHORT_DAY.format(Instant.ofEpochMilli(millis));
  }
}
