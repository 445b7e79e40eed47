package org.lakebrush.spectral;

import java.util.Optional;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.OpenCv;
import org.lakebrush.spectral.SpectralSettings.Screens;

/**
 * Takes screens out of a picture: periodic patterns that lie over all of it, such as scan lines, the halftone of a print, or moire. They
 * are the peaks that stand out of the falling envelope of the picture's mean spectrum ({@link ScreenFinder}). Straight lines of one period
 * are fitted as a whole and divided out ({@link LineScreen}), brightness included; everything else is notched ({@link Notch}).
 *
 * <p>Periods from 2 to 20 pixels are looked for. A picture of under 32 pixels on a side is left alone. Memory: strips of at
 * most {@value #STRIP_ROWS} rows (12 bytes a pixel), and some 30 MB. Safe for any number of threads. The same pixels in, the same pixels out; grey stays
 * grey.
 */
public final class Descreen {
  private static final int STRIP_ROWS = 640;

  private Descreen() {}

  /** About how many bytes of memory a picture of a size takes beside itself. */
  public static long bytes(int width, int height) {
    return 12L * width * Math.min(height, STRIP_ROWS);
  }

  /**
   * What was found and taken out.
   *
   * @param peaks peaks in the spectrum, of the channel with the most; at least 1
   * @param period of the strongest, in pixels, 2 to 20
   * @param confidence share of the tiles looked at that show the strongest peak, 0..1
   * @param change root mean square of the change over all samples, in 1/255
   */
  public record Result(int peaks, double period, double confidence, double change) {}

  /**
   * Looks for screens and takes them out.
   *
   * @param canvas changed in place where something is found, else not written to
   * @return nothing where no screen is found, or the mode is OFF
   */
  public static Optional<Result> apply(Canvas canvas, Screens mode) {
    if (mode == Screens.OFF) {
      return Optional.empty();
    }
    OpenCv.ensureLoaded();
    Optional<Screen> found = ScreenFinder.find(canvas, mode == Screens.ON);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Screen screen = found.get();
    double period = screen.period();
    double energy = 0;
    Optional<Screen> rest = found;
    Optional<LineScreen.Removed> lines = screen.lines().flatMap(l -> LineScreen.remove(canvas, l));
    if (lines.isPresent()) {
      period = lines.get().period();
      energy += lines.get().energy();
      rest = ScreenFinder.find(canvas, false);
    }
    if (rest.isPresent()) {
      energy += Notch.apply(canvas, rest.get());
    }
    double samples = 3.0 * canvas.width() * canvas.height();
    return Optional.of(new Result(screen.peaks(), period, screen.confidence(), 255 * Math.sqrt(energy / samples)));
  }
}
