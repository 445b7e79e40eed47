package org.lakebrush.watermark;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.lakebrush.image.OpenCv;
import org.lakebrush.watermark.MarkFit.Fitted;
import org.lakebrush.watermark.Watermark.Kernel;

/**
 * Finds a known mark in pictures, once or many times, wherever it lies (half of it may lie outside) and at whatever size in a range.
 *
 * <p>The whole picture is searched at a reduced size ({@link MarkSearch}); the likeliest places are fitted at two sizes ({@link MarkFit}),
 * and what its opacity's signal-to-noise ratio says is a mark is fitted once more at the picture's own size. A picture that carries one
 * mark is then searched for more of the same size and opacity, for which less is enough.
 *
 * <p>Immutable; safe for any number of threads. Takes 1 byte a pixel of the picture, 2 where the mark is colourful, and up to twice as
 * much again while it is reduced; the rest follows the mark's size. A picture of 2 megapixels takes 1 to 2.5 seconds of one core for a
 * mark 100 to 140 pixels long at half to twice its size; most of that goes to the smallest scales, where the picture is reduced least.
 */
public final class WatermarkLocator {
  /** How many places are fitted roughly, and how many of them finely. */
  private static final int TRIED = 60;
  private static final int TRIED_AGAIN = 32;
  /** Most copies of a mark in a picture. */
  private static final int MOST = 400;
  /** Long side that the mark is fitted at, in pixels: roughly, finely, and in the end. */
  private static final int ROUGH = 64;
  private static final int FINE = 128;
  private static final int FINAL = 640;
  /** Opacities that a fit may give: on the way, where colour can mislead it, and in the end. */
  private static final double LEAST_OPACITY = 0.12;
  private static final double MOST_OPACITY = 1.4;
  private static final double LEAST_FINAL_OPACITY = 0.18;
  /** Score from which on a mark is one, and from which on one that is like another that was found. */
  private static final double STRONG = 12.7;
  private static final double WEAK = 7;
  /** Score from which on a mark is one where a lattice of them expects it, and how far off it may lie, as a share of its size. */
  private static final double EXPECTED = 3.5;
  private static final double LATTICE = 0.02;
  /** Share of it that must lie in the picture there. */
  private static final double LEAST_SEEN = 0.3;
  /** How many places in turn may turn out to be none before the search for more ends. */
  private static final int GIVEN_UP = 24;
  /** Share of the smaller of two boxes that two marks may share. */
  private static final double OVERLAP = 0.25;
  /** What two rough fits share of the smaller box, and the logarithm of their scales' ratio, where they are one. */
  private static final double SAME_PLACE = 0.6;
  private static final double SAME_SIZE = 0.1;
  /** Standard deviation of a mark's scales from where a fit starts: anything, and what copies of one mark have. */
  private static final double FREE = 1;
  private static final double TIED = 0.002;
  /** By how much the scales and the opacities of copies of one mark may differ, as a share. */
  private static final double SAME_SCALE = 0.04;
  private static final double SAME_OPACITY = 0.35;

  private final Watermark mark;
  private final double minScale;
  private final double maxScale;
  private final MarkSearch search;

  /** The rows of a picture, upright. */
  public interface Rows {
    int width();

    int height();

    /** One row as interleaved 8-bit RGB, at least 3 * width() bytes. */
    void readRow(int y, byte[] rgb);
  }

  /**
   * @param minScale smallest size that is looked for, in pixels of the picture for one of the mark
   * @param maxScale largest
   */
  public WatermarkLocator(Watermark mark, double minScale, double maxScale) {
    this.mark = mark;
    this.minScale = minScale;
    this.maxScale = maxScale;
    this.search = new MarkSearch(mark, minScale, maxScale);
  }

  /** All marks in a picture, the surest first; none where there is none. */
  public List<WatermarkFind> locate(Rows picture) {
    OpenCv.ensureLoaded();
    List<MarkPlane> planes = planes(picture);
    List<WatermarkFind> finds = new ArrayList<>();
    for (Fitted f : located(planes)) {
      finds.add(find(f));
    }
    return finds;
  }

  private WatermarkFind find(Fitted f) {
    double excess = Math.min(1, EXPECTED / f.score());
    return new WatermarkFind(f.x() - mark.width() * f.scaleX() / 2, f.y() - mark.height() * f.scaleY() / 2, f.scaleX(), f.scaleY(),
        Math.min(1, f.opacity()), f.kernel(), 1 - 0.5 * excess * excess);
  }

  private List<Fitted> located(List<MarkPlane> planes) {
    MarkFit fit = new MarkFit(mark, planes, minScale, maxScale);
    List<Fitted> rough = new ArrayList<>();
    for (MarkSearch.Candidate c : search.candidates(planes).stream().limit(TRIED).toList()) {
      Fitted f = fit.fit(c.x(), c.y(), c.scale(), c.scale(), FREE, ROUGH, 5, Kernel.LINEAR);
      if (f != null && f.opacity() >= LEAST_OPACITY) {
        rough.add(f);
      }
    }
    List<Fitted> fine = new ArrayList<>();
    for (Fitted r : distinct(rough).stream().limit(TRIED_AGAIN).toList()) {
      Fitted f = fit.fit(r.x(), r.y(), r.scaleX(), r.scaleY(), FREE, FINE, 5, Kernel.LINEAR);
      if (plausible(f) && f.score() >= STRONG) {
        fine.add(f);
      }
    }
    List<Fitted> finds = new ArrayList<>();
    for (Fitted f : apart(fine, List.of())) {
      Fitted refined = refined(fit, f, FREE);
      if (refined.opacity() >= LEAST_FINAL_OPACITY && refined.score() >= STRONG) {
        finds.add(refined);
      }
    }
    return finds.isEmpty() ? finds : withLike(planes, fit, sorted(finds));
  }

  /** Adds marks like the surest of those that were found; they take the place of less sure ones that they overlap with. */
  private List<Fitted> withLike(List<MarkPlane> planes, MarkFit fit, List<Fitted> finds) {
    Fitted first = finds.get(0);
    List<Fitted> alike = new ArrayList<>(List.of(first));
    List<Fitted> other = new ArrayList<>();
    for (Fitted f : finds.subList(1, finds.size())) {
      if (like(first, f)) {
        Fitted tied = fit.fit(f.x(), f.y(), first.scaleX(), first.scaleY(), TIED, FINE, 4, first.kernel());
        alike.add(refined(fit, plausible(tied) && tied.score() > 0.8 * f.score() ? tied : f, TIED));
      } else {
        other.add(f);
      }
    }
    int failures = 0;
    for (MarkSearch.Candidate c : search.candidates(planes, Math.sqrt(first.scaleX() * first.scaleY()))) {
      if (failures == GIVEN_UP || alike.size() == MOST) {
        break;
      }
      if (alike.stream().anyMatch(k -> k.covers(mark, c.x(), c.y()))) {
        continue;
      }
      Fitted f = fit.fit(c.x(), c.y(), first.scaleX(), first.scaleY(), TIED, FINE, 3, first.kernel());
      boolean add = plausible(f) && f.score() >= WEAK && like(first, f) && alike.stream().noneMatch(k -> overlap(f, k) > OVERLAP);
      if (add) {
        alike.add(refined(fit, f, TIED));
      }
      failures = add ? 0 : failures + 1;
    }
    extend(fit, alike);
    alike.addAll(apart(other, alike));
    return sorted(alike);
  }

  /** Adds marks at places where those that are there already, being a lattice, say that there is one. */
  private void extend(MarkFit fit, List<Fitted> alike) {
    Fitted first = alike.get(0);
    double near = Math.max(2, LATTICE * mark.longSide() * first.scaleX());
    for (boolean grown = true; grown; ) {
      grown = false;
      for (double[] site : MarkLattice.sites(alike, near)) {
        if (alike.size() == MOST) {
          return;
        }
        Fitted f = fit.fit(site[0], site[1], first.scaleX(), first.scaleY(), TIED, FINE, 3, first.kernel());
        if (plausible(f) && f.score() >= EXPECTED && f.seen() > LEAST_SEEN && like(first, f)
            && Math.hypot(f.x() - site[0], f.y() - site[1]) < near && alike.stream().noneMatch(k -> overlap(f, k) > OVERLAP)) {
          alike.add(refined(fit, f, TIED));
          grown = true;
        }
      }
    }
  }

  private static boolean like(Fitted one, Fitted other) {
    return Math.abs(other.scaleX() / one.scaleX() - 1) < SAME_SCALE && Math.abs(other.scaleY() / one.scaleY() - 1) < SAME_SCALE
        && Math.abs(other.opacity() / one.opacity() - 1) < SAME_OPACITY;
  }

  /** Fitted at the picture's own size, with the kernel that fits best. */
  private static Fitted refined(MarkFit fit, Fitted f, double freedom) {
    Fitted best = f;
    double most = 0;
    for (Kernel kernel : Kernel.values()) {
      Fitted r = fit.fit(f.x(), f.y(), f.scaleX(), f.scaleY(), freedom, FINAL, 4, kernel);
      if (r != null && r.snr() > most) {
        most = r.snr();
        best = r;
      }
    }
    return fit.withOpacity(best, FINAL);
  }

  private static boolean plausible(Fitted f) {
    return f != null && f.opacity() >= LEAST_OPACITY && f.opacity() <= MOST_OPACITY;
  }

  /** The best first, without those that are another's, but for a little in place or size. */
  private List<Fitted> distinct(List<Fitted> fits) {
    List<Fitted> kept = new ArrayList<>();
    for (Fitted f : sorted(fits)) {
      if (kept.stream().noneMatch(k -> overlap(f, k) > SAME_PLACE && Math.abs(Math.log(f.scaleX() / k.scaleX())) < SAME_SIZE)) {
        kept.add(f);
      }
    }
    return kept;
  }

  /** The best first, without those that overlap with a better one, or with one of those that are there already. */
  private List<Fitted> apart(List<Fitted> fits, List<Fitted> there) {
    List<Fitted> kept = new ArrayList<>();
    for (Fitted f : sorted(fits)) {
      if (kept.stream().noneMatch(k -> overlap(f, k) > OVERLAP) && there.stream().noneMatch(k -> overlap(f, k) > OVERLAP)) {
        kept.add(f);
      }
    }
    return kept;
  }

  private static List<Fitted> sorted(List<Fitted> fits) {
    return fits.stream().sorted(Comparator.comparingDouble(Fitted::score).reversed().thenComparingDouble(Fitted::y)
        .thenComparingDouble(Fitted::x)).toList();
  }

  /** The shared part of two marks' boxes, as a share of the smaller. */
  private double overlap(Fitted a, Fitted b) {
    double w = shared(a.x(), mark.width() * a.scaleX(), b.x(), mark.width() * b.scaleX());
    double h = shared(a.y(), mark.height() * a.scaleY(), b.y(), mark.height() * b.scaleY());
    return w * h / (mark.width() * mark.height() * Math.min(a.scaleX() * a.scaleY(), b.scaleX() * b.scaleY()));
  }

  private static double shared(double a, double sizeA, double b, double sizeB) {
    return Math.max(0, Math.min(a + sizeA / 2, b + sizeB / 2) - Math.max(a - sizeA / 2, b - sizeB / 2));
  }

  /** The picture as the mark is looked for in it. */
  List<MarkPlane> planes(Rows picture) {
    Projection[] projections = mark.projections();
    int w = picture.width();
    byte[][] data = new byte[projections.length][Math.multiplyExact(w, picture.height())];
    byte[] row = new byte[3 * w];
    for (int y = 0; y < picture.height(); y++) {
      picture.readRow(y, row);
      for (int c = 0; c < projections.length; c++) {
        for (int x = 0; x < w; x++) {
          data[c][y * w + x] = projections[c].of8(row[3 * x] & 255, row[3 * x + 1] & 255, row[3 * x + 2] & 255);
        }
      }
    }
    List<MarkPlane> planes = new ArrayList<>();
    for (int c = 0; c < projections.length; c++) {
      planes.add(new MarkPlane(projections[c], w, picture.height(), data[c]));
    }
    return planes;
  }
}
