package org.lakebrush.serve;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lakebrush.Lakebrush;
import org.lakebrush.testing.Jvm;

/** The server in a process of its own, on a free port of the loopback, until it is closed. */
final class ServeProcess implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("Serving .* at (http://\\S+)");
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private final Process process;
  private final URI uri;
  private final Path log;

  private ServeProcess(Process process, URI uri, Path log) {
    this.process = process;
    this.uri = uri;
    this.log = log;
  }

  /**
   * Starts it, and waits until it is ready.
   *
   * @param environment beside this process's own
   * @param options of the command
   */
  static ServeProcess start(List<String> jvm, Map<String, String> environment, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("serve", "--port", "0"));
    arguments.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(Jvm.command(jvm, Lakebrush.class, arguments));
    Path log = Files.createTempFile("serve", ".log");
    builder.redirectError(log.toFile());
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    builder.environment().putAll(environment);
    Process process = builder.start();
    BufferedReader lines = process.inputReader();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher ready = READY.matcher(line);
      if (ready.find()) {
        return new ServeProcess(process, URI.create(ready.group(1)), log);
      }
    }
    throw new IOException("the server did not start: " + Files.readString(log));
  }

  /** Its page. */
  URI uri() {
    return uri;
  }

  int port() {
    return uri.getPort();
  }

  /** What it has written to standard error so far. */
  String log() throws IOException {
    return Files.readString(log);
  }

  /** Resident memory now, in MB. */
  long residentMegabytes() throws IOException {
    Matcher m = RESIDENT.matcher(Files.readString(Path.of("/proc/" + process.pid() + "/status")));
    if (!m.find()) {
      throw new IOException("the server is gone");
    }
    return Long.parseLong(m.group(1)) >> 10;
  }

  /** CPU time of all its threads so far, in seconds. */
  double cpuSeconds() {
    return process.info().totalCpuDuration().orElseThrow().toMillis() / 1e3;
  }

  /** Once it is closed. */
  int exitCode() {
    return process.exitValue();
  }

  /** Tells it to end, as a service manager does, and waits. */
  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      Files.deleteIfExists(log);
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("the server was told to end, and did not");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
