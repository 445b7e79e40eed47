package org.lakebrush.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.awt.geom.Path2D;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Region;
import org.lakebrush.mask.BoxMask.Anchor;
import org.lakebrush.mask.MaskSettings.Missing;
import org.lakebrush.mask.PolygonMask.Point;

class MaskBuilderTest {
  private static final MaskSettings PLAIN = new MaskSettings(0, 0, Missing.FAIL);
  private static final int WHITE = 0xffffffff;

  private static Length px(double v) {
    return new Length(v, false);
  }

  private static Length percent(double v) {
    return new Length(v, true);
  }

  private static ImageMask build(FakePixels image, MaskSettings settings, MaskSpec... specs) throws ImageFailure {
    return new MaskBuilder(List.of(specs), settings, uri -> {
      throw new AssertionError(uri);
    }, FakePixels.DECODER).build(image, List.of());
  }

  /** Builds from one sidecar mask, which may say of any pixel whether it is hole. */
  private static ImageMask fromSidecar(FakePixels image, FakePixels mask, MaskSettings settings) throws ImageFailure {
    return new MaskBuilder(List.of(new SidecarMask.Suffix("_mask")), settings, uri -> mask.file(), FakePixels.DECODER).build(image,
        List.of("m"));
  }

  private static String text(Mask mask) {
    StringBuilder s = new StringBuilder();
    for (int y = 0; y < mask.height(); y++) {
      for (int x = 0; x < mask.width(); x++) {
        s.append(mask.isHole(x, y) ? '#' : '.');
      }
      s.append('\n');
    }
    return s.toString();
  }

  @ParameterizedTest
  @CsvSource({
    // anchor, width, height, margins, then left, top, width, height of the hole in 100 x 50
    "TOP_LEFT, 20, 10, 0, 0, 0, 0, 20, 10",
    "TOP_LEFT, 20, 10, 3, 4, 3, 4, 20, 10",
    "TOP_RIGHT, 20, 10, 3, 4, 77, 4, 20, 10",
    "BOTTOM_LEFT, 20, 10, 3, 4, 3, 36, 20, 10",
    "BOTTOM_RIGHT, 20, 10, 3, 4, 77, 36, 20, 10",
    "TOP, 20, 10, 0, 4, 40, 4, 20, 10",
    "BOTTOM, 20, 10, 0, 4, 40, 36, 20, 10",
    "LEFT, 20, 10, 3, 0, 3, 20, 20, 10",
    "RIGHT, 20, 10, 3, 0, 77, 20, 20, 10",
    "CENTER, 20, 10, 0, 0, 40, 20, 20, 10",
    // An odd rest: half a pixel to the left and top.
    "CENTER, 21, 11, 0, 0, 39, 19, 21, 11",
    // All that is touched is covered: 2.5 to 12.6 by 1.5 to 3.5.
    "TOP_LEFT, 10.1, 2, 2.5, 1.5, 2, 1, 11, 3",
    "BOTTOM_RIGHT, 10.1, 2, 2.5, 1.5, 87, 46, 11, 3",
    "CENTER, 20.2, 0.3, 0, 0, 39, 24, 21, 1",
    // Larger than the image, or partly outside.
    "CENTER, 400, 400, 0, 0, 0, 0, 100, 50",
    "TOP_RIGHT, 400, 10, 95, 0, 0, 0, 5, 10",
    "TOP_LEFT, 20, 10, 100, 0, 0, 0, 0, 0",
  })
  void boxes(Anchor anchor, double w, double h, double mx, double my, int left, int top, int width, int height) throws Exception {
    ImageMask mask = build(new FakePixels(100, 50, WHITE), PLAIN, new BoxMask(anchor, px(w), px(h), px(mx), px(my)));
    assertEquals(new Region(left, top, width, height), mask.hole().bounds());
    assertEquals((long) width * height, mask.hole().count());
    assertEquals(width == 0 ? List.of() : List.of("box"), mask.kinds());
  }

  @Test
  void aGrownMaskKnowsWhereItsHoleLies() throws Exception {
    ImageMask mask = build(new FakePixels(100, 50, WHITE), new MaskSettings(3, 2, Missing.FAIL),
        new BoxMask(Anchor.TOP_LEFT, px(10), px(4), px(1), px(20)), new BoxMask(Anchor.BOTTOM_RIGHT, px(6), px(6), px(0), px(0)));
    assertEquals(text(mask.hole()).chars().filter(c -> c == '#').count(), mask.hole().count());
    // The first reaches three pixels further on all sides but the left, where one is left; the second ends at the corner.
    assertEquals(new Region(0, 17, 100, 33), mask.hole().bounds());
  }

  @Test
  void perCentAreOfWidthAcrossAndOfHeightDown() throws Exception {
    ImageMask mask = build(new FakePixels(1000, 500, WHITE), PLAIN,
        new BoxMask(Anchor.BOTTOM_RIGHT, percent(20), percent(8), percent(2), percent(2)));
    assertEquals(new Region(780, 450, 200, 40), mask.hole().bounds());
  }

  /** Per cent that are whole pixels by arithmetic stay so in floating point. */
  @Test
  void perCentOfWholePixelsAddNoPixel() throws Exception {
    for (int p = 1; p <= 100; p++) {
      for (int extent : new int[] {100, 300, 700, 1100}) {
        ImageMask mask = build(new FakePixels(extent, 1, WHITE), PLAIN,
            new BoxMask(Anchor.TOP_RIGHT, percent(p), px(1), percent(100 - p), px(0)));
        assertEquals(new Region(0, 0, extent / 100 * p, 1), mask.hole().bounds(), p + "% of " + extent);
      }
    }
  }

  @Test
  void polygonIsFilledByTheEvenOddRule() throws Exception {
    Random random = new Random(3);
    for (int round = 0; round < 100; round++) {
      int w = 1 + random.nextInt(60);
      int h = 1 + random.nextInt(60);
      Path2D reference = new Path2D.Double(Path2D.WIND_EVEN_ODD);
      List<Point> points = new ArrayList<>();
      int corners = 3 + random.nextInt(8);
      for (int i = 0; i < corners; i++) {
        double x = random.nextDouble() * 1.4 * w - 0.2 * w;
        double y = random.nextDouble() * 1.4 * h - 0.2 * h;
        points.add(new Point(px(x), px(y)));
        if (i == 0) {
          reference.moveTo(x, y);
        } else {
          reference.lineTo(x, y);
        }
      }
      reference.closePath();
      Mask hole = build(new FakePixels(w, h, WHITE), PLAIN, new PolygonMask(points)).hole();
      for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
          assertEquals(reference.contains(x + 0.5, y + 0.5), hole.isHole(x, y), points + " at " + x + "," + y);
        }
      }
    }
  }

  @Test
  void polygonsThatShareAnEdgeShareNoPixelAndLeaveNoGap() throws Exception {
    FakePixels image = new FakePixels(40, 30, WHITE);
    Point a = new Point(px(0), px(0));
    Point b = new Point(percent(100), px(0));
    Point c = new Point(percent(100), percent(100));
    Point d = new Point(px(0), percent(100));
    long upper = build(image, PLAIN, new PolygonMask(List.of(a, b, c))).hole().count();
    long lower = build(image, PLAIN, new PolygonMask(List.of(a, c, d))).hole().count();
    assertEquals(40 * 30, upper + lower);
    assertEquals(40 * 30, build(image, PLAIN, new PolygonMask(List.of(a, b, c, d))).hole().count());
  }

  @Test
  void colorTakesWhatIsWithinTheToleranceInEveryChannel() throws Exception {
    FakePixels image = new FakePixels(6, 1, 0xff804020);
    image.set(1, 0, 0xff8a4a2a).set(2, 0, 0xff8b4020).set(3, 0, 0xff763616).set(4, 0, 0xff804015);
    ImageMask mask = build(image, PLAIN, new ColorMask(0x80, 0x40, 0x20, 10));
    assertEquals("##.#.#\n", text(mask.hole()));
    assertEquals("#....#\n", text(build(image, PLAIN, new ColorMask(0x80, 0x40, 0x20, 0)).hole()));
  }

  @Test
  void alphaTakesWhatIsLessThanHalfOpaque() throws Exception {
    FakePixels image = new FakePixels(4, 1, WHITE);
    image.set(0, 0, 0x00ffffff).set(1, 0, 0x7fffffff).set(2, 0, 0x80ffffff);
    ImageMask mask = build(image, PLAIN, new AlphaMask());
    assertEquals("##..\n", text(mask.hole()));
    assertEquals("##..\n", text(mask.opaque()));
    assertEquals(List.of("alpha"), mask.kinds());
    ImageMask none = build(new FakePixels(4, 1, WHITE), PLAIN, new AlphaMask());
    assertNull(none.opaque());
    assertEquals(List.of(), none.kinds());
  }

  @Test
  void onlyWhatAlphaAskedForBecomesOpaque() throws Exception {
    FakePixels image = new FakePixels(12, 1, WHITE).set(2, 0, 0);
    ImageMask mask = build(image, new MaskSettings(1, 0, Missing.FAIL), new BoxMask(Anchor.RIGHT, px(2), px(1), px(0), px(0)),
        new AlphaMask());
    assertEquals(".###.....###\n", text(mask.hole()));
    assertEquals(".###........\n", text(mask.opaque()));
    assertEquals(List.of("box", "alpha"), mask.kinds());
    ImageMask noMask = build(new FakePixels(3, 1, 0x90ffffff), PLAIN, new AlphaMask(), new CenterMask());
    assertNull(noMask.opaque());
  }

  @Test
  void fullIsAllAndCenterIsTheMiddleHalf() throws Exception {
    assertEquals(35, build(new FakePixels(7, 5, WHITE), PLAIN, new FullMask()).hole().count());
    assertEquals(new Region(2, 1, 4, 2), build(new FakePixels(8, 4, WHITE), PLAIN, new CenterMask()).hole().bounds());
    assertEquals(new Region(1, 0, 4, 1), build(new FakePixels(7, 1, WHITE), PLAIN, new CenterMask()).hole().bounds());
  }

  @Test
  void theMaskIsTheUnionAndNamesEachKindThatMarkedOnce() throws Exception {
    FakePixels image = new FakePixels(20, 4, WHITE).set(10, 2, 0xffff0000);
    ImageMask mask = build(image, PLAIN, new ColorMask(255, 0, 0, 5), new BoxMask(Anchor.TOP_LEFT, px(3), px(2), px(0), px(0)),
        new ColorMask(0, 255, 0, 5), new BoxMask(Anchor.TOP_LEFT, px(2), px(3), px(0), px(0)), new AlphaMask());
    assertEquals("###.................\n###.................\n##........#.........\n....................\n", text(mask.hole()));
    assertEquals(List.of("color", "box"), mask.kinds());
  }

  @Test
  void nothingMarkedIsAnEmptyMask() throws Exception {
    ImageMask mask = build(new FakePixels(9, 9, WHITE), new MaskSettings(4, 3, Missing.FAIL), new ColorMask(0, 0, 0, 3));
    assertTrue(mask.hole().bounds().isEmpty());
    assertEquals(List.of(), mask.kinds());
    assertArrayEquals(new byte[81], mask.weight());
  }

  /** Growth and feather against their definitions, pixel by pixel. */
  @Test
  void growthAndFeatherAreExact() throws Exception {
    Random random = new Random(11);
    for (int round = 0; round < 150; round++) {
      int w = 1 + random.nextInt(34);
      int h = 1 + random.nextInt(34);
      int grow = random.nextInt(9);
      int feather = random.nextInt(9);
      FakePixels mask = new FakePixels(w, h, FakePixels.grey(0));
      int blobs = random.nextInt(5);
      for (int i = 0; i < blobs; i++) {
        int bw = 1 + random.nextInt(w);
        int bh = 1 + random.nextInt(h);
        int bx = random.nextInt(w);
        int by = random.nextInt(h);
        for (int y = by; y < Math.min(h, by + bh); y++) {
          for (int x = bx; x < Math.min(w, bx + bw); x++) {
            mask.set(x, y, WHITE);
          }
        }
      }
      ImageMask built = fromSidecar(new FakePixels(w, h, WHITE), mask, new MaskSettings(grow, feather, Missing.FAIL));
      String what = w + "x" + h + " grow " + grow + " feather " + feather + " round " + round;
      boolean[] grown = new boolean[w * h];
      for (int i = 0; i < w * h; i++) {
        grown[i] = nearest(i, w, h, j -> mask.argb[j] == WHITE) <= grow;
        assertEquals(grown[i], built.hole().isHole(i % w, i / w), what);
        assertEquals(grown[i] ? Mask.HOLE : 0, built.hole().pixels()[i], what);
      }
      for (int i = 0; i < w * h; i++) {
        double d = nearest(i, w, h, j -> !grown[j]);
        long expected = d > feather ? 255 : Math.round(255 * d / (feather + 1));
        assertEquals(grown[i] ? expected : 0, built.weight()[i] & 255, what);
        assertEquals(grown[i], built.weight()[i] != 0, what);
        if (feather <= grow && mask.argb[i] == WHITE) {
          assertEquals(255, built.weight()[i] & 255, "marked by the job: " + what);
        }
      }
    }
  }

  private static double nearest(int i, int w, int h, java.util.function.IntPredicate seed) {
    double least = Double.POSITIVE_INFINITY;
    for (int j = 0; j < w * h; j++) {
      if (seed.test(j)) {
        least = Math.min(least, Math.hypot(j % w - i % w, j / w - i / w));
      }
    }
    return least;
  }

  @Test
  void featherGoesNotTowardsTheImagesBorder() throws Exception {
    ImageMask mask = build(new FakePixels(8, 1, WHITE), new MaskSettings(0, 3, Missing.FAIL),
        new BoxMask(Anchor.LEFT, px(6), px(1), px(0), px(0)));
    assertArrayEquals(new byte[] {-1, -1, -1, (byte) 191, (byte) 128, 64, 0, 0}, mask.weight());
    ImageMask full = build(new FakePixels(8, 3, WHITE), new MaskSettings(0, 3, Missing.FAIL), new FullMask());
    for (byte b : full.weight()) {
      assertEquals(-1, b);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, MaskSettings.MAX_FEATHER})
  void theOutermostPixelOfTheHoleHasSomeWeight(int feather) throws Exception {
    ImageMask mask = build(new FakePixels(600, 600, WHITE), new MaskSettings(1, feather, Missing.FAIL), new CenterMask());
    for (int i = 0; i < 600 * 600; i++) {
      assertEquals(mask.hole().pixels()[i] != 0, mask.weight()[i] != 0);
    }
  }

  @Test
  void withoutFeatherTheWeightIsTheHoleItself() throws Exception {
    ImageMask mask = build(new FakePixels(8, 8, WHITE), PLAIN, new CenterMask());
    assertSame(mask.hole().pixels(), mask.weight());
    assertNotSame(mask.hole().pixels(),
        build(new FakePixels(8, 8, WHITE), new MaskSettings(0, 1, Missing.FAIL), new CenterMask()).weight());
  }

  /** Memory follows the mask's two bytes a pixel: nothing else grows with the image or with the hole. */
  @Test
  void twoBytesAPixelAreAllThatIsAllocated() throws Exception {
    FakePixels image = new FakePixels(4000, 3000, WHITE);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (MaskSpec spec : List.of(new FullMask(), new BoxMask(Anchor.BOTTOM_RIGHT, px(300), px(100), px(20), px(20)))) {
      MaskBuilder builder = new MaskBuilder(List.of(spec), new MaskSettings(4, 3, Missing.FAIL), uri -> null, FakePixels.DECODER);
      long before = threads.getCurrentThreadAllocatedBytes();
      builder.build(image, List.of());
      long taken = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(taken < 2L * 4000 * 3000 + 2_000_000, spec + " took " + taken);
    }
  }

  @Test
  void greyAbove127IsHole() throws Exception {
    FakePixels mask = new FakePixels(6, 1, 0).set(0, 0, FakePixels.grey(127)).set(1, 0, FakePixels.grey(128))
        .set(2, 0, 0xff00ff00).set(3, 0, 0xffff0000)
        // Over black where it is transparent: white of a half, and of a little less.
        .set(4, 0, 0x80ffffff).set(5, 0, 0x7fffffff);
    assertEquals(".##.#.\n", text(fromSidecar(new FakePixels(6, 1, WHITE), mask, PLAIN).hole()));
  }

  @ParameterizedTest
  @CsvSource({"7,5,7,5", "20,10,10,5", "9,6,27,18", "100,75,40,30", "40,30,100,75", "33,22,50,33", "1,1,64,64", "64,64,1,1",
      "4000,3000,67,50", "10,1000,1,97"})
  void sidecarIsResizedByNearestNeighbour(int w, int h, int maskWidth, int maskHeight) throws Exception {
    Random random = new Random(w);
    FakePixels mask = new FakePixels(maskWidth, maskHeight, FakePixels.grey(0));
    for (int i = 0; i < mask.argb.length; i++) {
      mask.argb[i] = FakePixels.grey(random.nextInt(256));
    }
    Mask hole = fromSidecar(new FakePixels(w, h, WHITE), mask, PLAIN).hole();
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        int mx = (int) Math.floor((x + 0.5) * maskWidth / w);
        int my = (int) Math.floor((y + 0.5) * maskHeight / h);
        assertEquals((mask.argb[my * maskWidth + mx] & 255) > 127, hole.isHole(x, y), x + "," + y);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"640,480,480,640", "640,480,640,400", "640,480,64,50", "1000,1000,1000,1012"})
  void anotherAspectRatioIsTheImagesFailure(int w, int h, int maskWidth, int maskHeight) {
    ImageFailure e = assertThrows(ImageFailure.class,
        () -> fromSidecar(new FakePixels(w, h, WHITE), new FakePixels(maskWidth, maskHeight, WHITE), PLAIN));
    assertEquals(ErrorKind.MASK_ASPECT, e.kind());
    assertTrue(e.getMessage().contains("mask m is " + maskWidth + "x" + maskHeight) && e.getMessage().contains(w + "x" + h),
        e.getMessage());
  }

  private static ImageFailure failure(Missing missing, String uri, MaskFiles files) {
    MaskBuilder builder = new MaskBuilder(List.of(new SidecarMask.Dir("s3a://lake/masks")), new MaskSettings(0, 0, missing), files,
        FakePixels.DECODER);
    return assertThrows(ImageFailure.class, () -> builder.build(new FakePixels(4, 4, WHITE), Collections.singletonList(uri)));
  }

  @Test
  void badMaskFilesAreTheImagesFailure() {
    byte[] good = new FakePixels(4, 4, WHITE).file();
    Map<String, byte[]> bad = Map.of("has no bytes", new byte[0], "NOT_AN_IMAGE: no image", "some text".getBytes(), "TRUNCATED",
        java.util.Arrays.copyOf(good, good.length - 1), "claims 3600000000 pixels", "F 60000 60000 ".getBytes());
    bad.forEach((message, file) -> {
      ImageFailure e = failure(Missing.UNCHANGED, "s3a://lake/masks/a.png", uri -> file);
      assertEquals(ErrorKind.MASK_UNREADABLE, e.kind());
      assertTrue(e.getMessage().contains("s3a://lake/masks/a.png") && e.getMessage().contains(message), e.getMessage());
    });
    ImageFailure unread = failure(Missing.UNCHANGED, "a", uri -> {
      throw new ImageFailure(ErrorKind.MASK_UNREADABLE, "mask a: access denied");
    });
    assertEquals("mask a: access denied", unread.getMessage());
  }

  @Test
  void aMissingSidecarFailsTheImage() {
    ImageFailure e = failure(Missing.FAIL, null, uri -> null);
    assertEquals(ErrorKind.MASK_MISSING, e.kind());
    assertTrue(e.getMessage().contains("in s3a://lake/masks") && e.getMessage().contains("mask.missing"), e.getMessage());
    assertEquals(ErrorKind.MASK_MISSING, failure(Missing.FAIL, "gone", uri -> {
      throw new ImageFailure(ErrorKind.MASK_MISSING, "mask gone: was listed and is gone");
    }).kind());
  }

  @Test
  void aMissingSidecarAddsNothingWhereTheJobSaysSo() throws Exception {
    MaskBuilder builder = new MaskBuilder(List.of(new SidecarMask.Suffix("_m"), new CenterMask(), new SidecarMask.Dir("d")),
        new MaskSettings(0, 0, Missing.UNCHANGED), uri -> {
          throw new ImageFailure(ErrorKind.MASK_MISSING, "gone");
        }, FakePixels.DECODER);
    List<String> sidecars = new ArrayList<>(Collections.singletonList(null));
    sidecars.add("gone");
    ImageMask mask = builder.build(new FakePixels(4, 4, WHITE), sidecars);
    assertEquals(4, mask.hole().count());
    assertEquals(List.of("center"), mask.kinds());
  }

  @Test
  void eachSidecarEntryTakesItsOwnFile() throws Exception {
    Map<String, byte[]> files = Map.of("a", new FakePixels(4, 1, FakePixels.grey(0)).set(0, 0, WHITE).file(), "b",
        new FakePixels(4, 1, FakePixels.grey(0)).set(3, 0, WHITE).file());
    MaskBuilder builder = new MaskBuilder(List.of(new SidecarMask.Suffix("_a"), new ColorMask(1, 2, 3, 0), new SidecarMask.File("b")),
        PLAIN, files::get, FakePixels.DECODER);
    ImageMask mask = builder.build(new FakePixels(4, 1, WHITE), List.of("a", "b"));
    assertEquals("#..#\n", text(mask.hole()));
    assertEquals(List.of("sidecar"), mask.kinds());
    assertThrows(IllegalArgumentException.class, () -> builder.build(new FakePixels(4, 1, WHITE), List.of("a")));
  }

  @Test
  void theOneMaskOfAJobIsReadOnceForAllThreads() throws Exception {
    AtomicInteger reads = new AtomicInteger();
    byte[] file = new FakePixels(4, 4, WHITE).file();
    MaskBuilder builder = new MaskBuilder(List.of(new SidecarMask.File("one.png"), new SidecarMask.Suffix("_m")), PLAIN, uri -> {
      if (uri.equals("one.png") && reads.incrementAndGet() == 1) {
        throw new ImageFailure(ErrorKind.MASK_UNREADABLE, "busy");
      }
      return file;
    }, FakePixels.DECODER);
    List<String> sidecars = List.of("one.png", "own.png");
    assertThrows(ImageFailure.class, () -> builder.build(new FakePixels(8, 8, WHITE), sidecars));
    var pool = Executors.newFixedThreadPool(8);
    try {
      Callable<Long> one = () -> builder.build(new FakePixels(8, 8, WHITE), sidecars).hole().count();
      for (var count : pool.invokeAll(Collections.nCopies(100, one))) {
        assertEquals(64, count.get());
      }
    } finally {
      pool.shutdownNow();
    }
    assertEquals(2, reads.get(), "a failure is tried again, then it is kept");
  }

  @Test
  void kindsAreNamedOnce() {
    List<String> names = MaskKind.ALL.stream().map(MaskKind::name).toList();
    assertEquals(names.stream().distinct().toList(), names);
  }

  /** Finds the pixels that are pure blue, and puts red back in those of them that stand in the first row. */
  private record BlueSearch() implements MaskSpec {
    @Override
    public String kind() {
      return "blue";
    }

    @Override
    public void mark(MaskInput image, HoleMarker hole) {
      byte[] row = new byte[3 * image.width()];
      for (int y = 0; y < image.height(); y++) {
        image.readRow(y, row);
        for (int x = 0; x < image.width(); x++) {
          if (row[3 * x] == 0 && row[3 * x + 1] == 0 && (row[3 * x + 2] & 255) == 255) {
            hole.found(0.5 + y / 10.0);
            if (y == 0) {
              hole.restore(new Restoration(new Region(x, y, 1, 1), new float[] {1, 0, 0}, new byte[] {(byte) 255}));
            } else {
              hole.mark(y, x, x + 1);
            }
          }
        }
      }
    }

    @Override
    public boolean searches() {
      return true;
    }

    @Override
    public String canonical() {
      return "blue";
    }
  }

  @Test
  void whatIsFoundIsCountedAndLookedForAgain() throws Exception {
    int blue = 0xff0000ff;
    MaskBuilder builder = new MaskBuilder(List.of(new BlueSearch()), new MaskSettings(1, 0, Missing.FAIL), uri -> new byte[0],
        FakePixels.DECODER);
    FakePixels image = new FakePixels(6, 5, WHITE).set(2, 0, blue).set(1, 2, blue).set(4, 2, blue).set(4, 3, blue);
    ImageMask mask = builder.build(image, List.of());
    assertEquals(List.of(new Found("blue", 4, 0.5)), mask.found());
    assertEquals(List.of("blue"), mask.kinds());
    assertEquals(1, mask.restorations().size());
    assertEquals("......\n.#..#.\n######\n.#.###\n....#.\n", text(mask.hole()), "grown by one, and what is put back is no hole");
    assertEquals(0, builder.residual(new FakePixels(6, 5, WHITE), mask).orElseThrow());
    // One of four again, and one where there was none.
    FakePixels repaired = new FakePixels(6, 5, WHITE).set(4, 3, blue).set(0, 4, blue);
    assertEquals(0.25, builder.residual(repaired, mask).orElseThrow());
    assertEquals(0.5, builder.residual(repaired.set(2, 0, blue), mask).orElseThrow());

    ImageMask nothing = builder.build(new FakePixels(6, 5, WHITE), List.of());
    assertTrue(nothing.isEmpty());
    assertEquals(List.of(), nothing.found());
    assertTrue(builder.residual(repaired, nothing).isEmpty());
  }

  @Test
  void whatOnlyPutsBackIsNoHoleAndNotNothing() throws Exception {
    ImageMask mask = build(new FakePixels(3, 1, WHITE).set(1, 0, 0xff0000ff), PLAIN, new BlueSearch());
    assertEquals(0, mask.hole().count());
    assertEquals(List.of("blue"), mask.kinds());
    assertEquals(false, mask.isEmpty());
  }

  @Test
  void aSharedFileIsReadAndDecodedOnceForEachEntry() throws Exception {
    AtomicInteger reads = new AtomicInteger();
    record Shared(String uri) implements MaskSpec {
      @Override
      public String kind() {
        return "shared";
      }

      @Override
      public void mark(MaskInput image, HoleMarker hole) throws ImageFailure {
        int at = image.shared(uri, file -> (int) file[0]);
        hole.mark(0, at, at + 1);
      }

      @Override
      public String canonical() {
        return uri;
      }
    }
    MaskBuilder builder = new MaskBuilder(List.of(new Shared("one"), new Shared("three")), PLAIN, uri -> {
      reads.incrementAndGet();
      return new byte[] {(byte) (uri.equals("one") ? 1 : 3)};
    }, FakePixels.DECODER);
    for (int i = 0; i < 3; i++) {
      assertEquals(".#.#.\n", text(builder.build(new FakePixels(5, 1, WHITE), List.of()).hole()));
    }
    assertEquals(2, reads.get());
  }
}
