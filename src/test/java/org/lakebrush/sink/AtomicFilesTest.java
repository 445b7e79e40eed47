package org.lakebrush.sink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.source.Retries;

class AtomicFilesTest {
  private final Configuration conf = new Configuration();

  @TempDir
  Path dir;

  private AtomicFiles files;

  @BeforeEach
  void open() throws IOException {
    files = AtomicFiles.ofOutput(conf, out(), "run", "1", Retries.of(1));
  }

  private org.apache.hadoop.fs.Path out() {
    return new org.apache.hadoop.fs.Path(dir + "/out");
  }

  private List<String> tree() throws IOException {
    try (Stream<Path> all = Files.walk(dir)) {
      return all.filter(Files::isRegularFile).map(p -> dir.relativize(p).toString()).sorted().toList();
    }
  }

  @Test
  void writesWhateverTheNameAndOverWhatWasThere() throws Exception {
    for (String name : List.of("a b.jpg", "sub [1]/50%20#.jpg", "grüße-画像.png", "a:b.jpg", "q\"'?*.jpg")) {
      Written first = files.write(name, new byte[] {1, 2, 3});
      // SHA-256 of the bytes 1 2 3, by sha256sum.
      assertEquals(new Written("file:" + dir + "/out/" + name, 3, "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81"),
          first);
      files.write(name, new byte[] {4});
      assertArrayEquals(new byte[] {4}, Files.readAllBytes(dir.resolve("out").resolve(name)));
    }
    files.close();
    assertEquals(5, tree().size(), () -> "no .crc and no temporary files");
    AtomicFiles.sweepOutput(conf, out(), "run");
    assertFalse(Files.exists(dir.resolve("out/_lakebrush")));
  }

  @Test
  void aDraftIsSeenWhenItIsPublishedAndNotBefore() throws Exception {
    files.write("sub/a", new byte[] {9});
    try (AtomicFiles.Draft draft = files.create("sub/a")) {
      draft.write(new byte[] {1, 2});
      draft.write(3);
      assertArrayEquals(new byte[] {9}, Files.readAllBytes(dir.resolve("out/sub/a")));
      draft.publish();
    }
    assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(dir.resolve("out/sub/a")));
    try (AtomicFiles.Draft draft = files.create("sub/a")) {
      draft.write(new byte[100]);
    }
    assertEquals(List.of("out/sub/a"), tree(), "a draft that was not published is gone");
    assertThrows(AtomicFiles.DraftException.class, () -> files.create("sub/a/b").publish());
  }

  @Test
  void nothingIsLeftOfAWriteThatFails() throws Exception {
    Files.createDirectories(dir.resolve("out/taken.jpg/x"));
    Files.write(dir.resolve("out/file"), new byte[0]);
    for (String name : List.of("taken.jpg", "file/a.jpg", "../../outside.jpg", "")) {
      ImageFailure failure = assertThrows(ImageFailure.class, () -> files.write(name, new byte[10]), name);
      assertEquals(ErrorKind.WRITE, failure.kind());
      assertEquals(1, failure.getMessage().lines().count());
    }
    assertEquals(List.of("out/file"), tree());
  }

  @Test
  void noLinkLeadsOutOfTheRoot() throws Exception {
    Files.createDirectories(dir.resolve("elsewhere/deep"));
    Files.createDirectories(dir.resolve("out"));
    Files.createSymbolicLink(dir.resolve("out/a"), dir.resolve("elsewhere"));
    Files.createSymbolicLink(dir.resolve("out/gone"), dir.resolve("not there"));
    Files.createSymbolicLink(dir.resolve("out/b"), Files.createDirectories(dir.resolve("out/real")));
    for (String name : List.of("a/x.jpg", "a/deep/x.jpg", "a/new/x.jpg", "gone/x.jpg")) {
      assertEquals(ErrorKind.WRITE, assertThrows(ImageFailure.class, () -> files.write(name, new byte[10]), name).kind());
    }
    files.write("b/x.jpg", new byte[10]);
    assertEquals(List.of("out/real/x.jpg"), tree());
    assertFalse(Files.exists(dir.resolve("elsewhere/new")) || Files.exists(dir.resolve("not there")), "not even a folder is made");
  }

  @Test
  void aRunsLeftoversAreSweptAndNoOthers() throws Exception {
    Files.createDirectories(dir.resolve("out/_lakebrush/run/1"));
    Files.write(dir.resolve("out/_lakebrush/run/1/left"), new byte[1]);
    Files.createDirectories(dir.resolve("out/_lakebrush/other/1"));
    Files.write(dir.resolve("out/_lakebrush/other/1/left"), new byte[1]);
    AtomicFiles.sweepOutput(conf, out(), "run");
    assertEquals(List.of("out/_lakebrush/other/1/left"), tree());
    AtomicFiles.sweepOutput(conf, out(), "other");
    assertEquals(List.of(), tree());
    AtomicFiles.sweepOutput(conf, out(), "never was");
    try (AtomicFiles log = AtomicFiles.ofLog(conf, out(), "run", "1", Retries.of(1))) {
      log.put("x", new byte[1]);
      assertTrue(Files.exists(dir.resolve("out/_staging/run/1")));
    }
    assertFalse(Files.exists(dir.resolve("out/_staging/run/1")));
  }
}
