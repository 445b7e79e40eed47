package org.lakebrush.hostile;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lakebrush.testing.Jvm;

/** Puts hostile files through the pipeline in a JVM of little memory, and tells what became of each. */
final class HostileFiles {
  /** Heap and direct memory of that JVM, in MB. */
  static final int HEAP = 512;
  static final int DIRECT = 256;
  /** What it may take beyond both, for code, threads, the model's runtime and the native decoders, in MB. */
  static final int OTHER = 400;
  /** What became of a file with which the JVM died. */
  static final String DEATH = "DEATH";

  /**
   * What became of a file.
   *
   * @param way how it was made
   * @param outcome the status, the failure's kind, or {@link #DEATH}
   * @param millis from its being handed in until its end
   * @param peak most resident memory meanwhile, in kB
   * @param text notes, or the failure's message
   */
  record Result(String name, String way, String outcome, long millis, long peak, String text) {}

  private HostileFiles() {}

  /** All bombs. */
  static List<Result> bombs() throws IOException, InterruptedException {
    return run("bombs", "-", 0, Bombs.all().size());
  }

  /** The mutants of numbers from {@code from} on, {@code to} not among them. */
  static List<Result> mutants(long from, long to) throws IOException, InterruptedException {
    return run("mutants", String.valueOf(to), from, to);
  }

  private static List<Result> run(String what, String end, long from, long to) throws IOException, InterruptedException {
    List<Result> results = new ArrayList<>();
    for (long next = from; next < to; next = from + results.size()) {
      child(what, end, next, results);
    }
    return results;
  }

  /** One JVM, until it is through or dies. */
  private static void child(String what, String end, long from, List<Result> results) throws IOException, InterruptedException {
    Path errors = Files.createTempFile("hostile", ".err");
    List<String> options = List.of("-Xmx" + HEAP + "m", "-XX:MaxDirectMemorySize=" + DIRECT + "m", "-XX:TieredStopAtLevel=1");
    ProcessBuilder builder = new ProcessBuilder(Jvm.command(options, HostileChild.class, List.of(what, String.valueOf(from), end)));
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    builder.redirectError(errors.toFile());
    Process process = builder.start();
    String[] begun = null;
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] fields = line.split("\t", -1);
        if (fields[0].equals("begin")) {
          begun = fields;
        } else if (fields[0].equals("end") && begun != null) {
          results.add(new Result(begun[2], begun[3], fields[2], Long.parseLong(fields[3]), Long.parseLong(fields[4]), fields[5]));
          begun = null;
        }
      }
    } finally {
      process.destroyForcibly();
    }
    int code = process.waitFor();
    String said = Files.readString(errors);
    Files.delete(errors);
    if (begun != null) {
      results.add(new Result(begun[2], begun[3], DEATH, 0, 0, "exit code " + code + ": " + said));
    } else if (code != 0) {
      throw new IllegalStateException("exit code " + code + " between two files: " + said);
    }
  }
}
