package org.lakebrush.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Thumbnail;
import org.lakebrush.job.RunStatus.State;
import org.lakebrush.report.NightReport.FailureGroup;
import org.lakebrush.report.NightReport.FailureKind;
import org.lakebrush.report.NightReport.Sample;
import org.lakebrush.report.NightReport.Throughput;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.Status;
import org.lakebrush.testing.Lakes;

/** What a page says of numbers that no log had to be made for. */
class ReportPageTest {
  private static final long START = 1_793_000_000_000L;

  private static NightReport report(long repaired, long failed, List<Sample> samples) {
    Map<Status, Long> counts = Map.of(Status.REPAIRED, repaired, Status.FAILED, failed);
    Map<ErrorKind, Long> kinds = failed == 0 ? Map.of() : Map.of(ErrorKind.TRUNCATED, failed);
    Night night = new Night("a-run", null, START, START + 900, counts, kinds, 0, 0, 0, 0, List.of(), List.of());
    List<FailureKind> failures = kinds.entrySet().stream()
        .map(e -> new FailureKind(e.getKey(), failed, List.of(new FailureGroup("s3a://lake/a.png", "torn", failed)), 1)).toList();
    return new NightReport("s3a://lake/log", night, Optional.empty(), State.UNKNOWN, List.of(),
        new Throughput(START, 1000, List.of(counts), Map.of(ErrorKind.TRUNCATED, new long[] {failed})), List.of(), List.of(), failures,
        List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), samples, List.of());
  }

  private static String html(NightReport report) {
    return new String(ReportPage.html(report), StandardCharsets.UTF_8);
  }

  @Test
  void aRunInWhichAllFailed() {
    String html = html(report(0, 2, List.of()));
    assertTrue(html.contains("Everything failed"));
    assertTrue(html.contains("2 images failed, 100% of all."));
    assertTrue(html.contains("The log has no earlier run of this job."));
    assertFalse(html.contains("type=\"range\""), "nothing was repaired");
  }

  @Test
  void whatHoldsOfAlmostAllIsNotSaidOfAll() {
    assertTrue(html(report(99_999, 1, List.of())).contains("<p class=\"more\">&gt;99.9% of the images</p>"));
  }

  @Test
  void whyThereWasNothingToDo() {
    assertEquals("There is no image.", nothingToDo(0, 0, 0));
    assertEquals("Every image was done before.", nothingToDo(3, 3, 0));
    assertEquals("1 image done before, and 2 given up, which failed on retry.max_nights runs.", nothingToDo(3, 1, 2));
  }

  private static String nothingToDo(long images, long done, long givenUp) {
    RunRecord run = new RunRecord("a-run", null, START, "host", "app", "s3a://lake/in", "s3a://lake/out", List.of(), "lama", 0.05, null,
        new RunRecord.Planned(images, done, givenUp, 0, 0), new RunRecord.End(START, 0, 0, null));
    return Finding.verdict(NightReport.ofNoRows("s3a://lake/log", Night.empty("a-run", null, START), Optional.of(run), State.ENDED,
        List.of())).text();
  }

  @Test
  void picturesThatWouldMakeItTooLargeAreCoarser() throws Exception {
    BufferedImage noise = new BufferedImage(1400, 1000, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(1);
    for (int y = 0; y < noise.getHeight(); y++) {
      for (int x = 0; x < noise.getWidth(); x++) {
        noise.setRGB(x, y, random.nextInt());
      }
    }
    Thumbnail picture = Thumbnail.of(Codecs.decode(Lakes.encode(noise, "png")), noise.getWidth(), noise.getHeight());
    Sample sample = new Sample("s3a://lake/a.png", "s3a://lake/out/a.png", Status.REPAIRED, 1400, 1000, "png", 0.1, null, null,
        List.of(), 5, Optional.of(new Views(picture, picture, null)), false, null);
    List<Sample> samples = Collections.nCopies(4, sample);
    assertTrue(8 * picture.dataUri(0.8).length() > 5_000_000, "too large as they are");
    int length = ReportPage.html(report(4, 0, samples)).length;
    assertTrue(length > 1_000_000 && length < 5_000_000, "bytes: " + length);
  }
}
