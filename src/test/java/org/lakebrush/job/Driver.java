package org.lakebrush.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.lakebrush.Lakebrush;
import org.lakebrush.testing.Jvm;

/** A driver in a JVM of its own. */
final class Driver {
  final Process process;
  private final Path folder;
  private final String name;

  private Driver(Path folder, String name, Process process) {
    this.folder = folder;
    this.name = name;
    this.process = process;
  }

  /**
   * Starts {@code lakebrush run} on {@code in}, {@code out}, {@code log} and {@code job.yaml} of a folder.
   *
   * @param name of its output
   * @param more arguments
   */
  static Driver start(Path folder, String name, String... more) throws IOException {
    return start(folder, name, command(folder, more));
  }

  /** Starts another main class; its home and temporary files are in the folder too. */
  static Driver start(Path folder, String name, Class<?> main, List<String> arguments) throws IOException {
    return start(folder, name, command(folder, main, arguments));
  }

  private static Driver start(Path folder, String name, List<String> command) throws IOException {
    Files.createDirectories(folder.resolve("tmp"));
    Files.createDirectories(folder.resolve("home"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve(name + ".txt").toFile()).start();
    return new Driver(folder, name, process);
  }

  static List<String> command(Path folder, String... more) {
    List<String> arguments = new ArrayList<>(List.of("run"));
    for (String place : List.of("input", "output", "log")) {
      arguments.add("--" + place);
      arguments.add(folder.resolve(place.equals("input") ? "in" : place.equals("output") ? "out" : place).toString());
    }
    arguments.addAll(List.of("--job", folder.resolve("job.yaml").toString(), "--device", "cpu"));
    arguments.addAll(List.of(more));
    return command(folder, Lakebrush.class, arguments);
  }

  private static List<String> command(Path folder, Class<?> main, List<String> arguments) {
    // Half the work for what lives so briefly.
    List<String> options = List.of("-Xmx2g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.io.tmpdir=" + folder.resolve("tmp"),
        "-Duser.home=" + folder.resolve("home"));
    return Jvm.command(options, main, arguments);
  }

  /** What it said, errors included. */
  String output() {
    try {
      return Files.readString(folder.resolve(name + ".txt"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its exit code. */
  int await() throws InterruptedException {
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("does not end: " + output());
    }
    return process.exitValue();
  }
}
