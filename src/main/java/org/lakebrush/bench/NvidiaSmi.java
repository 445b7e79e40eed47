package org.lakebrush.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What NVIDIA's tool says of one GPU. Where there is no such tool, nothing. */
final class NvidiaSmi {
  private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";
  private static final int TIMEOUT_SECONDS = 10;
  private static final long EVERY_MILLIS = 500;

  private final String id;

  private NvidiaSmi(String id) {
    this.id = id;
  }

  /**
   * For a device as the model names it.
   *
   * @param device {@code cpu}, {@code cuda:N} or several of these, of which the first counts
   * @return nothing for the CPU
   */
  static Optional<NvidiaSmi> of(String device) {
    if (!device.startsWith("cuda:")) {
      return Optional.empty();
    }
    int ordinal = Integer.parseInt(device.substring("cuda:".length()).split(",")[0]);
    // CUDA counts the GPUs that it sees, the tool all of them.
    String visible = System.getenv(VISIBLE);
    String[] seen = visible == null || visible.isBlank() ? new String[0] : visible.split(",");
    return Optional.of(new NvidiaSmi(ordinal < seen.length ? seen[ordinal].strip() : String.valueOf(ordinal)));
  }

  /**
   * One look.
   *
   * @param busy share of the last second or so in which a kernel ran, 0..1
   * @param usedBytes memory in use on the device, by all processes: in a container the tool cannot tell them apart
   */
  record Look(String name, double busy, long usedBytes) {}

  /** Looks once; nothing where the tool is missing or says something else. */
  Optional<Look> look() {
    try {
      Process process = new ProcessBuilder("nvidia-smi", "--id=" + id, "--query-gpu=utilization.gpu,memory.used,name",
          "--format=csv,noheader,nounits").redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.empty();
      }
      String[] fields = line.split(", *", 3);
      if (process.exitValue() != 0 || fields.length < 3) {
        return Optional.empty();
      }
      return Optional.of(new Look(fields[2], Double.parseDouble(fields[0]) / 100, Long.parseLong(fields[1]) << 20));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Looks twice a second, on a thread of its own, until it is closed. */
  static final class Watch implements AutoCloseable {
    private final List<Look> looks = new ArrayList<>();
    private final Thread thread;

    /**
     * @param gpu nothing: there is nothing to look at
     */
    Watch(Optional<NvidiaSmi> gpu) {
      thread = new Thread(() -> gpu.ifPresent(this::watch), "lakebrush-nvidia-smi");
      thread.setDaemon(true);
      thread.start();
    }

    private void watch(NvidiaSmi gpu) {
      try {
        for (Optional<Look> look = gpu.look(); look.isPresent(); look = gpu.look()) {
          synchronized (looks) {
            looks.add(look.get());
          }
          Thread.sleep(EVERY_MILLIS);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Mean share of time in which a kernel ran, 0..1; null where nobody tells. */
    Double busy() {
      synchronized (looks) {
        return looks.isEmpty() ? null : looks.stream().mapToDouble(Look::busy).average().orElseThrow();
      }
    }

    /** Most device memory seen in use, in bytes; null where nobody tells. */
    Long peakBytes() {
      synchronized (looks) {
        return looks.isEmpty() ? null : looks.stream().mapToLong(Look::usedBytes).max().orElseThrow();
      }
    }

    @Override
    public void close() {
      thread.interrupt();
    }
  }
}
