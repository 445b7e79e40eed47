package org.lakebrush.spectral;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.lakebrush.image.OpenCv;
import org.lakebrush.spectral.MarkFit.Fitted;

/** Finds a known mark in pictures. */
public final class WatermarkLocator {
  /** The rows of a picture, upright. */
  public interface Rows {
    int width();

    int height();

    /** One row as interleaved 8-bit RGB, at least 3 * width() bytes. */
    void readRow(int y, byte[] rgb);
  }

  private static final int TRIED = 80;
  private static final int TRIED_AGAIN = 24;
  private static final int ROUGH = 64;
  private static final int FINE = 128;
  private static final double LEAST_OPACITY = 0.15;
  private static final double MOST_OPACITY = 1.4;
  private static final double STRONG = 11.5;
  private static final double WEAK = 6;
  private static final double OVERLAP = 0.25;
  private static final double SAME_SCALE = 0.03;
  private static final double SAME_OPACITY = 0.35;

  private final Watermark mark;
  private final double minScale;
  private final double maxScale;
  private final MarkSearch search;

  public WatermarkLocator(Watermark mark, double minScale, double maxScale) {
    this.mark = mark;
    this.minScale = minScale;
    this.maxScale = maxScale;
    this.search = new MarkSearch(mark, minScale, maxScale);
  }

  public List<WatermarkFind> locate(Rows picture) {
    return located(picture, STRONG).stream().map(this::find).toList();
  }

  private WatermarkFind find(Fitted f) {
    double confidence = 1 - 0.5 * Math.pow(STRONG / Math.max(STRONG, f.score()), 2);
    return new WatermarkFind(f.x() - mark.width() * f.scaleX() / 2, f.y() - mark.height() * f.scaleY() / 2, f.scaleX(), f.scaleY(),
        f.opacity(), confidence);
  }

  List<Fitted> located(Rows picture, double strong) {
    List<MarkPlane> planes = planes(mark, picture);
    MarkFit fit = new MarkFit(mark, planes, minScale, maxScale);
    List<Fitted> rough = new ArrayList<>();
    long t0 = java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    var cs = search.candidates(planes);
    long t1 = java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    for (MarkSearch.Candidate c : cs.stream().limit(TRIED).toList()) {
      Fitted f = fit.fit(c.x(), c.y(), c.scale(), c.scale(), ROUGH, 5);
      if (f != null && f.opacity() > 0.1) {
        rough.add(f);
      }
    }
    long t2 = java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    List<Fitted> fine = new ArrayList<>();
    for (Fitted r : apart(rough, List.of(), 0.5).stream().limit(TRIED_AGAIN).toList()) {
      Fitted f = fit.fit(r.x(), r.y(), r.scaleX(), r.scaleY(), FINE, 5);
      if (plausible(f) && f.score() >= strong) {
        fine.add(f);
      }
    }
    long t3 = java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    System.out.printf("T search %d (%d) rough %d fine %d%n", (t1 - t0) / 1000000, cs.size(), (t2 - t1) / 1000000, (t3 - t2) / 1000000);
    List<Fitted> finds = apart(fine, List.of(), OVERLAP);
    return finds;
  }

  private static boolean plausible(Fitted f) {
    return f != null && f.opacity() >= LEAST_OPACITY && f.opacity() <= MOST_OPACITY;
  }

  /** The best first, without those that overlap with a better one, or with one of those that are there already. */
  private List<Fitted> apart(List<Fitted> fits, List<Fitted> there, double overlap) {
    List<Fitted> sorted = new ArrayList<>(fits);
    sorted.sort(Comparator.comparingDouble(Fitted::score).reversed().thenComparingDouble(Fitted::y).thenComparingDouble(Fitted::x));
    List<Fitted> kept = new ArrayList<>();
    for (Fitted f : sorted) {
      if (kept.stream().noneMatch(k -> overlap(f, k) > overlap) && there.stream().noneMatch(k -> overlap(f, k) > overlap)) {
        kept.add(f);
      }
    }
    return kept;
  }

  /** The shared part of two marks' boxes, as a share of the smaller. */
  private double overlap(Fitted a, Fitted b) {
    double w = shared(a.x(), mark.width() * a.scaleX(), b.x(), mark.width() * b.scaleX());
    double h = shared(a.y(), mark.height() * a.scaleY(), b.y(), mark.height() * b.scaleY());
    double smaller = mark.width() * mark.height() * Math.min(a.scaleX() * a.scaleY(), b.scaleX() * b.scaleY());
    return w * h / smaller;
  }

  private static double shared(double a, double sizeA, double b, double sizeB) {
    return Math.max(0, Math.min(a + sizeA / 2, b + sizeB / 2) - Math.max(a - sizeA / 2, b - sizeB / 2));
  }

  static List<MarkPlane> planes(Watermark mark, Rows picture) {
    OpenCv.ensureLoaded();
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
