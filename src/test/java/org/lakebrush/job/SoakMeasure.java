package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lakebrush.Lakebrush;
import org.lakebrush.executor.Sessions;
import org.lakebrush.image.OpenCv;
import org.lakebrush.natives.NativeFolder;
import org.lakebrush.testing.Jvm;
import org.lakebrush.testing.Lakes;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.MatOfInt;
import org.opencv.imgcodecs.Imgcodecs;

/**
 * Whether anything grows with the number of images: {@code mvn test -Dtest=SoakMeasure -Dlakebrush.measure=FOLDER}, FOLDER for what is made
 * and deleted again (300 MB for the default of 50,000 images; {@code -Dlakebrush.measure.count=N} for others). A lake of small images
 * of all formats is made, some of which have nothing to repair and some of which cannot be read, and a JVM as {@code submit.sh} starts it
 * repairs it in one run; but its heap is as large at the start as it may become, so that what grows is not the heap. A row is printed
 * after the first thousand images and after every tenth of all, each after a full garbage collection. Nothing may grow by more after the
 * first thousand than {@link Bound} says.
 */
class SoakMeasure {
  /** Images after which nothing may grow any more. */
  private static final int FIRST = 1000;
  private static final int SLICE = 250;
  private static final int ROWS = 10;
  private static final int HEAP_MB = 1024;
  /** Threads of Spark's that come after each garbage collection, and go when they have had nothing to do for a minute. */
  private static final String CLEANERS = "block-manager-storage-async-thread-pool";
  private static final List<String> FORMATS = List.of("jpg", "png", "webp", "bmp", "tiff");
  /** Pictures of each format; the lake repeats them. */
  private static final int PICTURES = 100;
  /** Of so many images one is damaged, and three others are clean. */
  private static final int RARE = 100;

  /**
   * What is looked at.
   *
   * @param seconds since the start
   * @param rss resident memory of the process, in MB
   * @param heap Java heap in use after a garbage collection, in MB
   * @param direct direct buffers, in MB
   * @param java what the JVM keeps of classes and compiled code, in MB
   * @param threads but for Spark's {@link #CLEANERS}
   * @param files open
   * @param temporary files and folders in the folder for temporary files
   * @param log files of the log that are no rows: lease, staging, what is in hand
   */
  private record Look(long images, double seconds, double rss, double heap, double direct, double java, int threads, int files,
      int temporary, int log) {
    static final String HEAD = String.format("%8s %7s %8s %8s %8s %8s %8s %8s %6s %6s %6s", "images", "s", "RSS MB", "heap MB", "direct",
        "classes", "native", "threads", "files", "temp", "log");

    /** Memory of native code: all that is neither Java heap nor what the JVM says of itself. */
    double natives() {
      return rss - HEAP_MB - java;
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%8d %7.0f %8.0f %8.1f %8.1f %8.1f %8.1f %8d %6d %6d %6d", images, seconds, rss, heap, direct, java,
          natives(), threads, files, temporary, log);
    }
  }

  /** How much more of something there may be than after the first thousand images. */
  private record Bound(String what, ToDoubleFunction<Look> value, double more) {
    static final List<Bound> ALL = List.of(
        new Bound("resident memory, in MB", Look::rss, 96),
        new Bound("heap after garbage collection, in MB", Look::heap, 16),
        new Bound("direct buffers, in MB", Look::direct, 8),
        new Bound("native memory, in MB", Look::natives, 32),
        new Bound("threads", Look::threads, 16),
        new Bound("open files", Look::files, 8),
        new Bound("temporary files", Look::temporary, 8),
        new Bound("files in the log that are no rows", Look::log, 8));
  }

  @Test
  void soak() throws Exception {
    String measure = System.getProperty("lakebrush.measure");
    assumeTrue(measure != null, "-Dlakebrush.measure=FOLDER");
    int count = Integer.getInteger("lakebrush.measure.count", 50_000);
    Path folder = Files.createDirectories(Path.of(measure, "soak").toAbsolutePath());
    try {
      make(folder.resolve("in"), count);
      Files.writeString(folder.resolve("job.yaml"), Runs.RED + "spectral: {seam: on, grain: on}\n");
      Files.createDirectories(folder.resolve("tmp"));
      assertEquals(0, job(folder, count), "exit code");
      assertEquals(List.of(), Runs.files(folder.resolve("log").toString()).stream().filter(f -> !f.matches(Runs.KEPT)).toList(),
          "left in the log");
      assertEquals(List.of(), Runs.files(folder.resolve("tmp").toString()).stream().filter(f -> !f.contains("/natives/")).toList(),
          "left in the folder for temporary files");
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
      }
    }
  }

  private static void make(Path in, int count) throws IOException {
    List<byte[]> pictures = new ArrayList<>();
    for (int i = 0; i < 2 * PICTURES; i++) {
      for (String format : FORMATS) {
        pictures.add(picture(format, i, i >= PICTURES));
      }
    }
    for (int i = 0; i < count; i++) {
      int of = i % FORMATS.size();
      int seed = i / FORMATS.size() % PICTURES;
      int kind = i / FORMATS.size() % RARE;
      byte[] bytes = pictures.get((kind >= 1 && kind <= 3 ? PICTURES + seed : seed) * FORMATS.size() + of);
      Path file = in.resolve(String.format("d%02d/a%05d.%s", i / 1000, i, FORMATS.get(of)));
      Files.createDirectories(file.getParent());
      Files.write(file, kind == 0 ? Arrays.copyOf(bytes, bytes.length / 2) : bytes);
    }
  }

  private static byte[] picture(String format, int seed, boolean clean) {
    BufferedImage image = Lakes.picture(80 + 16 * (seed % 4), 96, seed, clean);
    return switch (format) {
      case "webp" -> webp(image);
      default -> Lakes.encode(image, format);
    };
  }

  private static byte[] webp(BufferedImage image) {
    OpenCv.ensureLoaded();
    Mat mat = new Mat(image.getHeight(), image.getWidth(), CvType.CV_8UC3);
    MatOfByte out = new MatOfByte();
    MatOfInt quality = new MatOfInt(Imgcodecs.IMWRITE_WEBP_QUALITY, 90);
    try {
      for (int y = 0; y < image.getHeight(); y++) {
        for (int x = 0; x < image.getWidth(); x++) {
          int rgb = image.getRGB(x, y);
          mat.put(y, x, rgb & 255, rgb >> 8 & 255, rgb >> 16 & 255);
        }
      }
      Imgcodecs.imencode(".webp", mat, out, quality);
      return out.toArray();
    } finally {
      mat.release();
      out.release();
      quality.release();
    }
  }

  private static int job(Path folder, int count) throws Exception {
    List<String> options = List.of("-Xms" + HEAP_MB + "m", "-Xmx" + HEAP_MB + "m", "-XX:+AlwaysPreTouch", "-XX:MaxDirectMemorySize=1g",
        "-Djava.io.tmpdir=" + folder.resolve("tmp"));
    ProcessBuilder builder =
        new ProcessBuilder(Jvm.command(options, SoakMeasure.class, List.of(folder.toString(), Integer.toString(count))));
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    builder.environment().remove(NativeFolder.PLACE);
    Process process = builder.redirectErrorStream(true).start();
    process.inputReader().lines().filter(line -> !line.contains(" images/s, ")).forEach(System.out::println);
    return process.waitFor();
  }

  /** The JVM that repairs, and looks at itself meanwhile. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    int count = Integer.parseInt(arguments[1]);
    List<Look> looks = new ArrayList<>();
    Thread looking = new Thread(() -> look(folder, count, looks), "soak");
    looking.setDaemon(true);
    looking.start();
    int code = Lakebrush.run("run", "--input", folder.resolve("in").toString(), "--output", folder.resolve("out").toString(), "--log",
        folder.resolve("log").toString(), "--job", folder.resolve("job.yaml").toString(), "--device", "cpu", "--set",
        "run.slice_images=" + SLICE);
    Sessions.shutDown();
    looking.join();
    System.exit(code != 0 ? code : flat(looks) ? 0 : 1);
  }

  private static boolean flat(List<Look> looks) {
    boolean flat = true;
    for (Bound bound : Bound.ALL) {
      double first = bound.value().applyAsDouble(looks.get(0));
      double most = looks.stream().mapToDouble(bound.value()).max().orElseThrow();
      boolean holds = most <= first + bound.more();
      flat &= holds;
      System.out.printf(Locale.ROOT, "%-36s %8.1f after %d images, at most %.1f then: %s (bound: %.0f more)%n", bound.what(), first, FIRST,
          most, holds ? "flat" : "GROWS", bound.more());
    }
    return flat;
  }

  private static void look(Path folder, int count, List<Look> looks) {
    long start = System.nanoTime();
    System.out.println(Look.HEAD);
    try {
      for (long at = FIRST; at <= count; at = at / (count / ROWS) * (count / ROWS) + count / ROWS) {
        while (published(folder.resolve("log")) < at) {
          Thread.sleep(50);
        }
        Look look = now(folder, at, (System.nanoTime() - start) / 1e9);
        looks.add(look);
        System.out.println(look);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Look now(Path folder, long images, double seconds) throws IOException {
    long cleaners = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith(CLEANERS)).count();
    int threads = (int) (status("Threads:") - cleaners);
    int files = entries(Path.of("/proc/self/fd"), 1);
    int temporary = entries(folder.resolve("tmp"), Integer.MAX_VALUE);
    int log = entries(folder.resolve("log"), Integer.MAX_VALUE) - published(folder.resolve("log")) / SLICE;
    System.gc();
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    MemoryUsage other = ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage();
    double direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream().filter(b -> b.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed).sum();
    return new Look(images, seconds, status("VmRSS:") / 1024.0, mega(heap.getUsed()), mega(direct), mega(other.getCommitted()),
        threads, files, temporary, log);
  }

  private static double mega(double bytes) {
    return bytes / (1 << 20);
  }

  private static long status(String key) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return Long.parseLong(lines.filter(line -> line.startsWith(key)).findFirst().orElseThrow().replaceAll("[^0-9]", ""));
    }
  }

  private static int published(Path log) {
    int files = 0;
    String[] days = log.toFile().list((folder, name) -> name.startsWith("run_date="));
    for (String day : days == null ? new String[0] : days) {
      files += log.resolve(day).toFile().list((folder, name) -> name.endsWith(".parquet")).length;
    }
    return files * SLICE;
  }

  /** Files and folders below one, as far as they are still there. */
  private static int entries(Path folder, int depth) {
    File[] files = folder.toFile().listFiles();
    int entries = 0;
    for (File file : files == null ? new File[0] : files) {
      entries += 1 + (depth > 1 && file.isDirectory() ? entries(file.toPath(), depth - 1) : 0);
    }
    return entries;
  }
}
