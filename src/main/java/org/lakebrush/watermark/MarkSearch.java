package org.lakebrush.watermark;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.lakebrush.image.Mats;
import org.lakebrush.image.Region;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * Looks for a mark at many scales over a whole picture, by weighted correlation in the Fourier domain.
 *
 * <p>A mark of opacity a adds a alpha (W - I) to the picture. With G the ground I where it is smooth, and h() the band pass of
 * {@link Filters}, h(I') = h(I) + a R with R = h(alpha W) - G h(alpha). The least squares estimate of a at a place, with the weights w =
 * 1 / local variance of h(I'), is N / D with N = sum w h(I') R and D = sum w R^2; N / sqrt(D) is its signal-to-noise ratio. Both are
 * correlations of planes of the picture (w h, w h G, w, w G, w G^2) with planes of the mark, and hold whatever the ground's tone is: where
 * the ground is darker than the mark R is positive, where it is lighter negative.
 */
final class MarkSearch {
  /** How far the outermost pixels of a mark may lie from their place at the nearest scale that is tried, in pixels. */
  private static final double SLACK = 0.8;
  /** Factor between the sizes that the picture is reduced to. */
  private static final double OCTAVE = 1.3;
  /** Long side of the smallest and largest mark that is looked for in the reduced picture, in its pixels. */
  private static final int LEAST = 32;
  private static final int MOST = 112;
  /** Opacity, and variance of a photograph's band pass, at which a mark shall stand out by {@link #WANTED}. */
  private static final double FAINT = 0.25;
  private static final double TEXTURE = 0.03 * 0.03;
  private static final double WANTED = 16;
  /** Radius of the smoothing that gives the ground, and of the one that gives the local variance, in pixels. */
  private static final int GROUND = 5;
  private static final int ACTIVITY = 5;
  /** Variance that quantisation and noise leave anywhere. */
  private static final float NOISE = 0.006f * 0.006f;
  /** Pixels of the band pass further out than this many standard deviations are taken as that far out. */
  private static final float CLIP = 2.5f;
  /** Pixels around a mark's box over which its band pass spreads. */
  private static final int SPREAD = 4;
  /** Pixels around a tile that its filters look at. */
  private static final int MARGIN = 12;
  /** Signal-to-noise ratio from which on a place is worth a fit, and where a mark of that scale is known to be in the picture. */
  private static final float LEAST_SNR = 4.5f;
  private static final float LEAST_KNOWN = 3;
  /** Opacities that a place may show; the ground is taken from the picture with the mark, which doubles that of an opaque one. */
  private static final float LEAST_OPACITY = 0.12f;
  private static final float MOST_OPACITY = 3f;
  /** Share of a whole mark's D below which it is only a rim that is seen. */
  private static final float LEAST_PART = 0.02f;
  /** How far two places of one mark lie apart at most, as a share of its size, and the ratio of their scales. */
  private static final double SAME_PLACE = 0.35;
  private static final double SAME_SCALE = 1.25;
  /** Most places that are handed over. */
  private static final int KEPT = 400;

  private final Watermark mark;
  private final double minScale;
  private final double maxScale;
  private final int side;

  /**
   * @param x centre of the mark, in pixels of the picture
   * @param snr N / sqrt(D)
   */
  record Candidate(double x, double y, double scale, double snr) {}

  MarkSearch(Watermark mark, double minScale, double maxScale) {
    this.mark = mark;
    this.minScale = minScale;
    this.maxScale = maxScale;
    int n = LEAST;
    while (n < MOST && FAINT * Math.sqrt(energy(n) / TEXTURE) < WANTED) {
      n += 8;
    }
    this.side = n;
  }

  /** Sum of R^2 over a mark of that long side, the mean of some tones of ground. */
  private double energy(int side) {
    double scale = (double) side / mark.longSide();
    Template t = new Template(mark, scale, scale, Projection.LUMA, 1);
    double sum = 0;
    int tones = 9;
    for (int tone = 1; tone <= tones; tone++) {
      float ground = tone / (tones + 1f);
      for (int i = 0; i < t.colour.length; i++) {
        double r = t.colour[i] - ground * t.alpha[i];
        sum += r * r / tones;
      }
    }
    return sum;
  }

  /** The mark's band pass at a scale. */
  private static final class Template {
    private final int width;
    private final int height;
    private final float[] colour;
    private final float[] alpha;

    Template(Watermark mark, double scaleX, double scaleY, Projection projection, double reduction) {
      width = (int) Math.ceil(mark.width() * scaleX) + 2 * SPREAD;
      height = (int) Math.ceil(mark.height() * scaleY) + 2 * SPREAD;
      float[][] drawn = mark.draw(SPREAD, SPREAD, scaleX, scaleY, width, height, Watermark.Kernel.LINEAR);
      float[] projected = new float[width * height];
      for (int i = 0; i < projected.length; i++) {
        projected[i] = projection.of(drawn, i);
      }
      colour = Filters.bandPass(seen(projected, projection, reduction), width, height);
      alpha = Filters.bandPass(seen(drawn[0], projection, reduction), width, height);
    }

    private float[] seen(float[] plane, Projection projection, double reduction) {
      return projection.isChroma() ? Filters.subsampled(plane, width, height, reduction) : plane;
    }
  }

  /** All places that may be a mark, the likeliest first; of those that overlap at nearly the same scale only the likeliest. */
  List<Candidate> candidates(List<MarkPlane> planes) {
    List<Candidate> all = new ArrayList<>();
    double step = 1 + 4 * SLACK / side;
    List<Double> scales = new ArrayList<>();
    int steps = (int) Math.ceil(Math.log(maxScale / minScale) / Math.log(step));
    for (int i = 0; i <= steps; i++) {
      double scale = minScale * Math.pow(maxScale / minScale, steps == 0 ? 0 : (double) i / steps);
      if (fits(planes.get(0), scale)) {
        scales.add(scale);
      }
    }
    int from = 0;
    while (from < scales.size()) {
      double reduction = Math.min(1, side / (scales.get(from) * mark.longSide()));
      int to = from + 1;
      while (to < scales.size() && scales.get(to) <= OCTAVE * scales.get(from)) {
        to++;
      }
      level(planes, reduction, scales.subList(from, to), LEAST_SNR, all);
      from = to;
    }
    return distinct(all);
  }

  /** Whether a picture can hold half of the mark in each direction: if not, its template would be larger than any picture. */
  private boolean fits(MarkPlane plane, double scale) {
    return 2 * plane.width() >= mark.width() * scale && 2 * plane.height() >= mark.height() * scale;
  }

  /** As {@link #candidates}, at one scale, and with fainter ones. */
  List<Candidate> candidates(List<MarkPlane> planes, double scale) {
    List<Candidate> all = new ArrayList<>();
    level(planes, Math.min(1, side / (scale * mark.longSide())), List.of(scale), LEAST_KNOWN, all);
    return distinct(all);
  }

  private List<Candidate> distinct(List<Candidate> all) {
    all.sort(Comparator.comparingDouble(Candidate::snr).reversed().thenComparingDouble(Candidate::y)
        .thenComparingDouble(Candidate::x).thenComparingDouble(Candidate::scale));
    List<Candidate> kept = new ArrayList<>();
    for (Candidate c : all) {
      boolean shadowed = false;
      for (Candidate k : kept) {
        double ratio = c.scale / k.scale;
        if (Math.abs(c.x - k.x) < SAME_PLACE * mark.width() * k.scale && Math.abs(c.y - k.y) < SAME_PLACE * mark.height() * k.scale
            && ratio < SAME_SCALE && ratio > 1 / SAME_SCALE) {
          shadowed = true;
          break;
        }
      }
      if (!shadowed) {
        kept.add(c);
        if (kept.size() == KEPT) {
          break;
        }
      }
    }
    return kept;
  }

  /** Looks in the picture at one size for some scales, tile by tile. */
  private void level(List<MarkPlane> planes, double reduction, List<Double> scales, float least, List<Candidate> found) {
    List<MarkPlane> reduced = planes.stream().map(p -> reduce(p, reduction)).toList();
    int w = reduced.get(0).width();
    int h = reduced.get(0).height();
    double rx = (double) w / planes.get(0).width();
    double ry = (double) h / planes.get(0).height();
    List<List<Template>> templates = new ArrayList<>();
    int tw = 0;
    int th = 0;
    for (double scale : scales) {
      List<Template> channels = new ArrayList<>();
      for (MarkPlane plane : reduced) {
        channels.add(new Template(mark, scale * rx, scale * ry, plane.projection(), rx));
      }
      templates.add(channels);
      tw = Math.max(tw, channels.get(0).width);
      th = Math.max(th, channels.get(0).height);
    }
    // Half a mark may lie outside.
    int outX = tw / 2;
    int outY = th / 2;
    int sizeX = tile(w + 2 * outX, tw);
    int sizeY = tile(h + 2 * outY, th);
    int stepX = sizeX - tw + 1;
    int stepY = sizeY - th + 1;
    int endX = w + outX - tw + 1;
    int endY = h + outY - th + 1;
    try (Mats mats = new Mats()) {
      List<List<Mat[]>> spectra = templates.stream()
          .map(channels -> channels.stream().map(t -> spectra(mats, t, sizeX, sizeY)).toList()).toList();
      for (int y = -outY; y < endY; y += stepY) {
        for (int x = -outX; x < endX; x += stepX) {
          Region tile = new Region(x, y, sizeX, sizeY);
          try (Mats own = new Mats()) {
            List<Mat[]> picture = new ArrayList<>();
            for (MarkPlane plane : reduced) {
              picture.add(picture(own, plane, tile));
            }
            float[] n = new float[sizeX * sizeY];
            float[] d = new float[sizeX * sizeY];
            Region valid = new Region(x, y, Math.min(stepX, endX - x), Math.min(stepY, endY - y));
            for (int s = 0; s < scales.size(); s++) {
              correlate(picture, spectra.get(s), 0, 2, n);
              correlate(picture, spectra.get(s), 2, 5, d);
              double scale = scales.get(s);
              peaks(n, d, sizeX, valid, least, LEAST_PART * whole(templates.get(s)), (px, py, snr) -> found.add(new Candidate(
                  (px + SPREAD) / rx + mark.width() * scale / 2, (py + SPREAD) / ry + mark.height() * scale / 2, scale, snr)));
            }
          }
        }
      }
    }
  }

  /** Side of the tiles, such that most of a tile are places that a mark fits in. */
  private static int tile(int extent, int template) {
    int whole = Core.getOptimalDFTSize(extent);
    int part = Core.getOptimalDFTSize(Math.max(256, 4 * template));
    return Math.min(whole, part);
  }

  private static MarkPlane reduce(MarkPlane plane, double reduction) {
    int w = Math.max(1, (int) Math.round(plane.width() * reduction));
    int h = Math.max(1, (int) Math.round(plane.height() * reduction));
    if (w == plane.width() && h == plane.height()) {
      return plane;
    }
    try (Mats mats = new Mats()) {
      Mat from = mats.keep(new Mat(plane.height(), plane.width(), CvType.CV_8UC1));
      from.put(0, 0, plane.data());
      Mat to = mats.mat();
      Imgproc.resize(from, to, new Size(w, h), 0, 0, Imgproc.INTER_AREA);
      byte[] data = new byte[w * h];
      to.get(0, 0, data);
      return new MarkPlane(plane.projection(), w, h, data);
    }
  }

  private static Mat[] spectra(Mats mats, Template t, int sizeX, int sizeY) {
    int n = t.colour.length;
    float[][] products = new float[5][n];
    for (int i = 0; i < n; i++) {
      float a = t.colour[i];
      float b = t.alpha[i];
      products[0][i] = a;
      products[1][i] = -b;
      products[2][i] = a * a;
      products[3][i] = -2 * a * b;
      products[4][i] = b * b;
    }
    Mat[] result = new Mat[5];
    for (int k = 0; k < 5; k++) {
      float[] padded = new float[sizeX * sizeY];
      for (int j = 0; j < t.height; j++) {
        System.arraycopy(products[k], j * t.width, padded, j * sizeX, t.width);
      }
      result[k] = mats.keep(new Mat(sizeY, sizeX, CvType.CV_32FC1));
      result[k].put(0, 0, padded);
      Core.dft(result[k], result[k], 0, t.height);
    }
    return result;
  }

  /** D of a mark that lies wholly inside, on a typical ground: what is far below it is seen by a rim alone. */
  private static float whole(List<Template> templates) {
    double sum = 0;
    for (Template t : templates) {
      for (int i = 0; i < t.colour.length; i++) {
        double r = t.colour[i] - 0.5 * t.alpha[i];
        sum += r * r;
      }
    }
    return (float) (sum / TEXTURE);
  }

  /** The sum of the correlations of some planes of the picture with those of the mark, over all channels. */
  private static void correlate(List<Mat[]> picture, List<Mat[]> mark, int from, int to, float[] result) {
    try (Mats mats = new Mats()) {
      Mat product = mats.mat();
      Mat sum = mats.mat();
      boolean first = true;
      for (int c = 0; c < picture.size(); c++) {
        for (int k = from; k < to; k++) {
          Core.mulSpectrums(picture.get(c)[k], mark.get(c)[k], first ? sum : product, 0, true);
          if (!first) {
            Core.add(sum, product, sum);
          }
          first = false;
        }
      }
      Core.dft(sum, product, Core.DFT_INVERSE | Core.DFT_SCALE | Core.DFT_REAL_OUTPUT, 0);
      product.get(0, 0, result);
    }
  }

  @FunctionalInterface
  private interface Peak {
    void at(int x, int y, double snr);
  }

  /**
   * Hands over the places where N / sqrt(D) is highest; n is overwritten.
   *
   * @param valid the places of the arrays' first rows and columns that count
   */
  private static void peaks(float[] n, float[] d, int stride, Region valid, float least, float leastD, Peak peak) {
    for (int y = 0; y < valid.height(); y++) {
      for (int i = y * stride; i < y * stride + valid.width(); i++) {
        float opacity = n[i] / d[i];
        boolean possible = d[i] > leastD && opacity > LEAST_OPACITY && opacity < MOST_OPACITY;
        n[i] = possible ? (float) (n[i] / Math.sqrt(d[i])) : 0;
      }
    }
    for (int y = 0; y < valid.height(); y++) {
      for (int x = 0; x < valid.width(); x++) {
        float v = n[y * stride + x];
        if (v >= least && highest(n, stride, valid.width(), valid.height(), x, y, v)) {
          peak.at(valid.x() + x, valid.y() + y, v);
        }
      }
    }
  }

  private static boolean highest(float[] snr, int stride, int validX, int validY, int x, int y, float v) {
    for (int j = Math.max(0, y - 2); j <= Math.min(validY - 1, y + 2); j++) {
      for (int i = Math.max(0, x - 2); i <= Math.min(validX - 1, x + 2); i++) {
        float other = snr[j * stride + i];
        if (other > v || other == v && (j < y || j == y && i < x)) {
          return false;
        }
      }
    }
    return true;
  }

  /** The spectra of w h, w h G, w, w G and w G^2. */
  private static Mat[] picture(Mats mats, MarkPlane plane, Region tile) {
    int x = tile.x();
    int y = tile.y();
    int sizeX = tile.width();
    int sizeY = tile.height();
    int w = sizeX + 2 * MARGIN;
    int h = sizeY + 2 * MARGIN;
    float[] value = plane.read(x - MARGIN, y - MARGIN, w, h);
    float[] band = Filters.bandPass(value, w, h);
    float[] ground = Filters.smooth(value, w, h, GROUND);
    float[] square = new float[band.length];
    for (int i = 0; i < band.length; i++) {
      square[i] = band[i] * band[i];
    }
    float[] variance = Filters.smooth(square, w, h, ACTIVITY);
    float[][] parts = new float[5][sizeX * sizeY];
    int x0 = Math.max(0, -x);
    int x1 = Math.min(sizeX, plane.width() - x);
    int y0 = Math.max(0, -y);
    int y1 = Math.min(sizeY, plane.height() - y);
    for (int j = y0; j < y1; j++) {
      for (int i = x0; i < x1; i++) {
        int from = (j + MARGIN) * w + i + MARGIN;
        int to = j * sizeX + i;
        float v = variance[from] + NOISE;
        float limit = CLIP * (float) Math.sqrt(v);
        float b = Math.max(-limit, Math.min(limit, band[from])) / v;
        float g = ground[from];
        parts[0][to] = b;
        parts[1][to] = b * g;
        parts[2][to] = 1 / v;
        parts[3][to] = g / v;
        parts[4][to] = g * g / v;
      }
    }
    Mat[] result = new Mat[5];
    for (int k = 0; k < 5; k++) {
      result[k] = mats.keep(new Mat(sizeY, sizeX, CvType.CV_32FC1));
      result[k].put(0, 0, parts[k]);
      Core.dft(result[k], result[k], 0, 0);
    }
    return result;
  }
}
