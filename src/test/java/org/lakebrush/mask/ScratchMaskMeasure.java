package org.lakebrush.mask;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Picture;
import org.lakebrush.mask.MaskSettings.Missing;

/**
 * Measures the kind {@code scratches}: {@code mvn test -Dtest=ScratchMaskMeasure -Dlakebrush.measure=FOLDER}, which holds photographs
 * without scratches, {@code clean/*.jpg} and {@code eval/*.jpg}, and old prints, {@code photos/*.jpg}. Skipped without it.
 *
 * <p>Truth are the pixels that are half covered or more by a drawn stroke; a pixel beside it counts as wrong.
 */
class ScratchMaskMeasure {
  private static final ScratchMask DEFAULT = new ScratchMask(ScratchMask.Polarity.BOTH, ScratchMask.Sensitivity.NORMAL, 4);

  private static final class Tally {
    int images;
    int marked;
    double markedShare;
    long truth;
    long found;
    long right;
    double recall;
    double precision;
    long pixels;
    long nanos;

    void add(Mask mask, boolean[] truth, long time) {
      long t = 0;
      long m = 0;
      long r = 0;
      for (int i = 0; i < truth.length; i++) {
        boolean hole = mask.pixels()[i] != 0;
        t += truth[i] ? 1 : 0;
        m += hole ? 1 : 0;
        r += hole && truth[i] ? 1 : 0;
      }
      images++;
      marked += m > 0 ? 1 : 0;
      markedShare += (double) m / truth.length;
      this.truth += t;
      found += m;
      right += r;
      recall += (double) r / Math.max(1, t);
      precision += m == 0 ? 1 : (double) r / m;
      pixels += truth.length;
      nanos += time;
    }

    String drawn(String name) {
      return String.format(Locale.ROOT, "%s: %d images, recall %.3f precision %.3f pooled, %.3f and %.3f in the mean, %d of them marked",
          name, images, (double) right / truth, (double) right / found, recall / images, precision / images, marked);
    }

    String clean(String name) {
      return String.format(Locale.ROOT, "%s: %d images, %.1f%% of them marked, %.3f%% of the pixels in the mean, %.0f ms CPU a megapixel",
          name, images, 100.0 * marked / images, 100 * markedShare / images, (double) nanos / pixels);
    }
  }

  @Test
  void bars() throws Exception {
    String folder = System.getProperty("lakebrush.measure");
    Assumptions.assumeTrue(folder != null, "-Dlakebrush.measure=FOLDER is not given");
    Tally clean = new Tally();
    Tally drawn = new Tally();
    for (Path file : pictures(Path.of(folder, "clean"))) {
      measure(file, clean, drawn);
    }
    System.out.println(clean.clean("clean"));
    System.out.println(drawn.drawn("drawn on clean"));
    // No weight was fitted to these.
    Tally others = new Tally();
    Tally drawnOthers = new Tally();
    for (Path file : pictures(Path.of(folder, "eval"))) {
      measure(file, others, drawnOthers);
    }
    System.out.println(others.clean("eval"));
    System.out.println(drawnOthers.drawn("drawn on eval"));
    Tally prints = new Tally();
    Tally drawnPrints = new Tally();
    for (Path file : pictures(Path.of(folder, "photos"))) {
      measure(file, prints, drawnPrints);
    }
    System.out.println(prints.clean("photos"));
    System.out.println(drawnPrints.drawn("drawn on photos"));
    assertTrue(drawn.right >= 0.8 * drawn.truth);
    assertTrue(drawn.right >= 0.6 * drawn.found);
    assertTrue(clean.marked <= 0.2 * clean.images);
    assertTrue(clean.markedShare <= 0.003 * clean.images);
  }

  private static List<Path> pictures(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".jpg")).sorted().toList();
    }
  }

  private static void measure(Path file, Tally clean, Tally drawn) throws Exception {
    Picture picture = Codecs.decode(Files.readAllBytes(file));
    int width = picture.width();
    int height = picture.height();
    byte[] rgb = new byte[3 * width * height];
    byte[] row = new byte[3 * width];
    for (int y = 0; y < height; y++) {
      picture.readRow(y, row);
      System.arraycopy(row, 0, rgb, 3 * y * width, row.length);
    }
    mark(rgb, width, height, new boolean[width * height], clean);
    DrawnScratches scratches = DrawnScratches.draw(rgb, width, height, file.getFileName().toString().hashCode());
    mark(scratches.rgb(), width, height, scratches.truth(0.5), drawn);
  }

  private static void mark(byte[] rgb, int width, int height, boolean[] truth, Tally tally) throws Exception {
    FakePixels pixels = new FakePixels(width, height, 0xffffffff);
    for (int i = 0; i < truth.length; i++) {
      pixels.argb[i] = 0xff000000 | (rgb[3 * i] & 255) << 16 | (rgb[3 * i + 1] & 255) << 8 | rgb[3 * i + 2] & 255;
    }
    MaskBuilder builder = new MaskBuilder(List.of(DEFAULT), new MaskSettings(0, 0, Missing.FAIL), uri -> {
      throw new AssertionError(uri);
    });
    long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    Mask hole = builder.build(pixels, List.of()).hole();
    tally.add(hole, truth, ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start);
  }
}
