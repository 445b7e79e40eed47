package org.lakebrush.cli;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.job.RunStatus;
import org.lakebrush.job.RunStatusReader;
import org.lakebrush.job.UsageException;
import org.lakebrush.report.Words;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Causes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code status}: how a run stands. */
@Command(name = "status", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Tells how the running or the last run stands, from its log alone: what it has done, what failed, when it will end.",
    "Exit codes with --exit-code: 0 good; 1 ended before its work was done, or died; 3 too many images failed; 4 not over yet; 2 no such"
        + " run, a log that cannot be read, or one of an older version, which does not tell. Without it: 0 or, where nothing is told, 2."})
public final class StatusCommand implements Callable<Integer> {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

  @Option(names = "--log", required = true, paramLabel = "URI", description = "The folder of the result log.")
  private String log;

  @Option(names = "--run", paramLabel = "ID|NAME", description = "A run by its id, or the newest by the name of --run-name. Default: the"
      + " newest of all.")
  private String run;

  @Option(names = "--exit-code", description = "Ends with the run's verdict.")
  private boolean verdict;

  @Override
  public Integer call() throws Exception {
    return RunCommand.refusing(() -> {
      try (SparkSession spark = Spark.session()) {
        RunStatus status = new RunStatusReader(spark, log).read(run);
        print(status, Instant.now(), Console.standard());
        return verdict ? status.exitCode() : 0;
      } catch (UsageException e) {
        throw e;
      } catch (Exception e) {
        // Not 1, which would say that the run is bad. What Spark throws is of many kinds.
        Failures.print(new IOException("cannot read the log " + log + ": " + Causes.inOneLine(e)
            + "; check permissions, credentials and the store", e));
        return RunCommand.BAD_USAGE;
      }
    });
  }

  private static void print(RunStatus status, Instant now, Console console) {
    RunRecord record = status.record().orElse(null);
    List<String> lines = new ArrayList<>();
    lines.add("Run      " + status.runId() + (record == null || record.name() == null ? "" : " (" + record.name() + ")"));
    lines.add("State    " + state(status, now));
    if (record != null) {
      Instant started = Instant.ofEpochMilli(record.startedAt());
      Instant until = status.exitCode() == 4 ? now : status.seen();
      lines.add("Started  " + TIME.format(started) + " on " + record.host() + ", "
          + (status.exitCode() == 4 ? "so far " : "took ") + Words.duration(Duration.between(started, until)));
      lines.add("Work     " + record.input() + " with " + record.model() + (record.device() == null ? "" : " on " + record.device()));
    }
    lines.add("Images   " + images(status));
    for (Status s : Status.values()) {
      if (status.images().containsKey(s)) {
        lines.add(String.format(Locale.ROOT, "  %-9s  %,d", s, status.images().get(s)));
      }
    }
    status.failures().forEach((kind, failure) -> lines.add(
        String.format(Locale.ROOT, "    %s  %,d, for example %s: %s", kind, failure.images(), failure.uri(), failure.message())));
    status.rate().ifPresent(rate -> lines.add(String.format(Locale.ROOT, "Rate     %.1f images/s", rate)
        + status.expectedEnd(now).map(end -> ", done at about " + TIME.format(end) + " at that").orElse("")));
    lines.add("Verdict  " + verdict(status));
    lines.forEach(console::note);
  }

  private static String state(RunStatus status, Instant now) {
    String ago = Words.duration(Duration.ofMillis(Math.max(0, Duration.between(status.seen(), now).toMillis()))) + " ago";
    return switch (status.state()) {
      case PLANNING -> "planning; last heartbeat " + ago;
      case RUNNING -> "running; last heartbeat " + ago;
      case ENDED -> "ended " + TIME.format(status.seen()) + ", " + ago;
      case DIED -> "died; last sign of it " + TIME.format(status.seen()) + ", " + ago;
      case UNKNOWN -> "not known: a version without records of runs wrote this log; last image " + TIME.format(status.seen());
    };
  }

  private static String images(RunStatus status) {
    RunRecord.Planned plan = status.record().map(RunRecord::plan).orElse(null);
    if (plan == null) {
      return String.format(Locale.ROOT, "%,d", status.done());
    }
    String before = String.format(Locale.ROOT, plan.alreadyDone() == 0 ? "" : ", %,d done before", plan.alreadyDone())
        + String.format(Locale.ROOT, plan.givenUp() == 0 ? "" : ", %,d given up", plan.givenUp());
    return String.format(Locale.ROOT, "%,d of %,d to do%s%s", status.done(), plan.todo(),
        plan.todo() == 0 ? "" : String.format(Locale.ROOT, " (%d%%)", 100 * status.done() / plan.todo()), before);
  }

  private static String verdict(RunStatus status) {
    RunRecord.End end = status.record().map(RunRecord::end).orElse(null);
    String why = end == null || end.message() == null ? "" : ": " + end.message();
    return switch (status.exitCode()) {
      case 0 -> "good";
      case 3 -> "bad: more than " + Words.share(status.record().orElseThrow().maxFailures()) + " of the images failed (limits.max_failures)"
          + why;
      case 4 -> "not over yet";
      case 2 -> "not known";
      default -> end == null ? "bad: it died, and what is left is done by the next run" : "bad: it ended before its work was done" + why;
    };
  }
}
