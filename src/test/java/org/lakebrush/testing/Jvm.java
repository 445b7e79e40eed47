package org.lakebrush.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** JVMs beside that of the tests. */
public final class Jvm {
  private Jvm() {}

  /** The command of one that has this JVM's class path and the command line's logging. */
  public static List<String> command(List<String> options, Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(options);
    command.addAll(List.of("-Djava.awt.headless=true",
        "-Dlog4j2.configurationFile=" + Path.of("conf/log4j2.properties").toAbsolutePath(), "-cp", System.getProperty("java.class.path"),
        main.getName()));
    command.addAll(arguments);
    return command;
  }
}
