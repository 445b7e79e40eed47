package org.lakebrush.mask;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lakebrush.demo.SampleLake;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Region;
import org.lakebrush.job.JobSpecException;
import org.lakebrush.job.JobSpecReader;
import org.lakebrush.mask.MaskSettings.Missing;
import org.lakebrush.watermark.Marks;
import org.lakebrush.watermark.Stamped;
import org.lakebrush.watermark.Unblend;
import org.lakebrush.watermark.Watermark;
import org.lakebrush.watermark.WatermarkFind;
import org.opencv.imgproc.Imgproc;

class WatermarkMaskTest {
  private static final MaskSettings PLAIN = new MaskSettings(0, 0, Missing.FAIL);
  private static final int SIDE = 320;

  @TempDir Path folder;

  private static Stamped photo() throws IOException {
    try (InputStream in = SampleLake.class.getResourceAsStream("march-pastoral.jpg")) {
      Stamped whole = Stamped.read(in.readAllBytes());
      byte[] rgb = new byte[3 * SIDE * SIDE];
      for (int y = 0; y < SIDE; y++) {
        System.arraycopy(whole.rgb, 3 * ((60 + y) * whole.width + 250), rgb, 3 * y * SIDE, 3 * SIDE);
      }
      return new Stamped(SIDE, SIDE, rgb);
    }
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private static ImageMask build(byte[] mark, byte[] image, boolean unblend) throws ImageFailure {
    return new MaskBuilder(List.of(new WatermarkMask("mark.png", 0.5, 2, unblend)), PLAIN, uri -> {
      assertEquals("mark.png", uri);
      return mark;
    }).build(Codecs.decode(image), List.of());
  }

  @Test
  void theHoleIsWhatTheMarkCovers() throws Exception {
    Stamped picture = photo();
    picture.draw(Marks.of("logo"), 100, 200, 158, 72, 0.5, Imgproc.INTER_LINEAR);
    ImageMask mask = build(png(Marks.of("logo")), picture.jpeg(90), false);

    assertEquals(List.of("watermark"), mask.kinds());
    assertEquals(1, mask.found().size());
    assertEquals(1, mask.found().get(0).count());
    assertEquals(List.of(), mask.restorations());
    int both = 0;
    int either = 0;
    for (int i = 0; i < picture.cover.length; i++) {
      boolean there = picture.cover[i] >= 0.03;
      boolean hole = mask.hole().pixels()[i] != 0;
      both += there && hole ? 1 : 0;
      either += there || hole ? 1 : 0;
    }
    assertTrue(both >= 0.85 * either, both + " of " + either);
  }

  @Test
  void aPictureWithoutTheMarkHasNoHole() throws Exception {
    for (boolean unblend : new boolean[] {false, true}) {
      ImageMask mask = build(png(Marks.of("logo")), photo().jpeg(90), unblend);
      assertTrue(mask.isEmpty());
      assertEquals(List.of(), mask.found());
    }
  }

  @ParameterizedTest
  @CsvSource({"wordmark, 0.3", "logo, 0.6", "badge, 0.45", "drawing, 0.6"})
  void unblendPutsBackWhatIsUnderTheMark(String name, double opacity) throws Exception {
    Stamped clean = photo();
    Stamped picture = clean.copy();
    BufferedImage mark = Marks.of(name);
    picture.draw(mark, 60, 110, (int) (1.3 * mark.getWidth()), (int) (1.3 * mark.getHeight()), opacity, Imgproc.INTER_LINEAR);
    byte[] file = picture.jpeg(90);
    Stamped seen = Stamped.read(file);
    ImageMask mask = build(png(mark), file, true);

    assertEquals(List.of("watermark"), mask.kinds());
    Stamped restored = seen.copy();
    for (Restoration r : mask.restorations()) {
      Region region = r.region();
      int n = r.weight().length;
      for (int i = 0; i < n; i++) {
        int p = (region.y() + i / region.width()) * SIDE + region.x() + i % region.width();
        for (int c = 0; c < 3 && r.weight()[i] != 0; c++) {
          restored.rgb[3 * p + c] = (byte) Math.round(255 * r.rgb()[c * n + i]);
        }
      }
    }
    double before = psnr(seen, clean, picture.cover, mask.hole());
    double after = psnr(restored, clean, picture.cover, mask.hole());
    assertTrue(after >= 30, before + " dB before, " + after + " after");
    assertTrue(after >= before + 8, before + " dB before, " + after + " after");
    assertTrue(mask.hole().count() < 0.1 * mask.searched().count(), mask.hole().count() + " of " + mask.searched().count() + " are left");
  }

  /** Over the pixels that the mark covers and that are not left to be filled. */
  private static double psnr(Stamped picture, Stamped truth, float[] cover, Mask hole) {
    double sum = 0;
    int n = 0;
    for (int i = 0; i < cover.length; i++) {
      if (cover[i] < 0.03 || hole.pixels()[i] != 0) {
        continue;
      }
      for (int c = 0; c < 3; c++) {
        double d = (picture.rgb[3 * i + c] & 255) - (truth.rgb[3 * i + c] & 255);
        sum += d * d;
        n++;
      }
    }
    return 10 * Math.log10(255.0 * 255 * n / sum);
  }

  @Test
  void whatAnOpaqueMarkHidesIsFilled() throws Exception {
    Stamped picture = photo();
    BufferedImage mark = Marks.of("ring");
    picture.draw(mark, 100, 100, 108, 108, 1, Imgproc.INTER_LINEAR);
    ImageMask mask = build(png(mark), picture.jpeg(90), true);
    int hidden = 0;
    int hole = 0;
    for (int i = 0; i < picture.cover.length; i++) {
      if (picture.cover[i] > 0.95) {
        hidden++;
        hole += mask.hole().pixels()[i] & 1;
      }
    }
    assertTrue(hole >= 0.98 * hidden, hole + " of " + hidden);
  }

  /** At a known place, size and opacity what comes back is off by the rounding of 16 bits, not of 8. */
  @Test
  void unblendHasTheDepthOfThePicture() throws Exception {
    BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_USHORT_GRAY);
    for (int i = 0; i < SIDE * SIDE; i++) {
      double under = ramp(i);
      double alpha = i / SIDE >= 100 && i / SIDE < 140 && i % SIDE >= 50 && i % SIDE < 150 ? 0.5 : 0;
      picture.getRaster().setSample(i % SIDE, i / SIDE, 0, (int) Math.round(65535 * ((1 - alpha) * under + alpha)));
    }
    int[] white = new int[100 * 40];
    Arrays.fill(white, 0xffffffff);
    Watermark mark = Watermark.of(100, 40, white).orElseThrow();
    WatermarkFind find = new WatermarkFind(48, 98, 1, 1, 0.5, Watermark.Kernel.AREA, 1);
    int[] known = {0};
    MaskInput input = new MaskInput(MaskPixels.of(Codecs.decode(png(picture))), null, 0, null, null, MaskFiles.Clock.NONE);
    Unblend.solve(input, mark, find, solved -> {
      Region region = solved.region();
      for (int i = 0; i < solved.known().length; i++) {
        int p = (region.y() + i / region.width()) * SIDE + region.x() + i % region.width();
        if (solved.known()[i]) {
          known[0]++;
          assertEquals(ramp(p), solved.rgb()[i], 2.0 / 65535, "pixel " + p);
        }
      }
    });
    assertEquals(100 * 40, known[0]);
  }

  /** 0.2 to 0.6, in steps of less than 1/255. */
  private static double ramp(int i) {
    return 0.2 + 0.4 * i / (SIDE * SIDE);
  }

  @Test
  void theMarkIsReadOnceForAllImages() throws Exception {
    AtomicInteger reads = new AtomicInteger();
    byte[] mark = png(Marks.of("logo"));
    MaskBuilder builder = new MaskBuilder(List.of(new WatermarkMask("mark.png", 0.5, 2, false)), PLAIN, uri -> {
      reads.incrementAndGet();
      return mark;
    });
    for (int i = 0; i < 2; i++) {
      builder.build(Codecs.decode(photo().jpeg(90)), List.of());
    }
    assertEquals(1, reads.get());
    assertEquals(List.of("mark.png"), new WatermarkMask("mark.png", 0.5, 2, false).files());
  }

  @Test
  void saysWhatIsWrongWithTheMark() throws Exception {
    byte[] image = photo().jpeg(90);
    BufferedImage opaque = new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB);
    BufferedImage nothing = new BufferedImage(20, 10, BufferedImage.TYPE_INT_ARGB);
    BufferedImage speck = new BufferedImage(20, 10, BufferedImage.TYPE_INT_ARGB);
    speck.setRGB(4, 4, 0xffffffff);
    byte[][] marks = {new byte[0], "no picture".getBytes(), png(opaque), png(nothing), png(speck)};
    String[] problems = {"no bytes", "no readable picture", "no transparent pixel", "transparent all over", "over 1 pixels only"};
    for (int i = 0; i < marks.length; i++) {
      byte[] mark = marks[i];
      ImageFailure e = assertThrows(ImageFailure.class, () -> build(mark, image, false));
      assertEquals(ErrorKind.MASK_UNREADABLE, e.kind());
      assertTrue(e.getMessage().startsWith("mark mark.png ") && e.getMessage().contains(problems[i]), e.getMessage());
    }
  }

  private MaskSpec read(String entry) throws Exception {
    Path job = Files.writeString(folder.resolve("job.yaml"), "masks:\n  - " + entry + "\n");
    return JobSpecReader.read(job, List.of()).masks().get(0);
  }

  private Optional<String> error(String entry) throws Exception {
    JobSpecException e = assertThrows(JobSpecException.class, () -> read(entry));
    return e.messages().stream().map(m -> m.replace(folder + "/", "")).reduce((a, b) -> a + "\n" + b);
  }

  @Test
  void readsItsKeys() throws Exception {
    assertEquals(new WatermarkMask("s3a://lake/mark.png", 0.5, 2, false), read("{kind: watermark, file: \"s3a://lake/mark.png\"}"));
    assertEquals(new WatermarkMask("file:" + folder.resolve("mark.png"), 0.25, 4, true),
        read("{kind: watermark, file: mark.png, min_scale: 25%, max_scale: 400%, unblend: true}"));
  }

  @Test
  void saysWhatIsWrongWithItsKeys() throws Exception {
    assertEquals(Optional.of("job.yaml:2: masks.0.file: missing; give path or URI of the mark, a PNG with alpha"),
        error("{kind: watermark}"));
    assertTrue(error("{kind: watermark, file: m.png, min_scale: 300%}").orElseThrow().startsWith(
        "job.yaml:2: masks.0.min_scale: min_scale is more than max_scale"));
    assertTrue(error("{kind: watermark, file: m.png, max_scale: 1%}").orElseThrow().startsWith("job.yaml:2: masks.0.max_scale: '1%'"));
    assertTrue(error("{kind: watermark, file: m.png, unblend: maybe}").orElseThrow().startsWith("job.yaml:2: masks.0.unblend: 'maybe'"));
    assertTrue(error("{kind: watermark, file: m.png, scale: 2}").orElseThrow().contains("unknown key"));
  }
}
