package org.lakebrush.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.unix_millis;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.job.RunStatus.Failure;
import org.lakebrush.job.RunStatus.State;
import org.lakebrush.sink.LeaseFolder;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.RunRecords;
import org.lakebrush.sink.Status;
import org.lakebrush.source.HadoopDefaults;

/** Tells how a log's runs stand. Writes nothing. Used by one thread. */
public final class RunStatusReader {
  private final SparkSession spark;
  private final Configuration conf;
  private final Path log;
  private final ResultLog rows;

  /**
   * Those of a log.
   *
   * @param log its URI
   * @throws UsageException where that is none
   */
  public RunStatusReader(SparkSession spark, String log) throws UsageException {
    this.spark = spark;
    this.conf = HadoopDefaults.apply(spark.sparkContext().hadoopConfiguration());
    this.log = Places.qualify("--log", log, conf);
    this.rows = new ResultLog(conf, this.log);
  }

  /**
   * How a run stands now.
   *
   * @param run its id, or its name, which means the newest of that name; null for the newest of all
   * @throws UsageException where the log has no such run
   */
  public RunStatus read(String run) throws UsageException, IOException {
    Asked asked = find(run);
    if (asked.record.isPresent()) {
      return of(asked.record.get());
    }
    if (asked.rows.isPresent()) {
      ResultLog.Run old = asked.rows.get();
      Summary summary = summary(old.runDate(), old.runId());
      return new RunStatus(old.runId(), Optional.empty(), State.UNKNOWN, summary.last, null, summary.images, summary.failures,
          summary.first, summary.last);
    }
    throw new UsageException(run == null ? "the log " + log + " has no run: check --log"
        : "the log " + log + " has no run '" + run + "'" + known(asked.records));
  }

  /**
   * The run that is asked for: its record, or of one that has none where its rows are; neither where the log has no such run.
   *
   * @param records of all runs, the newest first
   */
  public record Asked(List<RunRecord> records, Optional<RunRecord> record, Optional<ResultLog.Run> rows) {}

  /**
   * Finds a run.
   *
   * @param run as for {@link #read}
   */
  public Asked find(String run) throws IOException {
    List<RunRecord> records = RunRecords.read(conf, log);
    Optional<RunRecord> record = run == null ? records.stream().findFirst() : RunRecords.find(records, run);
    return new Asked(records, record, record.isPresent() ? Optional.empty() : rows.findRun(run));
  }

  private static String known(List<RunRecord> records) {
    return records.isEmpty() ? ", and no record of any: check --log" : "; its newest is " + records.get(0).runId()
        + (records.get(0).name() == null ? "" : " (" + records.get(0).name() + ")") + ": check --run";
  }

  private RunStatus of(RunRecord found) throws IOException {
    Life life = life(found);
    RunRecord run = life.run;
    Summary summary = summary(run.runDate(), run.runId());
    Instant seen = run.end() != null ? Instant.ofEpochMilli(run.end().at())
        : life.heartbeat.orElse(summary.last == null ? Instant.ofEpochMilli(run.startedAt()) : summary.last);
    return new RunStatus(run.runId(), Optional.of(run), life.state, seen, run.host(), summary.images, summary.failures, summary.first,
        summary.last);
  }

  /** What a run does, and its record as it is now. Its rows are not looked at. */
  public record Life(RunRecord run, State state, Optional<Instant> heartbeat) {}

  /** What the run of a record does now. */
  public Life life(RunRecord found) throws IOException {
    if (found.end() != null) {
      return new Life(found, State.ENDED, Optional.empty());
    }
    Optional<LeaseFolder.Seen> lease = lease(found.runId());
    // A run gives its lease back after it has told how it ended: without one, what was read before is old.
    RunRecord run = RunRecords.read(conf, log, found.runId()).orElse(found);
    boolean lives = lease.filter(RunStatusReader::lives).isPresent();
    State state = run.end() != null ? State.ENDED : !lives ? State.DIED : run.plan() == null ? State.PLANNING : State.RUNNING;
    return new Life(run, state, lease.map(seen -> Instant.ofEpochMilli(seen.modified())));
  }

  private Optional<LeaseFolder.Seen> lease(String runId) throws IOException {
    try (LeaseFolder folder = new LeaseFolder(conf, log, runId)) {
      LeaseFolder.Look look = folder.look();
      return look.isTaken(runId) ? Optional.empty() : Optional.ofNullable(look.lease(runId));
    }
  }

  /** As the next run would find it, but by this machine's clock and not the store's. */
  private static boolean lives(LeaseFolder.Seen lease) {
    Duration age = Duration.ofMillis(System.currentTimeMillis() - lease.modified());
    return age.compareTo(LeaseFolder.STALE) < 0 && !(Processes.isHere(lease.record()) && Processes.hasEnded(lease.record()));
  }

  private record Summary(Map<Status, Long> images, Map<ErrorKind, Failure> failures, Instant first, Instant last) {}

  private Summary summary(LocalDate runDate, String runId) throws IOException {
    Map<Status, Long> images = new EnumMap<>(Status.class);
    Map<ErrorKind, Failure> failures = new EnumMap<>(ErrorKind.class);
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    // Few rows, however many the run has.
    for (Row group : rows.read(spark, runDate, runId).groupBy("status", "error_kind").agg(count(lit(1)),
        min(unix_millis(col("finished_at"))), max(unix_millis(col("finished_at"))), min(struct("uri", "error_message"))).collectAsList()) {
      images.merge(Status.valueOf(group.getString(0)), group.getLong(2), Long::sum);
      first = Math.min(first, group.getLong(3));
      last = Math.max(last, group.getLong(4));
      if (!group.isNullAt(1)) {
        Row example = group.getStruct(5);
        failures.put(ErrorKind.valueOf(group.getString(1)), new Failure(group.getLong(2), example.getString(0), example.getString(1)));
      }
    }
    return images.isEmpty() ? new Summary(images, failures, null, null)
        : new Summary(images, failures, Instant.ofEpochMilli(first), Instant.ofEpochMilli(last));
  }
}
