package org.lakebrush.job;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.lakebrush.job.SpecNode.Place;

/** Collects what is wrong with a job. */
final class SpecReport {
  private record Problem(Place place, String text) {}

  private final List<Problem> problems = new ArrayList<>();

  /**
   * @param path dotted, empty for the job as a whole
   * @param problem what is wrong and what is allowed
   */
  void add(Place place, String path, String problem) {
    problems.add(new Problem(place, place.text() + ": " + (path.isEmpty() ? "" : path + ": ") + problem));
  }

  boolean isEmpty() {
    return problems.isEmpty();
  }

  /** One line for each problem, in the order of the job. */
  List<String> messages() {
    return problems.stream().sorted(Comparator.comparingInt((Problem p) -> p.place().order())).map(Problem::text).distinct().toList();
  }

  /** {@code (did you mean ...?)} with the known word nearest to one, after a space; nothing where none is near. */
  static String suggestion(String word, Collection<String> known) {
    String w = word.toLowerCase(Locale.ROOT).replace('-', '_');
    String best = null;
    int least = Math.max(1, w.length() / 3) + 1;
    for (String k : known) {
      String v = k.replace('-', '_');
      boolean part = Math.min(w.length(), v.length()) >= 4 && (v.contains(w) || w.contains(v));
      int d = part ? Math.min(1, distance(w, v)) : distance(w, v);
      if (d < least) {
        least = d;
        best = k;
      }
    }
    return best == null ? "" : " (did you mean " + best + "?)";
  }

  /** Edit distance with swaps of neighbours (optimal string alignment). */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + cost);
        if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
