package org.lakebrush.job;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code lakebrush run} in a JVM of its own, on {@code in}, {@code out}, {@code log} and {@code job.yaml} of a folder. */
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
   * Starts one.
   *
   * @param name of its output and its temporary folder
   * @param more arguments
   */
  static Driver start(Path folder, String name, String... more) throws IOException {
    Files.createDirectories(folder.resolve("tmp-" + name));
    Files.createDirectories(folder.resolve("home"));
    Process process = new ProcessBuilder(command(folder, name, more)).redirectErrorStream(true)
        .redirectOutput(folder.resolve(name + ".txt").toFile()).start();
    return new Driver(folder, name, process);
  }

  static List<String> command(Path folder, String name, String... more) {
    List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-Xmx2g",
        "-Djava.io.tmpdir=" + folder.resolve("tmp-" + name), "-Duser.home=" + folder.resolve("home"), "-Djava.awt.headless=true",
        "-Dlog4j2.configurationFile=" + new File("conf/log4j2.properties").getAbsolutePath(), "-cp", System.getProperty("java.class.path"),
        "org.lakebrush.Lakebrush", "run"));
    for (String place : List.of("input", "output", "log")) {
      command.add("--" + place);
      command.add(folder.resolve(place.equals("input") ? "in" : place.equals("output") ? "out" : place).toString());
    }
    command.addAll(List.of("--job", folder.resolve("job.yaml").toString(), "--device", "cpu"));
    command.addAll(List.of(more));
    return command;
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
    if (!process.waitFor(3, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("does not end: " + output());
    }
    return process.exitValue();
  }
}
