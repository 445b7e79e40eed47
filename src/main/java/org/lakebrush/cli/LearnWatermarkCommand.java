package org.lakebrush.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.job.LearnReport;
import org.lakebrush.job.LearnRequest;
import org.lakebrush.job.WatermarkLearning;
import org.lakebrush.watermark.LearnedMark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code learn-watermark}: finds the mark that a lake's images have in common. */
@Command(name = "learn-watermark", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Finds the mark that most images of a lake carry in the same place, relative to a corner, the top, the bottom or the centre, and at "
        + "the same size in pixels. Writes it as mark.png (colour and opacity) with a job, job.yaml, for `run`.",
    "Exit codes: 0 found; 3 the images have no mark in common; 2 bad usage, or fewer than 30 images; 1 internal error."})
public final class LearnWatermarkCommand implements Callable<Integer> {
  static final int NO_MARK = 3;
  /** The default of {@code --sample}. */
  static final int SAMPLE = 300;

  @Option(names = "--input", required = true, paramLabel = "URI",
      description = "A folder (with all folders below it), or a glob; s3a://, hdfs://, file: or a plain path.")
  private String input;

  @Option(names = "--out", required = true, paramLabel = "DIR",
      description = "The folder for mark.png and job.yaml, outside of the input; what it has of these names is written over.")
  private String out;

  @Option(names = "--sample", paramLabel = "N", defaultValue = "" + SAMPLE,
      description = "How many images to look at, spread over the lake, the same each time; 30 at least (default: ${DEFAULT-VALUE}).")
  private int sample;

  @Override
  public Integer call() throws Exception {
    return RunCommand.refusing(() -> learn(input, out, sample));
  }

  /** Learns a mark and prints how it went. */
  static int learn(String input, String out, int sample) throws Exception {
    try (SparkSession spark = Spark.session()) {
      return print(new WatermarkLearning(spark, new LearnRequest(input, out, sample)).run(), out, Console.standard());
    }
  }

  /** Says what came of it; the exit code. */
  static int print(LearnReport report, String out, Console console) {
    if (!report.skipped().isEmpty()) {
      console.note("Skipped, as they cannot be read: " + report.skipped().entrySet().stream()
          .map(e -> e.getValue() + " " + e.getKey()).collect(Collectors.joining(", ")));
    }
    if (report.mark().isEmpty()) {
      console.note("The " + report.images() + " images of the sample have no mark in common that keeps its size in pixels and its place to"
          + " a corner, the top, the bottom or the centre. Nothing is written.");
      return NO_MARK;
    }
    LearnedMark mark = report.mark().get();
    console.note("Mark:  " + WatermarkLearning.describe(mark));
    console.note(String.format(Locale.ROOT, "Found: in %d of %d images, opacity %.2f, confidence %.2f", report.carriers(), report.images(),
        mark.opacity(), mark.confidence()));
    console.note("Files: mark.png and job.yaml in " + out + "; look at the mark, then try the job: run --job job.yaml --sample 20");
    return 0;
  }
}
