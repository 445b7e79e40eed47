package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import javax.imageio.ImageIO;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.testing.LocalSpark;
import org.lakebrush.watermark.LearnedMark;
import org.lakebrush.watermark.MadeLake;
import org.lakebrush.watermark.MadeMark;
import org.lakebrush.watermark.MarkAnchor;

/**
 * How well marks are learned from photographs: {@code mvn test -Dtest=WatermarkLearningMeasure -Dlakebrush.measure=FOLDER}, a folder of at
 * least 150 clean JPEGs of 200 pixels and more each way. Lakes of 300 crops, no photograph more than twice.
 */
class WatermarkLearningMeasure {
  @TempDir
  Path folder;

  private List<Path> photographs;

  @BeforeEach
  void find() throws Exception {
    String from = System.getProperty("lakebrush.measure");
    Assumptions.assumeTrue(from != null, "-Dlakebrush.measure names no folder");
    try (var files = Files.list(Path.of(from))) {
      photographs = files.filter(f -> f.toString().endsWith(".jpg")).sorted().toList();
    }
    Assumptions.assumeTrue(photographs.size() >= 150, "too few photographs in " + from);
  }

  @Test
  void eachOfFiveMarksInAllImages() throws Exception {
    assertTrue(worst(300, 1, 0.3, MarkAnchor.BOTTOM_RIGHT) >= 0.8);
  }

  @Test
  void eachOfFiveMarksInSevenOfTenImages() throws Exception {
    assertTrue(worst(300, 0.7, 0.3, MarkAnchor.TOP_LEFT) >= 0.8);
  }

  @Test
  void eachOfFiveMarksInFewImages() throws Exception {
    worst(100, 1, 0.3, MarkAnchor.TOP_RIGHT);
    worst(40, 1, 0.3, MarkAnchor.BOTTOM_LEFT);
  }

  @Test
  void eachOfFiveMarksAtOtherOpacities() throws Exception {
    worst(300, 1, 0.15, MarkAnchor.BOTTOM_LEFT);
    worst(300, 1, 0.9, MarkAnchor.CENTER);
  }

  @Test
  void noMarkWhereThereIsNone() throws Exception {
    int found = 0;
    for (int images : new int[] {300, 300, 300, 300, 100, 100, 40, 40}) {
      MadeLake made = new MadeLake(null, null, 0, 1000 + images + found);
      LearnReport report = learn(made, images, 0);
      System.out.printf("%d images without a mark: %s%n", images, report.mark().map(WatermarkLearning::describe).orElse("none found"));
      found += report.mark().isPresent() ? 1 : 0;
    }
    assertTrue(found == 0, found + " marks that are not there");
  }

  /** The least IoU with the mark's support, over the five marks. */
  private double worst(int images, double share, double opacity, MarkAnchor anchor) throws Exception {
    double worst = 1;
    long seed = images + Math.round(100 * share) + Math.round(1000 * opacity);
    for (MadeMark mark : MadeMark.five()) {
      MadeLake made = new MadeLake(mark, anchor, opacity, seed++);
      long start = System.nanoTime();
      LearnReport report = learn(made, images, share);
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(Locale.ROOT, "%-8s %d images, %.0f%% with the mark, opacity %.2f: ", mark.name(), images, 100 * share, opacity);
      if (report.mark().isEmpty()) {
        System.out.println("none found");
        worst = 0;
        continue;
      }
      LearnedMark learned = report.mark().get();
      double iou = made.iou(learned, 0);
      worst = Math.min(worst, iou);
      System.out.printf(Locale.ROOT, "IoU %.3f (with alpha over a half: %.3f), %s, in %d images, opacity %.2f, confidence %.2f, %.1f s%n",
          iou, made.iou(learned, 0.5f), WatermarkLearning.describe(learned), report.carriers(), learned.opacity(), learned.confidence(),
          seconds);
    }
    return worst;
  }

  private LearnReport learn(MadeLake made, int images, double share) throws Exception {
    Path lake = folder.resolve("lake");
    FileUtil.fullyDelete(lake.toFile());
    Files.createDirectories(lake);
    Random random = new Random(images);
    List<Path> order = new ArrayList<>(photographs);
    Collections.shuffle(order, random);
    for (int i = 0; i < images; i++) {
      BufferedImage photograph = ImageIO.read(order.get(i % order.size()).toFile());
      Files.write(lake.resolve(i + ".jpg"), made.image(photograph, random.nextDouble() < share, 200, Integer.MAX_VALUE, Integer.MAX_VALUE));
    }
    return new WatermarkLearning(LocalSpark.get(), new LearnRequest(lake.toString(), folder.resolve("out").toString(), images)).run();
  }
}
