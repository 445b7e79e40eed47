package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.cli.HaltingRun;
import org.lakebrush.cluster.HaltMask;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Status;
import org.lakebrush.testing.Lakes;
import org.lakebrush.testing.Tables;

/** Images that end the JVM that has them in hand, where the executor is the driver: the same command is given again until it ends. */
class PoisonTest {
  /** How many images of one slice are poison; {@code -Dlakebrush.poison=3} for a longer look, at tables too. */
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

    int deaths = deathsOfANight(HaltingRun.class);
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

  @Test
  void rowsOfATableThatKillAreLeftAsTheyAreAndTheirFileIsWritten() throws Exception {
    // Each death takes a JVM.
    assumeTrue(System.getProperty("lakebrush.poison") != null);
    StructType schema = new StructType().add("id", DataTypes.IntegerType).add("image", DataTypes.BinaryType);
    int rows = 8;
    Set<Integer> poison = IntStream.range(3, 3 + POISON).boxed().collect(Collectors.toSet());
    for (int file = 0; file < 2; file++) {
      int first = rows * file;
      Tables.write(IntStream.range(first, first + rows).mapToObj(i -> RowFactory.create(i,
          Lakes.encode(Lakes.picture(poison.contains(i) ? WIDTH : 112, 96, i, false), "png"))).toList(), schema,
          folder.resolve("in/part=" + file).toString(), 4, "snappy");
    }
    Files.writeString(folder.resolve("job.yaml"), Runs.RED);
    Runs runs = Runs.in(folder);

    int deaths = deathsOfANight(HaltingRun.OfTable.class);
    System.out.println(deaths + " deaths for " + POISON + " poison rows");
    assertTrue(deaths <= MOST_DEATHS, deaths + " deaths");

    Map<Integer, LogRow> log = new TreeMap<>();
    for (LogRow row : runs.rows()) {
      assertNull(log.put(Integer.valueOf(row.path().substring(row.path().indexOf('#') + 1)), row), "one row for each");
    }
    List<Row> in = Tables.read(folder.resolve("in").toString()).orderBy("id").collectAsList();
    List<Row> out = Tables.read(runs.output).orderBy("id").collectAsList();
    assertEquals(2 * rows, log.size());
    assertEquals(2 * rows, out.size());
    for (int i = 0; i < 2 * rows; i++) {
      assertEquals(poison.contains(i) ? ErrorKind.CRASHED : null, log.get(i).errorKind(), log.get(i).uri());
      assertEquals(poison.contains(i), Arrays.equals(in.get(i).<byte[]>getAs("image"), out.get(i).getAs("image")), log.get(i).uri());
    }
  }

  /** Gives the command until it ends; how often it died. */
  private int deathsOfANight(Class<?> command) throws Exception {
    for (int deaths = 0; deaths <= 2 * MOST_DEATHS; deaths++) {
      List<String> arguments = new ArrayList<>(List.of(String.valueOf(WIDTH), folder.toString(), folder.resolve("job.yaml").toString()));
      arguments.addAll(SETTINGS);
      Driver driver = Driver.start(folder, "run" + deaths, command, arguments);
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
    List<String> markers = runs.strays();
    assertEquals(2 * POISON, markers.size(), markers::toString);
    assertTrue(markers.stream().allMatch(f -> f.matches("_hand/.*\\.image")), markers::toString);
    return rows;
  }
}
