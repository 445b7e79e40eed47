package org.lakebrush.spectral;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiFunction;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.FloatCanvas;
import org.lakebrush.spectral.SpectralSettings.Screens;

/**
 * Descreening of the photographs {@code FOLDER/clean/*.jpg}, its figures printed: {@code mvn test -Dtest=DescreenMeasure
 * -Dlakebrush.measure=FOLDER}; one in N of them with {@code -Dlakebrush.measure.every=N}. With {@code -Dlakebrush.measure.out=DIR},
 * before and after are written there.
 */
class DescreenMeasure {
  private static final String FOLDER = System.getProperty("lakebrush.measure");
  private static final String PICTURES = System.getProperty("lakebrush.measure.out");

  @BeforeAll
  static void asked() {
    assumeTrue(FOLDER != null, "takes -Dlakebrush.measure=FOLDER");
  }

  private static List<Path> photos() throws IOException {
    int every = Integer.getInteger("lakebrush.measure.every", 1);
    try (var files = Files.list(Path.of(FOLDER, "clean"))) {
      List<Path> all = files.filter(p -> p.toString().endsWith(".jpg")).sorted().toList();
      return all.stream().filter(p -> all.indexOf(p) % every == 0).toList();
    }
  }

  /** This thread's processor time in ns. */
  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static FloatCanvas load(Path file) throws IOException {
    return FloatCanvas.of(ImageIO.read(file.toFile())).rounded();
  }

  private static void save(String name, FloatCanvas canvas) throws IOException {
    if (PICTURES != null) {
      ImageIO.write(canvas.image(), "png", Path.of(PICTURES, name + ".png").toFile());
    }
  }

  /** What became of a photograph without a screen. */
  private record Clean(Path file, Optional<Descreen.Result> result, double psnr) {}

  private static List<Clean> clean(Screens mode) throws Exception {
    List<Clean> all = new ArrayList<>();
    for (Path file : photos()) {
      FloatCanvas photo = load(file);
      FloatCanvas after = photo.copy();
      Optional<Descreen.Result> result = Descreen.apply(after, mode);
      all.add(new Clean(file, result, after.psnr(photo)));
      if (result.isPresent()) {
        System.out.printf("%s %.1f dB %s%n", file.getFileName(), after.psnr(photo), result.get());
      }
    }
    return all;
  }

  private static long touched(List<Clean> all) {
    return all.stream().filter(c -> c.result.isPresent()).count();
  }

  @Test
  void cleanPicturesStayAsTheyAre() throws Exception {
    List<Clean> all = clean(Screens.AUTO);
    System.out.printf("auto, clean: %d of %d touched%n", touched(all), all.size());
    assertTrue(touched(all) <= 0.02 * all.size());
    assertTrue(all.stream().allMatch(c -> c.result.isPresent() || c.psnr == Double.POSITIVE_INFINITY));
  }

  @Test
  void forcedOnCleanPicturesItDoesLittle() throws Exception {
    List<Clean> all = clean(Screens.ON);
    double worst = all.stream().mapToDouble(Clean::psnr).min().orElseThrow();
    System.out.printf("on, clean: %d of %d changed, worst %.1f dB%n", touched(all), all.size(), worst);
    assertTrue(worst >= 40);
  }

  @Test
  void scanLines() throws Exception {
    gain("scan lines", MadeScreens::scanLines, 6);
  }

  @Test
  void addedLines() throws Exception {
    gain("added lines", MadeScreens::addedLines, 6);
  }

  @Test
  void halftone() throws Exception {
    gain("halftone", MadeScreens::halftone, 3);
  }

  @Test
  void moire() throws Exception {
    gain("moire", MadeScreens::moire, 3);
  }

  private static void gain(String kind, BiFunction<FloatCanvas, Random, MadeScreens.Made> maker, double least) throws Exception {
    double sum = 0;
    double worst = 200;
    int below = 0;
    int n = 0;
    long nanos = 0;
    long pixels = 0;
    for (Path file : photos()) {
      MadeScreens.Made made = maker.apply(load(file), new Random(file.getFileName().toString().hashCode()));
      FloatCanvas after = made.screened().copy();
      long start = cpu();
      Optional<Descreen.Result> result = Descreen.apply(after, Screens.AUTO);
      nanos += cpu() - start;
      pixels += (long) after.width() * after.height();
      double before = made.screened().psnr(made.truth());
      double gain = after.psnr(made.truth()) - before;
      n++;
      sum += gain;
      worst = Math.min(worst, gain);
      if (gain < least) {
        below++;
      }
      String found = result.map(r -> String.format("%d peaks, period %.1f, confidence %.2f", r.peaks(), r.period(), r.confidence()))
          .orElse("not found");
      System.out.printf("%s %s: %.1f dB, gain %.1f %s%n", file.getFileName(), made.what(), before, gain, found);
      String name = kind.replace(' ', '-') + "-" + file.getFileName().toString().replace(".jpg", "");
      save(name + "-before", made.screened());
      save(name + "-after", after);
    }
    System.out.printf("%s: mean gain %.1f dB, worst %.1f, under %.0f dB: %d of %d, %.0f ms of processor time for 512x512 pixels%n", kind,
        sum / n, worst, least, below, n, nanos / 1e6 / pixels * 512 * 512);
    assertTrue(sum / n >= least);
  }
}
