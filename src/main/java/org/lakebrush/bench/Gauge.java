package org.lakebrush.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Measures what this process uses from the gauge's making to its reading. Peak memory is told by Linux alone, and begins anew with each
 * gauge: one at a time.
 */
final class Gauge {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path RESET = Path.of("/proc/self/clear_refs");
  /** What Linux takes for: the peak begins anew. */
  private static final String PEAK = "5";

  private final boolean peaks = reset();
  private final long wall = System.nanoTime();
  private final long cpu = cpu();
  private final long jit = jit();
  private final long gc = gc();

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
    return new BenchResult.Usage(seconds, busy, busy / seconds / Runtime.getRuntime().availableProcessors(), (jit() - jit) / 1e3,
        (gc() - gc) / 1e3, peaks ? status("VmHWM:") : null);
  }

  /** CPU time of all threads, native ones too, from the making to now. */
  double cpuSeconds() {
    return (cpu() - cpu) / 1e9;
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

  private static long jit() {
    return ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
  }

  private static long gc() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum();
  }
}
