package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lakebrush.job.Runs.RED;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Input;
import org.lakebrush.source.InputException;
import org.lakebrush.testing.Lakes;

/** Nothing is read outside of the input and nothing is written outside of the output, whatever a manifest says and wherever links lead. */
class ConfinementJobTest {
  @TempDir
  Path folder;

  private Path in;
  private Path elsewhere;

  @BeforeEach
  void lake() throws Exception {
    in = folder.resolve("in");
    elsewhere = folder.resolve("elsewhere");
    Lakes.write(in.resolve("a.png"), 1);
    Lakes.write(elsewhere.resolve("secret.png"), 2);
    Files.createSymbolicLink(in.resolve("beside.png"), in.resolve("a.png"));
    Files.createSymbolicLink(in.resolve("out.png"), elsewhere.resolve("secret.png"));
    Files.createSymbolicLink(in.resolve("photos"), elsewhere);
  }

  private static Map<String, String> outcomes(Map<String, LogRow> rows) {
    return rows.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey,
        e -> e.getValue().status() == Status.FAILED ? e.getValue().errorKind().name() : e.getValue().status().name()));
  }

  private static void mask(Path file) throws Exception {
    BufferedImage mask = new BufferedImage(112, 96, BufferedImage.TYPE_BYTE_GRAY);
    mask.getRaster().setSample(50, 50, 0, 255);
    Files.createDirectories(file.getParent());
    Files.write(file, Lakes.encode(mask, "png"));
  }

  @Test
  void linksThatLeadOutOfTheInputAreRefused() throws Exception {
    Files.createSymbolicLink(folder.resolve("linked"), in);
    Runs runs = Runs.in(folder).reading(folder.resolve("linked").toString());

    Map<String, LogRow> rows = runs.rows(runs.run(RED));

    assertEquals(Map.of("a.png", "REPAIRED", "beside.png", "REPAIRED", "out.png", "REFUSED", "photos", "REFUSED"), outcomes(rows));
    assertEquals(List.of("a.png", "beside.png"), Runs.files(runs.output));
    for (String link : List.of("out.png", "photos")) {
      String message = rows.get(link).errorMessage();
      assertTrue(message.contains("by a link it leads to " + elsewhere.toRealPath()) && message.contains("give the folder"), message);
    }
    Runs one = Runs.in(folder).reading(in.resolve("out.png").toString()).writing(folder.resolve("one").toString());
    assertEquals(Map.of("out.png", "REPAIRED"), outcomes(one.rows(one.run(RED))), "the link itself is the input");
  }

  @Test
  void aManifestLeadsNowhereElse() throws Exception {
    List<String> lines = new ArrayList<>(List.of("uri", "in/a.png", "in/out.png", "in/photos/secret.png", "in/../elsewhere/secret.png",
        "elsewhere/secret.png", "http://localhost:1/a.png", "s3a://lake/a.png", "hdfs://localhost:1/a.png", "/etc/x.png"));
    Files.write(folder.resolve("list.csv"), lines);
    Runs runs = Runs.in(folder).reading(new Input.Manifest(folder.resolve("list.csv").toString(), in.toString()));

    RunSummary run = runs.run(RED, "limits.max_failures=100%");

    Map<String, LogRow> rows = runs.rows(run);
    assertEquals(lines.size() - 1, rows.size());
    assertEquals(Status.REPAIRED, rows.remove("a.png").status());
    rows.forEach((path, row) -> assertEquals(ErrorKind.REFUSED, row.errorKind(), path));
    assertEquals(List.of("a.png"), Runs.files(runs.output));
    assertTrue(runs.notes.stream().anyMatch(n -> n.startsWith("manifest: 6 rows are refused")), runs.notes.toString());
  }

  @Test
  void masksLeadNowhereElse() throws Exception {
    Path masks = folder.resolve("masks");
    mask(masks.resolve("a.png"));
    mask(folder.resolve("beside/m.png"));
    Files.createSymbolicLink(masks.resolve("beside.png"), elsewhere.resolve("secret.png"));
    Runs runs = Runs.in(folder);
    String sidecar = "masks: [{kind: sidecar, dir: '" + masks + "'}]\nmask: {missing: unchanged}\n";
    assertEquals(Map.of("a.png", "REPAIRED", "beside.png", "REFUSED", "out.png", "REFUSED", "photos", "REFUSED"),
        outcomes(runs.rows(runs.run(sidecar))));
    Files.createSymbolicLink(masks.resolve("more"), elsewhere);
    InputException e = assertThrows(InputException.class, () -> runs.run(sidecar));
    assertTrue(e.getMessage().contains("holds more, a link to a folder outside"), e.getMessage());

    for (String name : List.of("b", "c", "d", "e")) {
      Lakes.write(in.resolve(name + ".png"), 1);
    }
    mask(in.resolve("f.png"));
    Files.write(Files.createDirectories(folder.resolve("lists")).resolve("list.csv"), List.of("uri,mask", in + "/a.png,m.png",
        in + "/b.png,../beside/m.png", in + "/c.png," + folder + "/beside/m.png", in + "/d.png,s3a://masks/m.png",
        in + "/e.png," + in + "/f.png"));
    Files.copy(folder.resolve("beside/m.png"), folder.resolve("lists/m.png"));
    Runs listed = Runs.in(folder).reading(new Input.Manifest(folder.resolve("lists/list.csv").toString(), in.toString()))
        .writing(folder.resolve("listed").toString());
    assertEquals(Map.of("a.png", "REPAIRED", "b.png", "REFUSED", "c.png", "REFUSED", "d.png", "REFUSED", "e.png", "REPAIRED"),
        outcomes(listed.rows(listed.run("masks: [{kind: manifest}]\n", "limits.max_failures=100%"))));
  }

  @Test
  void noLinkInTheOutputLeadsWritingElsewhere() throws Exception {
    Lakes.write(in.resolve("d/deep/b.png"), 1);
    Lakes.write(in.resolve("e/c.png"), 1);
    Files.createDirectories(folder.resolve("out"));
    Files.createDirectories(folder.resolve("empty"));
    Files.createDirectories(folder.resolve("inner"));
    Files.createSymbolicLink(folder.resolve("out/d"), folder.resolve("empty"));
    Files.createSymbolicLink(folder.resolve("out/e"), Files.createDirectories(folder.resolve("out/real e")));
    Path target = Files.write(folder.resolve("inner/kept"), new byte[1]);
    Files.createSymbolicLink(folder.resolve("out/a.png"), target);
    Runs runs = Runs.in(folder);

    Map<String, LogRow> rows = runs.rows(runs.run(RED, "limits.max_failures=100%"));

    assertEquals(ErrorKind.WRITE, rows.get("d/deep/b.png").errorKind());
    assertTrue(rows.get("d/deep/b.png").errorMessage().contains("by a link it leads to " + folder.resolve("empty").toRealPath()),
        rows.get("d/deep/b.png").errorMessage());
    assertEquals(List.of(), Runs.files(folder.resolve("empty").toString()));
    assertFalse(Files.exists(folder.resolve("empty/deep")), "not even a folder");
    assertEquals(Status.REPAIRED, rows.get("e/c.png").status(), "a link that stays in the output");
    assertEquals(Status.REPAIRED, rows.get("a.png").status());
    assertTrue(Files.isRegularFile(folder.resolve("out/a.png"), LinkOption.NOFOLLOW_LINKS), "a link in its place is replaced");
    assertEquals(1, Files.size(target));

    Runs staged = Runs.in(folder).writing(folder.resolve("other").toString());
    Files.createDirectories(folder.resolve("other"));
    Files.createSymbolicLink(folder.resolve("other/_lakebrush"), folder.resolve("empty"));
    staged.rows(staged.run(RED, "limits.max_failures=100%")).values().stream().filter(r -> r.errorKind() != ErrorKind.REFUSED)
        .forEach(r -> assertEquals(ErrorKind.WRITE, r.errorKind(), r.path()));
    assertEquals(List.of(), Runs.files(folder.resolve("empty").toString()));
  }
}
