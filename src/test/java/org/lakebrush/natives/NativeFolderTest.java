package org.lakebrush.natives;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.image.OpenCv;
import org.lakebrush.natives.NativeFolder.Place;
import org.lakebrush.testing.FileTree;
import org.lakebrush.testing.Jvm;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Scalar;

class NativeFolderTest {
  /** Any small file in a jar. */
  private static final String SMALL = "/org/junit/jupiter/api/Test.class";
  private static final String OTHER = "/org/junit/jupiter/api/Assertions.class";
  private static final String USER = System.getProperty("user.name");

  @TempDir
  Path folder;

  /** A JVM that needs OpenCV. */
  public static final class Child {
    public static void main(String[] arguments) {
      OpenCv.ensureLoaded();
      Mat three = new Mat(2, 2, CvType.CV_8UC1, new Scalar(3));
      System.out.println("sum " + (int) Core.sumElems(three).val[0]);
    }
  }

  @Test
  void whatIsThereWholeIsNotUnpackedAgain() throws Exception {
    Path first = unpack(SMALL);
    assertEquals("Test.class", first.getFileName().toString());
    assertArrayEquals(resource(SMALL), Files.readAllBytes(first));
    Identity before = Identity.of(first);

    assertEquals(first, unpack(SMALL));
    assertEquals(before, Identity.of(first));
    assertEquals(List.of(first), FileTree.files(folder));
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(first.getParent())));
  }

  @Test
  void whatIsDamagedIsUnpackedAgain() throws Exception {
    Path file = unpack(SMALL);
    byte[] bytes = resource(SMALL);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertArrayEquals(resource(SMALL), Files.readAllBytes(unpack(SMALL)), "one bit flipped");

    Files.write(file, new byte[10]);
    assertArrayEquals(resource(SMALL), Files.readAllBytes(unpack(SMALL)), "cut");

    Path elsewhere = Files.write(folder.resolve("elsewhere"), resource(SMALL));
    Files.delete(file);
    Files.createSymbolicLink(file, elsewhere);
    assertTrue(Files.isRegularFile(unpack(SMALL), LinkOption.NOFOLLOW_LINKS), "a link");
  }

  @Test
  void otherContentHasAnotherFolder() throws Exception {
    Place place = new Place(folder, true);
    Path one = NativeFolder.of(place, "x", List.of(SMALL)).path();
    assertFalse(one.equals(NativeFolder.of(place, "x", List.of(SMALL, OTHER)).path()));
    assertEquals(one, NativeFolder.of(place, "x", List.of(SMALL)).path());
  }

  @Test
  void whatIsNotOnTheClassPathIsNamed() {
    assertFalse(NativeFolder.has("/none.so"));
    String message = assertThrows(IOException.class, () -> unpack("/none.so")).getMessage();
    assertTrue(message.contains("/none.so"), message);
  }

  @Test
  void aFolderThatOthersCouldFillIsRefused() throws Exception {
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertRefused(open, "rwxrwxrwx");
    assertRefused(Files.createSymbolicLink(folder.resolve("link"), Files.createDirectory(folder.resolve("target"))), "link");
    assertRefused(Files.createFile(folder.resolve("file")), "no folder");

    Path mine = Files.createDirectory(folder.resolve("mine"));
    Files.setPosixFilePermissions(mine, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertEquals(mine, PrivateFolder.make(mine));
  }

  @Test
  void aFolderOfAnotherUserIsRefused() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    try {
      Files.setAttribute(other, "unix:uid", 12345);
    } catch (IOException e) {
      assumeTrue(false, "only root gives folders away");
    }
    assertRefused(other, "another user");
  }

  private static void assertRefused(Path place, String why) {
    String message = assertThrows(IOException.class, () -> PrivateFolder.make(place)).getMessage();
    assertTrue(message.contains(place.toString()) && message.contains(why), message);
  }

  @Test
  void processesAtOnceAndOneThatIsKilledLeaveOneWholeFile() throws Exception {
    Process killed = child("killed", null);
    while (killed.isAlive() && FileTree.files(folder.resolve("tmp")).isEmpty()) {
      Thread.sleep(5);
    }
    Thread.sleep(new Random().nextInt(100));
    killed.destroyForcibly().waitFor();

    Process one = child("one", null);
    Process two = child("two", null);
    assertLoaded(one, "one");
    assertLoaded(two, "two");
    Path natives = folder.resolve("tmp/lakebrush-" + USER + "/natives");
    Path library = FileTree.files(natives).stream().filter(f -> f.toString().endsWith(".so")).findFirst().orElseThrow();
    assertArrayEquals(resource("/nu/pattern/opencv/linux/" + (System.getProperty("os.arch").equals("aarch64") ? "ARMv8" : "x86_64") + "/"
        + library.getFileName()), Files.readAllBytes(library));
    Identity before = Identity.of(library);
    for (Path part : FileTree.files(natives)) {
      if (!part.equals(library)) {
        Files.setLastModifiedTime(part, FileTime.from(Instant.now().minusSeconds(2 * 3600)));
      }
    }

    assertLoaded(child("later", null), "later");
    assertEquals(before, Identity.of(library), "not unpacked again");
    assertEquals(List.of(library), FileTree.files(folder.resolve("tmp")), "and nothing else is there");
  }

  @Test
  void aPlantedFolderIsPassedOverAndSaid() throws Exception {
    Path planted = Files.createDirectories(folder.resolve("tmp/lakebrush-" + USER));
    Files.setPosixFilePermissions(planted, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertLoaded(child("planted", null), "planted");
    String said = Files.readString(folder.resolve("planted.txt"));
    assertTrue(said.contains(planted.toString()) && said.contains("LAKEBRUSH_NATIVES"), said);
    try (Stream<Path> left = Files.list(folder.resolve("tmp"))) {
      assertEquals(List.of(planted), left.toList());
    }
    assertEquals(List.of(), FileTree.files(planted));

    assertLoaded(child("named", folder.resolve("a/place")), "named");
    assertEquals(1, FileTree.files(folder.resolve("a/place")).size());
  }

  private Process child(String name, Path natives) throws IOException {
    Files.createDirectories(folder.resolve("tmp"));
    ProcessBuilder builder = new ProcessBuilder(
        Jvm.command(List.of("-Xmx256m", "-Djava.io.tmpdir=" + folder.resolve("tmp")), Child.class, List.of()));
    builder.environment().remove(NativeFolder.PLACE);
    if (natives != null) {
      builder.environment().put(NativeFolder.PLACE, natives.toString());
    }
    return builder.redirectErrorStream(true).redirectOutput(folder.resolve(name + ".txt").toFile()).start();
  }

  private void assertLoaded(Process child, String name) throws Exception {
    assertTrue(child.waitFor(5, TimeUnit.MINUTES), name + " ends");
    String said = Files.readString(folder.resolve(name + ".txt"));
    assertEquals(0, child.exitValue(), said);
    assertTrue(said.contains("sum 12"), said);
  }

  private Path unpack(String resource) throws IOException {
    return NativeFolder.of(new Place(folder, true), "x", List.of(resource)).unpack(resource);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = NativeFolderTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  /** What changes where a file is written again. */
  private record Identity(Object key, FileTime modified) {
    static Identity of(Path file) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new Identity(attributes.fileKey(), attributes.lastModifiedTime());
    }
  }
}
