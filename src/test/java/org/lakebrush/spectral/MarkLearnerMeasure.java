package org.lakebrush.spectral;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Assumptions;
import org.lakebrush.image.Codecs;

/**
 * How well marks are learned from photographs: {@code mvn test -Dtest=MarkLearnerMeasure -Dlakebrush.measure=FOLDER}, a folder of at least
 * 150 clean JPEGs of 200 pixels and more each way. Lakes of 300 crops, no photograph more than twice, at JPEG quality 85 to 95.
 */
class MarkLearnerMeasure {
  private static final int MARGIN_X = 14;
  private static final int MARGIN_Y = 11;

  private List<Path> photographs;

  @BeforeEach
  void find() throws Exception {
    String folder = System.getProperty("lakebrush.measure");
    Assumptions.assumeTrue(folder != null, "-Dlakebrush.measure names no folder");
    try (var files = Files.list(Path.of(folder))) {
      photographs = files.filter(f -> f.toString().endsWith(".jpg")).sorted().toList();
    }
  }

  private record Case(MadeMark mark, int images, double share, double opacity, MarkAnchor anchor, long seed) {}

  @Test
  void eachOfFiveMarks() throws Exception {
    boolean met = true;
    long seed = 1;
    for (MadeMark mark : MadeMark.five()) {
      met &= measure(new Case(mark, 300, 1, 0.3, MarkAnchor.BOTTOM_RIGHT, seed++)) >= 0.8;
    }
    for (MadeMark mark : MadeMark.five()) {
      measure(new Case(mark, 300, 0.7, 0.3, MarkAnchor.BOTTOM_RIGHT, seed++));
    }
    for (MadeMark mark : MadeMark.five()) {
      measure(new Case(mark, 100, 1, 0.3, MarkAnchor.TOP_LEFT, seed++));
    }
    for (MadeMark mark : MadeMark.five()) {
      measure(new Case(mark, 40, 1, 0.3, MarkAnchor.BOTTOM_LEFT, seed++));
    }
    for (MadeMark mark : MadeMark.five()) {
      measure(new Case(mark, 300, 1, 0.9, MarkAnchor.CENTER, seed++));
    }
    assertTrue(met, "an IoU below 0.8");
  }

  @Test
  void noMarkWhereThereIsNone() throws Exception {
    int found = 0;
    for (int images : new int[] {300, 300, 300, 100, 100, 40, 40}) {
      for (LearnedMark mark : learn(lake(new Case(null, images, 1, 0.3, MarkAnchor.BOTTOM_RIGHT, 100 + found)))) {
        System.out.printf(Locale.ROOT, "%d images without a mark: found %s, confidence %.2f, evidence %.0f%n", images, mark.place(),
            mark.confidence(), mark.evidence());
        found++;
      }
    }
    assertTrue(found == 0, found + " marks that are not there");
  }

  /** The IoU with the mark's support; 0 where none is found. */
  private double measure(Case c) throws Exception {
    List<byte[]> lake = lake(c);
    long start = System.nanoTime();
    List<LearnedMark> found = learn(lake);
    double seconds = (System.nanoTime() - start) / 1e9;
    Optional<LearnedMark> best = MarkLearner.best(found);
    System.out.printf(Locale.ROOT, "%-8s %d images, %.0f%%, opacity %.1f, %s: ", c.mark.name(), c.images, 100 * c.share, c.opacity,
        c.anchor.word());
    if (best.isEmpty()) {
      System.out.println("none found");
      return 0;
    }
    LearnedMark mark = best.get();
    MarkWindow place = mark.place();
    double iou = iou(mark, c, 0);
    System.out.printf(Locale.ROOT, "IoU %.3f (of alpha over a half: %.3f), %s, opacity %.2f, confidence %.2f, %d windows, %.1f s%n", iou,
        iou(mark, c, 0.5f), place.anchor().word() + " " + mark.marginX() + "," + mark.marginY(), mark.opacity(), mark.confidence(),
        found.size(), seconds);
    Files.write(Path.of("target/learned-" + c.mark.name() + "-" + c.images + "-" + Math.round(100 * c.share) + ".png"), mark.png());
    return iou;
  }

  private static double iou(LearnedMark mark, Case c, float above) {
    MarkWindow place = mark.place();
    int w = 481;
    int h = 321;
    boolean[] learned = new boolean[w * h];
    boolean[] truth = new boolean[w * h];
    int left = place.left(w);
    int top = place.top(h);
    for (int y = 0; y < place.height(); y++) {
      for (int x = 0; x < place.width(); x++) {
        if (mark.alpha()[y * place.width() + x] > 0) {
          learned[(top + y) * w + left + x] = true;
        }
      }
    }
    int markLeft = left(c, w);
    int markTop = top(c, h);
    for (int y = 0; y < c.mark.height(); y++) {
      for (int x = 0; x < c.mark.width(); x++) {
        truth[(markTop + y) * w + markLeft + x] = c.mark.alpha()[y * c.mark.width() + x] > above;
      }
    }
    int both = 0;
    int either = 0;
    for (int i = 0; i < truth.length; i++) {
      both += truth[i] && learned[i] ? 1 : 0;
      either += truth[i] || learned[i] ? 1 : 0;
    }
    return (double) both / either;
  }

  private static int left(Case c, int width) {
    int side = c.anchor.left(1, 0);
    return c.anchor.left(width, c.mark.width()) + (c.anchor == MarkAnchor.CENTER ? 0 : side == 0 ? MARGIN_X : -MARGIN_X);
  }

  private static int top(Case c, int height) {
    int side = c.anchor.top(1, 0);
    return c.anchor.top(height, c.mark.height()) + (c.anchor == MarkAnchor.CENTER ? 0 : side == 0 ? MARGIN_Y : -MARGIN_Y);
  }

  private List<byte[]> lake(Case c) throws Exception {
    Random random = new Random(c.seed);
    List<Path> order = new ArrayList<>(photographs);
    Collections.shuffle(order, random);
    List<byte[]> lake = new ArrayList<>();
    for (int i = 0; i < c.images; i++) {
      BufferedImage photograph = ImageIO.read(order.get(i % order.size()).toFile());
      int w = 200 + random.nextInt(photograph.getWidth() - 199);
      int h = 200 + random.nextInt(photograph.getHeight() - 199);
      BufferedImage crop = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
      crop.createGraphics().drawImage(photograph, -random.nextInt(photograph.getWidth() - w + 1),
          -random.nextInt(photograph.getHeight() - h + 1), null);
      if (c.mark != null && random.nextDouble() < c.share) {
        c.mark.stamp(crop, left(c, w), top(c, h), c.opacity);
      }
      lake.add(jpeg(crop, 0.85f + 0.1f * random.nextFloat()));
    }
    return lake;
  }

  private static byte[] jpeg(BufferedImage picture, float quality) throws Exception {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (var stream = new ByteArrayOutputStream(); var out = ImageIO.createImageOutputStream(stream)) {
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      parameters.setCompressionQuality(quality);
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), parameters);
      out.flush();
      return stream.toByteArray();
    } finally {
      writer.dispose();
    }
  }

  private static List<LearnedMark> learn(List<byte[]> lake) throws Exception {
    List<MarkStatistics> all = Arrays.stream(MarkAnchor.values()).map(a -> new MarkStatistics(new MarkWindow(a, 0, 0, 226, 226, 1))).toList();
    for (byte[] file : lake) {
      MarkStatistics.add(Codecs.decode(file), all);
    }
    return all.stream().map(MarkLearner::learn).flatMap(Optional::stream).toList();
  }
}
