package org.lakebrush.spectral;

import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.FloatCanvas;
import org.lakebrush.image.Region;
import org.lakebrush.lama.AfterFill;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.lama.Inpainter;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.mask.Mask;

/**
 * Measures the stage grain on photographs: {@code mvn test -Dtest=GrainMeasure -Dlakebrush.measure=FOLDER}, with
 * {@code FOLDER/clean/*.jpg}.
 */
class GrainMeasure {
  private static final int SIDE = 96;
  private List<Path> photos;

  @BeforeEach
  void photos() throws Exception {
    String folder = System.getProperty("lakebrush.measure");
    Assumptions.assumeTrue(folder != null, "lakebrush.measure is not set");
    photos = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(folder, "clean"), "*.jpg")) {
      files.forEach(photos::add);
    }
    photos.sort(null);
  }

  /** How many photographs without added grain get some, a box in each. */
  @Test
  void clean() throws Exception {
    int got = 0;
    long nanos = 0;
    for (int i = 0; i < photos.size(); i++) {
      FloatCanvas canvas = FloatCanvas.of(ImageIO.read(photos.get(i).toFile()));
      Random random = new Random(i);
      Region hole = new Region(random.nextInt(canvas.width() - SIDE), random.nextInt(canvas.height() - SIDE), SIDE, SIDE);
      Mask mask = MadeGrain.box(canvas.width(), canvas.height(), hole);
      long start = cpu();
      OptionalDouble added = GrainMatch.apply(canvas, mask, mask, mask.pixels(), i);
      nanos += cpu() - start;
      if (added.isPresent()) {
        got++;
        System.out.printf(Locale.ROOT, "%s gets %.2f of 255%n", photos.get(i).getFileName(), 255 * added.getAsDouble());
      }
    }
    System.out.printf(Locale.ROOT, "clean: %d of %d get grain; %.1f ms CPU each%n", got, photos.size(), nanos / 1e6 / photos.size());
  }

  /** How near the spectrum of a fill comes to the surroundings', on calm ground with made grain. */
  @Test
  void added() throws Exception {
    LamaModel model = LamaModel.inspect(Path.of("models", "lama-lite.onnx"));
    try (LamaPool session = LamaPool.open(model, List.of(new Device(Device.Kind.CPU, 0)), new LamaSettings(1, 1))) {
      Inpainter inpainter = new Inpainter(new InpaintSettings("lama-lite", 1, 512, 1), session);
      for (double size : new double[] {0.5, 1, 1.6}) {
        for (int level : new int[] {4, 8, 12}) {
          added(inpainter, size, level);
        }
      }
    }
  }

  private void added(Inpainter inpainter, double size, int level) throws Exception {
    List<double[]> before = new ArrayList<>();
    List<double[]> after = new ArrayList<>();
    int all = 0;
    double grain = 0;
    for (int i = 0; i < photos.size(); i += 3) {
      FloatCanvas photo = FloatCanvas.of(ImageIO.read(photos.get(i).toFile()));
      Region hole = calm(photo, new Random(i));
      double limit = Math.pow(level / 255.0 / 3, 2);
      if (MadeGrain.meanPower(photo, hole)[4] > limit) {
        continue;
      }
      all++;
      FloatCanvas canvas = MadeGrain.grainy(photo, size, level / 255.0, i % 2 == 1, i);
      double[] around = around(photo, canvas, hole, limit);
      Mask mask = MadeGrain.box(canvas.width(), canvas.height(), hole);
      inpainter.fill(canvas, inpainter.plan(mask), mask, mask.pixels(), AfterFill.NOTHING);
      FloatCanvas filled = canvas.rounded();
      long start = cpu();
      boolean found = GrainMatch.apply(filled, mask, mask, mask.pixels(), i).isPresent();
      grain += (cpu() - start) / 1e6;
      if (found) {
        before.add(decibels(MadeGrain.meanPower(canvas.rounded(), hole), around));
        after.add(decibels(MadeGrain.meanPower(filled.rounded(), hole), around));
      }
    }
    System.out.printf(Locale.ROOT, "size %.1f level %d: grain in %d of %d; %.0f ms CPU%n  before %s%n  after  %s%n", size, level,
        after.size(), all, grain / all, summary(before), summary(after));
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** The calmest of some boxes. */
  private static Region calm(FloatCanvas photo, Random random) {
    Region best = null;
    double least = Double.MAX_VALUE;
    for (int k = 0; k < 20; k++) {
      Region r = new Region(random.nextInt(photo.width() - SIDE), random.nextInt(photo.height() - SIDE), SIDE, SIDE);
      double power = MadeGrain.meanPower(photo, r)[4];
      if (power < least) {
        least = power;
        best = r;
      }
    }
    return best;
  }

  /** Mean power of the tiles around the hole in which the photograph has less than the grain. */
  private static double[] around(FloatCanvas photo, FloatCanvas grainy, Region hole, double limit) {
    Region near = hole.grow(96).intersect(new Region(0, 0, photo.width(), photo.height()));
    return MadeGrain.meanPower(grainy, near, (x, y) ->
        !hole.intersects(new Region(x, y, MadeGrain.TILE, MadeGrain.TILE)) && MadeGrain.power(photo, x, y)[4] < limit);
  }

  private static double[] decibels(double[] power, double[] of) {
    double[] d = new double[power.length];
    for (int b = 0; b < d.length; b++) {
      d[b] = 10 * Math.log10(power[b] / of[b]);
    }
    return d;
  }

  /** The median of each band and of the variance, and in how many pictures every band of the upper half is within 1.5 dB. */
  private static String summary(List<double[]> all) {
    StringBuilder text = new StringBuilder();
    for (int b = 0; b < MadeGrain.BANDS.length; b++) {
      int band = b;
      double[] sorted = all.stream().mapToDouble(d -> d[band]).sorted().toArray();
      text.append(String.format(Locale.ROOT, b == MadeGrain.BANDS.length - 1 ? "variance %.1f dB" : "%.1f ", sorted[sorted.length / 2]));
    }
    long near = all.stream().filter(d -> Arrays.stream(d, 0, 4).allMatch(v -> Math.abs(v) < 1.5)).count();
    long overall = all.stream().filter(d -> Math.abs(d[0] + d[1] + d[2] + d[3]) / 4 < 1.5).count();
    return text + ", all bands within 1.5 dB " + near + ", their mean " + overall + " of " + all.size();
  }
}
