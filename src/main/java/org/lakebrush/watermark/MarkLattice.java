package org.lakebrush.watermark;

import java.util.ArrayList;
import java.util.List;
import org.lakebrush.watermark.MarkFit.Fitted;

/** Marks that repeat over a picture at the same steps. */
final class MarkLattice {
  /** How many marks the steps are taken from. */
  private static final int MOST = 60;
  /** Fewest marks that make a lattice. */
  private static final int LEAST = 4;

  private MarkLattice() {}

  /** A step from one mark to another, and how many pairs of marks are that far apart. */
  private record Step(double x, double y, int pairs) {}

  /**
   * Where there should be a mark too: a step from two marks at least, or two steps from one, each step being that of at least a third
   * of the marks.
   *
   * @param near how far two places may lie apart and be the same, in pixels
   * @return centres, in the order of the marks that they follow from
   */
  static List<double[]> sites(List<Fitted> marks, double near) {
    List<Fitted> some = marks.subList(0, Math.min(MOST, marks.size()));
    if (some.size() < LEAST) {
      return List.of();
    }
    List<Step> steps = steps(some, near);
    List<double[]> once = new ArrayList<>();
    List<double[]> sites = new ArrayList<>();
    for (Fitted m : marks) {
      for (Step step : steps) {
        for (int sign = -1; sign <= 1; sign += 2) {
          double[] site = {m.x() + sign * step.x, m.y() + sign * step.y};
          if (marks.stream().anyMatch(k -> Math.hypot(k.x() - site[0], k.y() - site[1]) < 2 * near) || holds(sites, site, near)) {
            continue;
          }
          (holds(once, site, near) ? sites : once).add(site);
        }
      }
    }
    return sites;
  }

  private static boolean holds(List<double[]> places, double[] place, double near) {
    return places.stream().anyMatch(p -> Math.hypot(p[0] - place[0], p[1] - place[1]) < near);
  }

  private static List<Step> steps(List<Fitted> marks, double near) {
    List<double[]> all = new ArrayList<>();
    for (int i = 0; i < marks.size(); i++) {
      for (int j = 0; j < i; j++) {
        double x = marks.get(i).x() - marks.get(j).x();
        double y = marks.get(i).y() - marks.get(j).y();
        // The same step whichever of the two comes first.
        boolean turn = Math.abs(x) < near ? y < 0 : x < 0;
        all.add(turn ? new double[] {-x, -y} : new double[] {x, y});
      }
    }
    List<Step> steps = new ArrayList<>();
    for (double[] d : all) {
      if (steps.stream().anyMatch(s -> Math.hypot(s.x - d[0], s.y - d[1]) < 2 * near)) {
        continue;
      }
      double x = 0;
      double y = 0;
      int pairs = 0;
      for (double[] e : all) {
        if (Math.hypot(e[0] - d[0], e[1] - d[1]) < near) {
          x += e[0];
          y += e[1];
          pairs++;
        }
      }
      if (3 * pairs >= marks.size()) {
        steps.add(new Step(x / pairs, y / pairs, pairs));
      }
    }
    return steps;
  }
}
