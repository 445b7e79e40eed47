package org.lakebrush.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.job.Places;
import org.lakebrush.report.MorningReport;
import org.lakebrush.report.Words;
import org.lakebrush.sink.AtomicFiles;
import org.lakebrush.source.HadoopDefaults;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code report}: the morning report. */
@Command(name = "report", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Writes the morning report of a run: one HTML file that opens offline, on a phone too.",
    "Exit codes: 0 written, however the run went; 2 bad usage, or no such log or run; 1 it could not be made or written."})
public final class ReportCommand implements Callable<Integer> {
  @Option(names = "--log", required = true, paramLabel = "URI", description = "The folder of the Parquet result log.")
  private String log;

  @Option(names = "--run", paramLabel = "ID|NAME", description = "The run: its id, or the name it was given, of which the newest is taken."
      + " Default: the newest of all.")
  private String run;

  @Option(names = "--out", required = true, paramLabel = "URI", description = "The file to write, over what was there; a plain path, or on"
      + " any store, outside of the log. It is written whole or not at all.")
  private String out;

  @Override
  public Integer call() throws Exception {
    return RunCommand.refusing(() -> {
      try (SparkSession spark = Spark.session()) {
        Configuration conf = HadoopDefaults.apply(spark.sparkContext().hadoopConfiguration());
        Path file = Places.file("--out", out, log, conf);
        byte[] html = new MorningReport(spark, log).html(run);
        AtomicFiles.write(conf, file.getParent(), Map.of(file.getName(), html));
        Console.standard().note("Report: " + out + " (" + Words.bytes(html.length) + ")");
        return 0;
      }
    });
  }
}
