package org.lakebrush.cli;

import java.io.IOException;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.job.CleanupJob;
import org.lakebrush.job.JobSpec;
import org.lakebrush.job.JobSpecException;
import org.lakebrush.job.LeaseHeldException;
import org.lakebrush.job.RunEndedException;
import org.lakebrush.job.RunRequest;
import org.lakebrush.job.RunSummary;
import org.lakebrush.job.UsageException;
import org.lakebrush.lama.ModelException;
import org.lakebrush.mask.FullMask;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.model.FetchException;
import org.lakebrush.model.NoSuchModelException;
import org.lakebrush.sink.AtomicFiles;
import org.lakebrush.source.Input;
import org.lakebrush.source.InputException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code run}: repairs a lake. */
@Command(name = "run", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Repairs every image of --input, --manifest or --input-table into --output, and logs each in --log. What the log has as"
        + " done is not done again.")
public final class RunCommand implements Callable<Integer> {
  static final int FAILED = 1;
  static final int BAD_USAGE = 2;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:+=-]{0,99}");

  @ArgGroup(multiplicity = "1")
  private Source source;

  /** Where the images come from: one of these. */
  static final class Source {
    @Option(names = "--input", required = true, paramLabel = "URI",
        description = "A folder (with all folders below it), a glob, or one file; s3a://, hdfs://, file: or a plain path.")
    private String input;

    @Option(names = "--manifest", required = true, paramLabel = "URI",
        description = "A list of images instead of a folder: Parquet or CSV (a file, or a folder of files) with a column uri and, if known,"
            + " length, modification_time, mask and boxes; or the manifest.json of an S3 Inventory.")
    private String manifest;

    @Option(names = "--input-table", required = true, paramLabel = "URI",
        description = "Images in a binary column of a Parquet dataset: a folder of Parquet files, a glob, or one file.")
    private String table;
  }

  @Option(names = "--base", paramLabel = "URI", description = "With --manifest: the folder below which its images lie, and to which"
      + " their places below --output are relative. Without it, the root of each bucket, or of the manifest's own file system.")
  private String base;

  @Option(names = "--image-column", paramLabel = "NAME", description = "The image column of --input-table, with dots where it is in"
      + " structs. Default: the only binary one.")
  private String imageColumn;

  @Option(names = "--key-column", paramLabel = "NAME", description = "The column of --input-table that names the images in the log."
      + " Default: the one that is called key, id, image_id, uri, url, path, file, file_name, filename or name, also in the image's"
      + " struct.")
  private String keyColumn;

  @Option(names = "--output", required = true, paramLabel = "URI", description = "The folder for repaired images, outside of the input.")
  private String output;

  @Option(names = "--log", required = true, paramLabel = "URI", description = "The folder of the Parquet result log.")
  private String log;

  @Mixin
  private JobOptions job;

  @Option(names = "--limit", paramLabel = "N", description = "Only the first N images of the lake, by URI; of a table the first N files.")
  private Integer limit;

  @Option(names = "--sample", paramLabel = "N",
      description = "Only N images spread over the lake, the same N each time; of a table N files.")
  private Integer sample;

  @Option(names = "--dry-run", description = "Lists, plans and says what would be done; repairs and writes nothing.")
  private boolean dryRun;

  @Option(names = "--takeover", description = "Takes the log's lease at once from the run that has it; should that run live, it stops.")
  private boolean takeover;

  @Option(names = "--run-name", paramLabel = "NAME", description = "What to call the run, for `status` and `report` to ask for it; where"
      + " several have one name they take the newest. Up to 100 letters, digits and . _ : + = -")
  private String name;

  @Override
  public Integer call() throws Exception {
    return refusing(() -> {
      JobSpec spec = job.read();
      RunRequest request = new RunRequest(input(), output, log, job.device(), count("--limit", limit), count("--sample", sample), takeover,
          name());
      return run(spec, request, dryRun);
    });
  }

  private Input input() throws UsageException {
    if (source.manifest == null && base != null) {
      throw new UsageException("--base is given without --manifest: images of --input keep their place below it; drop --base");
    }
    if (source.table == null && (imageColumn != null || keyColumn != null)) {
      throw new UsageException("--image-column and --key-column are given without --input-table, and image files have no columns: drop"
          + " them");
    }
    if (source.manifest != null) {
      return new Input.Manifest(source.manifest, base);
    }
    return source.table != null ? new Input.Table(source.table, imageColumn, keyColumn) : new Input.Files(source.input);
  }

  private String name() throws UsageException {
    if (name != null && !NAME.matcher(name).matches()) {
      throw new UsageException("--run-name " + name + ": give up to 100 letters, digits and . _ : + = - and begin with a letter or digit");
    }
    return name;
  }

  private static OptionalInt count(String option, Integer n) throws UsageException {
    if (n == null) {
      return OptionalInt.empty();
    }
    if (n < 1) {
      throw new UsageException(option + " " + n + ": give a number of images, 1 or more");
    }
    return OptionalInt.of(n);
  }

  /** Says what a job asks for that nobody should want. */
  static void warn(JobSpec spec, Console console) {
    if (spec.masks().stream().anyMatch(FullMask.class::isInstance)) {
      console.note("Warning: mask kind 'full' hides the whole image: nothing is left to paint from, and the fill is the model's invention");
    }
  }

  /** Runs or plans a job and prints how it went; 143 or 130 where a signal brought it to its end. */
  static int run(JobSpec spec, RunRequest request, boolean dryRun)
      throws UsageException, InputException, ModelException, LeaseHeldException, IOException, InterruptedException {
    Console console = Console.standard();
    warn(spec, console);
    try (SparkSession spark = Spark.session()) {
      CleanupJob cleanup = new CleanupJob(spark, spec, request, console);
      try (Signals signals = Signals.handle(cleanup::end)) {
        int code = run(cleanup, spec, request, dryRun, console);
        if (code != 0 && spec.limits().failOn() == JobSpec.FailOn.NEVER) {
          console.note("Exit code 0 instead of " + code + ", as limits.fail_on is never; `status --exit-code` tells it from the log");
          code = 0;
        }
        return signals.exitCode().orElse(code);
      }
    }
  }

  private static int run(CleanupJob cleanup, JobSpec spec, RunRequest request, boolean dryRun, Console console)
      throws UsageException, InputException, ModelException, LeaseHeldException, IOException, InterruptedException {
    try {
      if (dryRun) {
        console.note("Dry run: " + Console.describe(cleanup.dryRun()));
        console.note("Masks: " + (spec.masks().isEmpty() ? "none, spectral.descreen alone"
            : String.join("; ", spec.masks().stream().map(MaskSpec::canonical).toList())));
        return 0;
      }
      RunSummary summary = cleanup.run();
      console.summary(summary);
      console.note("Images: " + request.output());
      console.note("Log:    " + request.log() + "  (run " + summary.runId() + ")");
      return summary.exitCode();
    } catch (RunEndedException e) {
      console.note(e.getMessage());
      return FAILED;
    }
  }

  /**
   * Runs a command; what is refused before any work becomes one message and exit code 2, what could not be fetched or written exit code 1.
   */
  static int refusing(Callable<Integer> command) throws Exception {
    try {
      return command.call();
    } catch (UsageException | InputException | ModelException | JobSpecException | LeaseHeldException | NoSuchModelException e) {
      Failures.print(e);
      return BAD_USAGE;
    } catch (FetchException | AtomicFiles.DraftException e) {
      Failures.print(e);
      return FAILED;
    }
  }
}
