package org.lakebrush.report;

import static java.util.Comparator.comparingLong;
import static org.apache.spark.sql.functions.col;

import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.job.Places;
import org.lakebrush.job.RunStatus.State;
import org.lakebrush.job.RunStatusReader;
import org.lakebrush.job.UsageException;
import org.lakebrush.report.NightQueries.Candidate;
import org.lakebrush.report.NightReport.FailedImage;
import org.lakebrush.report.NightReport.Sample;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.Status;
import org.lakebrush.source.HadoopDefaults;

/** Makes the morning report of a run from its log. Used by one thread. */
public final class MorningReport {
  /** Runs before the one that is reported, at most. */
  private static final int BEFORE = 13;
  /** Days that are looked at for them, at most, of those on which there were runs. */
  private static final int DAYS = 14;
  private static final Comparator<Night> BY_START = Comparator.comparingLong(Night::startedAt).thenComparing(Night::runId);
  private static final int SAMPLES = 12;
  private static final int FAILED = 12;
  /** Of the samples, those that need a look, and those that stand out. */
  private static final int REVIEWED = 6;

  private final SparkSession spark;
  private final Configuration conf;
  private final Path log;
  private final ResultLog results;
  private final RunStatusReader statuses;

  /**
   * A report from a log.
   *
   * @param log the folder of the result log, its URI
   * @throws UsageException where that is none
   */
  public MorningReport(SparkSession spark, String log) throws UsageException {
    this.spark = spark;
    this.conf = HadoopDefaults.apply(spark.sparkContext().hadoopConfiguration());
    this.log = Places.qualify("--log", log, conf);
    this.results = new ResultLog(conf, this.log);
    this.statuses = new RunStatusReader(spark, log);
  }

  /**
   * The page of a run.
   *
   * @param run its id, or a name, of which the newest run is taken; null for the newest run of all
   * @return a whole HTML file, in UTF-8
   * @throws UsageException where there is no such log or run
   * @throws IOException where the log cannot be read
   */
  public byte[] html(String run) throws UsageException, IOException {
    return ReportPage.html(read(run));
  }

  NightReport read(String run) throws UsageException, IOException {
    if (!log.getFileSystem(conf).exists(log)) {
      throw new UsageException("--log " + log + " is not there: give the folder that the run has as --log");
    }
    RunStatusReader.Asked asked = statuses.find(run);
    List<RunRecord> records = asked.records();
    Optional<RunRecord> found = asked.record();
    Optional<ResultLog.Run> rows = asked.rows();
    if (run != null && found.isEmpty() && rows.isEmpty()) {
      throw new UsageException("--run " + run + " is no run of the log " + log + ", by its id or its name"
          + (records.isEmpty() ? "" : "; the newest is " + records.get(0).runId()));
    }
    if (found.isEmpty() && rows.isEmpty()) {
      return NightReport.ofNoRows(log.toString(), Night.empty("none", null, System.currentTimeMillis()), Optional.empty(), State.UNKNOWN,
          List.of());
    }
    Optional<RunStatusReader.Life> life = found.isEmpty() ? Optional.empty() : Optional.of(statuses.life(found.get()));
    String id = found.map(RunRecord::runId).orElseGet(() -> rows.get().runId());
    LocalDate day = found.map(RunRecord::runDate).orElseGet(() -> rows.get().runDate());
    return read(id, day, records, life.map(RunStatusReader.Life::run), life.map(RunStatusReader.Life::state).orElse(State.UNKNOWN));
  }

  private NightReport read(String id, LocalDate day, List<RunRecord> records, Optional<RunRecord> record, State state) throws IOException {
    // Those that are there now: a run that goes on adds more, of which no number here may know.
    Dataset<Row> rows = results.read(spark, day, id);
    String name = record.map(RunRecord::name).orElse(null);
    Night night = History.of(rows).stream().findFirst().map(n -> n.named(name)).orElseGet(() -> Night.empty(id, name,
        record.map(RunRecord::startedAt).orElseGet(() -> day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli())));
    List<Night> before = before(night, day, records);
    if (night.images() == 0) {
      return NightReport.ofNoRows(log.toString(), night, record, state, before);
    }
    try (NightQueries queries = new NightQueries(rows)) {
      List<Candidate> repairedToShow = samples(queries);
      List<Candidate> failedToShow = failed(queries, night);
      List<Sample> samples;
      List<FailedImage> failed;
      try (Pictures pictures = new Pictures(conf)) {
        samples = pictures.samples(repairedToShow);
        failed = pictures.failed(failedToShow);
      }
      return new NightReport(log.toString(), night, record, state, before, queries.throughput(night), queries.stages(),
          queries.holes(), queries.failures(night.kinds()), queries.folders(), queries.slowest(), queries.machines(), queries.models(),
          queries.formats(), queries.notes(), samples, failed);
    }
  }

  /** The runs of the same job before this one, the oldest first; also those that have a record and no rows. */
  private List<Night> before(Night night, LocalDate day, List<RunRecord> records) throws IOException {
    List<LocalDate> days = results.days().stream().filter(d -> !d.isAfter(day)).limit(DAYS).toList();
    List<Night> others = new ArrayList<>();
    for (Night other : History.of(results.read(spark, days).where(col("run_id").notEqual(night.runId())))) {
      others.add(recordOf(records, other.runId()).map(record -> other.named(record.name())).orElse(other));
    }
    Set<String> known = others.stream().map(Night::runId).collect(Collectors.toSet());
    known.add(night.runId());
    for (RunRecord record : records) {
      if (!known.contains(record.runId()) && (days.isEmpty() || !record.runDate().isBefore(days.get(days.size() - 1)))) {
        others.add(Night.empty(record.runId(), record.name(), record.startedAt()));
      }
    }
    List<Night> before = others.stream().filter(n -> BY_START.compare(n, night) < 0 && isSameJob(records, n.runId(), night.runId()))
        .sorted(BY_START).toList();
    return before.subList(Math.max(0, before.size() - BEFORE), before.size());
  }

  private static Optional<RunRecord> recordOf(List<RunRecord> records, String runId) {
    return records.stream().filter(record -> record.runId().equals(runId)).findFirst();
  }

  /** Whether two runs are of one name, or where they have none of one input and output; of older logs, which do not tell, any are. */
  private static boolean isSameJob(List<RunRecord> records, String one, String other) {
    Optional<RunRecord> a = recordOf(records, one);
    Optional<RunRecord> b = recordOf(records, other);
    if (a.isEmpty() || b.isEmpty()) {
      return true;
    }
    return Objects.equals(a.get().name(), b.get().name())
        && (a.get().name() != null || a.get().input().equals(b.get().input()) && a.get().output().equals(b.get().output()));
  }

  /** Those of which the most is left, those that stand out, and then of all sizes of hole, the large ones first. */
  private static List<Candidate> samples(NightQueries queries) {
    Map<String, Candidate> samples = new LinkedHashMap<>();
    queries.leastRepaired().forEach(c -> samples.put(c.uri(), c));
    List<Candidate> spread = queries.spreadByHole();
    inTurn(spread.stream().filter(c -> c.status() == Status.REVIEW).toList(), Candidate::bin, c -> -c.bin(), REVIEWED).forEach(c -> {
      if (samples.size() < REVIEWED) {
        samples.putIfAbsent(c.uri(), c);
      }
    });
    queries.mostDamaged().forEach(c -> samples.putIfAbsent(c.uri(), c));
    inTurn(spread.stream().filter(c -> c.status() == Status.REPAIRED).toList(), Candidate::bin, c -> -c.bin(), SAMPLES)
        .forEach(c -> samples.putIfAbsent(c.uri(), c));
    return samples.values().stream().limit(SAMPLES).toList();
  }

  private static List<Candidate> failed(NightQueries queries, Night night) {
    return inTurn(queries.spreadByKind(), Candidate::kind, c -> -night.kinds().getOrDefault(c.kind(), 0L), FAILED);
  }

  /** The first of each group, then the second of each, and so on; groups by their order, and in a group as they come. */
  private static List<Candidate> inTurn(List<Candidate> candidates, Function<Candidate, Object> group, ToLongFunction<Candidate> order,
      int most) {
    Map<Object, List<Candidate>> groups = new LinkedHashMap<>();
    candidates.stream().sorted(comparingLong(order)).forEach(c -> groups.computeIfAbsent(group.apply(c), key -> new ArrayList<>()).add(c));
    List<Candidate> turns = new ArrayList<>();
    for (int i = 0; turns.size() < Math.min(most, candidates.size()); i++) {
      for (List<Candidate> members : groups.values()) {
        if (i < members.size() && turns.size() < most) {
          turns.add(members.get(i));
        }
      }
    }
    return turns;
  }
}
