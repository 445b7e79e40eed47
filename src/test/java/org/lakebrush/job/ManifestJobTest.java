package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lakebrush.job.Runs.RED;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Input;
import org.lakebrush.testing.LocalSpark;
import org.lakebrush.testing.Lakes;
import org.lakebrush.testing.S3Endpoint;

/** The whole job on what a manifest names. */
class ManifestJobTest {
  private static final String OWN_MASKS = "masks: [{kind: manifest}]\nmask: {grow: 0, feather: 0}\n";

  @TempDir
  Path folder;

  private Path in(String name) {
    return folder.resolve("in").resolve(name);
  }

  /** Runs on a manifest of these lines, with the lake's folder as base. */
  private Runs runs(String... lines) throws Exception {
    Files.write(folder.resolve("list.csv"), List.of(lines));
    return Runs.in(folder).reading(new Input.Manifest(folder.resolve("list.csv").toString(), folder.resolve("in").toString()));
  }

  private String line(String name) throws Exception {
    return in(name) + "," + Files.size(in(name)) + "," + Files.getLastModifiedTime(in(name)).toMillis();
  }

  /** The pixels in which two pictures differ, as the box around them. */
  private String changed(String name) throws Exception {
    BufferedImage a = ImageIO.read(in(name).toFile());
    BufferedImage b = ImageIO.read(folder.resolve("out").resolve(name).toFile());
    int left = a.getWidth();
    int right = 0;
    int top = a.getHeight();
    int bottom = 0;
    for (int y = 0; y < a.getHeight(); y++) {
      for (int x = 0; x < a.getWidth(); x++) {
        if (a.getRGB(x, y) != b.getRGB(x, y)) {
          left = Math.min(left, x);
          right = Math.max(right, x + 1);
          top = Math.min(top, y);
          bottom = Math.max(bottom, y + 1);
        }
      }
    }
    return left + "," + top + "," + (right - left) + "," + (bottom - top);
  }

  @Test
  void whatTheManifestNamesIsRepairedAndNothingElseAndNothingTwice() throws Exception {
    Lakes.write(in("a.png"), 1);
    Lakes.write(in("deep/b c#%.jpg"), 2);
    Lakes.write(in("not named.png"), 3);
    Runs runs = runs("uri,length,modification_time", line("a.png"), "in/deep/b c#%.jpg,,", in("gone.png") + ",9,9", ",,");

    RunSummary first = runs.run(RED);

    assertEquals(List.of("a.png", "deep/b c#%.jpg"), Runs.files(runs.output));
    Map<String, LogRow> rows = runs.rows(first);
    assertEquals(Set.of("a.png", "deep/b c#%.jpg", "gone.png"), rows.keySet());
    assertEquals(Status.REPAIRED, rows.get("a.png").status());
    assertEquals(Files.size(in("a.png")), rows.get("a.png").length());
    assertEquals(-1, rows.get("deep/b c#%.jpg").length());
    assertEquals(ErrorKind.VANISHED, rows.get("gone.png").errorKind());
    assertTrue(runs.notes.stream().anyMatch(n -> n.contains("1 rows left out")), runs.notes.toString());

    RunSummary second = runs.run(RED);
    assertEquals(List.of(2L, 1L), List.of(second.plan().alreadyDone(), second.plan().todo()), "but what is not there");
    assertEquals(2, runs.reading(new Input.Files(folder.resolve("in").toString())).run(RED).plan().todo(),
        "a listing knows the length that the manifest did not");

    Lakes.write(in("a.png"), 9);
    RunSummary changed = runs("uri,length,modification_time", line("a.png"), "in/deep/b c#%.jpg,,").run(RED);
    assertEquals(Set.of("a.png"), runs.rows(changed).keySet(), "another length");
  }

  @Test
  void masksAndBoxesOfTheManifestAreTheHole() throws Exception {
    for (String name : List.of("box.png", "mask.png", "both.png", "none.png", "bad.png", "lost.png", "odd.png")) {
      Lakes.write(in(name), 1);
    }
    BufferedImage mask = new BufferedImage(112, 96, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 40; y < 48; y++) {
      for (int x = 40; x < 52; x++) {
        mask.getRaster().setSample(x, y, 0, 255);
      }
    }
    Files.write(folder.resolve("m.png"), Lakes.encode(mask, "png"));
    List<String> lines = new ArrayList<>(List.of("uri,mask,boxes", "in/box.png,,\"40,40,12,6\"", "in/mask.png,m.png,",
        "in/both.png,m.png,\"40, 48, 5.5, 4; 200,200,9,9\"", "in/none.png,,", "in/bad.png,,\"1,2,3\"", "in/lost.png,lost.png,", "in/odd.png,no:such mask,\"1,1,1,1\""));
    Runs runs = runs(lines.toArray(String[]::new));

    Map<String, LogRow> rows = runs.rows(runs.run(OWN_MASKS));

    assertEquals("40,40,12,6", changed("box.png"));
    assertEquals("40,40,12,8", changed("mask.png"));
    assertEquals("40,40,12,12", changed("both.png"));
    assertEquals((12 * 8 + 6 * 4) / (112.0 * 96), rows.get("both.png").holeFraction(), 1e-9);
    assertEquals(List.of("manifest"), rows.get("both.png").maskKinds());
    assertEquals(ErrorKind.MASK_MISSING, rows.get("none.png").errorKind());
    assertEquals(ErrorKind.MASK_MISSING, rows.get("lost.png").errorKind());
    assertEquals(ErrorKind.MASK_UNREADABLE, rows.get("bad.png").errorKind());
    assertEquals(ErrorKind.MASK_MISSING, rows.get("odd.png").errorKind(), "a name like another");
    assertTrue(rows.get("bad.png").errorMessage().contains("'1,2,3'"), rows.get("bad.png").errorMessage());

    lines.set(1, "in/box.png,,\"40,40,12,7\"");
    RunSummary second = runs(lines.toArray(String[]::new)).run(OWN_MASKS, "mask.missing=unchanged");
    rows = runs.rows(second);
    assertEquals(Status.UNCHANGED, rows.get("none.png").status());
    assertArrayEquals(Files.readAllBytes(in("none.png")), Files.readAllBytes(folder.resolve("out/none.png")));
    assertEquals("40,40,12,7", changed("box.png"));
    RunSummary third = runs.run(OWN_MASKS, "mask.missing=unchanged");
    assertEquals(Set.of("bad.png"), runs.rows(third).keySet());
  }

  @Test
  void whatCannotStandIsRefusedBeforeAnyWork() throws Exception {
    Lakes.write(in("a.png"), 1);
    Runs two = runs("uri", "in/a.png", "in/a.jpg", "in/b.png");
    UsageException e = assertThrows(UsageException.class, () -> two.run(RED, "output.name={stem}.png"));
    assertTrue(e.getMessage().contains("/in/a.jpg and file:" + in("a.png") + " -> a.png"), e.getMessage());
    Files.createSymbolicLink(folder.resolve("link"), Files.createDirectories(folder.resolve("out/x")));
    Runs over = two.reading(new Input.Manifest(folder.resolve("list.csv").toString(), folder.resolve("link").toString()));
    e = assertThrows(UsageException.class, () -> over.run(RED));
    assertTrue(e.getMessage().startsWith("--base ") && e.getMessage().contains("lies in the output"), e.getMessage());
    Runs log = runs("uri", "in/a.png");
    Files.move(folder.resolve("list.csv"), Files.createDirectories(folder.resolve("log")).resolve("list.csv"));
    e = assertThrows(UsageException.class, () -> log.reading(new Input.Manifest(folder.resolve("log/list.csv").toString(), null)).run(RED));
    assertTrue(e.getMessage().contains("--log"), e.getMessage());
    assertEquals(List.of("list.csv"), log.strays());
    assertEquals(List.of(), Runs.files(folder.resolve("out").toString()));
  }

  @Test
  void anInventoryOnS3IsAnInput() throws Exception {
    try (S3Endpoint s3 = S3Endpoint.start()) {
      s3.createBucket("inventoried");
      s3.createBucket("inventories");
      s3.options().forEach((k, v) -> LocalSpark.get().sparkContext().hadoopConfiguration()
          .set(k.replace("fs.s3a.", "fs.s3a.bucket.inventoried."), v));
      s3.options().forEach((k, v) -> LocalSpark.get().sparkContext().hadoopConfiguration()
          .set(k.replace("fs.s3a.", "fs.s3a.bucket.inventories."), v));
      byte[] image = Lakes.encode(Lakes.picture(112, 96, 1, false), "png");
      s3.put("inventoried", "x/a b.png", image);
      String row = "\"inventoried\",\"x/a+b.png\",\"" + image.length + "\",\"2026-11-01T02:03:04.000Z\"\n";
      String odd = "\"inventoried\",\"notes.txt\",\"3\",\"2026-11-01T02:03:04.000Z\"\n";
      s3.put("inventories", "inventoried/daily/data/1.csv", (row + odd).getBytes("UTF-8"));
      s3.put("inventories", "inventoried/daily/2026-11-02T01-00Z/manifest.json", ("{\"sourceBucket\": \"inventoried\","
          + "\"fileFormat\": \"CSV\", \"fileSchema\": \"Bucket, Key, Size, LastModifiedDate\", \"files\": [{\"key\":"
          + "\"inventoried/daily/data/1.csv\", \"size\": " + (row + odd).length() + "}]}").getBytes("UTF-8"));
      Runs runs = Runs.in(folder).reading(new Input.Manifest("s3a://inventories/inventoried/daily/2026-11-02T01-00Z/manifest.json", null));
      RunSummary run = runs.run(RED);
      assertEquals(Map.of("x/a b.png", Status.REPAIRED), Map.of("x/a b.png", runs.rows(run).get("x/a b.png").status()));
      assertEquals(List.of("x/a b.png"), Runs.files(runs.output));
      assertEquals(1, run.plan().otherFiles());
      assertEquals(Map.of("GET", 1L), s3.count("inventoried", "x/a b.png"), "its length is known");
    }
  }
}
