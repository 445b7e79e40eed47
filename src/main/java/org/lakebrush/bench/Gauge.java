package org.lakebrush.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Measures what this process uses from the gauge's making to its reading. Peak memory is told by Linux alone, and begins anew with each
 * gauge: one at a time.
 */
final class Gauge {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path RESET = Path.of("/proc/self/clear_refs");
  /** What Linux takes for: the peak begins anew. */
  private static final String PEAK = "5";
  private static final Path TASKS = Path.of("/proc/self/task");
  /** In /proc, whatever the machine's clock is. */
  private static final double TICKS_PER_SECOND = 100;
  private static final List<String> COMPILERS = List.of("C1 Compiler", "C2 Compiler");
  private static final List<String> COLLECTORS = List.of("GC Thread", "G1 ");
  /** As {@link org.lakebrush.lama.LamaPool} names them. */
  private static final List<String> MODELS = List.of("lama-");

  private final boolean peaks = reset();
  private final long wall = System.nanoTime();
  private final long cpu = cpu();
  private final Double jit = threads(COMPILERS);
  private final Double gc = threads(COLLECTORS);
  private final Double model = threads(MODELS);

  private static boolean reset() {
    if (!Files.isWritable(RESET)) {
      return false;
    }
    try {
      Files.writeString(RESET, PEAK);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** From the making to now. */
  BenchResult.Usage read() {
    double seconds = (System.nanoTime() - wall) / 1e9;
    double busy = cpuSeconds();
    return new BenchResult.Usage(seconds, busy, busy / seconds / Runtime.getRuntime().availableProcessors(), since(jit, threads(COMPILERS)),
        since(gc, threads(COLLECTORS)), peaks ? status("VmHWM:") : null);
  }

  /** CPU time of all threads, native ones too, from the making to now. */
  double cpuSeconds() {
    return (cpu() - cpu) / 1e9;
  }

  /** CPU time of the threads that run models, from the making to now; null where the system does not tell. */
  Double modelSeconds() {
    return since(model, threads(MODELS));
  }

  /** Resident memory of this process now, in bytes; null where the system does not tell. */
  static Long resident() {
    return status("VmRSS:");
  }

  private static Long status(String key) {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(key)) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
      return null;
    } catch (IOException e) {
      return null;
    }
  }

  private static long cpu() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  private static Double since(Double before, Double now) {
    return before == null || now == null ? null : now - before;
  }

  /** CPU seconds of this process's threads whose names begin so; null where the system does not tell. */
  private static Double threads(List<String> names) {
    double ticks = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        ticks += ticks(task, names);
      }
    } catch (IOException e) {
      return null;
    }
    return ticks / TICKS_PER_SECOND;
  }

  private static double ticks(Path task, List<String> names) {
    try {
      String stat = Files.readString(task.resolve("stat"));
      // The name is in brackets, and may hold some itself; the 12th and 13th field after it are user and system time.
      String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return names.stream().anyMatch(name::startsWith) ? Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]) : 0;
    } catch (IOException e) {
      // It ended while it was looked at.
      return 0;
    }
  }
}
