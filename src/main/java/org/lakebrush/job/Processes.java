package org.lakebrush.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.lakebrush.sink.HostName;
import org.lakebrush.sink.LeaseRecord;

/** Tells whether the process of a lease lives, where that can be told. */
final class Processes {
  private static final Path PROC = Path.of("/proc");

  private Processes() {}

  /** Names the space in which process ids of this user compare: host name and user, on Linux also boot and container. */
  static String machine() {
    String user = System.getProperty("user.name");
    try {
      String boot = Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
      return user + " " + boot + " " + Files.readSymbolicLink(PROC.resolve("self/ns/pid"));
    } catch (IOException e) {
      return user;
    }
  }

  /**
   * What tells a process from an earlier or later one of the same id; empty where there is no such process. On Linux the kernel's own
   * count of ticks since boot: times of the day shift when the clock is set.
   */
  static Optional<String> start(long pid) {
    if (!Files.isDirectory(PROC.resolve("self"))) {
      return ProcessHandle.of(pid).filter(ProcessHandle::isAlive)
          .map(p -> p.info().startInstant().map(i -> Long.toString(i.toEpochMilli())).orElse(""));
    }
    try {
      String stat = Files.readString(PROC.resolve(pid + "/stat"));
      // The name, field 2, stands in brackets and may hold anything: state is field 3, start time field 22.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      boolean ended = fields[0].equals("Z") || fields[0].equals("X");
      return ended ? Optional.empty() : Optional.of(fields[19]);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Whether the lease's process can be looked for from here. */
  static boolean isHere(LeaseRecord record) {
    return record.host().equals(HostName.get()) && record.machine().equals(machine());
  }

  /** Whether the lease's process, which {@link #isHere}, has ended. */
  static boolean hasEnded(LeaseRecord record) {
    return !start(record.pid()).equals(Optional.of(record.processStart()));
  }
}
