package org.lakebrush.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

class ImageBytesTest {
  private static final Reach DISK = new Reach(List.of("file:/"), List.of("file:/"));

  private final ImageBytes images = new ImageBytes(new Configuration(), DISK, Retries.of(1));
  private final HadoopMaskFiles masks = new HadoopMaskFiles(new Configuration(), DISK, Retries.of(1));

  @TempDir
  Path dir;

  private static ImageRef ref(Path file, long length) {
    return new ImageRef("file:" + file, file.getFileName().toString(), length, 0, List.of(), "");
  }

  private ErrorKind failure(ImageRef ref) {
    ImageFailure failure = assertThrows(ImageFailure.class, () -> images.read(ref));
    assertTrue(failure.getMessage().contains(ref.uri()), failure.getMessage());
    assertEquals(1, failure.getMessage().lines().count());
    return failure.kind();
  }

  @Test
  void readsTheWholeFileWhateverItsName() throws Exception {
    byte[] bytes = new byte[70_000];
    new Random(1).nextBytes(bytes);
    for (String name : List.of("a b.jpg", "50%20#.jpg", "grüße [1].png", "a:b.jpg", "q\"'?*.jpg")) {
      Files.write(dir.resolve(name), bytes);
      assertArrayEquals(bytes, images.read(ref(dir.resolve(name), bytes.length)));
      assertArrayEquals(bytes, masks.read("file:" + dir.resolve(name)));
    }
    Files.write(dir.resolve("empty.jpg"), new byte[0]);
    assertEquals(0, images.read(ref(dir.resolve("empty.jpg"), 0)).length);
  }

  @Test
  void whatIsNotAsListedIsToldApart() throws Exception {
    Path file = Files.write(dir.resolve("a.jpg"), new byte[10]);
    assertEquals(ErrorKind.CHANGED, failure(ref(file, 9)));
    assertEquals(ErrorKind.CHANGED, failure(ref(file, 11)));
    assertEquals(ErrorKind.VANISHED, failure(ref(dir.resolve("b.jpg"), 10)));
    assertEquals(ErrorKind.UNREADABLE, failure(ref(Files.createDirectory(dir.resolve("c.jpg")), 10)));
    assertEquals(ErrorKind.TOO_LARGE, failure(ref(file, 1L << 31)));
    assertEquals(ErrorKind.UNREADABLE, failure(ref(dir.resolve("bad\uFFFDname.jpg"), 10)));
  }

  @Test
  void masksHaveTheirOwnKinds() throws Exception {
    ImageFailure missing = assertThrows(ImageFailure.class, () -> masks.read("file:" + dir.resolve("none.png")));
    assertEquals(ErrorKind.MASK_MISSING, missing.kind());
    Files.createDirectory(dir.resolve("folder.png"));
    ImageFailure unreadable = assertThrows(ImageFailure.class, () -> masks.read("file:" + dir.resolve("folder.png")));
    assertEquals(ErrorKind.MASK_UNREADABLE, unreadable.kind());
  }

  @Test
  void aMaskForAllIsReadOnce() throws Exception {
    Path mask = Files.write(dir.resolve("mask.png"), new byte[] {1, 2, 3});
    byte[] first = masks.read("file:" + mask);
    Files.delete(mask);
    assertArrayEquals(first, masks.read("file:" + mask));
  }
}
