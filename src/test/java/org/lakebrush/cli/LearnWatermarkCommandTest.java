package org.lakebrush.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.job.LearnReport;
import org.lakebrush.watermark.LearnedMark;
import org.lakebrush.watermark.MarkAnchor;
import org.lakebrush.watermark.MarkWindow;

/** What the command says, and its exit codes. */
class LearnWatermarkCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private int print(LearnReport report) {
    return LearnWatermarkCommand.print(report, "marks", new Console(new PrintStream(out, true, StandardCharsets.UTF_8), false));
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void saysThatThereIsNoMark() {
    assertEquals(3, print(new LearnReport(Optional.empty(), 298, 0, Map.of(ErrorKind.TRUNCATED, 2))));
    assertTrue(said().contains("2 TRUNCATED"), said());
    assertTrue(said().contains("298 images") && said().contains("no mark in common"), said());
  }

  @Test
  void saysWhereTheMarkIsAndHowSureItIs() {
    MarkWindow place = new MarkWindow(MarkAnchor.BOTTOM_RIGHT, -16, -12, 40, 10, 2);
    LearnedMark mark = new LearnedMark(place, new float[400], new float[1200], new float[400], 0.314, 0.987, 1);
    assertEquals(0, print(new LearnReport(Optional.of(mark), 300, 270, Map.of())));
    assertTrue(said().contains("80 x 20 pixels, anchor bottom-right, margins 16 and 12 pixels"), said());
    assertTrue(said().contains("270 of 300 images, opacity 0.31, confidence 0.99"), said());
  }
}
