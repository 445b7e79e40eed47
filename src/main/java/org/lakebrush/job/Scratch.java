package org.lakebrush.job;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of this process alone for temporary files, below {@link PrivateFolder#standard}. Those of processes that were killed are deleted
 * when the next one makes its own.
 */
public final class Scratch {
  private static final Logger LOG = LoggerFactory.getLogger(Scratch.class);
  private static final Pattern NAME = Pattern.compile("run-(\\d+)-(\\d+)-([0-9a-f]+)");
  /** Ids of processes compare within a machine and a container. */
  private static final String MACHINE = Sha256.hex(HostName.get() + " " + Processes.machine()).substring(0, 16);

  private static Path folder;

  private Scratch() {}

  /**
   * Makes the folder at the first call. It goes when the JVM ends, if by then each has deleted what it wrote there. Safe for any number of
   * threads.
   *
   * @throws UncheckedIOException where not even a folder for temporary files can be made
   */
  public static synchronized Path folder() {
    if (folder == null) {
      try {
        folder = make();
      } catch (IOException e) {
        try {
          folder = Files.createTempDirectory("lakebrush-run");
        } catch (IOException none) {
          throw new UncheckedIOException(none);
        }
        LOG.warn("Temporary files go to {}, and stay there where this process is killed: {}", folder, e.getMessage());
      }
      folder.toFile().deleteOnExit();
    }
    return folder;
  }

  private static Path make() throws IOException {
    Path place = PrivateFolder.make(PrivateFolder.standard());
    sweep(place);
    long pid = ProcessHandle.current().pid();
    return PrivateFolder.make(place.resolve("run-" + pid + "-" + Processes.start(pid).orElse("0") + "-" + MACHINE));
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
    } catch (IOException | UncheckedIOException e) {
      // Another process sweeps at the same time; what is left goes next time.
    }
  }
}
