package org.lakebrush.lama;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.lama.LamaSession.Layout;
import org.lakebrush.onnx.Onnx;

class LamaPoolTest {

  /** A crop on the heap: red, green, blue and mask, one plane after the other. */
  private record Crop(int width, int height, float[] data) {

    int plane() {
      return width * height;
    }

    /** What the small models make in the hole, by their definition; elsewhere the picture. */
    float[] painted() {
      float[] rgb = Arrays.copyOf(data, 3 * plane());
      for (int i = 0; i < rgb.length; i++) {
        rgb[i] = data[3 * plane() + i % plane()] != 0 ? 0.25f : rgb[i];
      }
      return rgb;
    }

    void paint(Planes given) {
      given.rgb().put(0, data, 0, 3 * plane());
      given.mask().put(0, data, 3 * plane(), plane());
    }

    /** What came out in the hole, and elsewhere what was given, which must have stayed. */
    float[] read(Planes given, Planes filled) {
      float[] rgb = new float[3 * plane()];
      for (int i = 0; i < rgb.length; i++) {
        assertEquals(data[3 * plane() + i % plane()], given.mask().get(i % plane()));
        assertEquals(data[i], given.rgb().get(i));
        rgb[i] = given.isHole(i % plane()) ? filled.rgb().get(i) : given.rgb().get(i);
      }
      return rgb;
    }
  }

  /** Noise, black in a hole in the middle. */
  private static Crop noise(int width, int height, long seed) {
    Crop crop = new Crop(width, height, new float[4 * width * height]);
    Random random = new Random(seed);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        boolean hole = y >= height / 3 && y < height / 2 && x >= width / 3 && x < width / 2;
        int i = y * width + x;
        for (int c = 0; c < 3; c++) {
          crop.data[c * crop.plane() + i] = hole ? 0 : random.nextFloat();
        }
        crop.data[3 * crop.plane() + i] = hole ? 1 : 0;
      }
    }
    return crop;
  }

  /** All black, with the same hole. */
  private static Crop black(int width, int height) {
    Crop crop = noise(width, height, 0);
    Arrays.fill(crop.data, 0, 3 * crop.plane(), 0);
    return crop;
  }

  /** Fills crops of one size by one caller. */
  private static List<float[]> fill(LamaPool pool, List<Crop> crops) throws Exception {
    List<float[]> filled = new ArrayList<>();
    while (filled.size() < crops.size()) {
      List<Crop> rest = crops.subList(filled.size(), crops.size());
      try (Slots slots = pool.claim(rest.get(0).width(), rest.get(0).height(), rest.size())) {
        for (int i = 0; i < slots.size(); i++) {
          rest.get(i).paint(slots.given(i));
        }
        slots.fill(slots.size());
        for (int i = 0; i < slots.size(); i++) {
          filled.add(rest.get(i).read(slots.given(i), slots.filled(i)));
        }
      }
    }
    return filled;
  }

  private static float[] fill(LamaPool pool, Crop crop) throws Exception {
    return fill(pool, List.of(crop)).get(0);
  }

  private static void assertFills(LamaPool pool, Crop crop) throws Exception {
    assertArrayEquals(crop.painted(), fill(pool, crop), 1e-6f);
  }

  private static <T> FutureTask<T> start(Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  /** A caller that has claimed and painted, and waits for its crop. */
  private static final class Caller {
    final FutureTask<float[]> result;
    final Thread thread;

    Caller(LamaPool pool, Crop crop) {
      result = new FutureTask<>(() -> fill(pool, crop));
      thread = new Thread(result);
      thread.setDaemon(true);
      thread.start();
    }

    /** Waits until it has handed in its crop. */
    Caller waits() throws InterruptedException {
      while (Arrays.stream(thread.getStackTrace())
          .noneMatch(e -> e.getClassName().equals(Batcher.class.getName()) && e.getMethodName().equals("await"))) {
        assertFalse(result.isDone(), "was done too soon");
        Thread.sleep(1);
      }
      return this;
    }

    float[] get() throws Exception {
      return result.get(30, TimeUnit.SECONDS);
    }
  }

  private static LamaModel model() throws ModelException {
    return LamaModel.inspect(Models.small("dynamic-range255"));
  }

  @Test
  void scalesTheOutputToOne() throws Exception {
    try (LamaPool pool = Models.open(Models.small("dynamic-range255"), 1, 4)) {
      assertEquals("cpu", pool.device());
      assertFills(pool, noise(72, 64, 1));
    }
  }

  @Test
  void aFixedBatchTakesAnyNumberOfCrops() throws Exception {
    try (LamaPool pool = Models.open(Models.small("batch3"), 1, 8)) {
      for (int n : new int[] {1, 2, 3, 5}) {
        List<Crop> crops = new ArrayList<>();
        for (int i = 0; i < n; i++) {
          crops.add(noise(64, 64, i));
        }
        List<float[]> filled = fill(pool, crops);
        for (int i = 0; i < n; i++) {
          assertArrayEquals(crops.get(i).painted(), filled.get(i), 1e-6f);
        }
      }
    }
  }

  @Test
  void aBatchGivesTheBitsOfItsCropsAlone() throws Exception {
    try (LamaPool four = Models.batched(Models.SHIPPED, 4, Models.FOR_EVER); LamaPool one = Models.open(Models.SHIPPED, 2, 4)) {
      for (int[] size : new int[][] {{64, 64}, {128, 192}, {136, 104}}) {
        List<Crop> crops = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          crops.add(noise(size[0], size[1], i));
        }
        List<float[]> together = fill(four, crops);
        for (int i = 0; i < 4; i++) {
          assertArrayEquals(fill(one, crops.get(i)), together.get(i));
        }
      }
      assertEquals(3, four.statistics().runs());
      assertEquals(12, four.statistics().crops());
      assertEquals(12, one.statistics().runs());
      assertEquals(Map.of(4, 3L), four.statistics().batches());
      assertEquals(Map.of(1, 12L), one.statistics().batches());
    }
  }

  @Test
  void theNumberOfThreadsDoesNotShow() throws Exception {
    List<float[]> results = new ArrayList<>();
    for (int threads = 1; threads <= 3; threads++) {
      try (LamaPool pool = Models.open(Models.SHIPPED, threads, 2)) {
        List<float[]> three = fill(pool, List.of(noise(192, 128, 7), noise(192, 128, 8), noise(192, 128, 9)));
        float[] all = Arrays.copyOf(three.get(0), 3 * three.get(0).length);
        System.arraycopy(three.get(1), 0, all, three.get(0).length, three.get(0).length);
        System.arraycopy(three.get(2), 0, all, 2 * three.get(0).length, three.get(0).length);
        results.add(all);
      }
    }
    for (float[] r : results) {
      assertArrayEquals(results.get(0), r);
    }
  }

  @Test
  void callersShareABatch() throws Exception {
    TestNetwork network = new TestNetwork(pixels -> true);
    try (LamaPool pool = Models.batched(model(), 4, Models.FOR_EVER, network)) {
      List<Caller> callers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        callers.add(new Caller(pool, noise(64, 64, i)).waits());
      }
      // Another size is another batch.
      Caller other = new Caller(pool, noise(72, 64, 3)).waits();
      assertEquals(List.of(), network.runs);
      assertFills(pool, noise(64, 64, 4));
      for (int i = 0; i < 3; i++) {
        assertArrayEquals(noise(64, 64, i).painted(), callers.get(i).get(), 1e-6f);
      }
      assertEquals(List.of(4), network.runs);
      assertFalse(other.result.isDone());
      pool.close();
      assertThrows(ExecutionException.class, other::get);
    }
  }

  @Test
  void aCropWaitsForTheDelayAndNoLonger() throws Exception {
    for (Duration delay : new Duration[] {Duration.ZERO, Duration.ofMillis(20)}) {
      TestNetwork network = new TestNetwork(pixels -> true);
      try (LamaPool pool = Models.batched(model(), 4, delay, network)) {
        assertFills(pool, noise(64, 64, 1));
        assertEquals(List.of(1), network.runs);
      }
    }
  }

  @Test
  void onTheCpuNoCropWaitsForOthers() throws Exception {
    LamaSettings settings = new LamaSettings(2, 4, Models.FOR_EVER, true, null);
    try (LamaPool pool = LamaPool.open(model(), List.of(Device.parse("cpu")), settings)) {
      List<Crop> crops = List.of(noise(64, 64, 1), noise(64, 64, 2), noise(64, 64, 3));
      List<float[]> filled = fill(pool, crops);
      for (int i = 0; i < 3; i++) {
        assertArrayEquals(crops.get(i).painted(), filled.get(i), 1e-6f);
      }
      assertEquals(3, pool.statistics().runs());
      assertTrue(pool.statistics().busyNanos() > 0);
    }
  }

  @Test
  void aBatchIsRunWholeWhereTheLayoutSaysSo() throws Exception {
    TestNetwork network = new TestNetwork(pixels -> true);
    LamaSettings settings = new LamaSettings(1, 4, Duration.ZERO, true, null);
    try (LamaPool pool = LamaPool.open(model(), settings, new Layout(1, true, TimeUnit.SECONDS.toNanos(1)), network, null)) {
      assertFills(pool, noise(64, 64, 1));
      assertFills(pool, noise(72, 64, 2));
      assertFills(pool, noise(64, 64, 3));
      assertEquals(List.of(4, 4, 4), network.runs);
    }
  }

  @Test
  void anOwnerKeepsToOneSizeForAWhile() throws Exception {
    for (long stay : new long[] {0, Models.FOR_EVER.toNanos()}) {
      TestNetwork network = new TestNetwork(pixels -> true);
      network.permits.drainPermits();
      LamaSettings settings = new LamaSettings(1, 1, Duration.ZERO, true, null);
      try (LamaPool pool = LamaPool.open(model(), settings, new Layout(1, false, stay), network, null)) {
        List<Caller> callers = new ArrayList<>();
        for (int width : new int[] {64, 72, 64, 72, 64}) {
          callers.add(new Caller(pool, noise(width, 64, width)).waits());
          // The first is in its run while the others wait.
          while (network.runs.isEmpty()) {
            Thread.sleep(1);
          }
        }
        network.permits.release(100);
        for (Caller caller : callers) {
          caller.get();
        }
      }
      assertEquals(stay == 0 ? List.of(64, 72, 64, 72, 64) : List.of(64, 64, 64, 72, 72), network.widths);
    }
  }

  @Test
  void aThousandCropsOfEightCallers() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(8);
    try (LamaPool pool = Models.batched(Models.small("dynamic-range255"), 4, Duration.ofMillis(1))) {
      List<Future<Boolean>> all = new ArrayList<>();
      int crops = 0;
      for (int i = 0; crops < 1000; i++) {
        Random random = new Random(i);
        int n = 1 + random.nextInt(5);
        int width = 64 + 8 * random.nextInt(6);
        int height = 64 + 8 * random.nextInt(4);
        crops += n;
        Callable<Boolean> call = () -> {
          List<Crop> some = new ArrayList<>();
          for (int c = 0; c < n; c++) {
            some.add(noise(width, height, random.nextLong()));
          }
          List<float[]> filled = fill(pool, some);
          for (int c = 0; c < n; c++) {
            assertArrayEquals(some.get(c).painted(), filled.get(c), 1e-6f);
          }
          return true;
        };
        all.add(callers.submit(call));
      }
      for (Future<Boolean> f : all) {
        assertTrue(f.get());
      }
      assertEquals(crops, pool.statistics().crops());
      assertTrue(pool.statistics().runs() < crops, "no two crops shared a batch");
      assertTrue(pool.statistics().batchBytes() <= 256L << 20, pool.statistics().batchBytes() + " bytes");
    } finally {
      callers.shutdownNow();
    }
  }

  /** 24 callers want 48 crops of 28 MiB each at once, in a pool that has room for 8. */
  @Test
  void whatDoesNotFitTheMemoryWaitsForIt() throws Exception {
    TestNetwork network = new TestNetwork(pixels -> true);
    LamaSettings settings = new LamaSettings(1, 1, Duration.ZERO, true, null);
    try (LamaPool pool = LamaPool.open(model(), settings, new Layout(2, false, 0), network, null)) {
      List<FutureTask<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        all.add(start(() -> {
          int done = 0;
          while (done < 2) {
            try (Slots slots = pool.claim(1024, 1024, 2 - done)) {
              slots.fill(slots.size());
              done += slots.size();
            }
          }
          return done;
        }));
      }
      for (FutureTask<Integer> task : all) {
        assertEquals(2, task.get(60, TimeUnit.SECONDS));
      }
      assertEquals(48, network.runs.size());
      assertTrue(pool.statistics().batchBytes() <= 256L << 20, pool.statistics().batchBytes() + " bytes");
    }
  }

  @Test
  void notANumberFailsItsCropAlone() throws Exception {
    try (LamaPool pool = Models.batched(Models.small("nan-on-black"), 2, Models.FOR_EVER)) {
      Caller good = new Caller(pool, noise(64, 64, 1)).waits();
      ImageFailure e = assertThrows(ImageFailure.class, () -> fill(pool, black(64, 64)));
      assertEquals(ErrorKind.MODEL, e.kind());
      assertTrue(e.getMessage().contains("NaN"), e.getMessage());
      assertArrayEquals(noise(64, 64, 1).painted(), good.get(), 1e-6f);
      assertEquals(1, pool.statistics().runs());
    }
  }

  @Test
  void aFailureOfOnnxRuntimeIsTheCropsFailure() throws Exception {
    try (LamaPool pool = Models.open(Models.small("fixed512-range255"), 1, 1)) {
      ImageFailure e = assertThrows(ImageFailure.class, () -> fill(pool, noise(64, 64, 1)));
      assertEquals(ErrorKind.MODEL, e.kind());
      assertTrue(e.getMessage().contains("64x64"), e.getMessage());
      assertFills(pool, noise(512, 512, 1));
    }
  }

  @Test
  void aBatchThatDoesNotFitTheDeviceIsHalved() throws Exception {
    TestNetwork network = new TestNetwork(pixels -> pixels <= 2 * 64 * 64);
    try (LamaPool pool = Models.batched(model(), 5, Models.FOR_EVER, network)) {
      List<Crop> crops = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        crops.add(noise(64, 64, i));
      }
      List<float[]> filled = fill(pool, crops);
      for (int i = 0; i < 5; i++) {
        assertArrayEquals(crops.get(i).painted(), filled.get(i), 1e-6f);
      }
      assertEquals(List.of(5, 3, 2, 1, 2), network.runs);
      assertEquals(2, pool.statistics().halved());
      assertThrows(CropTooLarge.class, () -> fill(pool, List.of(noise(128, 128, 1), noise(128, 128, 2), noise(128, 128, 3),
          noise(128, 128, 4), noise(128, 128, 5))));
    }
  }

  @Test
  void whatTheHalfModelDamagesIsRunAgainInFloat32() throws Exception {
    for (String half : new String[] {"nan-on-black", "black-hole"}) {
      LamaSettings settings = new LamaSettings(2, 4, Duration.ZERO, true, LamaModel.inspect(Models.small(half)));
      try (LamaPool pool = LamaPool.open(model(), List.of(Device.parse("cpu")), settings)) {
        Crop sick = half.equals("black-hole") ? noise(64, 64, 1) : black(64, 64);
        Crop sound = half.equals("black-hole") ? black(64, 64) : noise(64, 64, 1);
        assertArrayEquals(sick.painted(), fill(pool, sick), 1e-6f, half);
        assertEquals(1, pool.statistics().rerun(), half);
        assertEquals(2, pool.statistics().runs(), half);
        // A black picture's fill is black by right.
        float[] expected = half.equals("black-hole") ? new float[3 * 64 * 64] : sound.painted();
        assertArrayEquals(expected, fill(pool, sound), 1e-6f, half);
        assertEquals(1, pool.statistics().rerun(), half);
        try (Slots slots = pool.claim(64, 64, 2)) {
          sick.paint(slots.given(0));
          sound.paint(slots.given(1));
          slots.fill(2);
          assertEquals(1, slots.rerun(), half);
          assertArrayEquals(sick.painted(), sick.read(slots.given(0), slots.filled(0)), 1e-6f, half);
          assertArrayEquals(expected, sound.read(slots.given(1), slots.filled(1)), 1e-6f, half);
        }
        assertEquals(4, pool.statistics().crops(), half);
      }
    }
  }

  @Test
  void aHalfModelOfOtherSizesIsRefused() throws Exception {
    LamaSettings settings = new LamaSettings(1, 1, Duration.ZERO, true, LamaModel.inspect(Models.small("modulo16-named")));
    String message = assertThrows(ModelException.class,
        () -> LamaPool.open(model(), List.of(Device.parse("cpu")), settings)).getMessage();
    assertTrue(message.contains("inpaint.half_model") && message.contains("modulo16-named.onnx"), message);
  }

  @Test
  void anInterruptedCallerLeavesTheQueue() throws Exception {
    try (LamaPool pool = Models.open(Models.small("dynamic-range255"), 1, 4)) {
      for (int i = 0; i < 20; i++) {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> fill(pool, noise(64, 64, 1)));
        assertFalse(Thread.currentThread().isInterrupted());
        assertFills(pool, noise(64, 64, 3));
      }
    }
  }

  @Test
  void whoLeavesABatchHarmsNoOther() throws Exception {
    TestNetwork network = new TestNetwork(pixels -> true);
    try (LamaPool pool = Models.batched(model(), 3, Models.FOR_EVER, network)) {
      Caller leaves = new Caller(pool, noise(64, 64, 1)).waits();
      Caller stays = new Caller(pool, noise(64, 64, 2)).waits();
      leaves.thread.interrupt();
      assertEquals(InterruptedException.class, assertThrows(ExecutionException.class, leaves::get).getCause().getClass());
      Caller joins = new Caller(pool, noise(64, 64, 3)).waits();
      assertEquals(List.of(), network.runs);
      assertFills(pool, noise(64, 64, 4));
      assertArrayEquals(noise(64, 64, 2).painted(), stays.get(), 1e-6f);
      assertArrayEquals(noise(64, 64, 3).painted(), joins.get(), 1e-6f);
      assertEquals(List.of(3), network.runs);
    }
  }

  /** Callers that are interrupted, or leave without a word, at any moment: all others get theirs, and no memory is lost. */
  @Test
  void nothingIsLostOfThoseWhoLeave() throws Exception {
    TestNetwork network = new TestNetwork(pixels -> true);
    LamaSettings settings = new LamaSettings(1, 1, Duration.ofMillis(1), true, null);
    try (LamaPool pool = LamaPool.open(model(), settings, new Layout(8, false, 0), network, null)) {
      List<FutureTask<Integer>> callers = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        Random random = new Random(t);
        FutureTask<Integer> caller = new FutureTask<>(() -> {
          int filled = 0;
          for (int i = 0; i < 60; i++) {
            int width = 64 + 8 * random.nextInt(3);
            List<Crop> crops = List.of(noise(width, 64, random.nextLong()), noise(width, 64, random.nextLong()));
            try (Slots slots = pool.claim(width, 64, 2)) {
              for (int c = 0; c < slots.size(); c++) {
                crops.get(c).paint(slots.given(c));
              }
              int n = random.nextInt(slots.size() + 1);
              slots.fill(n);
              for (int c = 0; c < n; c++) {
                assertArrayEquals(crops.get(c).painted(), crops.get(c).read(slots.given(c), slots.filled(c)), 1e-6f);
                filled++;
              }
            } catch (InterruptedException e) {
              // This crop is nobody's any more.
              filled++;
            }
          }
          return filled;
        });
        callers.add(caller);
        threads.add(new Thread(caller));
      }
      threads.forEach(Thread::start);
      Random random = new Random(9);
      while (threads.stream().anyMatch(Thread::isAlive)) {
        threads.get(random.nextInt(8)).interrupt();
        Thread.sleep(1);
      }
      for (FutureTask<Integer> caller : callers) {
        assertTrue(caller.get() > 0);
      }
      // All of the memory: 8 crops of 32 MiB.
      try (Slots all = pool.claim(1024, 1024, 8)) {
        assertEquals(8, all.size());
      }
      assertEquals(256L << 20, pool.statistics().batchBytes());
    }
  }

  @Test
  void aBatchWaitsForThosePaintingAndNotForThoseWhoFailed() throws Exception {
    TestNetwork network = new TestNetwork(pixels -> true);
    try (LamaPool pool = Models.batched(model(), 3, Duration.ZERO, network)) {
      Caller other;
      try (Slots painting = pool.claim(64, 64, 2)) {
        assertEquals(2, painting.size());
        other = new Caller(pool, noise(64, 64, 2)).waits();
        assertEquals(List.of(), network.runs);
      }
      assertArrayEquals(noise(64, 64, 2).painted(), other.get(), 1e-6f);
      assertEquals(1, network.runs.size());
    }
  }

  @Test
  void aClosedPoolTakesNothing() throws Exception {
    LamaPool pool = Models.open(Models.small("dynamic-range255"), 1, 4);
    pool.close();
    pool.close();
    assertThrows(IllegalStateException.class, () -> fill(pool, noise(64, 64, 1)));
    assertThrows(IllegalStateException.class, () -> pool.ensure(Device.parse("cpu")));
  }

  @Test
  void callersThatWaitWhileItIsClosedGetAnException() throws Exception {
    LamaPool pool = Models.batched(Models.SHIPPED, 200, Models.FOR_EVER);
    List<Caller> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(new Caller(pool, noise(64, 64, i)).waits());
    }
    pool.close();
    for (Caller caller : all) {
      Throwable e = assertThrows(ExecutionException.class, caller::get).getCause();
      assertEquals(IllegalStateException.class, e.getClass());
      assertEquals("This session is closed", e.getMessage());
    }
  }

  @Test
  void aLongRunIsCutShort() throws Exception {
    LamaPool pool = Models.open(Models.SHIPPED, 1, 1);
    Caller caller = new Caller(pool, noise(1024, 1024, 1)).waits();
    pool.close();
    assertEquals(IllegalStateException.class, assertThrows(ExecutionException.class, caller::get).getCause().getClass());
  }

  @Test
  void callersWhoseCropsRunAgainWhileItIsClosedAreNotForgotten() throws Exception {
    Network half = new Network() {
      @Override
      public void run(FloatBuffer image, FloatBuffer mask, FloatBuffer output, int n, int height, int width, boolean shrink) {
        for (int i = 0; i < output.limit(); i++) {
          output.put(i, Float.NaN);
        }
      }

      @Override
      public void close() {}
    };
    TestNetwork network = new TestNetwork(pixels -> true);
    network.permits.drainPermits();
    LamaSettings settings = new LamaSettings(1, 2, Duration.ofHours(1), true, model());
    LamaPool pool = LamaPool.open(model(), settings, new Layout(1, false, 0), network, half);
    List<Caller> callers = List.of(new Caller(pool, noise(64, 64, 1)).waits(), new Caller(pool, noise(64, 64, 2)));
    // Both share a batch, and neither has its crop until it is run again: one of them runs.
    while (network.runs.isEmpty()) {
      Thread.sleep(1);
    }
    for (Caller caller : callers) {
      caller.waits();
    }
    FutureTask<Boolean> closing = start(() -> {
      pool.close();
      return true;
    });
    assertThrows(IllegalStateException.class, () -> {
      while (true) {
        pool.claim(64, 64, 1).close();
        Thread.sleep(1);
      }
    });
    network.permits.release(2);
    int failed = 0;
    for (Caller caller : callers) {
      try {
        caller.get();
      } catch (ExecutionException e) {
        assertEquals(IllegalStateException.class, e.getCause().getClass());
        failed++;
      }
    }
    assertTrue(closing.get(30, TimeUnit.SECONDS));
    assertEquals(1, failed);
  }

  @Test
  void largeCropsCountForMany() {
    assertEquals(4, LamaPool.capacity(64, 64, 4));
    assertEquals(8, LamaPool.capacity(512, 512, 8));
    assertEquals(2, LamaPool.capacity(1024, 1024, 8));
    assertEquals(1, LamaPool.capacity(8192, 8192, 256));
  }

  @Test
  void withoutCudaAutoIsTheCpuAndCudaIsRefusedByName() throws Exception {
    Assumptions.assumeFalse(Onnx.hasCuda());
    // Two GPUs that are not there are one CPU.
    try (LamaPool pool = LamaPool.open(model(), List.of(Device.parse("auto"), new Device(Device.Kind.AUTO, 1)), new LamaSettings(1, 1))) {
      assertEquals("cpu", pool.device());
      assertFills(pool, noise(64, 64, 1));
      assertThrows(ModelException.class, () -> pool.ensure(Device.parse("cuda:3")));
      assertFills(pool, noise(64, 64, 1));
    }
    String message = assertThrows(ModelException.class,
        () -> LamaPool.open(model(), List.of(Device.parse("cuda:1")), new LamaSettings(1, 1))).getMessage();
    assertTrue(message.contains("cuda:1") && message.contains("-Pgpu") && message.contains("--device cpu"), message);
  }
}
