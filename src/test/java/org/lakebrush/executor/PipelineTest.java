package org.lakebrush.executor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Encoded;
import org.lakebrush.image.ImageFormat;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.mask.ColorMask;
import org.lakebrush.mask.HoleMarker;
import org.lakebrush.mask.MaskInput;
import org.lakebrush.mask.MaskSettings;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.mask.SidecarMask;
import org.lakebrush.repair.RepairSettings;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.repair.Repairer;
import org.lakebrush.sink.FencedException;
import org.lakebrush.sink.Status;
import org.lakebrush.sink.Written;
import org.lakebrush.source.ImageRef;
import org.lakebrush.spectral.SpectralSettings;
import org.lakebrush.testing.Lakes;

@Timeout(60)
class PipelineTest {
  private static final RepairSettings SETTINGS = new RepairSettings(List.of(new ColorMask(255, 0, 0, 60)),
      new MaskSettings(4, 3, MaskSettings.Missing.FAIL), new InpaintSettings("small", 1, 512, 4), SpectralSettings.OFF, null, 100_000_000);

  private static LamaPool lama;
  private static ImageRepair repair;
  private static Pipeline pipeline;

  @BeforeAll
  static void open() throws Exception {
    lama = LamaPool.open(LamaModel.inspect(Path.of("src/test/resources/models/dynamic-range255.onnx")),
        List.of(Device.parse("cpu")), new LamaSettings(1, 4));
    repair = new ImageRepair(new Repairer(SETTINGS, lama, uri -> {
      throw new ImageFailure(ErrorKind.MASK_MISSING, uri);
    })::repair, SETTINGS, 0.5, 1800);
    pipeline = new Pipeline(2, lama.places());
  }

  @AfterAll
  static void close() {
    pipeline.close();
    lama.close();
  }

  /** An image in memory. */
  private static class Work implements ImageWork {
    private static final Map<String, byte[]> OUT = new ConcurrentHashMap<>();

    private final String name;
    private final byte[] file;

    Work(String name, byte[] file) {
      this.name = name;
      this.file = file;
    }

    @Override
    public ImageRef ref() {
      return new ImageRef(name, name, file.length, 0, List.of(), "f");
    }

    @Override
    public byte[] read() throws ImageFailure {
      return file;
    }

    @Override
    public Written write(Encoded repaired) {
      OUT.put(name, repaired.bytes());
      return new Written(name, repaired.bytes().length, "hash of " + name);
    }

    @Override
    public Written copy(byte[] copied) {
      OUT.put(name, copied);
      return null;
    }
  }

  private static byte[] marked(int seed) {
    return Lakes.encode(Lakes.picture(112, 96, seed, false), "png");
  }

  private static Work marked(String name, int seed) {
    return new Work(name, marked(seed));
  }

  private static List<Done<Work>> all(List<Work> works) throws InterruptedException {
    List<Done<Work>> done = new ArrayList<>();
    try (Pipeline.Images<Work> images = pipeline.repair(repair, works.iterator())) {
      while (images.hasNext()) {
        done.add(images.next());
      }
    }
    return done;
  }

  @Test
  void eachImageComesOutOnceAndAsItWouldAlone() throws Exception {
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      works.add(marked("many" + i, i));
    }
    List<Done<Work>> done = all(works);
    assertEquals(60, done.stream().map(d -> d.work().name).distinct().count());
    assertEquals(60, done.size());
    for (Done<Work> d : done) {
      assertEquals(Status.REPAIRED, d.status());
      assertEquals("hash of " + d.work().name, d.written().sha256());
      byte[] alone = repair.operation().apply(d.work().file, d.work().name, List.of(), null, new RepairTrace()).orElseThrow().bytes();
      assertArrayEquals(alone, Work.OUT.get(d.work().name));
    }
  }

  @Test
  void whatIsUnchangedBrokenOrADefectIsARow() throws Exception {
    byte[] clean = Lakes.encode(Lakes.picture(112, 96, 1, true), "png");
    Map<String, Done<Work>> done = new TreeMap<>();
    all(List.of(new Work("clean", clean), new Work("broken", new byte[] {1, 2, 3}), marked("good", 1),
        new Work("gone", clean) {
          @Override
          public byte[] read() throws ImageFailure {
            throw new ImageFailure(ErrorKind.VANISHED, "gone");
          }
        },
        new Work("defect", clean) {
          @Override
          public Written copy(byte[] copied) {
            throw new IllegalArgumentException("on purpose");
          }
        })).forEach(d -> done.put(d.work().name, d));
    assertEquals(Status.UNCHANGED, done.get("clean").status());
    assertNull(done.get("clean").written());
    assertArrayEquals(clean, Work.OUT.get("clean"));
    assertEquals(ErrorKind.NOT_AN_IMAGE, done.get("broken").failure().kind());
    assertEquals(ErrorKind.VANISHED, done.get("gone").failure().kind());
    assertEquals(ErrorKind.INTERNAL, done.get("defect").failure().kind());
    assertTrue(done.get("defect").failure().getMessage().contains("on purpose"));
    assertEquals(Status.REPAIRED, done.get("good").status());
  }

  @Test
  void aSlowImageHoldsUpNoOther() throws Exception {
    CountDownLatch others = new CountDownLatch(1);
    List<Work> works = new ArrayList<>();
    works.add(new Work("slow", marked(1)) {
      @Override
      public byte[] read() throws ImageFailure {
        try {
          others.await();
        } catch (InterruptedException e) {
          throw new ImageFailure(ErrorKind.UNREADABLE, "interrupted", e);
        }
        return super.read();
      }
    });
    for (int i = 0; i < 40; i++) {
      works.add(marked("quick" + i, i));
    }
    try (Pipeline.Images<Work> images = pipeline.repair(repair, works.iterator())) {
      for (int i = 0; i < 40; i++) {
        assertTrue(images.next().work().name.startsWith("quick"));
      }
      others.countDown();
      assertEquals("slow", images.next().work().name);
      assertFalse(images.hasNext());
    }
  }

  @Test
  void filesInHandAreBoundedByTheirBytes() throws Exception {
    // As listed each takes a third of the room that there is for files, twice: as it came and as it goes.
    long length = Runtime.getRuntime().maxMemory() / 4 / 6;
    AtomicInteger inHand = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      byte[] file = marked(i);
      works.add(new Work("large" + i, file) {
        @Override
        public ImageRef ref() {
          return new ImageRef("large", "large", length, 0, List.of(), "f");
        }

        @Override
        public byte[] read() {
          most.accumulateAndGet(inHand.incrementAndGet(), Math::max);
          return file;
        }

        @Override
        public Written write(Encoded repaired) {
          inHand.decrementAndGet();
          return super.write(repaired);
        }
      });
    }
    assertEquals(20, all(works).size());
    assertTrue(most.get() >= 1 && most.get() <= 3, "at once: " + most);
  }

  /** As of BMPs made of PNGs: no more of them wait for a slow store than there are repairers. */
  @Test
  void outputsThatAreLargeAreNotPiledUp() throws Exception {
    RepairSettings bmp = new RepairSettings(SETTINGS.masks(), SETTINGS.mask(), SETTINGS.inpaint(), SpectralSettings.OFF, ImageFormat.BMP,
        100_000_000);
    ImageRepair toBmp = new ImageRepair(new Repairer(bmp, lama, uri -> {
      throw new ImageFailure(ErrorKind.MASK_MISSING, uri);
    })::repair, bmp, 0.5, 1800);
    byte[] file = Lakes.encode(Lakes.picture(600, 400, 1, false), "png");
    AtomicInteger repaired = new AtomicInteger();
    CountDownLatch store = new CountDownLatch(1);
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      works.add(new Work("bmp" + i, file) {
        @Override
        public Written write(Encoded bytes) {
          repaired.incrementAndGet();
          try {
            store.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return super.write(bytes);
        }
      });
    }
    try (Pipeline small = new Pipeline(1, 1); Pipeline.Images<Work> images = small.repair(toBmp, works.iterator())) {
      FutureTask<Done<Work>> first = new FutureTask<>(images::next);
      new Thread(first).start();
      while (repaired.get() < 2) {
        Thread.sleep(5);
      }
      Thread.sleep(500);
      assertEquals(2, repaired.get(), "by two repairers");
      store.countDown();
      assertEquals(Status.REPAIRED, first.get().status());
      int rest = 0;
      while (images.hasNext()) {
        assertEquals(Status.REPAIRED, images.next().status());
        rest++;
      }
      assertEquals(11, rest);
    }
  }

  @Test
  void aTaskThatIsGivenUpLeavesNoWorkBehind() throws Exception {
    AtomicInteger inRead = new AtomicInteger();
    CountDownLatch begun = new CountDownLatch(1);
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      works.add(new Work("endless" + i, marked(i)) {
        @Override
        public byte[] read() throws ImageFailure {
          inRead.incrementAndGet();
          begun.countDown();
          try {
            Thread.sleep(TimeUnit.HOURS.toMillis(1));
            return super.read();
          } catch (InterruptedException e) {
            throw new ImageFailure(ErrorKind.UNREADABLE, "interrupted", e);
          } finally {
            inRead.decrementAndGet();
          }
        }
      });
    }
    Pipeline.Images<Work> images = pipeline.repair(repair, works.iterator());
    FutureTask<Done<Work>> task = new FutureTask<>(images::next);
    Thread thread = new Thread(task);
    thread.start();
    begun.await();
    thread.interrupt();
    Throwable e = assertThrows(java.util.concurrent.ExecutionException.class, task::get).getCause();
    assertEquals(InterruptedException.class, e.getClass());
    images.close();
    assertEquals(0, inRead.get());
    assertEquals(10, all(List.copyOf(quick("after", 10))).size(), "others go on");
  }

  private static List<Work> quick(String name, int n) {
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      works.add(marked(name + i, i));
    }
    return works;
  }

  @Test
  void anErrorIsTheTasksOwn() {
    Work broken = new Work("error", marked(1)) {
      @Override
      public byte[] read() {
        throw new OutOfMemoryError("on purpose");
      }
    };
    assertThrows(OutOfMemoryError.class, () -> all(List.of(broken)));
  }

  @Test
  void whatIsBrokenOffByTheClosingIsNoFailedImage() throws Exception {
    Pipeline other = new Pipeline(1, 1);
    CountDownLatch begun = new CountDownLatch(1);
    Work interrupted = new Work("interrupted", marked(1)) {
      @Override
      public byte[] read() throws ImageFailure {
        begun.countDown();
        try {
          Thread.sleep(TimeUnit.HOURS.toMillis(1));
          return super.read();
        } catch (InterruptedException e) {
          throw new ImageFailure(ErrorKind.UNREADABLE, "interrupted", e);
        }
      }
    };
    FutureTask<Done<Work>> task = new FutureTask<>(() -> {
      try (Pipeline.Images<Work> images = other.repair(repair, List.of(interrupted).iterator())) {
        return images.next();
      }
    });
    new Thread(task).start();
    begun.await();
    other.close();
    Throwable e = assertThrows(java.util.concurrent.ExecutionException.class, task::get).getCause();
    assertEquals(IllegalStateException.class, e.getClass());
  }

  @Test
  void placesAreMadeForMoreDevices() throws Exception {
    CountDownLatch masks = new CountDownLatch(5);
    RepairSettings waiting = new RepairSettings(List.of(new SidecarMask.Dir("file:/masks")), SETTINGS.mask(), SETTINGS.inpaint(),
        SpectralSettings.OFF, null, 100_000_000);
    ImageRepair all = new ImageRepair(new Repairer(waiting, lama, uri -> {
      masks.countDown();
      try {
        masks.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new ImageFailure(ErrorKind.MASK_MISSING, uri);
    })::repair, waiting, 0.5, 1800);
    try (Pipeline small = new Pipeline(1, 1); Pipeline.Images<Work> images = small.repair(all, sidecars(5).iterator())) {
      FutureTask<Done<Work>> task = new FutureTask<>(images::next);
      new Thread(task).start();
      // All wait for each other: with two threads, for ever.
      small.ensurePlaces(4);
      assertEquals(ErrorKind.MASK_MISSING, task.get(30, TimeUnit.SECONDS).failure().kind());
    }
  }

  /** A mask that leaves no thread back that began on an image of one width, until it is told to. */
  private record StuckMask(int width, long memory) implements MaskSpec {
    private static final long serialVersionUID = 1;
    private static volatile CountDownLatch release = new CountDownLatch(1);

    @Override
    public String kind() {
      return "stuck";
    }

    @Override
    public void mark(MaskInput image, HoleMarker hole) {
      while (image.width() == width && release.getCount() > 0) {
        LockSupport.parkNanos(1_000_000);
        // As native code, it takes no notice.
        Thread.interrupted();
      }
      hole.mark(0, 0, 5);
    }

    @Override
    public long bytes(int imageWidth, int imageHeight) {
      return memory;
    }

    @Override
    public String canonical() {
      return "stuck";
    }
  }

  private static ImageRepair stuck(int seconds, long memory) {
    StuckMask.release = new CountDownLatch(1);
    RepairSettings settings = new RepairSettings(List.of(new StuckMask(90, memory)), SETTINGS.mask(), SETTINGS.inpaint(),
        SpectralSettings.OFF, null, 100_000_000);
    return new ImageRepair(new Repairer(settings, lama, uri -> {
      throw new ImageFailure(ErrorKind.MASK_MISSING, uri);
    })::repair, settings, 0.5, seconds);
  }

  @Test
  void anImageThatHangsIsGivenUpAndHoldsUpNoOther() throws Exception {
    Work hangs = new Work("hangs", Lakes.encode(Lakes.picture(90, 96, 1, false), "png"));
    List<Work> works = new ArrayList<>(List.of(hangs));
    works.addAll(quick("beside", 30));
    Map<String, Done<Work>> done = new TreeMap<>();
    // One thread: without another in its place the rest would never be done.
    try (Pipeline one = new Pipeline(1, 0); Pipeline.Images<Work> images = one.repair(stuck(1, 0), works.iterator())) {
      while (images.hasNext()) {
        Done<Work> next = images.next();
        assertNull(done.put(next.work().name, next), "twice: " + next.work().name);
      }
      assertEquals(31, done.size());
      Done<Work> failed = done.remove("hangs");
      assertEquals(ErrorKind.TOO_SLOW, failed.failure().kind());
      assertTrue(failed.failure().getMessage().contains("limits.seconds_per_image"), failed.failure().getMessage());
      assertTrue(failed.failure().getMessage().contains("stage mask"), failed.failure().getMessage());
      assertEquals(90, failed.trace().width());
      done.values().forEach(d -> assertEquals(Status.REPAIRED, d.status()));
      // What its thread brings in the end is nobody's.
      StuckMask.release.countDown();
      try (Pipeline.Images<Work> more = one.repair(stuck(60, 0), quick("later", 10).iterator())) {
        for (int i = 0; i < 10; i++) {
          assertTrue(more.next().work().name.startsWith("later"));
        }
        assertFalse(more.hasNext());
      }
      assertFalse(images.hasNext());
      assertFalse(Work.OUT.containsKey("hangs"));
    }
  }

  @Test
  void aProcessThatIsFullOfImagesThatHangEnds() throws Exception {
    // Two of them take more than half of what there is for pictures.
    ImageRepair stuck = stuck(1, Runtime.getRuntime().maxMemory() / 2 * 3 / 10);
    byte[] file = Lakes.encode(Lakes.picture(90, 96, 1, false), "png");
    try (Pipeline two = new Pipeline(2, 0);
        Pipeline.Images<Work> images = two.repair(stuck, List.of(new Work("one", file), new Work("two", file)).iterator())) {
      assertEquals(ErrorKind.TOO_SLOW, images.next().failure().kind());
      InternalError e = assertThrows(InternalError.class, images::next);
      assertTrue(e.getMessage().contains("limits.seconds_per_image"), e.getMessage());
    } finally {
      StuckMask.release.countDown();
    }
  }

  @Test
  void waitingForTheMemoryOfAnImageThatHangsHasAnEnd() throws Exception {
    ByteBudget budget = new ByteBudget(100_000);
    ByteBudget.Share hangs = budget.acquire(40_000);
    FutureTask<Long> all = new FutureTask<>(() -> {
      try (ByteBudget.Share rest = budget.acquire(200_000)) {
        assertTrue(budget.tryAcquire(1).isEmpty());
        return budget.writtenOff();
      }
    });
    new Thread(all).start();
    hangs.writeOff();
    assertEquals(40_000, all.get());
    hangs.close();
    assertEquals(0, budget.writtenOff());
    budget.acquire(100_000).close();
  }

  private static List<Work> sidecars(int n) {
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      works.add(new Work("sidecar" + i, marked(i)) {
        @Override
        public ImageRef ref() {
          ImageRef ref = super.ref();
          return new ImageRef(ref.uri(), ref.path(), ref.length(), 0, List.of("file:/masks/" + ref.uri()), "f");
        }
      });
    }
    return works;
  }

  @Test
  void whoWaitsWhileThePipelineIsClosedGetsAnException() throws Exception {
    Pipeline other = new Pipeline(1, 1);
    CountDownLatch begun = new CountDownLatch(1);
    List<Work> works = new ArrayList<>(List.of(new Work("first", marked(1)) {
      @Override
      public byte[] read() throws ImageFailure {
        begun.countDown();
        try {
          Thread.sleep(TimeUnit.HOURS.toMillis(1));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return super.read();
      }
    }));
    works.addAll(quick("rest", 30));
    FutureTask<Integer> task = new FutureTask<>(() -> {
      int n = 0;
      try (Pipeline.Images<Work> images = other.repair(repair, works.iterator())) {
        for (; images.hasNext(); n++) {
          images.next();
        }
      }
      return n;
    });
    new Thread(task).start();
    begun.await();
    other.close();
    assertThrows(java.util.concurrent.ExecutionException.class, task::get);
  }

  /** A run whose phase is set by hand. */
  private static final class ByHand implements Course {
    volatile Phase phase = Phase.GOES_ON;

    @Override
    public Phase phase() {
      return phase;
    }

    @Override
    public void check() {
      if (phase == Phase.GONE) {
        throw new FencedException("gone on purpose", null);
      }
    }
  }

  /** Waits for the latch in its reading, and takes no interrupt where it is native. */
  private static Work waiting(String name, CountDownLatch begun, CountDownLatch go, boolean isNative) {
    return new Work(name, marked(1)) {
      @Override
      public byte[] read() throws ImageFailure {
        begun.countDown();
        while (true) {
          try {
            go.await();
            return super.read();
          } catch (InterruptedException e) {
            if (!isNative) {
              throw new ImageFailure(ErrorKind.UNREADABLE, "interrupted", e);
            }
          }
        }
      }
    };
  }

  @Test
  void atARunsEndWhatTakesTooLongIsGivenUpWithoutARow() throws Exception {
    ByHand course = new ByHand();
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch written = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    List<Work> works = new ArrayList<>(List.of(waiting("endless", begun, never, false), new Work("writes", marked(2)) {
      @Override
      public Written write(Encoded repaired) {
        begun.countDown();
        try {
          written.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException("what is being written must not be given up", e);
        }
        return super.write(repaired);
      }
    }));
    works.addAll(quick("quick", 3));
    try (Pipeline.Images<Work> images = pipeline.repair(repair, works.iterator(), course)) {
      List<String> done = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        done.add(images.next().work().name);
      }
      begun.await();
      course.phase = Course.Phase.FINISHES;
      FutureTask<Boolean> more = new FutureTask<>(images::hasNext);
      new Thread(more).start();
      course.phase = Course.Phase.GIVES_UP;
      Thread.sleep(500);
      assertFalse(more.isDone(), "what is being written is waited for");
      written.countDown();
      assertTrue(more.get());
      done.add(images.next().work().name);
      assertFalse(images.hasNext());
      assertEquals(List.of("quick0", "quick1", "quick2", "writes"), done.stream().sorted().toList());
    }
    assertEquals(5, all(quick("after", 5)).size(), "others go on");
  }

  @Test
  void inTheEndNobodyWaitsForNativeCode() throws Exception {
    ByHand course = new ByHand();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Pipeline.Images<Work> images = pipeline.repair(repair, List.of(waiting("native", begun, go, true)).iterator(), course);
    FutureTask<Boolean> more = new FutureTask<>(images::hasNext);
    new Thread(more).start();
    begun.await();
    course.phase = Course.Phase.GIVES_UP;
    Thread.sleep(300);
    assertFalse(more.isDone());
    course.phase = Course.Phase.OVER;
    assertFalse(more.get());
    images.close();
    assertEquals(1, go.getCount(), "it is still there");
    go.countDown();
  }

  @Test
  void aTaskOfARunThatIsGoneFails() throws Exception {
    ByHand course = new ByHand();
    CountDownLatch begun = new CountDownLatch(1);
    Pipeline.Images<Work> images =
        pipeline.repair(repair, List.of(waiting("endless", begun, new CountDownLatch(1), false)).iterator(), course);
    FutureTask<Boolean> more = new FutureTask<>(images::hasNext);
    new Thread(more).start();
    begun.await();
    course.phase = Course.Phase.GONE;
    assertEquals(FencedException.class, assertThrows(java.util.concurrent.ExecutionException.class, more::get).getCause().getClass());
    images.close();
    Work refused = new Work("refused", marked(1)) {
      @Override
      public Written write(Encoded repaired) {
        throw new FencedException("on purpose", null);
      }
    };
    assertThrows(FencedException.class, () -> all(List.of(refused)), "no row says that the image failed");
  }
}
