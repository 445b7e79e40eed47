package org.lakebrush.job;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Drivers in JVMs of their own, as {@code submit.sh} starts them, with a home in {@code <folder>/home} and temporary files in
 * {@code <folder>/tmp-<name>}.
 */
record Drivers(Path folder) {

  List<String> command(String name, String main, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-Xmx1g",
        // Half the work for what lives so briefly.
        "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
        "-Djava.io.tmpdir=" + folder.resolve("tmp-" + name), "-Duser.home=" + folder.resolve("home"), "-Djava.awt.headless=true",
        "-Dlog4j2.configurationFile=" + new File("conf/log4j2.properties").getAbsolutePath(), "-cp", System.getProperty("java.class.path"),
        main));
    command.addAll(arguments);
    return command;
  }

  Process start(String name, String main, List<String> arguments) throws IOException {
    Files.createDirectories(folder.resolve("tmp-" + name));
    Files.createDirectories(folder.resolve("home"));
    return new ProcessBuilder(command(name, main, arguments)).redirectErrorStream(true)
        .redirectOutput(folder.resolve(name + ".txt").toFile()).start();
  }

  /** What a driver said. */
  String output(String name) {
    try {
      return Files.readString(folder.resolve(name + ".txt"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
