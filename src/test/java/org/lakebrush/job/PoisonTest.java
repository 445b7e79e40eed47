package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.cli.HaltingRun;
import org.lakebrush.cluster.HaltMask;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Status;
import org.lakebrush.testing.Lakes;

/** Images that end the JVM that has them in hand, where the executor is the driver: the same command is given again until it ends. */
class PoisonTest {
  /** How many images of one slice are poison; {@code -Dlakebrush.poison=3} for a longer look. */
  private static final int POISON = Integer.getInteger("lakebrush.poison", 1);
  private static final int IMAGES = 24;
  private static final int SLICE = 6;
  private static final int WIDTH = 131;
  /** One at full speed, and two for each image: the first in its turn, the second with nothing else in hand. */
  private static final int MOST_DEATHS = 1 + 2 * POISON;

  private static final List<String> SETTINGS =
      List.of("run.slice_images=" + SLICE, "run.slices_in_flight=2", "limits.max_failures=100");

  @TempDir
  Path folder;

  @Test
  void theSameCommandAgainEndsAndOnlyThePoisonIsNotRepaired() throws Exception {
    for (int i = 0; i < IMAGES; i++) {
      boolean poison = i >= 8 && i < 8 + POISON;
      Path file = Files.createDirectories(folder.resolve("in/d" + i % 2)).resolve(String.format("%s%02d.png", poison ? "poison" : "a", i));
      Files.write(file, Lakes.encode(Lakes.picture(poison ? WIDTH : 112, 96, i, false), "png"));
    }
    Files.writeString(folder.resolve("job.yaml"), Runs.RED);
    Runs runs = Runs.in(folder);

    int deaths = deathsOfANight();
    System.out.println(deaths + " deaths for " + POISON + " poison images");
    assertTrue(deaths <= MOST_DEATHS, deaths + " deaths");
    assertEquals(IMAGES, onlyThePoisonIsNotRepaired(runs).size(), "one row for each");

    RunSummary next = night(runs);
    assertEquals(POISON, next.totals().count(Status.FAILED), "the next night knows what kills");
    List<LogRow> rows = onlyThePoisonIsNotRepaired(runs);
    assertEquals(IMAGES + POISON, rows.size(), "the poison, and nothing else, failed again");

    assertEquals(POISON, night(runs, "retry.max_nights=2").plan().givenUp());
    assertEquals(rows, onlyThePoisonIsNotRepaired(runs));
  }

  /** Gives the command until it ends; how often it died. */
  private int deathsOfANight() throws Exception {
    for (int deaths = 0; deaths <= 2 * MOST_DEATHS; deaths++) {
      List<String> arguments = new ArrayList<>(List.of(String.valueOf(WIDTH), folder.toString(), folder.resolve("job.yaml").toString()));
      arguments.addAll(SETTINGS);
      Driver driver = Driver.start(folder, "run" + deaths, HaltingRun.class, arguments);
      if (driver.await() != HaltMask.EXIT_CODE) {
        assertEquals(0, driver.await(), driver::output);
        return deaths;
      }
    }
    throw new AssertionError("the command dies again and again");
  }

  /** The same command in this JVM, with no poison left: what is tried is repaired. */
  private RunSummary night(Runs runs, String... set) throws Exception {
    List<String> settings = new ArrayList<>(SETTINGS);
    settings.addAll(List.of(set));
    JobSpec job = HaltingRun.job(folder.resolve("job.yaml"), settings, Set.of());
    return runs.job(job, OptionalInt.empty(), OptionalInt.empty()).run();
  }

  /** The rows, by path and then by time. */
  private List<LogRow> onlyThePoisonIsNotRepaired(Runs runs) throws Exception {
    List<LogRow> rows = runs.rows().stream().sorted(Comparator.comparing(LogRow::path).thenComparing(LogRow::finishedAt)).toList();
    List<String> repaired = new ArrayList<>();
    for (LogRow row : rows) {
      if (row.path().contains("poison")) {
        assertEquals(Status.FAILED, row.status(), row.path());
        assertEquals(ErrorKind.CRASHED, row.errorKind(), row.errorMessage());
        assertTrue(row.errorMessage().startsWith("2 processes died while they had " + row.uri() + " alone in hand"), row.errorMessage());
      } else {
        assertEquals(Status.REPAIRED, row.status(), row.path());
        repaired.add(row.path());
      }
    }
    assertEquals(repaired, Runs.files(runs.output), "one row for each, no output of the poison, no stray file");
    List<String> markers = Runs.files(runs.log).stream().filter(f -> !f.matches("run_date=[0-9-]+/[^/]+\\.parquet")).toList();
    assertEquals(2 * POISON, markers.size(), markers::toString);
    assertTrue(markers.stream().allMatch(f -> f.matches("_hand/.*\\.image")), markers::toString);
    return rows;
  }
}
