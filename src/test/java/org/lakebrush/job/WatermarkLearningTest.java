package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.demo.SampleLake;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.testing.LocalSpark;
import org.lakebrush.watermark.LearnedMark;
import org.lakebrush.watermark.MadeLake;
import org.lakebrush.watermark.MadeMark;
import org.lakebrush.watermark.MarkAnchor;

/** Lakes of crops of the sample photographs and of made textures. */
class WatermarkLearningTest {
  private static final List<BufferedImage> PHOTOGRAPHS = new ArrayList<>();

  @TempDir
  Path folder;

  @BeforeAll
  static void read() throws Exception {
    for (String name : List.of("acanthus-mollis", "airplane-from-above", "allium-oreophilum", "black-canyon", "dust-bowl-home",
        "french-alpine-landscape", "locomotion-house-cat", "march-pastoral", "nagasaki-boats")) {
      PHOTOGRAPHS.add(ImageIO.read(SampleLake.class.getResource(name + ".jpg")));
    }
  }

  /** Every second image is a crop of a photograph, the others are textures. */
  private Path lake(MadeLake made, int images, int marked) throws Exception {
    Path lake = Files.createDirectories(folder.resolve("lake/deep"));
    for (int i = 0; i < images; i++) {
      BufferedImage picture = i % 2 == 0 ? PHOTOGRAPHS.get(i / 2 % PHOTOGRAPHS.size()) : made.texture(260, 230);
      Files.write(lake.resolve(i + ".jpg"), made.image(picture, i < marked, 200, 260, 230));
    }
    return lake.getParent();
  }

  private LearnReport learn(Path lake) throws Exception {
    return new WatermarkLearning(LocalSpark.get(), new LearnRequest(lake.toString(), folder.resolve("out").toString(), 300)).run();
  }

  @Test
  void findsTheMarkThatMostImagesCarry() throws Exception {
    MadeLake made = new MadeLake(MadeMark.emblem(), MarkAnchor.BOTTOM_RIGHT, 0.4, 1);
    Path lake = lake(made, 40, 34);
    Files.writeString(lake.resolve("no.jpg"), "no image");
    LearnReport report = learn(lake);
    LearnedMark mark = report.mark().orElseThrow();
    assertEquals(40, report.images());
    assertEquals(Map.of(ErrorKind.NOT_AN_IMAGE, 1), report.skipped());
    assertEquals(MarkAnchor.BOTTOM_RIGHT, mark.place().anchor());
    assertTrue(made.iou(mark, 0) >= 0.8, "IoU " + made.iou(mark, 0));
    assertEquals(0.4, mark.opacity(), 0.06);
    assertEquals(34, report.carriers(), 3);
    assertTrue(mark.confidence() > 0.8 && mark.confidence() <= 1, "confidence " + mark.confidence());

    BufferedImage png = ImageIO.read(folder.resolve("out/mark.png").toFile());
    assertEquals(mark.width(), png.getWidth());
    assertEquals(mark.height(), png.getHeight());
    // The star's middle is white, and as opaque as the mark: the emblem's middle is 14 + 55 pixels from the right and 11 + 55 from below.
    int middle = png.getRGB(mark.marginX() + mark.width() - 69, mark.marginY() + mark.height() - 66);
    assertEquals(0.4 * 255, middle >>> 24, 20);
    assertEquals(255, middle >> 8 & 255, 25);
    String job = Files.readString(folder.resolve("out/job.yaml"));
    assertTrue(job.contains("{kind: watermark, file: mark.png, min_scale: 90%, max_scale: 110%, unblend: true}"), job);
    try (var files = Files.list(folder.resolve("out"))) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void saysSoWhereThereIsNone() throws Exception {
    LearnReport report = learn(lake(new MadeLake(null, null, 0, 2), 32, 0));
    assertTrue(report.mark().isEmpty());
    assertEquals(32, report.images());
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @Test
  void refusesFewImagesAndOutputsThatAreNoFolderOutsideOfTheInput() throws Exception {
    Path lake = Files.createDirectories(folder.resolve("lake"));
    for (int i = 0; i < 29; i++) {
      Files.write(lake.resolve(i + ".jpg"), new byte[] {1});
    }
    assertTrue(assertThrows(UsageException.class, () -> learn(lake)).getMessage().contains("29 images"));
    Files.write(lake.resolve("more.jpg"), new byte[] {1});
    assertTrue(assertThrows(UsageException.class, () -> learn(lake)).getMessage().contains("0 readable images in a sample of 30"));
    UsageException inside = assertThrows(UsageException.class, () -> new WatermarkLearning(LocalSpark.get(),
        new LearnRequest(lake.toString(), lake.resolve("out").toString(), 300)).run());
    assertTrue(inside.getMessage().contains("--out"), inside.getMessage());
    Path link = Files.createSymbolicLink(folder.resolve("link"), lake);
    inside = assertThrows(UsageException.class, () -> new WatermarkLearning(LocalSpark.get(),
        new LearnRequest(lake.toString(), link.resolve("out").toString(), 300)).run());
    assertTrue(inside.getMessage().contains("--out"), inside.getMessage());
    Files.writeString(folder.resolve("out"), "a file");
    assertTrue(assertThrows(UsageException.class, () -> learn(lake)).getMessage().contains("is a file"));
    assertThrows(UsageException.class, () -> new WatermarkLearning(LocalSpark.get(), new LearnRequest(lake.toString(), "out", 29)));
  }
}
