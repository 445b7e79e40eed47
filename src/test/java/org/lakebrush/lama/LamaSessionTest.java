package org.lakebrush.lama;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

class LamaSessionTest {

  /** Noise with a hole in the middle. */
  private static Planes noise(int width, int height, long seed) {
    Planes p = new Planes(width, height);
    Random random = new Random(seed);
    for (int i = 0; i < 3 * p.plane(); i++) {
      p.data()[i] = random.nextFloat();
    }
    for (int y = height / 3; y < height / 2; y++) {
      Arrays.fill(p.data(), 3 * p.plane() + y * width + width / 3, 3 * p.plane() + y * width + width / 2, 1);
    }
    return p;
  }

  private static Planes copy(Planes p) {
    return new Planes(p.width(), p.height(), p.data().clone());
  }

  /** What the small models make: image * (1 - mask) + mask / 4. */
  private static float[] painted(Planes p) {
    float[] data = p.data().clone();
    for (int i = 0; i < 3 * p.plane(); i++) {
      float mask = data[3 * p.plane() + i % p.plane()];
      data[i] = data[i] * (1 - mask) + mask / 4;
    }
    return data;
  }

  @Test
  void scalesTheOutputToOne() throws Exception {
    try (LamaPool s = Models.open(Models.small("dynamic-range255"), 1, 4)) {
      assertEquals("cpu", s.device());
      Planes p = noise(72, 64, 1);
      float[] expected = painted(p);
      s.fill(List.of(p));
      assertArrayEquals(expected, p.data(), 1e-6f);
    }
  }

  @Test
  void aFixedBatchTakesAnyNumberOfCrops() throws Exception {
    try (LamaPool s = Models.open(Models.small("batch3"), 1, 8)) {
      for (int n : new int[] {0, 1, 2, 3, 5}) {
        List<Planes> crops = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        for (int i = 0; i < n; i++) {
          crops.add(noise(64, 64, i));
          expected.add(painted(crops.get(i)));
        }
        s.fill(crops);
        for (int i = 0; i < n; i++) {
          assertArrayEquals(expected.get(i), crops.get(i).data(), 1e-6f);
        }
      }
    }
  }

  @Test
  void aBatchGivesTheBitsOfItsCropsAlone() throws Exception {
    try (LamaPool four = Models.open(Models.SHIPPED, 2, 4); LamaPool one = Models.open(Models.SHIPPED, 2, 1)) {
      for (int[] size : new int[][] {{64, 64}, {128, 192}, {136, 104}}) {
        List<Planes> together = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          together.add(noise(size[0], size[1], i));
        }
        List<Planes> alone = together.stream().map(LamaSessionTest::copy).toList();
        four.fill(together);
        one.fill(alone);
        for (int i = 0; i < 4; i++) {
          assertArrayEquals(alone.get(i).data(), together.get(i).data());
        }
      }
    }
  }

  @Test
  void theNumberOfThreadsDoesNotShow() throws Exception {
    List<float[]> results = new ArrayList<>();
    for (int threads = 1; threads <= 3; threads++) {
      try (LamaPool s = Models.open(Models.SHIPPED, threads, 2)) {
        Planes a = noise(192, 128, 7);
        Planes b = noise(72, 328, 8);
        s.fill(List.of(a, b));
        float[] both = Arrays.copyOf(a.data(), a.data().length + b.data().length);
        System.arraycopy(b.data(), 0, both, a.data().length, b.data().length);
        results.add(both);
      }
    }
    for (float[] r : results) {
      assertArrayEquals(results.get(0), r);
    }
  }

  @Test
  void manyCallersEachGetTheirOwn() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(8);
    try (LamaPool s = Models.open(Models.small("dynamic-range255"), 1, 4)) {
      List<Future<Boolean>> all = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        int seed = i;
        Callable<Boolean> call = () -> {
          Planes a = noise(64, 64 + 8 * (seed % 3), seed);
          Planes b = noise(64, 64, -seed);
          float[] wantA = painted(a);
          float[] wantB = painted(b);
          s.fill(List.of(a, b));
          assertArrayEquals(wantA, a.data(), 1e-6f);
          assertArrayEquals(wantB, b.data(), 1e-6f);
          return true;
        };
        all.add(callers.submit(call));
      }
      for (Future<Boolean> f : all) {
        assertTrue(f.get());
      }
    } finally {
      callers.shutdownNow();
    }
  }

  @Test
  void notANumberFailsItsCropAlone() throws Exception {
    try (LamaPool s = Models.open(Models.small("nan-on-black"), 1, 4)) {
      Planes black = new Planes(64, 64);
      ImageFailure e = assertThrows(ImageFailure.class, () -> s.fill(List.of(noise(64, 64, 1), black)));
      assertEquals(ErrorKind.MODEL, e.kind());
      assertTrue(e.getMessage().contains("NaN"), e.getMessage());

      Planes good = noise(64, 64, 2);
      float[] expected = painted(good);
      s.fill(List.of(good));
      assertArrayEquals(expected, good.data(), 1e-6f);
    }
  }

  @Test
  void aFailureOfOnnxRuntimeIsTheCropsFailure() throws Exception {
    try (LamaPool s = Models.open(Models.small("fixed512-range255"), 1, 1)) {
      ImageFailure e = assertThrows(ImageFailure.class, () -> s.fill(List.of(noise(64, 64, 1))));
      assertEquals(ErrorKind.MODEL, e.kind());
      assertTrue(e.getMessage().contains("64x64"), e.getMessage());
      Planes right = noise(512, 512, 1);
      s.fill(List.of(right));
      assertEquals(0.25f, right.data()[200 * 512 + 200], 1e-6f);
    }
  }

  @Test
  void anInterruptedCallerLeavesTheQueue() throws Exception {
    try (LamaPool s = Models.open(Models.small("dynamic-range255"), 1, 4)) {
      for (int i = 0; i < 20; i++) {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> s.fill(List.of(noise(64, 64, 1), noise(128, 64, 2))));
        assertFalse(Thread.currentThread().isInterrupted());
        Planes p = noise(64, 64, 3);
        float[] expected = painted(p);
        s.fill(List.of(p));
        assertArrayEquals(expected, p.data(), 1e-6f);
      }
    }
  }

  @Test
  void aClosedSessionTakesNothing() throws Exception {
    LamaPool s = Models.open(Models.small("dynamic-range255"), 1, 4);
    s.close();
    s.close();
    assertThrows(IllegalStateException.class, () -> s.fill(List.of(noise(64, 64, 1))));
  }

  @Test
  void callersThatWaitWhileItIsClosedGetAnException() throws Exception {
    LamaPool s = Models.open(Models.SHIPPED, 1, 1);
    List<FutureTask<Void>> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      List<Planes> crops = Stream.generate(() -> new Planes(256, 256)).limit(50).toList();
      FutureTask<Void> caller = new FutureTask<>(() -> {
        s.fill(crops);
        return null;
      });
      all.add(caller);
      Thread thread = new Thread(caller);
      thread.start();
      while (thread.getState() != Thread.State.WAITING && !caller.isDone()) {
        Thread.sleep(1);
      }
    }
    s.close();
    for (FutureTask<Void> f : all) {
      Throwable e = assertThrows(ExecutionException.class, () -> f.get(30, TimeUnit.SECONDS)).getCause();
      assertEquals(IllegalStateException.class, e.getClass());
      assertEquals("This session is closed", e.getMessage());
    }
  }

  @Test
  void aRunTakesNoMoreCropsThanABufferHolds() {
    assertEquals(4, LamaSession.inOneRun(4, new Planes(64, 64, null)));
    assertEquals(170, LamaSession.inOneRun(256, new Planes(1024, 1024, null)));
    assertEquals(2, LamaSession.inOneRun(256, new Planes(8192, 8192, null)));
  }

  @Test
  void withoutCudaAutoIsTheCpuAndCudaIsRefusedByName() throws Exception {
    Assumptions.assumeFalse(OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA));
    LamaModel model = LamaModel.inspect(Models.small("dynamic-range255"));
    try (LamaPool s = LamaPool.open(model, List.of(Device.parse("auto")), new LamaSettings(1, 1))) {
      assertEquals("cpu", s.device());
    }
    String message =
        assertThrows(ModelException.class, () -> LamaPool.open(model, List.of(Device.parse("cuda:1")), new LamaSettings(1, 1))).getMessage();
    assertTrue(message.contains("cuda:1") && message.contains("-Pgpu") && message.contains("--device cpu"), message);
  }
}
