package org.lakebrush.job;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.lakebrush.natives.PrivateFolder;
import org.lakebrush.sink.HostName;
import org.lakebrush.sink.Sha256;

/**
 * A folder of this process alone for temporary files, below {@link PrivateFolder#standard}. Those of processes that were killed are deleted
 * when the next one makes its own.
 */
public final class Scratch {
  private static final Pattern NAME = Pattern.compile("run-(\\d+)-(\\d+)-([0-9a-f]+)");
  /** Ids of processes compare within a machine and a container. */
  private static final String MACHINE = Sha256.hex(HostName.get() + " " + Processes.machine()).substring(0, 16);

  private static Path folder;

  private Scratch() {}

  /**
   * Makes the folder at the first call. What is empty of it goes when the JVM ends; what it is used for deletes its own files.
   *
   * @throws IOException where it cannot be made: what is wrong with its place
   */
  public static synchronized Path folder() throws IOException {
    if (folder == null) {
      Path place = PrivateFolder.make(PrivateFolder.standard());
      sweep(place);
      long pid = ProcessHandle.current().pid();
      Path made = PrivateFolder.make(place.resolve("run-" + pid + "-" + Processes.start(pid).orElse("0") + "-" + MACHINE));
      made.toFile().deleteOnExit();
      folder = made;
    }
    return folder;
  }

  private static void sweep(Path place) throws IOException {
    try (DirectoryStream<Path> runs = Files.newDirectoryStream(place, "run-*")) {
      for (Path run : runs) {
        Matcher name = NAME.matcher(run.getFileName().toString());
        if (name.matches() && name.group(3).equals(MACHINE)
            && !Processes.start(Long.parseLong(name.group(1))).equals(Optional.of(name.group(2)))) {
          delete(run);
        }
      }
    }
  }

  private static void delete(Path run) {
    try (Stream<Path> files = Files.walk(run)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException | java.io.UncheckedIOException e) {
      // Another process sweeps at the same time; what is left goes next time.
    }
  }
}
