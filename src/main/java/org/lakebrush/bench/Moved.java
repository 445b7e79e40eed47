package org.lakebrush.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.StorageStatistics;

/**
 * Bytes that this process read and wrote so far.
 *
 * @param read null where nobody tells, likewise {@code written}
 * @param from who tells, or null
 */
record Moved(Double read, Double written, String from) {
  private static final Path IO = Path.of("/proc/self/io");
  private static final String LOCAL = "file";

  /** As told of one kind of storage; on a local disk all that the process reads and writes, for Hadoop's own count misses most of it. */
  static Moved at(String scheme) {
    try {
      if (scheme.equals(LOCAL)) {
        return Files.isReadable(IO) ? new Moved(process("rchar:"), process("wchar:"), "/proc/self/io") : unknown();
      }
    } catch (IOException e) {
      return unknown();
    }
    StorageStatistics hadoop = FileSystem.getGlobalStorageStatistics().get(scheme);
    return hadoop == null ? unknown()
        : new Moved((double) hadoop.getLong("bytesRead"), (double) hadoop.getLong("bytesWritten"), "Hadoop's statistics of " + scheme);
  }

  private static Moved unknown() {
    return new Moved(null, null, null);
  }

  private static Double process(String key) throws IOException {
    for (String line : Files.readAllLines(IO)) {
      if (line.startsWith(key)) {
        return Double.parseDouble(line.substring(key.length()).strip());
      }
    }
    throw new IOException("no " + key + " in " + IO);
  }

  /** What was moved since, for each of so many bytes. */
  Moved per(Moved before, double bytes) {
    return from == null || before.from == null ? unknown()
        : new Moved((read - before.read) / bytes, (written - before.written) / bytes, from);
  }
}
