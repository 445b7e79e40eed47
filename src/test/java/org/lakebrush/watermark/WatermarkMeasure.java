package org.lakebrush.watermark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.lakebrush.image.Encoded;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.mask.MaskSettings;
import org.lakebrush.mask.WatermarkMask;
import org.lakebrush.repair.RepairSettings;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.repair.Repairer;
import org.lakebrush.spectral.SpectralSettings;
import org.opencv.imgproc.Imgproc;

/**
 * How well marks are found and taken out, over many pictures. With {@code -Dlakebrush.measure=FOLDER}, whose {@code clean} holds
 * photographs of at least 281 x 281 pixels; prints what it finds.
 */
@EnabledIfSystemProperty(named = "lakebrush.measure", matches = ".+")
class WatermarkMeasure {
  private static final float VISIBLE = 0.03f;

  private static List<Path> photos;

  @BeforeAll
  static void list() throws IOException {
    try (var files = Files.list(Path.of(System.getProperty("lakebrush.measure"), "clean"))) {
      photos = files.filter(p -> p.toString().endsWith(".jpg")).sorted().toList();
    }
  }

  private static Stamped photo(int i) throws IOException {
    return Stamped.read(Files.readAllBytes(photos.get(i % photos.size())));
  }

  private static double cpuMillis() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e6;
  }

  /** A mark at a random place and size, wholly inside; how it is resampled varies too. */
  private static void stamp(Stamped picture, BufferedImage mark, double scale, double opacity, Random random) {
    int w = (int) Math.round(mark.getWidth() * scale);
    int h = (int) Math.round(mark.getHeight() * scale);
    int[] kernels = scale < 1 ? new int[] {Imgproc.INTER_AREA, Imgproc.INTER_LINEAR_EXACT}
        : new int[] {Imgproc.INTER_LINEAR, Imgproc.INTER_CUBIC, Imgproc.INTER_LANCZOS4};
    picture.draw(mark, random.nextInt(picture.width - w + 1), random.nextInt(picture.height - h + 1), w, h, opacity,
        kernels[random.nextInt(kernels.length)]);
  }

  private static double iou(WatermarkFind find, Watermark mark, Stamped truth) {
    var region = find.region(mark, truth.width, truth.height);
    float[] cover = find.cover(mark, region);
    long both = 0;
    long either = 0;
    for (int y = 0; y < truth.height; y++) {
      for (int x = 0; x < truth.width; x++) {
        boolean inside = x >= region.x() && x < region.right() && y >= region.y() && y < region.bottom();
        boolean found = inside && cover[(y - region.y()) * region.width() + x - region.x()] >= VISIBLE;
        boolean there = truth.cover[y * truth.width + x] >= VISIBLE;
        both += found && there ? 1 : 0;
        either += found || there ? 1 : 0;
      }
    }
    return (double) both / either;
  }

  @Test
  void findsMarks() throws Exception {
    Random random = new Random(20261126);
    int found = 0;
    int wrong = 0;
    int marked = 0;
    List<Double> overlaps = new ArrayList<>();
    List<Double> sure = new ArrayList<>();
    double millis = 0;
    int images = 200;
    for (int i = 0; i < images; i++) {
      String name = Marks.NAMES.get(i / 2 % 5);
      Stamped picture = photo(i);
      double scale = 0.5 + 1.5 * random.nextDouble();
      double opacity = 0.25 + 0.75 * random.nextDouble();
      boolean there = i % 2 == 0;
      if (there) {
        marked++;
        stamp(picture, Marks.of(name), scale, opacity, random);
      }
      int quality = 60 + random.nextInt(36);
      Stamped seen = Stamped.read(picture.jpeg(quality));
      Watermark mark = Marks.mark(name);
      double start = cpuMillis();
      List<WatermarkFind> finds = new WatermarkLocator(mark, 0.5, 2).locate(seen);
      millis += cpuMillis() - start;
      double best = 0;
      for (WatermarkFind find : finds) {
        double overlap = there ? iou(find, mark, picture) : 0;
        best = Math.max(best, overlap);
        if (overlap >= 0.5) {
          sure.add(find.confidence());
        } else {
          wrong++;
          System.out.printf("%s: %s is not there: %s%n", photos.get(i % photos.size()).getFileName(), name, find);
        }
      }
      if (best >= 0.5) {
        found++;
        overlaps.add(best);
      } else if (there) {
        System.out.printf("%s: %s of scale %.2f and opacity %.2f was missed%n", photos.get(i % photos.size()).getFileName(), name, scale,
            opacity);
      }
    }
    System.out.println("least sure: " + sure.stream().sorted().limit(8).toList());
    double mean = overlaps.stream().mapToDouble(d -> d).average().orElse(0);
    double least = overlaps.stream().mapToDouble(d -> d).min().orElse(0);
    System.out.printf("recall %.3f of %d, wrong finds in %.3f of %d images, IoU mean %.3f least %.3f, %.0f ms of CPU an image%n",
        (double) found / marked, marked, (double) wrong / images, images, mean, least, millis / images);
    assertTrue(found >= 0.98 * marked);
    assertTrue(wrong <= 0.01 * images);
    assertTrue(mean >= 0.85);
  }

  @Test
  void leavesCleanPhotographsAlone() throws Exception {
    int touched = 0;
    int tried = 0;
    for (String name : Marks.NAMES) {
      WatermarkLocator locator = new WatermarkLocator(Marks.mark(name), 0.5, 2);
      for (int i = 0; i < photos.size(); i++) {
        tried++;
        List<WatermarkFind> finds = locator.locate(photo(i));
        if (!finds.isEmpty()) {
          touched++;
          System.out.printf("%s: %s is not there: %d, the surest %s%n", photos.get(i).getFileName(), name, finds.size(), finds.get(0));
        }
      }
      System.out.printf("%s: %d of %d touched so far%n", name, touched, tried);
    }
    System.out.printf("%d of %d touched%n", touched, tried);
    assertTrue(touched <= 0.02 * tried);
  }

  @Test
  void findsAllOfTiledMarks() throws Exception {
    int found = 0;
    int wrong = 0;
    int marked = 0;
    for (int i = 0; i < 10; i++) {
      String name = Marks.NAMES.get(i % 5);
      BufferedImage image = Marks.of(name);
      Watermark mark = Marks.mark(name);
      Stamped picture = photo(11 * i + 3);
      int columns = picture.width > picture.height ? 5 : 4;
      int rows = 9 - columns;
      double scale = Math.min(0.8 * picture.width / columns / image.getWidth(), 0.8 * picture.height / rows / image.getHeight());
      int w = (int) Math.round(scale * image.getWidth());
      int h = (int) Math.round(scale * image.getHeight());
      int visible = 0;
      for (int k = 0; k < rows * columns; k++) {
        byte[] before = picture.rgb.clone();
        picture.draw(image, picture.width / columns * (k % columns) + 5, picture.height / rows * (k / columns) + 5, w, h, 0.3,
            Imgproc.INTER_AREA);
        visible += change(before, picture.rgb) >= 2 ? 1 : 0;
      }
      int here = 0;
      List<WatermarkFind> finds = new WatermarkLocator(mark, 0.4, 2).locate(Stamped.read(picture.jpeg(85)));
      for (WatermarkFind find : finds) {
        double x = (find.x() - mark.left() * find.scaleX() - 5) / (picture.width / columns);
        double y = (find.y() - mark.top() * find.scaleY() - 5) / (picture.height / rows);
        boolean right = Math.abs(x - Math.rint(x)) < 0.05 && Math.abs(y - Math.rint(y)) < 0.05;
        here += right ? 1 : 0;
        wrong += right ? 0 : 1;
        if (!right) {
          System.out.printf("%s is not there: %s%n", name, find);
        }
      }
      System.out.printf("%s x %d at scale %.2f: %d found%n", name, visible, scale, here);
      marked += visible;
      found += here;
    }
    System.out.printf("tiles: %d of %d, wrong %d%n", found, marked, wrong);
    assertEquals(marked, found);
    assertEquals(0, wrong);
  }

  /** Root of the mean square of what changed, of the samples that did; white on white changes next to nothing. */
  private static double change(byte[] before, byte[] after) {
    double sum = 0;
    int n = 1;
    for (int i = 0; i < before.length; i++) {
      int d = (after[i] & 255) - (before[i] & 255);
      sum += d * d;
      n += d == 0 ? 0 : 1;
    }
    return Math.sqrt(sum / n);
  }

  /** Mosaics of 2 megapixels. */
  @Test
  void timesTwoMegapixels() throws Exception {
    int width = 1632;
    int height = 1224;
    byte[] rgb = new byte[3 * width * height];
    int next = 0;
    for (int y = 0; y < height; ) {
      Stamped row = photo(next);
      for (int x = 0; x < width; ) {
        Stamped p = photo(next++);
        for (int j = 0; j < Math.min(p.height, height - y); j++) {
          System.arraycopy(p.rgb, 3 * j * p.width, rgb, 3 * ((y + j) * width + x), 3 * Math.min(p.width, width - x));
        }
        x += p.width;
      }
      y += Math.min(321, row.height);
    }
    Stamped clean = new Stamped(width, height, rgb);
    for (String name : Marks.NAMES) {
      WatermarkLocator locator = new WatermarkLocator(Marks.mark(name), 0.5, 2);
      Stamped marked = clean.copy();
      marked.draw(Marks.of(name), 700, 600, Marks.of(name).getWidth(), Marks.of(name).getHeight(), 0.4, Imgproc.INTER_LINEAR);
      locator.locate(clean);
      double start = cpuMillis();
      int without = locator.locate(clean).size();
      double half = cpuMillis();
      int with = locator.locate(marked).size();
      System.out.printf("%s in %d x %d: %.0f ms of CPU without a mark (%d found), %.0f with one (%d found)%n", name, width, height,
          half - start, without, cpuMillis() - half, with);
    }
  }

  @Test
  void unblendsBetterThanFilling() throws Exception {
    Random random = new Random(5);
    int images = 15;
    double gain = 0;
    double least = Double.MAX_VALUE;
    LamaModel model = LamaModel.inspect(Path.of("models", "lama-lite.onnx"));
    try (LamaPool session = LamaPool.open(model, List.of(new Device(Device.Kind.CPU, 0)), new LamaSettings(1, 4))) {
      for (int i = 0; i < images; i++) {
        String name = Marks.NAMES.get(i % 5);
        Stamped clean = photo(13 * i + 2);
        Stamped picture = clean.copy();
        double scale = 0.5 + 1.5 * random.nextDouble();
        double opacity = 0.25 + 0.35 * random.nextDouble();
        stamp(picture, Marks.of(name), scale, opacity, random);
        byte[] file = picture.jpeg(90);
        ByteArrayOutputStream mark = new ByteArrayOutputStream();
        ImageIO.write(Marks.of(name), "png", mark);
        double[] psnr = new double[3];
        psnr[0] = psnr(Stamped.read(file), clean, picture.cover);
        for (int k = 0; k < 2; k++) {
          WatermarkMask kind = new WatermarkMask("mark.png", 0.5, 2, k == 1);
          RepairSettings settings = new RepairSettings(List.of(kind), new MaskSettings(4, 3, MaskSettings.Missing.FAIL),
              new InpaintSettings("lama-lite", 1, 512, 4), SpectralSettings.OFF, null, 100_000_000);
          Encoded out = new Repairer(settings, session, uri -> mark.toByteArray())
              .repair(file, "image", List.of(), new RepairTrace()).orElseThrow();
          Stamped repaired = Stamped.read(out.bytes());
          psnr[k + 1] = psnr(repaired, clean, picture.cover);
          if (System.getProperty("lakebrush.measure.out") != null) {
            Path folder = Path.of(System.getProperty("lakebrush.measure.out"));
            Files.write(folder.resolve(i + (k == 0 ? "-filled.jpg" : "-unblended.jpg")), out.bytes());
            Files.write(folder.resolve(i + "-marked.jpg"), file);
          }
        }
        System.out.printf("%s of scale %.2f and opacity %.2f: marked %.1f dB, filled %.1f dB, unblended %.1f dB%n", name, scale, opacity,
            psnr[0], psnr[1], psnr[2]);
        gain += (psnr[2] - psnr[1]) / images;
        least = Math.min(least, psnr[2] - psnr[1]);
      }
    }
    System.out.printf("unblended against filled: %.1f dB, %.1f at least%n", gain, least);
    assertTrue(gain >= 6);
  }

  private static double psnr(Stamped picture, Stamped truth, float[] cover) {
    double sum = 0;
    long n = 0;
    for (int i = 0; i < cover.length; i++) {
      if (cover[i] >= VISIBLE) {
        for (int c = 0; c < 3; c++) {
          double d = (picture.rgb[3 * i + c] & 255) - (truth.rgb[3 * i + c] & 255);
          sum += d * d;
          n++;
        }
      }
    }
    return 10 * Math.log10(255.0 * 255 * n / sum);
  }
}
