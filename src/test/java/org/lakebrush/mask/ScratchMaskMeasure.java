package org.lakebrush.mask;

import static org.junit.jupiter.api.Assertions.assertTrue;

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
    measure(Path.of(folder, "clean"), clean, drawn);
    // No weight was fitted to these.
    measure(Path.of(folder, "eval"), new Tally(), new Tally());
    measure(Path.of(folder, "photos"), new Tally(), new Tally());
    assertTrue(drawn.right >= 0.8 * drawn.truth);
    assertTrue(drawn.right >= 0.6 * drawn.found);
    assertTrue(clean.marked <= 0.2 * clean.images);
    assertTrue(clean.markedShare <= 0.003 * clean.images);
  }

  private static void measure(Path folder, Tally clean, Tally drawn) throws Exception {
    List<Path> pictures;
    try (Stream<Path> files = Files.list(folder)) {
      pictures = files.filter(f -> f.toString().endsWith(".jpg")).sorted().toList();
    }
    for (Path file : pictures) {
      measureOne(file, clean, drawn);
    }
    System.out.println(clean.clean(folder.getFileName().toString()));
    System.out.println(drawn.drawn("drawn on " + folder.getFileName()));
  }

  private static void measureOne(Path file, Tally clean, Tally drawn) throws Exception {
    Picture picture = Codecs.decode(Files.readAllBytes(file));
    int width = picture.width();
    int height = picture.height();
    byte[] rgb = DrawnScratches.rgb(picture);
    mark(rgb, width, height, new boolean[width * height], clean);
    DrawnScratches scratches = DrawnScratches.draw(rgb, width, height, file.getFileName().toString().hashCode());
    mark(scratches.rgb(), width, height, scratches.truth(0.5), drawn);
  }

  private static void mark(byte[] rgb, int width, int height, boolean[] truth, Tally tally) throws Exception {
    FakePixels pixels = FakePixels.of(rgb, width, height);
    MaskBuilder builder = new MaskBuilder(List.of(DEFAULT), new MaskSettings(0, 0, Missing.FAIL), uri -> {
      throw new AssertionError(uri);
    });
    long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    Mask hole = builder.build(pixels, List.of()).hole();
    tally.add(hole, truth, ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start);
  }
}
