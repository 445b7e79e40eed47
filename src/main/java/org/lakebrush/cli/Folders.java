package org.lakebrush.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.fs.FileUtil;
import org.lakebrush.job.UsageException;

/** Working folders of commands that make their own images. */
final class Folders {
  private static final String MARK = ".lakebrush-made";

  private Folders() {}

  /** The job files that come with the installation. */
  static Path jobs() {
    String home = System.getenv("LAKEBRUSH_HOME");
    return Path.of(home == null ? "." : home, "conf", "jobs");
  }

  /** An empty folder; empties one that was made here before, and refuses one that holds anything else. */
  static Path fresh(Path dir) throws IOException, UsageException {
    Path folder = dir.toAbsolutePath().normalize();
    if (Files.isDirectory(folder)) {
      try (var files = Files.list(folder)) {
        if (files.findAny().isPresent() && !Files.exists(folder.resolve(MARK))) {
          throw new UsageException("--dir " + folder + " holds files that this command did not make; give a new or an empty folder");
        }
      }
      FileUtil.fullyDeleteContents(folder.toFile());
    }
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(MARK), "");
    return folder;
  }
}
