package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lakebrush.job.Runs.RED;

import java.awt.image.BufferedImage;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.lama.ModelException;
import org.lakebrush.sink.LeaseRecord;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Sha256;
import org.lakebrush.sink.Status;
import org.lakebrush.testing.Lakes;

/** The whole job on a local disk, with the shipped model. */
class CleanupJobTest {
  @TempDir
  Path folder;

  private Path in(String name) {
    return folder.resolve("in").resolve(name);
  }

  @Test
  void repairsALakeAndDoesNothingTwice() throws Exception {
    Lakes.write(in("a.png"), 1);
    Lakes.write(in("a.jpg"), 2);
    Lakes.write(in("deep/er/b c#%ü.bmp"), 3);
    Lakes.write(in("_hidden/.d.png"), 4);
    Path clean = Lakes.write(in("clean.png"), 5, true);
    Files.writeString(in("notes.txt"), "no image");
    Files.writeString(in("text.jpg"), "no image either");
    Runs runs = Runs.in(folder);

    RunSummary first = runs.run(RED);

    assertEquals(List.of("_hidden/.d.png", "a.jpg", "a.png", "clean.png", "deep/er/b c#%ü.bmp"), Runs.files(runs.output));
    Map<String, LogRow> rows = runs.rows(first);
    assertEquals(6, rows.size());
    assertEquals(1, first.plan().otherFiles());
    assertEquals(Status.REPAIRED, rows.get("a.png").status());
    assertEquals(Status.UNCHANGED, rows.get("clean.png").status());
    assertEquals(ErrorKind.NOT_AN_IMAGE, rows.get("text.jpg").errorKind());
    assertEquals(3, first.exitCode(), "one of six failed, which is more than 5%");
    assertArrayEquals(Files.readAllBytes(clean), Files.readAllBytes(Path.of(runs.output, "clean.png")));

    LogRow row = rows.get("a.png");
    byte[] written = Files.readAllBytes(Path.of(runs.output, "a.png"));
    assertEquals(Sha256.hex(written), row.output().sha256());
    assertEquals(written.length, row.output().length());
    assertEquals(112, row.width());
    assertEquals(96, row.height());
    assertEquals("png", row.format());
    assertEquals(List.of("color"), row.maskKinds());
    assertEquals(1, row.crops());
    assertEquals("cpu", row.device());
    assertEquals("lama-lite", row.model());
    // The mark grown by a disc of mask.grow = 4: the square, four sides, and four quarter discs.
    long corner = 0;
    for (int y = 1; y <= 4; y++) {
      for (int x = 1; x <= 4; x++) {
        corner += x * x + y * y <= 16 ? 1 : 0;
      }
    }
    double hole = Lakes.MARK * Lakes.MARK + 4 * 4 * Lakes.MARK + 4 * corner;
    assertEquals(hole / (112 * 96), row.holeFraction(), 1e-9);

    BufferedImage before = ImageIO.read(in("a.png").toFile());
    BufferedImage after = ImageIO.read(Path.of(runs.output, "a.png").toFile());
    BufferedImage truth = Lakes.picture(112, 96, 1, true);
    int far = Lakes.MARK + 2 * 4;
    for (int y = 0; y < 96; y++) {
      for (int x = 0; x < 112; x++) {
        boolean near = x >= Lakes.MARK_AT - 4 && x < Lakes.MARK_AT - 4 + far && y >= Lakes.MARK_AT - 4 && y < Lakes.MARK_AT - 4 + far;
        if (!near) {
          assertEquals(before.getRGB(x, y), after.getRGB(x, y), "outside the hole at " + x + "," + y);
        } else {
          for (int shift = 0; shift < 24; shift += 8) {
            int difference = (after.getRGB(x, y) >> shift & 255) - (truth.getRGB(x, y) >> shift & 255);
            assertTrue(Math.abs(difference) < 40, "the slope goes on through the hole at " + x + "," + y + ": off by " + difference);
          }
        }
      }
    }

    RunSummary second = runs.run(RED);
    assertEquals(5, second.plan().alreadyDone());
    assertEquals(Set.of("text.jpg"), runs.rows(second).keySet());
  }

  @Test
  void redoesWhatChangedAndGivesUpWhatKeepsFailing() throws Exception {
    Lakes.write(in("a.png"), 1);
    Lakes.write(in("b.png"), 2);
    Files.writeString(in("bad.jpg"), "no image");
    Runs runs = Runs.in(folder);
    runs.run(RED);

    Lakes.write(in("a.png"), 9);
    Files.setLastModifiedTime(in("a.png"), FileTime.fromMillis(1_700_000_000_000L));
    RunSummary second = runs.run(RED);
    assertEquals(Set.of("a.png", "bad.jpg"), runs.rows(second).keySet(), "other bytes, and the failed one");

    RunSummary third = runs.run(RED, "mask.grow=5");
    assertEquals(Set.of("a.png", "b.png", "bad.jpg"), runs.rows(third).keySet(), "other settings");

    runs.run(RED);
    RunSummary fifth = runs.run(RED);
    assertEquals(1, fifth.plan().givenUp(), "failed on three runs with these settings");
    assertEquals(0, fifth.plan().todo());
    RunSummary sixth = runs.run(RED, "retry.max_nights=4");
    assertEquals(Set.of("bad.jpg"), runs.rows(sixth).keySet());
  }

  @Test
  void whatWasRepairedIntoAnotherFolderIsNotDoneInThisOne() throws Exception {
    Lakes.write(in("a.png"), 1);
    Runs runs = Runs.in(folder);
    runs.run(RED);
    Runs elsewhere = runs.writing(folder.resolve("other").toString());
    assertEquals(1, elsewhere.run(RED).totals().count(Status.REPAIRED));
    assertEquals(List.of("a.png"), Runs.files(elsewhere.output));
    assertEquals(1, runs.run(RED).plan().alreadyDone(), "neither undoes the other");
    assertEquals(1, elsewhere.run(RED).plan().alreadyDone());
  }

  @Test
  void redoesAnImageWhoseSidecarMaskChanged() throws Exception {
    Lakes.write(in("a.png"), 1);
    Lakes.write(in("b.png"), 2);
    BufferedImage mask = new BufferedImage(112, 96, BufferedImage.TYPE_BYTE_GRAY);
    mask.getRaster().setSample(50, 50, 0, 255);
    for (String name : List.of("a", "b")) {
      Path file = folder.resolve("masks/" + name + ".png");
      Files.createDirectories(file.getParent());
      Files.write(file, Lakes.encode(mask, "png"));
    }
    String job = "masks: [{kind: sidecar, dir: masks}]\n";
    Runs runs = Runs.in(folder);
    assertEquals(2, runs.run(job).totals().count(Status.REPAIRED));

    mask.getRaster().setSample(90, 20, 0, 255);
    Files.write(folder.resolve("masks/a.png"), Lakes.encode(mask, "png"));
    Files.setLastModifiedTime(folder.resolve("masks/a.png"), FileTime.fromMillis(1_700_000_000_000L));
    assertEquals(Set.of("a.png"), runs.rows(runs.run(job)).keySet());
  }

  @Test
  void everyBadImageIsARowAndTheRestIsRepaired() throws Exception {
    Lakes.write(in("good.png"), 1);
    Lakes.write(in("vanishes.png"), 2);
    Lakes.write(in("forbidden.png"), 3);
    Lakes.write(in("blocked/a.png"), 4);
    Lakes.write(in("odd.png"), 6);
    try (RandomAccessFile big = new RandomAccessFile(in("big.png").toFile(), "rw")) {
      big.setLength(Runtime.getRuntime().maxMemory() / 2 + 4096);
    }
    Files.createFile(in("empty.png"));
    byte[] whole = Lakes.encode(Lakes.picture(112, 96, 5, false), "jpg");
    Files.write(in("cut.jpg"), java.util.Arrays.copyOf(whole, whole.length / 2));
    // A file where the output needs a folder: cannot be written, whoever asks.
    Files.createDirectories(folder.resolve("out"));
    Files.writeString(folder.resolve("out/blocked"), "in the way");
    Runs runs = Runs.in(folder).reading("fault://" + folder.resolve("in"));

    Map<String, LogRow> rows = runs.rows(runs.run(RED));

    Map<String, ErrorKind> kinds = new TreeMap<>();
    rows.forEach((path, row) -> {
      if (row.status() == Status.FAILED) {
        kinds.put(path, row.errorKind());
        assertNotNull(row.errorMessage());
      }
    });
    assertEquals(Map.of("vanishes.png", ErrorKind.VANISHED, "forbidden.png", ErrorKind.UNREADABLE, "blocked/a.png", ErrorKind.WRITE,
        "empty.png", ErrorKind.EMPTY_FILE, "cut.jpg", ErrorKind.TRUNCATED, "odd.png", ErrorKind.INTERNAL, "big.png",
        ErrorKind.TOO_LARGE), kinds);
    assertEquals(Status.REPAIRED, rows.get("good.png").status());
    assertEquals(List.of("blocked", "good.png"), Runs.files(runs.output), "nothing half-written");
  }

  @Test
  void refusesByPixelsBeforeDecoding() throws Exception {
    Lakes.write(in("a.png"), 1);
    RunSummary run = Runs.in(folder).run(RED, "limits.max_pixels=10000");
    LogRow row = Runs.in(folder).rows(run).get("a.png");
    assertEquals(ErrorKind.TOO_LARGE, row.errorKind());
    assertTrue(row.errorMessage().contains("limits.max_pixels"), row.errorMessage());
  }

  @Test
  void stopsEarlyWhenTooManyOfTheFirstFail() throws Exception {
    Files.createDirectories(folder.resolve("in"));
    for (int i = 0; i < 600; i++) {
      Files.createFile(in(String.format("%03d.jpg", i)));
    }
    RunSummary run = Runs.in(folder).run(RED, "run.slice_images=50", "run.slices_in_flight=2");
    assertEquals(3, run.exitCode());
    assertNotNull(run.stoppedEarly());
    assertTrue(run.stoppedEarly().contains("limits.max_failures"), run.stoppedEarly());
    // Stopped at 200; what was in flight then is finished: two slices at most.
    assertTrue(run.totals().images() >= 200 && run.totals().images() <= 300, "tried " + run.totals().images());
    assertEquals(600, run.totals().images() + run.unprocessed());
  }

  @Test
  void stopsEarlyWhenSparkGivesUpSlices() throws Exception {
    Files.createDirectories(folder.resolve("in"));
    for (int i = 0; i < 600; i++) {
      Files.writeString(in(String.format("%03d-deadly.jpg", i)), "x");
    }
    RunSummary run = Runs.in(folder).reading("fault://" + folder.resolve("in")).run(RED, "run.slice_images=100", "run.slices_in_flight=1");
    assertEquals(1, run.exitCode());
    assertEquals(600, run.unprocessed());
    assertTrue(run.stoppedEarly().contains("limits.max_failures"), run.stoppedEarly());
    assertEquals(2, run.failedSlices().size(), "stopped at 200 images: " + run.failedSlices());
    assertTrue(run.failedSlices().get(0).contains("injected"), run.failedSlices().get(0));
  }

  @Test
  void everyImageIsLoggedOnceThoughTasksFail() throws Exception {
    for (int i = 0; i < 48; i++) {
      Lakes.write(in(String.format(i % 6 == 0 ? "a%02d-killer.png" : "a%02d.png", i)), i);
    }
    Runs runs = Runs.in(folder).reading("fault://" + folder.resolve("in"));
    RunSummary run = runs.run(RED, "run.slice_images=6", "run.slices_in_flight=8");
    assertEquals(0, run.exitCode(), String.valueOf(run.failedSlices()));
    List<LogRow> rows = runs.rows();
    assertEquals(48, rows.size());
    assertEquals(48, rows.stream().map(LogRow::uri).collect(Collectors.toSet()).size());
    assertEquals(8, rows.stream().map(LogRow::slice).collect(Collectors.toSet()).size());
    assertTrue(rows.stream().anyMatch(r -> r.attempt() > 1), "tasks were tried again");
    assertEquals(48, Runs.files(runs.output).size());
  }

  @Test
  void sameBytesWhateverThePartitioning() throws Exception {
    for (int i = 0; i < 6; i++) {
      Lakes.write(in(i + (i % 2 == 0 ? ".png" : ".jpg")), i);
    }
    Runs runs = Runs.in(folder);
    Map<String, String> wide = sums(runs.rows(runs.run(RED)));
    Runs again = Runs.in(Files.createDirectories(folder.resolve("again"))).reading(folder.resolve("in").toString());
    Map<String, String> narrow = sums(again.rows(again.run(RED, "run.slice_images=1", "run.slices_in_flight=1", "inpaint.batch=1")));
    assertEquals(wide, narrow);
  }

  private static Map<String, String> sums(Map<String, LogRow> rows) {
    Map<String, String> sums = new TreeMap<>();
    rows.forEach((path, row) -> sums.put(path, row.output().sha256()));
    return sums;
  }

  @Test
  void refusesPlacesThatOverlapAndNamesThatClash() throws Exception {
    Lakes.write(in("x.png"), 1);
    Lakes.write(in("x.jpg"), 2);
    String lake = folder.resolve("in").toString();
    Runs runs = Runs.in(folder);
    UsageException clash = assertThrows(UsageException.class, () -> runs.run(RED, "output.name='{stem}.png'"));
    assertTrue(clash.getMessage().contains("in/x.jpg") && clash.getMessage().contains("in/x.png"), clash.getMessage());

    UsageException over = assertThrows(UsageException.class, () -> Runs.at(lake, folder).reading(lake).run(RED));
    assertTrue(over.getMessage().contains("--output"), over.getMessage());
    assertFalse(Files.exists(folder.resolve("in/log")), "refused before any work");
    assertEquals(List.of("x.jpg", "x.png"), Runs.files(lake));
  }

  @Test
  void dryRunTellsAndTouchesNothing() throws Exception {
    Lakes.fill(folder.resolve("in"), 12);
    Runs runs = Runs.in(folder);
    runs.job(RED, OptionalInt.of(5), OptionalInt.empty()).run();
    List<String> before = Runs.files(folder.toString());
    Plan plan = runs.job(RED).dryRun();
    assertEquals(12, plan.images());
    assertEquals(5, plan.alreadyDone());
    assertEquals(7, plan.todo());
    assertEquals(before, Runs.files(folder.toString()));
    Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
    Runs.in(elsewhere).reading(folder.resolve("in").toString()).job(RED).dryRun();
    assertFalse(Files.exists(elsewhere.resolve("log")), "a log that was not there");
  }

  @Test
  void limitTakesTheFirstAndSampleTheSameOnesEachTime() throws Exception {
    Lakes.fill(folder.resolve("in"), 40);
    Runs runs = Runs.in(folder);
    assertEquals(Set.of("d0/a000.png", "d0/a001.png", "d0/a002.png"), runs.rows(runs.job(RED, OptionalInt.of(3), OptionalInt.empty()).run()).keySet());

    Set<Set<String>> samples = new HashSet<>();
    for (int i = 0; i < 2; i++) {
      Runs fresh = Runs.in(Files.createDirectories(folder.resolve("s" + i))).reading(folder.resolve("in").toString());
      samples.add(fresh.rows(fresh.job(RED, OptionalInt.empty(), OptionalInt.of(6)).run()).keySet());
    }
    assertEquals(1, samples.size());
    Set<String> sample = samples.iterator().next();
    assertEquals(6, sample.size());
    assertNotEquals(1, sample.stream().map(p -> p.substring(0, 2)).distinct().count(), "spread over the folders: " + sample);
  }

  @Test
  void refusesASecondRunOnTheSameLog() throws Exception {
    Lakes.write(in("a.png"), 1);
    Runs runs = Runs.in(folder);
    org.apache.hadoop.fs.Path log = new org.apache.hadoop.fs.Path(folder.resolve("log").toUri());
    try (Lease held = Lease.acquire(new Configuration(), log, new Lease.Request("other-run", log, true, false),
        Lease.Timing.DEFAULT, new Lease.Listener() {
      @Override
      public void waiting(LeaseRecord other, java.time.Duration age, java.time.Duration left) {}

      @Override
      public void sweeping(LeaseRecord dead) {}

      @Override
      public void lost(String why) {}
    })) {
      LeaseHeldException refused = assertThrows(LeaseHeldException.class, () -> runs.run(RED));
      assertTrue(refused.getMessage().contains("other-run"), refused.getMessage());
      assertTrue(held.held());
    }
    assertEquals(0, runs.run(RED).exitCode(), "free again");
  }

  @Test
  void goesOnFromALeaseThatCannotBeReadOrCleanedUpAfter() throws Exception {
    Lakes.write(in("a.png"), 1);
    Runs runs = Runs.in(folder);
    assertEquals(0, runs.run(RED).exitCode());
    Path leases = Files.createDirectories(folder.resolve("log/_lease"));
    Files.writeString(leases.resolve("torn.json"), "{\"runId");
    Files.writeString(leases.resolve("lost.json"), "{\"runId\":\"lost\",\"host\":\"h\",\"machine\":\"\",\"pid\":1,\"processStart\":\"\","
        + "\"startedAt\":0,\"output\":\"nosuch://gone/out\",\"held\":true,\"heartbeat\":7}");
    for (String name : List.of("torn.json", "lost.json")) {
      Files.setLastModifiedTime(leases.resolve(name), FileTime.fromMillis(1_700_000_000_000L));
    }
    assertEquals(0, runs.run(RED).exitCode());
    assertEquals(List.of("lost.dead", "torn.dead"), Runs.files(leases.toString()), "their executors may live");
  }

  /** A lease of another host that is long without heartbeats. */
  private Path deadLease(String run) throws Exception {
    Path lease = folder.resolve("log/_lease/" + run + ".json");
    Files.writeString(lease, "{\"runId\":\"" + run + "\",\"host\":\"h\",\"machine\":\"\",\"pid\":1,\"processStart\":\"\",\"startedAt\":0,"
        + "\"output\":\"" + folder.resolve("out").toUri() + "\",\"held\":true,\"heartbeat\":7}");
    Files.setLastModifiedTime(lease, FileTime.fromMillis(1_700_000_000_000L));
    return lease;
  }

  private List<Path> stage(String run) throws Exception {
    List<Path> files = List.of(folder.resolve("out/_lakebrush/" + run + "/0-1-0-1/x"), folder.resolve("log/_staging/" + run + "/hand-1/x"));
    for (Path file : files) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, "x");
    }
    return files;
  }

  @Test
  void whatADeadRunsExecutorsStillStageIsSweptAndWhatIsOfNoDeadRunStays() throws Exception {
    Lakes.write(in("a.png"), 1);
    Runs runs = Runs.in(folder);
    assertEquals(0, runs.run(RED).exitCode());
    Path lease = deadLease("dead");
    List<Path> dead = stage("dead");
    List<Path> unknown = stage("20260101T000000-00000000");
    assertEquals(0, runs.run(RED).exitCode());
    assertTrue(dead.stream().noneMatch(Files::exists), "swept as the lease is taken over");
    assertFalse(Files.exists(lease));

    stage("dead");
    assertEquals(1, runs.job(RED).dryRun().alreadyDone());
    assertTrue(dead.stream().allMatch(Files::exists), "a dry run sweeps its own alone");
    assertEquals(0, runs.run(RED).exitCode());
    assertTrue(dead.stream().noneMatch(Files::exists), "what came after that");

    Path mark = folder.resolve("log/_lease/dead.dead");
    Files.setLastModifiedTime(mark, FileTime.fromMillis(System.currentTimeMillis() - java.time.Duration.ofHours(23).toMillis()));
    assertEquals(0, runs.run(RED).exitCode());
    assertTrue(Files.exists(mark), "for a day");
    Files.setLastModifiedTime(mark, FileTime.fromMillis(System.currentTimeMillis() - java.time.Duration.ofHours(25).toMillis()));
    stage("dead");
    assertEquals(0, runs.run(RED).exitCode());
    assertTrue(dead.stream().noneMatch(Files::exists), "one last time");
    assertEquals(List.of(), Runs.files(folder.resolve("log/_lease").toString()));
    assertTrue(unknown.stream().allMatch(Files::exists), "of a run that may live, for all that is known");
  }

  @Test
  void takesAModelWhateverItsFileIsCalled() throws Exception {
    Lakes.write(in("a.png"), 1);
    Path model = Files.copy(Path.of("models/lama-lite.onnx"), folder.resolve("my model #1 100%25 ü.onnx"));
    Runs runs = Runs.in(folder);
    assertEquals(0, runs.run(RED, "inpaint.model='" + model + "'").exitCode());
    assertEquals(Sha256.hex(Files.readAllBytes(model)), runs.rows().get(0).modelSha256());
    Path other = Files.copy(model, folder.resolve("other model.onnx"));
    assertEquals(0, runs.run(RED, "inpaint.model='file:" + other + "'").exitCode());
    UsageException missing = assertThrows(UsageException.class, () -> runs.run(RED, "inpaint.model=file:" + folder + "/none.onnx"));
    assertTrue(missing.getMessage().contains("none.onnx"), missing.getMessage());
  }

  @Test
  void theHalfPrecisionFormIsPartOfTheJob() throws Exception {
    Lakes.write(in("a.png"), 1);
    Runs runs = Runs.in(folder);
    assertEquals(1, runs.run(RED).totals().count(Status.REPAIRED));
    // It takes what the model takes, which is all that is asked of it.
    Path half = Files.copy(Path.of("models/lama-lite.onnx"), folder.resolve("half.onnx"));
    String key = "inpaint.half_model='" + half + "'";
    assertEquals(1, runs.run(RED, key).totals().count(Status.REPAIRED));
    assertEquals(0, runs.run(RED, key).totals().count(Status.REPAIRED));
    Path sameName = Files.copy(half, Files.createDirectories(folder.resolve("other")).resolve("lama-lite.onnx"));
    UsageException refused = assertThrows(UsageException.class, () -> runs.run(RED, "inpaint.half_model='" + sameName + "'"));
    assertTrue(refused.getMessage().contains("inpaint.half_model") && refused.getMessage().contains("another name"), refused.getMessage());
    UsageException itself = assertThrows(UsageException.class, () -> runs.run(RED, "inpaint.half_model=lama-lite"));
    assertTrue(itself.getMessage().contains("another name"), itself.getMessage());
    Path sixteen = Files.copy(Path.of("src/test/resources/models/modulo16-named.onnx"), folder.resolve("sixteen.onnx"));
    ModelException other = assertThrows(ModelException.class, () -> runs.run(RED, "inpaint.half_model='" + sixteen + "'"));
    assertTrue(other.getMessage().contains("sixteen.onnx"), other.getMessage());
  }

  @Test
  void anImageWhoseNameLeadsOutOfTheOutputIsARow() throws Exception {
    Lakes.write(in("a.png"), 1);
    Files.copy(in("a.png"), in("...png"));
    Runs runs = Runs.in(folder);
    Map<String, LogRow> rows = runs.rows(runs.run(RED, "output.name='{stem}/x.{ext}'"));
    assertEquals(ErrorKind.WRITE, rows.get("...png").errorKind(), rows.get("...png").errorMessage());
    assertEquals(Status.REPAIRED, rows.get("a.png").status());
  }
}
