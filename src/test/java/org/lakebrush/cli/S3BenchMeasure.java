package org.lakebrush.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lakebrush.testing.S3Endpoint;
import picocli.CommandLine;

/**
 * The bench from an S3 endpoint to it: {@code mvn test -Dtest=S3BenchMeasure -Dlakebrush.measure='--images 200 --crop 256'}, with the
 * bench's own options. The endpoint is a JVM of its own on this machine: its CPU time is in no figure, but it takes from the same cores.
 */
class S3BenchMeasure {
  private static final String BUCKET = "bench";
  private static final String HADOOP = "spark.hadoop.";

  @Test
  void fromAndToS3() throws Exception {
    String options = System.getProperty("lakebrush.measure");
    assumeTrue(options != null, "-Dlakebrush.measure='--images N ...'");
    Process endpoint = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g", "-cp",
        System.getProperty("java.class.path"), S3BenchMeasure.class.getName()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> set = new ArrayList<>();
    try (BufferedReader told = new BufferedReader(new InputStreamReader(endpoint.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = told.readLine(); !line.isEmpty(); line = told.readLine()) {
        String[] option = line.split("=", 2);
        System.setProperty(HADOOP + option[0], option[1]);
        set.add(HADOOP + option[0]);
      }
      List<String> args = new ArrayList<>(List.of("--at", "s3a://" + BUCKET + "/"));
      args.addAll(List.of(options.split(" +")));
      assertEquals(0, new CommandLine(new BenchCommand()).execute(args.toArray(String[]::new)));
    } finally {
      set.forEach(System::clearProperty);
      endpoint.destroy();
    }
  }

  /** The endpoint: tells its options, a line each and an empty one, and runs until it is ended. */
  public static void main(String[] args) throws Exception {
    S3Endpoint s3 = S3Endpoint.start();
    s3.createBucket(BUCKET);
    s3.options().forEach((key, value) -> System.out.println(key + "=" + value));
    System.out.println();
    System.in.read();
  }
}
