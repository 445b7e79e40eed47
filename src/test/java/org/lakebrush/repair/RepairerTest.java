package org.lakebrush.repair;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntBinaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Encoded;
import org.lakebrush.image.ImageFormat;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.mask.AlphaMask;
import org.lakebrush.mask.BoxMask;
import org.lakebrush.mask.ColorMask;
import org.lakebrush.mask.FullMask;
import org.lakebrush.mask.Length;
import org.lakebrush.mask.MaskFiles;
import org.lakebrush.mask.MaskSettings;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.mask.SidecarMask;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.spectral.SpectralSettings;
import org.lakebrush.spectral.SpectralSettings.Screens;

class RepairerTest {
  private static LamaPool lama;

  @BeforeAll
  static void open() throws Exception {
    lama = session(Path.of("models", "lama-lite.onnx"), 4);
  }

  @AfterAll
  static void close() {
    lama.close();
  }

  private static LamaPool session(Path model, int batch) throws Exception {
    return LamaPool.open(LamaModel.inspect(model), List.of(new Device(Device.Kind.CPU, 0)), new LamaSettings(2, batch));
  }

  private static LamaPool small(String name) throws Exception {
    return session(Path.of("src", "test", "resources", "models", name + ".onnx"), 4);
  }

  private static RepairSettings settings(int grow, int feather, ImageFormat format, MaskSpec... masks) {
    return new RepairSettings(List.of(masks), new MaskSettings(grow, feather, MaskSettings.Missing.FAIL),
        new InpaintSettings("lama-lite", 1, 512, 4), SpectralSettings.OFF, format, 100_000_000);
  }

  private static Repairer repairer(RepairSettings settings) {
    return new Repairer(settings, lama, noFiles());
  }

  private static MaskFiles noFiles() {
    return uri -> {
      throw new ImageFailure(ErrorKind.MASK_MISSING, uri);
    };
  }

  private static BoxMask corner(int width, int height) {
    Length none = new Length(0, false);
    return new BoxMask(BoxMask.Anchor.BOTTOM_RIGHT, new Length(width, false), new Length(height, false), none, none);
  }

  private static byte[] png(int type, int width, int height, IntBinaryOperator argb) throws IOException {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, argb.applyAsInt(x, y));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private static BufferedImage decoded(byte[] file) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(file));
  }

  /** A ramp in red, sideways, and in green, downwards. */
  private static int ramp(int x, int y) {
    return 0xff000040 | (40 + x / 2 & 255) << 16 | (60 + y / 2 & 255) << 8;
  }

  private static void assertNear(int expected, int found, int tolerance, String where) {
    for (int shift = 0; shift < 24; shift += 8) {
      assertEquals(expected >> shift & 255, found >> shift & 255, tolerance, where);
    }
  }

  @Test
  void fitsTheFillAndGivesItGrain() throws Exception {
    Random random = new Random(4);
    int[] noise = random.ints(300 * 300, -20, 21).toArray();
    byte[] file = png(BufferedImage.TYPE_INT_RGB, 300, 300, (x, y) -> 0xff000000 | 0x010101 * (120 + noise[y * 300 + x]));
    MaskSettings exact = new MaskSettings(0, 0, MaskSettings.Missing.FAIL);
    InpaintSettings inpaint = new InpaintSettings("lama-lite", 1, 512, 4);
    byte[][] files = new byte[3][];
    for (int i = 0; i < 3; i++) {
      SpectralSettings stages = i == 0 ? SpectralSettings.OFF : new SpectralSettings(SpectralSettings.Screens.OFF, true, true);
      RepairSettings settings = new RepairSettings(List.of(corner(80, 80)), exact, inpaint, stages, null, 100_000_000);
      RepairTrace trace = new RepairTrace();
      files[i] = repairer(settings).repair(file, "image", List.of(), trace).orElseThrow().bytes();
      assertEquals(i == 0, trace.seam() == null);
      assertEquals(i == 0, trace.grain() == null);
      assertTrue(i == 0 || trace.millis(Stage.SPECTRAL) > 0);
      assertTrue(trace.millis(Stage.INPAINT) > 0);
    }
    assertArrayEquals(files[1], files[2]);
    BufferedImage image = decoded(files[1]);
    double squares = 0;
    for (int y = 225; y < 295; y++) {
      for (int x = 225; x < 295; x++) {
        int rgb = image.getRGB(x, y);
        assertEquals(rgb & 255, rgb >> 8 & 255, 2.0, "grain of a grey picture has no colour");
        squares += Math.pow((rgb & 255) - 120, 2) / (70 * 70);
      }
    }
    // Uniform numbers from -20 to 20.
    assertEquals(Math.sqrt((41 * 41 - 1) / 12.0), Math.sqrt(squares), 2);
    assertEquals(0xff000000 | 0x010101 * (120 + noise[219 * 300 + 219]), image.getRGB(219, 219));
  }

  @Test
  void fillsAPaintedLogoAndLeavesTheRest() throws Exception {
    byte[] file = png(BufferedImage.TYPE_INT_RGB, 300, 200,
        (x, y) -> x >= 120 && x < 160 && y >= 80 && y < 100 ? 0xffff0000 : ramp(x, y));
    RepairTrace trace = new RepairTrace();
    Encoded out = repairer(settings(4, 3, null, new ColorMask(255, 0, 0, 20))).repair(file, "image", List.of(), trace).orElseThrow();

    assertEquals(ImageFormat.PNG, out.format());
    BufferedImage image = decoded(out.bytes());
    for (int y = 0; y < 200; y++) {
      for (int x = 0; x < 300; x++) {
        double dx = Math.max(0, Math.max(120 - x, x - 159));
        double dy = Math.max(0, Math.max(80 - y, y - 99));
        if (dx * dx + dy * dy > 16) {
          assertEquals(ramp(x, y), image.getRGB(x, y), "outside the grown mask at " + x + "," + y);
        } else {
          assertNear(ramp(x, y), image.getRGB(x, y), 16, "in the hole at " + x + "," + y);
        }
      }
    }
    assertEquals(300, trace.width());
    assertEquals(200, trace.height());
    assertEquals("png", trace.format());
    assertEquals(List.of("color"), trace.maskKinds());
    assertEquals(1, trace.crops());
    assertEquals("cpu", trace.device());
    assertTrue(trace.holeFraction() > 800 / 60000.0 && trace.holeFraction() < 48 * 28 / 60000.0);
    for (Stage stage : new Stage[] {Stage.DECODE, Stage.MASK, Stage.INPAINT, Stage.ENCODE}) {
      assertTrue(trace.millis(stage) > 0, stage.name());
    }
  }

  @Test
  void anEmptyMaskIsNothingToRepair() throws Exception {
    byte[] file = png(BufferedImage.TYPE_INT_RGB, 60, 50, RepairerTest::ramp);
    RepairTrace trace = new RepairTrace();
    assertTrue(repairer(settings(4, 3, null, new ColorMask(255, 0, 255, 2))).repair(file, "image", List.of(), trace).isEmpty());
    assertEquals(0, trace.crops());
    assertEquals(0, trace.millis(Stage.INPAINT));
  }

  @Test
  void refusesByTheHeader() throws Exception {
    byte[] file = png(BufferedImage.TYPE_INT_RGB, 60, 50, RepairerTest::ramp);
    RepairSettings settings = new RepairSettings(List.of(new FullMask()), new MaskSettings(0, 0, MaskSettings.Missing.FAIL),
        new InpaintSettings("lama-lite", 1, 512, 4), SpectralSettings.OFF, null, 2999);
    RepairTrace trace = new RepairTrace();
    ImageFailure e = assertThrows(ImageFailure.class, () -> repairer(settings).repair(file, "image", List.of(), trace));
    assertEquals(ErrorKind.TOO_LARGE, e.kind());
    assertTrue(e.getMessage().contains("60x50") && e.getMessage().contains("limits.max_pixels"), e.getMessage());
    assertEquals(60, trace.width());
  }

  @Test
  void aFullMaskSaysThatNothingIsLeft() throws Exception {
    byte[] file = png(BufferedImage.TYPE_INT_RGB, 90, 70, RepairerTest::ramp);
    RepairTrace trace = new RepairTrace();
    assertTrue(repairer(settings(4, 3, null, new FullMask())).repair(file, "image", List.of(), trace).isPresent());
    assertEquals(List.of("nothing left to paint from"), trace.notes());
    assertEquals(1, trace.holeFraction());
  }

  @Test
  void whatIsTransparentIsNoContext() throws Exception {
    // The two differ in the hidden colour of transparent pixels alone, left of x = 100; the hole is beside them.
    List<byte[]> files = new ArrayList<>();
    for (int hidden : new int[] {0x00ffffff, 0x00102030}) {
      files.add(png(BufferedImage.TYPE_INT_ARGB, 200, 120, (x, y) -> x < 100 ? hidden
          : x >= 104 && x < 130 && y >= 40 && y < 70 ? 0xffff0000 : ramp(x, y)));
    }
    Repairer repairer = repairer(settings(0, 0, null, new ColorMask(255, 0, 0, 20)));
    BufferedImage a = decoded(repairer.repair(files.get(0), "image", List.of(), new RepairTrace()).orElseThrow().bytes());
    BufferedImage b = decoded(repairer.repair(files.get(1), "image", List.of(), new RepairTrace()).orElseThrow().bytes());
    for (int y = 0; y < 120; y++) {
      for (int x = 100; x < 200; x++) {
        assertEquals(a.getRGB(x, y), b.getRGB(x, y));
        assertNear(ramp(x, y), a.getRGB(x, y), 16, x + "," + y);
      }
    }
    assertEquals(0, a.getRGB(50, 50) >>> 24);
  }

  @Test
  void transparentPixelsAreFilledAndMadeOpaque() throws Exception {
    byte[] file = png(BufferedImage.TYPE_INT_ARGB, 160, 120,
        (x, y) -> x >= 60 && x < 90 && y >= 50 && y < 70 ? 0x0000ff00 : ramp(x, y));
    for (int feather : new int[] {0, 6}) {
      BufferedImage out = decoded(repairer(settings(0, feather, null, new AlphaMask()))
          .repair(file, "image", List.of(), new RepairTrace()).orElseThrow().bytes());
      for (int y = 0; y < 120; y++) {
        for (int x = 0; x < 160; x++) {
          assertEquals(255, out.getRGB(x, y) >>> 24);
          assertNear(ramp(x, y), out.getRGB(x, y), 16, x + "," + y);
        }
      }
    }
  }

  @Test
  void readsASidecarAndWritesAnotherFormat() throws Exception {
    byte[] file = png(BufferedImage.TYPE_INT_RGB, 160, 120, RepairerTest::ramp);
    byte[] mask = png(BufferedImage.TYPE_BYTE_GRAY, 160, 120, (x, y) -> x > 100 && y > 90 ? 0xffffffff : 0xff000000);
    Map<String, byte[]> files = Map.of("m.png", mask);
    Repairer repairer = new Repairer(settings(0, 0, ImageFormat.BMP, new SidecarMask.Suffix("_mask")), lama, files::get);
    RepairTrace trace = new RepairTrace();
    Encoded out = repairer.repair(file, "image", List.of("m.png"), trace).orElseThrow();
    assertEquals(ImageFormat.BMP, out.format());
    assertEquals(59 * 29 / (160.0 * 120), trace.holeFraction(), 1e-12);
    assertEquals(ramp(20, 20), decoded(out.bytes()).getRGB(20, 20));
  }

  @Test
  void theSameInputGivesTheSamePixelsWhateverRunsBesideIt() throws Exception {
    byte[] file = png(BufferedImage.TYPE_INT_RGB, 400, 300, (x, y) -> ramp(x * y % 331, x + y));
    Repairer repairer = repairer(settings(4, 3, null, corner(90, 40)));
    byte[] expected = repairer.repair(file, "image", List.of(), new RepairTrace()).orElseThrow().bytes();
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Future<byte[]>> all = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        all.add(threads.submit(() -> repairer.repair(file, "image", List.of(), new RepairTrace()).orElseThrow().bytes()));
      }
      for (Future<byte[]> f : all) {
        assertArrayEquals(expected, f.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static RepairSettings descreen(Screens mode, MaskSpec... masks) {
    return new RepairSettings(List.of(masks), new MaskSettings(0, 0, MaskSettings.Missing.FAIL),
        new InpaintSettings("lama-lite", 1, 512, 4),
        new SpectralSettings(mode, false, false), null, 100_000_000);
  }

  @Test
  void screensAreTakenOutBeforeTheMasksAreLookedFor() throws Exception {
    // Every third row darkened: the red mark is only red throughout once that is undone.
    IntBinaryOperator clean = (x, y) -> x >= 120 && x < 160 && y >= 80 && y < 100 ? 0xffff0000 : ramp(x, y);
    byte[] file = png(BufferedImage.TYPE_INT_RGB, 300, 200, (x, y) -> {
      int rgb = clean.applyAsInt(x, y);
      return y % 3 != 0 ? rgb : 0xff000000 | (rgb >> 16 & 255) * 7 / 10 << 16 | (rgb >> 8 & 255) * 7 / 10 << 8 | (rgb & 255) * 7 / 10;
    });
    RepairTrace trace = new RepairTrace();
    Encoded out = repairer(descreen(Screens.AUTO)).repair(file, "image", List.of(), trace).orElseThrow();
    BufferedImage image = decoded(out.bytes());
    for (int y = 0; y < 200; y++) {
      for (int x = 0; x < 300; x++) {
        assertNear(clean.applyAsInt(x, y), image.getRGB(x, y), 8, x + "," + y);
      }
    }
    assertEquals("descreen", trace.found().get(0).kind());
    assertTrue(trace.found().get(0).count() >= 1 && trace.found().get(0).confidence() > 0.9);
    assertTrue(trace.descreen() > 5, trace.descreen() + "");
    assertTrue(trace.millis(Stage.SPECTRAL) > 0);
    assertEquals(0, trace.crops());

    RepairTrace both = new RepairTrace();
    repairer(descreen(Screens.AUTO, new ColorMask(255, 0, 0, 20))).repair(file, "image", List.of(), both).orElseThrow();
    assertTrue(both.holeFraction() > 0.95 * 800 / 60000, both.holeFraction() + "");
    assertEquals(1, both.crops());
  }

  @Test
  void withoutAScreenThereIsNothingToDescreen() throws Exception {
    RepairTrace trace = new RepairTrace();
    byte[] file = png(BufferedImage.TYPE_INT_RGB, 160, 120, RepairerTest::ramp);
    assertTrue(repairer(descreen(Screens.AUTO)).repair(file, "image", List.of(), trace).isEmpty());
    assertEquals(List.of(), trace.found());
    assertNull(trace.descreen());

    byte[] dithered = png(BufferedImage.TYPE_BYTE_BINARY, 160, 120, (x, y) -> (x + y) % 2 == 0 ? 0xff000000 : 0xffffffff);
    assertTrue(repairer(descreen(Screens.AUTO)).repair(dithered, "image", List.of(), trace).isEmpty());
    assertTrue(trace.notes().get(0).startsWith("not descreened"), trace.notes().toString());
  }

  @Test
  void fourInksTakeTwoPasses() throws Exception {
    byte[] file;
    try (InputStream in = RepairerTest.class.getResourceAsStream("/org/lakebrush/image/cmyk.jpg")) {
      file = in.readAllBytes();
    }
    RepairTrace trace = new RepairTrace();
    assertTrue(repairer(settings(0, 0, null, corner(10, 10))).repair(file, "image", List.of(), trace).isPresent());
    assertEquals(2, trace.crops());
    assertEquals("cmyk8", trace.mode());
  }

  @Test
  void aFixedModelTakesOneCropOfALargeImage() throws Exception {
    byte[] file = png(BufferedImage.TYPE_INT_RGB, 2400, 1600, RepairerTest::ramp);
    try (LamaPool fixed = small("fixed512-range255")) {
      RepairTrace trace = new RepairTrace();
      Repairer repairer = new Repairer(settings(0, 0, null, corner(300, 200)), fixed, noFiles());
      Encoded out = repairer.repair(file, "image", List.of(), trace).orElseThrow();
      assertEquals(1, trace.crops());
      assertEquals(0xff404040, decoded(out.bytes()).getRGB(2200, 1500));
      assertEquals(ramp(2000, 1500), decoded(out.bytes()).getRGB(2000, 1500));
    }
  }

  @Test
  void aModelThatFailsIsTheImagesFailure() throws Exception {
    byte[] black = png(BufferedImage.TYPE_INT_RGB, 100, 100, (x, y) -> 0xff000000);
    try (LamaPool nan = small("nan-on-black")) {
      RepairTrace trace = new RepairTrace();
      Repairer repairer = new Repairer(settings(0, 0, null, corner(20, 20)), nan, noFiles());
      ImageFailure e = assertThrows(ImageFailure.class, () -> repairer.repair(black, "image", List.of(), trace));
      assertEquals(ErrorKind.MODEL, e.kind());
      assertTrue(trace.millis(Stage.INPAINT) > 0);
      assertEquals(0, trace.millis(Stage.ENCODE));
    }
  }

  @Test
  void anInterruptedThreadStops() throws Exception {
    byte[] file = png(BufferedImage.TYPE_INT_RGB, 100, 100, RepairerTest::ramp);
    Repairer repairer = repairer(settings(0, 0, null, corner(20, 20)));
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> repairer.repair(file, "image", List.of(), new RepairTrace()));
    assertFalse(Thread.interrupted());
  }
}
