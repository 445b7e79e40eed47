package org.lakebrush.mask;

import java.util.List;
import java.util.function.Function;

/**
 * The keys of one entry of a job's {@code masks}, as a kind reads them.
 *
 * <p>A kind asks for each of its keys, given or not: what it never asks for is an unknown key. Nothing here throws for a bad value: it
 * is recorded with its place in the job, a stand-in is returned so that reading goes on and finds the next one, and the entry is
 * thrown away in the end.
 */
public interface MaskKeys {

  /** Whether a key is given. */
  boolean has(String key);

  /**
   * A text that must be given and not be empty.
   *
   * @param allowed what may stand there, for the message
   */
  String text(String key, String allowed);

  /**
   * A file or folder that must be given: a URI or an absolute path as it is; a relative path as a {@code file:} URI, against the folder
   * of the job file.
   *
   * @param allowed what may stand there, for the message
   */
  String location(String key, String allowed);

  /** {@code true} or {@code on}, {@code false} or {@code off}, {@code fallback} where it is not given. */
  boolean flag(String key, boolean fallback);

  /** A number from min to max, {@code fallback} where it is not given. */
  double decimal(String key, double fallback, double min, double max);

  /** Per cent from min to max, {@code fallback} where it is not given; all as shares, 0.5 is 50%. */
  double share(String key, double fallback, double min, double max);

  /** A whole number, {@code fallback} where it is not given. */
  int integer(String key, int fallback, int min, int max);

  /**
   * A length from 0 on.
   *
   * @param fallback the length where it is not given; null where it must be given, and be more than 0
   */
  Length length(String key, Length fallback);

  /** At least {@code least} pairs of lengths, each x then y, of any sign; must be given. */
  List<PolygonMask.Point> points(String key, int least);

  /** One of an enum's constants, written in lower case with {@code -} for {@code _}; must be given. */
  <E extends Enum<E>> E choice(String key, Class<E> type);

  /** One of an enum's constants as {@link #choice(String, Class)}, {@code fallback} where it is not given. */
  <E extends Enum<E>> E choice(String key, E fallback);

  /**
   * A mapping's own keys.
   *
   * @param reader is handed them, and none where the mapping is not given
   */
  <T> T section(String key, Function<MaskKeys, T> reader);

  /**
   * Records that a key's value cannot stand.
   *
   * @param problem what is wrong and what is allowed, in a line
   */
  void reject(String key, String problem);
}
