package org.lakebrush.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.Test;
import org.lakebrush.Lakebrush;
import org.lakebrush.testing.Jvm;
import org.lakebrush.testing.LocalSpark;

/**
 * How long a report takes, and how large it is: {@code mvn test -Dtest=ReportMeasure -Dlakebrush.measure=FOLDER}, FOLDER for what is made
 * and deleted again. A log is made of a night of a million images ({@code -Dlakebrush.measure.count=N} for others) and 13 nights of a
 * tenth of them. Then a JVM of 2 GB, as {@code submit.sh} starts it, makes the report. No image is there to be shown.
 */
class ReportMeasure {
  private static final int NIGHTS = 13;
  private static final Instant TONIGHT = Instant.parse("2026-11-26T01:00:00Z");

  @Test
  void report() throws Exception {
    String measure = System.getProperty("lakebrush.measure");
    assumeTrue(measure != null, "-Dlakebrush.measure=FOLDER");
    long images = Long.getLong("lakebrush.measure.count", 1_000_000);
    Path folder = Files.createDirectories(Path.of(measure, "report").toAbsolutePath());
    try {
      for (int i = NIGHTS; i >= 0; i--) {
        Instant start = TONIGHT.minus(Duration.ofDays(i));
        new MadeNight("202611" + (26 - i) + "T010000-0000000" + Integer.toHexString(i), start, i == 0 ? images : images / 10,
            60, 0.001, 0.02, "cuda:0", "big-lama", "file:" + folder.resolve("in"), "file:" + folder.resolve("out"))
            .write(LocalSpark.get(), folder.resolve("log"));
      }
      Path page = folder.resolve("report.html");
      long before = System.nanoTime();
      int code = new ProcessBuilder(Jvm.command(List.of("-Xmx2g"), Lakebrush.class,
          List.of("report", "--log", folder.resolve("log").toString(), "--out", page.toString()))).inheritIO().start().waitFor();
      System.out.printf("report of %,d images: %.1f s, %,d bytes%n", images, (System.nanoTime() - before) / 1e9, Files.size(page));
      assertEquals(0, code);
      assertTrue(Files.size(page) < 5_000_000, "bytes");
    } finally {
      FileUtil.fullyDelete(folder.toFile());
    }
  }
}
