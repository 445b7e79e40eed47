package org.lakebrush.spectral;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Region;
import org.lakebrush.spectral.MeanSpectrum.Peak;

/** Looks for screens: waves that nearly every tile of a picture has, at one and the same frequency. */
final class ScreenFinder {
  /** Side of a tile in pixels, a power of two; smaller ones for small pictures, down to the least. */
  private static final int TILE = 128;
  private static final int LEAST_TILE = 32;
  /** Most tiles in each direction. */
  private static final int TILES = 7;

  /**
   * What a peak must have.
   *
   * @param told share of the tiles that must not be blank
   * @param share of these that must show the peak
   * @param faint the rise, as {@link MeanSpectrum} has it, where the amplitude is at least {@link #FAINT}
   * @param plain the rise where the amplitude is at least {@link #PLAIN}
   * @param also the rise of a peak beside one that has all this; its share is at least {@link #BESIDE}
   */
  private record Limits(double told, double share, double faint, double plain, double also) {
    boolean met(Peak p) {
      return p.share() >= share && (p.rise() >= faint && p.amplitude() >= FAINT || p.rise() >= plain && p.amplitude() >= PLAIN);
    }

    boolean metBeside(Peak p) {
      return p.share() >= BESIDE && p.rise() >= also;
    }
  }

  /** More than the wire mesh has. */
  private static final double BESIDE = 0.68;
  private static final double FAINT = 1.0 / 255;
  private static final double PLAIN = 3.0 / 255;
  /** The rise of the bins around a peak that are part of it. */
  private static final float PART = 1.3f;

  /**
   * Set by 189 photographs without a screen: a wire mesh behind two thirds of one of them rises by 5; of what the share asked for shows,
   * the ruled wall of one (Muybridge's cat) rises by 2.4 at an amplitude of 2.4 / 255, and everything else by less than 1.3.
   */
  private static final Limits SURE = new Limits(2.0 / 3, 0.82, 3, 2.2, 2);
  private static final Limits LIKELY = new Limits(0.25, 0.75, 1.6, 1.6, 1.6);

  private final int size;
  private final List<MeanSpectrum> channels = new ArrayList<>();

  private ScreenFinder(int size) {
    this.size = size;
  }

  /**
   * Looks for screens.
   *
   * @param likely whether to take what is likely where nothing is sure
   */
  static Optional<Screen> find(Canvas canvas, boolean likely) {
    int shorter = Math.min(canvas.width(), canvas.height());
    if (shorter < LEAST_TILE) {
      return Optional.empty();
    }
    ScreenFinder finder = new ScreenFinder(Math.min(TILE, Integer.highestOneBit(shorter)));
    finder.look(canvas);
    Optional<Screen> sure = finder.screen(SURE);
    return sure.isPresent() || !likely ? sure : finder.screen(LIKELY);
  }

  private void look(Canvas canvas) {
    MeanSpectrum[] spectra = {new MeanSpectrum(size), new MeanSpectrum(size), new MeanSpectrum(size)};
    int plane = size * size;
    float[] rgb = new float[3 * plane];
    boolean gray = true;
    try (TileSpectrum tiles = new TileSpectrum(size)) {
      for (int y : starts(canvas.height())) {
        for (int x : starts(canvas.width())) {
          canvas.read(new Region(x, y, size, size), FloatBuffer.wrap(rgb), 0, size, plane);
          boolean same = Gray.is(rgb, plane);
          gray &= same;
          TileSpectrum.Tile tile = null;
          for (int c = 0; c < 3; c++) {
            tile = same && c > 0 ? tile : tiles.of(rgb, c * plane);
            spectra[c].add(tile);
          }
        }
      }
    }
    for (int c = 0; c < 3; c++) {
      if (gray && c > 0) {
        channels.add(channels.get(0));
      } else {
        spectra[c].evaluate();
        channels.add(spectra[c]);
      }
    }
  }

  /** Where tiles begin: from edge to edge, evenly, with half a tile or more from one to the next where there are many. */
  private int[] starts(int length) {
    int n = Math.min(TILES, (2 * (length - size) + size - 1) / size + 1);
    int[] starts = new int[n];
    for (int i = 1; i < n; i++) {
      starts[i] = (int) ((long) i * (length - size) / (n - 1));
    }
    return starts;
  }

  private Optional<Screen> screen(Limits limits) {
    List<Peak> sure = new ArrayList<>();
    List<Peak> also = new ArrayList<>();
    for (MeanSpectrum channel : channels) {
      if (channel.told() >= limits.told()) {
        channel.peaks().stream().filter(limits::met).forEach(sure::add);
        channel.peaks().stream().filter(limits::metBeside).forEach(also::add);
      }
    }
    if (sure.isEmpty()) {
      return Optional.empty();
    }
    Peak best = Collections.max(sure, Comparator.comparingDouble(Peak::rise));
    int most = 0;
    List<Screen.Channel> standing = new ArrayList<>();
    for (MeanSpectrum channel : channels) {
      // What one channel has is looked for in the others, however faint.
      List<Peak> seeds = channel.peaks().stream().filter(p -> also.stream().anyMatch(q -> near(p, q))).toList();
      most = Math.max(most, seeds.size());
      standing.add(channel.standing(seeds, PART));
    }
    double period = 1 / TileSpectrum.frequency(best.ky(), best.kx(), size);
    return Optional.of(new Screen(size, standing, most, period, best.share(), lines(sure)));
  }

  private static boolean near(Peak p, Peak q) {
    return Math.abs(p.ky() - q.ky()) <= 1 && Math.abs(p.kx() - q.kx()) <= 1;
  }

  /** Straight lines where all sure peaks lie on one axis. */
  private Optional<Screen.Lines> lines(List<Peak> sure) {
    boolean rows = sure.stream().allMatch(p -> p.kx() == 0);
    if (!rows && !sure.stream().allMatch(p -> p.ky() == 0)) {
      return Optional.empty();
    }
    double lowest = 1;
    double amplitude = 0;
    for (Peak p : sure) {
      double f = TileSpectrum.frequency(p.ky(), p.kx(), size);
      if (f < lowest - 0.5 / size) {
        lowest = f;
        amplitude = 0;
      }
      if (Math.abs(f - lowest) < 0.75 / size) {
        amplitude = Math.max(amplitude, p.amplitude());
      }
    }
    return Optional.of(new Screen.Lines(rows, lowest, amplitude));
  }
}
