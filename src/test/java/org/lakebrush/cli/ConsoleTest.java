package org.lakebrush.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.lakebrush.job.Plan;

class ConsoleTest {
  private static final Plan PLAN = new Plan(120, 2, 1, 20, 0, 100, 5_000_000);

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private Console console(boolean live) {
    return new Console(new PrintStream(bytes, true, StandardCharsets.UTF_8), live);
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void withoutATerminalALineEveryFewSeconds() {
    Console console = console(false);
    for (int i = 0; i < 10; i++) {
      console.progress(25, 3, PLAN, Duration.ofSeconds(50));
    }
    // 25 images in 50 s are 0.5 a second, so 75 more take 150 s.
    assertEquals("25 / 100 images, 0.5 images/s, 3 failed, 2 min 30 s left" + System.lineSeparator(), printed());
  }

  @Test
  void onATerminalOneLineThatIsWrittenOver() {
    Console console = console(true);
    console.progress(25, 0, PLAN, Duration.ofSeconds(50));
    console.progress(99, 0, PLAN, Duration.ofSeconds(60));
    assertEquals(2, printed().chars().filter(c -> c == '\r').count());
    assertTrue(printed().indexOf('\n') < 0, printed());
    console.note("done");
    assertTrue(printed().endsWith("\rdone" + System.lineSeparator()), "the live line is gone before the next: " + printed());
  }

  @Test
  void saysHowFarAFileHasCome() {
    Console console = console(false);
    for (int i = 0; i < 10; i++) {
      // 40 MB in 4 s, beside 20 MB of before: 10 MB a second, and 150 MB more take 15 s.
      console.fetching("m", 60_000_000, 210_000_000, 40_000_000, Duration.ofSeconds(4));
    }
    assertEquals("m: 60 MB of 210 MB, 10 MB/s, 15 s left" + System.lineSeparator(), printed());
  }

  @Test
  void thePlanInOneLine() {
    assertEquals("120 images, 100 to repair (5.0 MB), 20 already done, 2 mask files left out, 1 other files left out",
        Console.describe(PLAN));
  }
}
