package org.lakebrush.spectral;

import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.FloatCanvas;
import org.lakebrush.lama.AfterFill;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.lama.Inpainter;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.mask.Mask;

/**
 * Measures the stage seam on photographs with masks and truth: {@code mvn test -Dtest=SeamMeasure -Dlakebrush.measure=FOLDER}, with
 * {@code FOLDER/eval/NAME.jpg} and {@code NAME_mask_KIND.png}. All of luma, 0..1. The error of the derivative across the hole's edge is
 * |fill - truth| at a hole pixel, for each known neighbour on its four sides: that neighbour is the same in both.
 */
class SeamMeasure {
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong pixels = new AtomicLong();

  @Test
  void eval() throws Exception {
    String folder = System.getProperty("lakebrush.measure");
    Assumptions.assumeTrue(folder != null, "lakebrush.measure is not set");
    List<Path> masks = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(folder, "eval"), "*_mask_*.png")) {
      files.forEach(masks::add);
    }
    masks.sort(null);
    Map<String, List<double[]>> rows = new TreeMap<>();
    LamaModel model = LamaModel.inspect(Path.of("models", "lama-lite.onnx"));
    try (LamaPool session = LamaPool.open(model, List.of(new Device(Device.Kind.CPU, 0)), new LamaSettings(1, 1))) {
      Inpainter inpainter = new Inpainter(new InpaintSettings("lama-lite", 1, 1024, 1), session);
      for (Path file : masks) {
        String name = file.getFileName().toString();
        double[] row = row(inpainter, file.resolveSibling(name.replaceAll("_mask_.*", ".jpg")), file);
        rows.computeIfAbsent(name.replaceAll(".*_mask_|\\.png", ""), k -> new ArrayList<>()).add(row);
        rows.computeIfAbsent("~all", k -> new ArrayList<>()).add(row);
      }
    }
    rows.forEach((kind, all) -> {
      double[] m = new double[8];
      all.forEach(r -> Arrays.setAll(m, i -> m[i] + r[i] / all.size()));
      System.out.printf(Locale.ROOT, "%-8s derivative error %.4f -> %.4f, ratio %.3f; median %.4f -> %.4f, ratio %.3f; "
          + "gradient %.3f, its square %.3f; PSNR %.2f -> %.2f%n", kind, m[0], m[1], m[1] / m[0],
          m[2], m[3], m[3] / m[2], m[4], m[5], m[6], m[7]);
    });
    System.out.printf(Locale.ROOT, "%.1f ms CPU for 512x512%n", nanos.get() / 1e6 * 512 * 512 / pixels.get());
  }

  private double[] row(Inpainter inpainter, Path photo, Path file) throws Exception {
    FloatCanvas truth = FloatCanvas.of(ImageIO.read(photo.toFile()));
    FloatCanvas white = FloatCanvas.of(ImageIO.read(file.toFile()));
    Mask hole = new Mask(truth.width(), truth.height());
    for (int i = 0; i < hole.pixels().length; i++) {
      hole.pixels()[i] = white.data()[i] > 0.5f ? Mask.HOLE : 0;
    }
    FloatCanvas plain = fill(inpainter, truth, hole, AfterFill.NOTHING);
    FloatCanvas blended = fill(inpainter, truth, hole, (given, filled) -> {
      long start = cpu();
      SeamBlend.blend(filled.rgb(), given.rgb(), given.mask(), given.width(), given.height());
      nanos.addAndGet(cpu() - start);
      pixels.addAndGet(given.plane());
    });
    double[] before = errors(plain, truth, hole);
    double[] after = errors(blended, truth, hole);
    double[] detail = detail(plain, hole);
    double[] detailAfter = detail(blended, hole);
    return new double[] {mean(before), mean(after), median(before), median(after), detailAfter[0] / detail[0], detailAfter[1] / detail[1],
        psnr(plain, truth, hole), psnr(blended, truth, hole)};
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static FloatCanvas fill(Inpainter inpainter, FloatCanvas truth, Mask hole, AfterFill after) throws Exception {
    FloatCanvas canvas = truth.copy();
    inpainter.fill(canvas, inpainter.plan(hole), hole, hole.pixels(), after);
    return canvas.rounded();
  }

  private static double[] errors(FloatCanvas filled, FloatCanvas truth, Mask hole) {
    List<Double> errors = new ArrayList<>();
    for (int y = 0; y < hole.height(); y++) {
      for (int x = 0; x < hole.width(); x++) {
        for (int side = 0; side < 4 && hole.isHole(x, y); side++) {
          int nx = x + (side - 1) % 2;
          int ny = y + (side - 2) % 2;
          if (nx >= 0 && ny >= 0 && nx < hole.width() && ny < hole.height() && !hole.isHole(nx, ny)) {
            errors.add(Math.abs(filled.luma(x, y) - truth.luma(x, y)));
          }
        }
      }
    }
    return errors.stream().mapToDouble(e -> e).sorted().toArray();
  }

  /** Sum over the hole of the forward differences, absolute and squared. */
  private static double[] detail(FloatCanvas c, Mask hole) {
    double[] sums = new double[2];
    for (int y = 0; y + 1 < hole.height(); y++) {
      for (int x = 0; x + 1 < hole.width(); x++) {
        if (hole.isHole(x, y)) {
          double dx = c.luma(x + 1, y) - c.luma(x, y);
          double dy = c.luma(x, y + 1) - c.luma(x, y);
          sums[0] += Math.abs(dx) + Math.abs(dy);
          sums[1] += dx * dx + dy * dy;
        }
      }
    }
    return sums;
  }

  private static double psnr(FloatCanvas filled, FloatCanvas truth, Mask hole) {
    double sum = 0;
    int plane = hole.pixels().length;
    for (int i = 0; i < 3 * plane; i++) {
      if (hole.pixels()[i % plane] != 0) {
        sum += Math.pow(filled.data()[i] - truth.data()[i], 2);
      }
    }
    return 10 * Math.log10(3 * hole.count() / sum);
  }

  private static double mean(double[] v) {
    return Arrays.stream(v).average().orElseThrow();
  }

  private static double median(double[] sorted) {
    return sorted[sorted.length / 2];
  }
}
