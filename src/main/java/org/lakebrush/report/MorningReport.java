package org.lakebrush.report;

import static java.util.Comparator.comparingLong;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.report.NightQueries.Candidate;
import org.lakebrush.report.NightReport.FailedImage;
import org.lakebrush.report.NightReport.Sample;
import org.lakebrush.report.NightReport.Standing;
import org.lakebrush.sink.LeaseFolder;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.RunRecords;
import org.lakebrush.sink.Status;
import org.lakebrush.source.HadoopDefaults;

/** Makes the morning report of a run from its log. Used by one thread. */
public final class MorningReport {
  /** Runs before the one that is reported, at most. */
  private static final int BEFORE = 13;
  /** Days that are looked at for them, at most, of those on which there were runs. */
  private static final int DAYS = 14;
  private static final int SAMPLES = 12;
  private static final int FAILED = 12;
  /** Of the samples, those that need a look, and those that stand out. */
  private static final int REVIEWED = 6;

  private final SparkSession spark;
  private final Configuration conf;
  private final Path log;
  private final ResultLog results;

  /**
   * A report from a log.
   *
   * @param log the folder of the result log
   */
  public MorningReport(SparkSession spark, Path log) {
    this.spark = spark;
    this.conf = HadoopDefaults.apply(spark.sparkContext().hadoopConfiguration());
    this.log = log;
    this.results = new ResultLog(conf, log);
  }

  /**
   * The page of a run.
   *
   * @param run its id, or a name, of which the newest run is taken; null for the newest run of all
   * @return a whole HTML file, in UTF-8
   * @throws NoSuchRunException where the log does not have it
   * @throws IOException where the log cannot be read
   */
  public byte[] html(String run) throws NoSuchRunException, IOException {
    return new ReportPage(read(run)).html().getBytes(StandardCharsets.UTF_8);
  }

  /** The log has no such run. The message says what to do. */
  public static final class NoSuchRunException extends Exception {
    private static final long serialVersionUID = 1;

    NoSuchRunException(String message) {
      super(message);
    }
  }

  NightReport read(String run) throws NoSuchRunException, IOException {
    if (!log.getFileSystem(conf).exists(log)) {
      throw new NoSuchRunException("--log " + log + " is not there: give the folder that the run has as --log");
    }
    List<RunRecord> records = RunRecords.read(conf, log);
    Dataset<Row> rows = results.read(spark);
    Found found = find(run, records, rows);
    Night night = found.night;
    Optional<RunRecord> record = recordOf(records, night.runId());
    Standing standing = standing(night.runId(), record);
    if (night.date() == null) {
      return NightReport.ofNoRows(log.toString(), night, record, standing, found.before);
    }
    Dataset<Row> own = rows.where(col(ResultLog.RUN_DATE).equalTo(lit(night.date())).and(col("run_id").equalTo(night.runId())));
    try (NightQueries queries = new NightQueries(own); Pictures pictures = new Pictures(conf)) {
      List<Sample> samples = pictures.samples(samples(queries));
      List<FailedImage> failed = pictures.failed(failed(queries, night));
      return new NightReport(log.toString(), night, record, standing, found.before, queries.throughput(night), queries.stages(),
          queries.holes(), queries.failures(night.kinds()), queries.folders(), queries.slowest(), queries.machines(), queries.models(),
          queries.formats(), queries.notes(), samples, failed);
    }
  }

  /** A run, and those of the same job before it, the oldest first. */
  private record Found(Night night, List<Night> before) {}

  private Found find(String run, List<RunRecord> records, Dataset<Row> rows) throws NoSuchRunException, IOException {
    String id = run == null ? null : RunRecords.find(records, run).map(RunRecord::runId).orElse(run);
    List<LocalDate> days = results.dates();
    int at = id == null ? 0 : firstUpTo(dayOf(id), days);
    do {
      List<LocalDate> window = days.subList(at, Math.min(days.size(), at + DAYS));
      List<Night> nights = nights(window, records, rows);
      for (int i = nights.size() - 1; i >= 0; i--) {
        if (id == null || nights.get(i).runId().equals(id)) {
          Night night = nights.get(i);
          List<Night> before = nights.subList(0, i).stream().filter(n -> isSameJob(records, n.runId(), night.runId())).toList();
          return new Found(night, before.subList(Math.max(0, before.size() - BEFORE), before.size()));
        }
      }
      at += DAYS;
    } while (at < days.size());
    if (id != null) {
      throw new NoSuchRunException("--run " + run + " is no run of the log " + log + ", by its id or its name"
          + (records.isEmpty() ? "" : "; the newest is " + records.get(0).runId()));
    }
    return new Found(Night.empty("none", null, System.currentTimeMillis()), List.of());
  }

  /** The runs of these days, and those that have a record and no rows, the oldest first. */
  private static List<Night> nights(List<LocalDate> days, List<RunRecord> records, Dataset<Row> rows) {
    List<Night> nights = new ArrayList<>();
    if (!days.isEmpty()) {
      for (Night night : History.of(rows, days.get(days.size() - 1), days.get(0))) {
        nights.add(recordOf(records, night.runId()).map(record -> night.named(record.name())).orElse(night));
      }
    }
    Set<String> known = nights.stream().map(Night::runId).collect(Collectors.toSet());
    for (RunRecord record : records) {
      LocalDate day = Instant.ofEpochMilli(record.startedAt()).atOffset(ZoneOffset.UTC).toLocalDate();
      if (!known.contains(record.runId()) && (days.isEmpty() || !day.isBefore(days.get(days.size() - 1)))) {
        nights.add(Night.empty(record.runId(), record.name(), record.startedAt()));
      }
    }
    nights.sort(comparingLong(Night::startedAt).thenComparing(Night::runId));
    return nights;
  }

  private static Optional<RunRecord> recordOf(List<RunRecord> records, String runId) {
    return records.stream().filter(record -> record.runId().equals(runId)).findFirst();
  }

  /** The day on which a run began, as its id says; null where that says none. */
  private static LocalDate dayOf(String runId) {
    try {
      return LocalDate.parse(runId.substring(0, Math.min(8, runId.length())), DateTimeFormatter.BASIC_ISO_DATE);
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private static int firstUpTo(LocalDate day, List<LocalDate> newestFirst) {
    int at = 0;
    while (day != null && at < newestFirst.size() && newestFirst.get(at).isAfter(day)) {
      at++;
    }
    return at;
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

  private Standing standing(String runId, Optional<RunRecord> record) throws IOException {
    if (record.isPresent() && record.get().end() != null) {
      return Standing.ENDED;
    }
    try (LeaseFolder leases = new LeaseFolder(conf, log, runId)) {
      LeaseFolder.Standing lease = leases.standing(runId);
      boolean lives = lease.state() != LeaseFolder.State.GONE
          && System.currentTimeMillis() - lease.modified() < 2 * LeaseFolder.STALE.toMillis();
      return lives ? Standing.RUNS : record.isPresent() ? Standing.DIED : Standing.ENDED;
    }
  }

  /** Those of which the most is left, those that stand out, and then of all sizes of hole, the large ones first. */
  private static List<Candidate> samples(NightQueries queries) {
    Map<String, Candidate> samples = new LinkedHashMap<>();
    queries.leastRepaired().forEach(c -> samples.put(c.uri(), c));
    List<Candidate> spread = queries.spreadByHole();
    inTurn(spread.stream().filter(c -> c.status() == Status.REVIEW).toList(), c -> -c.bin(), REVIEWED).forEach(c -> {
      if (samples.size() < REVIEWED) {
        samples.putIfAbsent(c.uri(), c);
      }
    });
    queries.mostDamaged().forEach(c -> samples.putIfAbsent(c.uri(), c));
    inTurn(spread.stream().filter(c -> c.status() == Status.REPAIRED).toList(), c -> -c.bin(), SAMPLES)
        .forEach(c -> samples.putIfAbsent(c.uri(), c));
    return samples.values().stream().limit(SAMPLES).toList();
  }

  private static List<Candidate> failed(NightQueries queries, Night night) {
    return inTurn(queries.spreadByKind(), c -> -night.kinds().getOrDefault(c.kind(), 0L), FAILED);
  }

  /** The first of each group, then the second of each, and so on; groups by their order, and in a group as they come. */
  private static List<Candidate> inTurn(List<Candidate> candidates, ToLongFunction<Candidate> order, int most) {
    Map<List<Object>, List<Candidate>> groups = new LinkedHashMap<>();
    candidates.stream().sorted(comparingLong(order))
        .forEach(c -> groups.computeIfAbsent(Arrays.asList(c.kind(), c.bin()), key -> new ArrayList<>()).add(c));
    List<Candidate> turns = new ArrayList<>();
    for (int i = 0; turns.size() < Math.min(most, candidates.size()); i++) {
      for (List<Candidate> group : groups.values()) {
        if (i < group.size() && turns.size() < most) {
          turns.add(group.get(i));
        }
      }
    }
    return turns;
  }
}
