package org.lakebrush.watermark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lakebrush.demo.SampleLake;
import org.lakebrush.image.Region;
import org.opencv.imgproc.Imgproc;

class WatermarkLocatorTest {
  private static final float VISIBLE = 0.03f;
  private static final int SIDE = 360;
  private static final String PHOTO = "french-alpine-landscape";
  private static final List<String> PHOTOS = List.of("airplane-from-above", "allium-oreophilum", "black-canyon", "dust-bowl-home");

  /** A square out of one of the demo's photographs. */
  static Stamped photo(String name, int left, int top) throws Exception {
    try (InputStream in = SampleLake.class.getResourceAsStream(name + ".jpg")) {
      Stamped whole = Stamped.read(in.readAllBytes());
      byte[] rgb = new byte[3 * SIDE * SIDE];
      for (int y = 0; y < SIDE; y++) {
        System.arraycopy(whole.rgb, 3 * ((top + y) * whole.width + left), rgb, 3 * y * SIDE, 3 * SIDE);
      }
      return new Stamped(SIDE, SIDE, rgb);
    }
  }

  static double iou(List<WatermarkFind> finds, Watermark mark, Stamped truth) {
    float[] found = new float[truth.cover.length];
    for (WatermarkFind find : finds) {
      Region region = find.region(mark, truth.width, truth.height);
      float[] cover = find.cover(mark, region);
      for (int y = 0; y < region.height(); y++) {
        for (int x = 0; x < region.width(); x++) {
          int i = (region.y() + y) * truth.width + region.x() + x;
          found[i] = Math.max(found[i], cover[y * region.width() + x]);
        }
      }
    }
    long both = 0;
    long either = 0;
    for (int i = 0; i < found.length; i++) {
      both += found[i] >= VISIBLE && truth.cover[i] >= VISIBLE ? 1 : 0;
      either += found[i] >= VISIBLE || truth.cover[i] >= VISIBLE ? 1 : 0;
    }
    return (double) both / either;
  }

  @ParameterizedTest
  @CsvSource({
    "logo, 0.5, 0.9, 20, 30",
    "logo, 1.9, 0.25, 60, 200",
    "ring, 1.21, 0.3, 200, 11",
    "wordmark, 1.0, 0.4, 150, 290",
    "badge, 0.7, 0.3, 240, 240",
    "badge, 1.6, 1.0, 100, 60",
    "drawing, 1.3, 0.5, 50, 100",
  })
  void findsAMarkAtItsPlaceAndSize(String name, double scale, double opacity, int x, int y) throws Exception {
    BufferedImage image = Marks.of(name);
    Watermark mark = Marks.mark(name);
    Stamped picture = photo(PHOTO, 100, 80);
    int w = (int) Math.round(scale * image.getWidth());
    int h = (int) Math.round(scale * image.getHeight());
    picture.draw(image, x, y, w, h, opacity, scale < 1 ? Imgproc.INTER_AREA : Imgproc.INTER_LINEAR);
    List<WatermarkFind> finds = new WatermarkLocator(mark, 0.5, 2).locate(Stamped.read(picture.jpeg(80)));

    assertEquals(1, finds.size());
    WatermarkFind find = finds.get(0);
    assertEquals((double) w / image.getWidth(), find.scaleX(), 0.01 * scale);
    assertEquals((double) h / image.getHeight(), find.scaleY(), 0.01 * scale);
    assertEquals(x + mark.left() * scale, find.x(), 0.5);
    assertEquals(y + mark.top() * scale, find.y(), 0.5);
    assertEquals(opacity, find.opacity(), 0.1 * opacity);
    assertTrue(find.confidence() > 0.9, find.toString());
    double iou = iou(finds, mark, picture);
    assertTrue(iou >= 0.85, "IoU " + iou);
  }

  /** Where a mark's tone lies within the picture's, it is lighter than the ground here and darker there. */
  @Test
  void findsAGreyMarkOnARamp() {
    BufferedImage grey = Marks.of("ring");
    for (int y = 0; y < grey.getHeight(); y++) {
      for (int x = 0; x < grey.getWidth(); x++) {
        grey.setRGB(x, y, grey.getRGB(x, y) & 0xff000000 | 0x808080);
      }
    }
    byte[] rgb = new byte[3 * SIDE * SIDE];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (40 + (i / 3 % SIDE) * 176 / SIDE);
    }
    Stamped picture = new Stamped(SIDE, SIDE, rgb);
    picture.draw(grey, 126, 100, 108, 108, 0.4, Imgproc.INTER_LINEAR);
    Watermark mark = Watermark.of(108, 108, grey.getRGB(0, 0, 108, 108, null, 0, 108)).orElseThrow();
    List<WatermarkFind> finds = new WatermarkLocator(mark, 0.5, 2).locate(Stamped.read(picture.jpeg(80)));
    assertEquals(1, finds.size());
    assertEquals(0.4, finds.get(0).opacity(), 0.04);
    assertTrue(iou(finds, mark, picture) >= 0.85);
  }

  @ParameterizedTest
  @ValueSource(strings = {"logo", "ring", "wordmark", "badge", "drawing"})
  void findsNothingWhereThereIsNone(String name) throws Exception {
    WatermarkLocator locator = new WatermarkLocator(Marks.mark(name), 0.5, 2);
    for (String photo : PHOTOS) {
      assertEquals(List.of(), locator.locate(photo(photo, 200, 240)), photo);
    }
  }

  @Test
  void findsNothingInAFlatOrSmallPicture() {
    WatermarkLocator locator = new WatermarkLocator(Marks.mark("logo"), 0.5, 2);
    for (int[] size : new int[][] {{200, 150}, {40, 30}, {1, 1}, {300, 1}, {1, 300}}) {
      byte[] rgb = new byte[3 * size[0] * size[1]];
      Arrays.fill(rgb, (byte) 120);
      assertEquals(List.of(), locator.locate(new Stamped(size[0], size[1], rgb)));
    }
  }

  @Test
  void findsAMarkThatIsCutOffByTheBorder() throws Exception {
    BufferedImage image = Marks.of("ring");
    Stamped picture = photo(PHOTO, 100, 80);
    picture.draw(image, SIDE - 80, 120, 108, 108, 0.6, Imgproc.INTER_LINEAR);
    List<WatermarkFind> finds = new WatermarkLocator(Marks.mark("ring"), 0.5, 2).locate(Stamped.read(picture.jpeg(85)));
    assertEquals(1, finds.size());
    assertTrue(iou(finds, Marks.mark("ring"), picture) >= 0.85);
  }

  @ParameterizedTest
  @ValueSource(strings = {"logo", "wordmark"})
  void findsAllOfATiledMark(String name) throws Exception {
    BufferedImage image = Marks.of(name);
    Stamped picture = photo(PHOTO, 100, 80);
    int w = (int) Math.round(0.62 * image.getWidth());
    int h = (int) Math.round(0.62 * image.getHeight());
    for (int row = 0; row < 5; row++) {
      for (int column = 0; column < 4; column++) {
        picture.draw(image, 2 + 90 * column, 10 + 70 * row, w, h, 0.3, Imgproc.INTER_AREA);
      }
    }
    Watermark mark = Marks.mark(name);
    List<WatermarkFind> finds = new WatermarkLocator(mark, 0.5, 2).locate(Stamped.read(picture.jpeg(85)));
    assertEquals(20, finds.size());
    assertTrue(iou(finds, mark, picture) >= 0.85);
  }

  private static Watermark filled(int width, int height) {
    int[] pixels = new int[width * height];
    Arrays.fill(pixels, 0xffffffff);
    return Watermark.of(width, height, pixels).orElseThrow();
  }

  /** Lines of one pixel, which have no size across, and a mark far larger than the picture. */
  @Test
  void findsNothingOfAnOddMarkWhereThereIsNone() throws Exception {
    for (Watermark mark : List.of(filled(1, 200), filled(200, 1), filled(3000, 2000))) {
      WatermarkLocator locator = new WatermarkLocator(mark, 0.5, 2);
      assertEquals(List.of(), locator.locate(photo("allium-oreophilum", 200, 240)));
      for (int[] size : new int[][] {{1, 1}, {3, 200}, {200, 3}}) {
        byte[] rgb = new byte[3 * size[0] * size[1]];
        new Random(1).nextBytes(rgb);
        assertEquals(List.of(), locator.locate(new Stamped(size[0], size[1], rgb)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"200, 1", "1, 200", "60, 60"})
  void findsAPlainMark(int width, int height) throws Exception {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, 0xffffffff);
    }
    Stamped picture = photo(PHOTO, 100, 80);
    picture.draw(image, 80, 90, width, height, 0.8, Imgproc.INTER_AREA);
    List<WatermarkFind> finds = new WatermarkLocator(filled(width, height), 0.8, 1.25).locate(Stamped.read(picture.jpeg(90)));
    assertEquals(1, finds.size());
    double iou = iou(finds, filled(width, height), picture);
    assertTrue(iou >= 0.85, "IoU " + iou);
  }

  @Test
  void findsAMarkThatIsLargeInItsFile() throws Exception {
    BufferedImage ring = Marks.of("ring");
    BufferedImage large = new BufferedImage(2160, 2160, BufferedImage.TYPE_INT_ARGB);
    large.createGraphics().drawImage(ring, 0, 0, 2160, 2160, null);
    Watermark mark = Watermark.of(2160, 2160, large.getRGB(0, 0, 2160, 2160, null, 0, 2160)).orElseThrow();
    Stamped picture = photo(PHOTO, 100, 80);
    picture.draw(ring, 200, 150, 108, 108, 0.5, Imgproc.INTER_AREA);
    List<WatermarkFind> finds = new WatermarkLocator(mark, 0.03, 0.08).locate(Stamped.read(picture.jpeg(85)));
    assertEquals(1, finds.size());
    assertEquals(0.05, finds.get(0).scaleX(), 0.0005);
    assertTrue(iou(finds, mark, picture) >= 0.85);
  }

  @Test
  void findsTheSameFromManyThreads() throws Exception {
    Stamped picture = photo(PHOTO, 100, 80);
    picture.draw(Marks.of("logo"), 40, 50, 120, 55, 0.5, Imgproc.INTER_AREA);
    Stamped seen = Stamped.read(picture.jpeg(85));
    WatermarkLocator locator = new WatermarkLocator(Marks.mark("logo"), 0.5, 2);
    List<WatermarkFind> expected = locator.locate(seen);
    assertEquals(1, expected.size());
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      List<Callable<List<WatermarkFind>>> tasks = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        tasks.add(() -> locator.locate(seen));
      }
      for (Future<List<WatermarkFind>> result : pool.invokeAll(tasks)) {
        assertEquals(expected, result.get());
      }
    } finally {
      pool.shutdown();
    }
  }
}
