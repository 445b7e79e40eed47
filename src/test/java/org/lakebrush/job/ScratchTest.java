package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.testing.Jvm;

class ScratchTest {
  @TempDir
  Path tmp;

  /** A JVM that says where its folder is, and ends when its input does. */
  public static final class Child {
    public static void main(String[] arguments) throws IOException {
      System.out.println(Scratch.folder());
      while (System.in.read() >= 0) {
        // Until the test has seen enough.
      }
    }
  }

  private record Running(Process process, BufferedReader said, Path folder) {
    void end() throws InterruptedException, IOException {
      process.getOutputStream().close();
      assertEquals(0, process.waitFor());
    }
  }

  @Test
  void whatAKilledProcessLeftGoesWithTheNextAndNothingElse() throws Exception {
    Running killed = start();
    Files.writeString(Files.createDirectory(killed.folder().resolve("blocks")).resolve("a"), "a");
    Path elsewhere = Files.writeString(tmp.resolve("elsewhere"), "not below it");
    Files.createSymbolicLink(killed.folder().resolve("link"), tmp);
    Running lives = start();
    Files.writeString(lives.folder().resolve("a"), "a");
    Path foreign = Files.createDirectory(killed.folder().resolveSibling(
        killed.folder().getFileName().toString().replaceFirst("-[0-9a-f]+$", "-0123456789abcdef")));
    Path other = Files.createDirectory(killed.folder().resolveSibling("run-of-something-else"));
    assertTrue(Files.exists(killed.folder()), "it lives, and so does what is in it");

    killed.process().destroyForcibly().waitFor();
    Running next = start();
    assertFalse(Files.exists(killed.folder()));
    assertTrue(Files.exists(elsewhere) && Files.exists(lives.folder().resolve("a")),
        "links are not followed, and processes that live are safe");
    assertTrue(Files.exists(foreign) && Files.exists(other), "whose process cannot be looked for stays");
    assertNotEquals(lives.folder(), next.folder());

    next.end();
    assertFalse(Files.exists(next.folder()), "an empty one goes with its process");
    lives.end();
  }

  @Test
  void aPlaceThatIsNotOnesOwnIsPassedOver() throws Exception {
    Path planted = Files.createDirectory(tmp.resolve("lakebrush-" + System.getProperty("user.name")));
    Files.setPosixFilePermissions(planted, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path dead = Files.createDirectory(planted.resolve("run-1-1-0123456789abcdef"));
    Running run = start();
    assertEquals(tmp, run.folder().getParent());
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(run.folder())));
    run.end();
    try (Stream<Path> left = Files.list(planted)) {
      assertEquals(List.of(dead), left.toList());
    }
  }

  private Running start() throws IOException {
    Process process = new ProcessBuilder(Jvm.command(List.of("-Xmx64m", "-Djava.io.tmpdir=" + tmp), Child.class, List.of()))
        .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader said = process.inputReader();
    return new Running(process, said, Path.of(said.readLine()));
  }
}
