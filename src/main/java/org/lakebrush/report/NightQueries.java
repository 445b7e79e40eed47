package org.lakebrush.report;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min_by;
import static org.apache.spark.sql.functions.percentile_approx;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.regexp_extract;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.replace;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.unix_millis;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.storage.StorageLevel;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.report.NightReport.Counted;
import org.lakebrush.report.NightReport.FailureGroup;
import org.lakebrush.report.NightReport.FailureKind;
import org.lakebrush.report.NightReport.Folder;
import org.lakebrush.report.NightReport.HoleBin;
import org.lakebrush.report.NightReport.Machine;
import org.lakebrush.report.NightReport.ModelUse;
import org.lakebrush.report.NightReport.SlowImage;
import org.lakebrush.report.NightReport.StageTime;
import org.lakebrush.report.NightReport.Throughput;
import org.lakebrush.sink.Status;

/**
 * Questions to the rows of one run. Spark sums them up: each answer has a bounded number of rows, however large the lake is. The same log
 * gives the same answers.
 */
final class NightQueries implements AutoCloseable {
  /** The stages' time of a row, summed, in ms. */
  static final Column MILLIS = Stream.of(Stage.values()).map(NightQueries::column).reduce(Column::plus).orElseThrow();

  /** Upper ends of the bins of holes, as shares of the image. */
  private static final double[] HOLE_ENDS = {1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1};
  /** Widths of a bucket of time, in seconds. */
  private static final long[] STEPS =
      {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800};
  private static final int MOST_BUCKETS = 96;
  private static final int MESSAGES = 4;
  private static final int FOLDERS = 6;
  private static final int SLOWEST = 10;
  private static final int MACHINES = 32;
  private static final int FEW = 8;
  /** Images of which the most is left. */
  private static final int WORST = 4;
  /** Candidates for pictures in each bin of holes, and of each kind of failure. */
  private static final int SPREAD = 12;

  private final Dataset<Row> rows;

  /**
   * Reads a run's rows once, and keeps what is asked of them in memory and on disk.
   *
   * @param rows of the log, of one run
   */
  NightQueries(Dataset<Row> rows) {
    List<Column> kept = new ArrayList<>();
    for (String name : List.of("uri", "path", "length", "status", "error_kind", "error_message", "width", "height", "format", "mask_kinds",
        "hole_fraction", "residual", "damage", "crops", "crops_fp32", "model", "model_sha256", "device", "output_uri", "output_length",
        "notes", "host")) {
      kept.add(col(name));
    }
    for (Stage stage : Stage.values()) {
      kept.add(column(stage));
    }
    kept.add(unix_millis(col("finished_at")).as("finished"));
    this.rows = rows.select(kept.toArray(Column[]::new)).persist(StorageLevel.MEMORY_AND_DISK());
  }

  /** A stage's time in a row, in ms. */
  static Column column(Stage stage) {
    return col("ms_" + stage.name().toLowerCase(Locale.ROOT));
  }

  private static Column is(Status status) {
    return col("status").equalTo(status.name());
  }

  /** A number that stands for the image, the same each time. */
  private static Column lot() {
    return xxhash64(col("uri"));
  }

  /** Images by time. */
  Throughput throughput(Night night) {
    long step = step(night);
    long start = Math.floorDiv(night.startedAt(), step) * step;
    int buckets = (int) ((night.endedAt() - start) / step) + 1;
    List<Map<Status, Long>> images = new ArrayList<>();
    for (int i = 0; i < buckets; i++) {
      images.add(new EnumMap<>(Status.class));
    }
    Map<ErrorKind, long[]> failures = new EnumMap<>(ErrorKind.class);
    Column bucket = floor(col("finished").minus(start).divide(step)).cast("int");
    for (Row row : rows.groupBy(bucket.as("bucket"), col("status"), col("error_kind")).agg(count(lit(1))).collectAsList()) {
      int at = row.getInt(0);
      images.get(at).merge(Status.valueOf(row.getString(1)), row.getLong(3), Long::sum);
      if (!row.isNullAt(2)) {
        failures.computeIfAbsent(ErrorKind.valueOf(row.getString(2)), kind -> new long[buckets])[at] += row.getLong(3);
      }
    }
    return new Throughput(start, step, List.copyOf(images), failures);
  }

  private static long step(Night night) {
    for (long seconds : STEPS) {
      if ((night.endedAt() - night.startedAt()) / (1000 * seconds) < MOST_BUCKETS) {
        return 1000 * seconds;
      }
    }
    return (night.endedAt() - night.startedAt()) / MOST_BUCKETS + 1;
  }

  /** Time by stage. */
  List<StageTime> stages() {
    List<Column> sums = new ArrayList<>();
    Column shares = array(lit(0.5), lit(0.95), lit(0.99));
    for (Stage stage : Stage.values()) {
      sums.add(coalesce(sum(column(stage)), lit(0.0)));
      sums.add(percentile_approx(when(column(stage).gt(0), column(stage)), shares, lit(1000)));
    }
    Row row = rows.agg(sums.get(0), sums.subList(1, sums.size()).toArray(Column[]::new)).first();
    List<StageTime> times = new ArrayList<>();
    for (Stage stage : Stage.values()) {
      int at = 2 * stage.ordinal();
      List<Double> p = row.isNullAt(at + 1) ? List.of(0.0, 0.0, 0.0) : row.getList(at + 1);
      times.add(new StageTime(stage, row.getDouble(at), p.get(0), p.get(1), p.get(2)));
    }
    return times;
  }

  /** Which bin of holes an image is in. */
  private static Column bin() {
    Column bin = lit(0);
    for (int i = 0; i < HOLE_ENDS.length - 1; i++) {
      bin = bin.plus(when(col("hole_fraction").geq(HOLE_ENDS[i]), 1).otherwise(0));
    }
    return bin;
  }

  /** Images by the size of their hole. */
  List<HoleBin> holes() {
    long[][] counts = new long[HOLE_ENDS.length][2];
    for (Row row : repaired().where(col("hole_fraction").gt(0)).groupBy(bin().as("bin"))
        .agg(count_if(is(Status.REPAIRED)), count_if(is(Status.REVIEW))).collectAsList()) {
      counts[row.getInt(0)] = new long[] {row.getLong(1), row.getLong(2)};
    }
    List<HoleBin> bins = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      bins.add(new HoleBin(i == 0 ? 0 : HOLE_ENDS[i - 1], HOLE_ENDS[i], counts[i][0], counts[i][1]));
    }
    return bins;
  }

  private Dataset<Row> repaired() {
    return rows.where(is(Status.REPAIRED).or(is(Status.REVIEW)));
  }

  private Dataset<Row> failed() {
    return rows.where(is(Status.FAILED));
  }

  /**
   * Failures by kind and message.
   *
   * @param kinds how many there are of each
   */
  List<FailureKind> failures(Map<ErrorKind, Long> kinds) {
    if (kinds.isEmpty()) {
      return List.of();
    }
    Column named = replace(replace(coalesce(col("error_message"), lit("")), col("uri"), lit("…")), col("path"), lit("…"));
    Column way = regexp_replace(named, "[0-9a-fA-F-]{12,}|\\d+", "#");
    Dataset<Row> groups = failed().groupBy(col("error_kind"), way.as("way"))
        .agg(count(lit(1)).as("images"), min_by(struct("uri", "error_message"), lot()).as("example"))
        .withColumn("rank", row_number().over(Window.partitionBy("error_kind").orderBy(col("images").desc(), col("way"))))
        .withColumn("ways", count(lit(1)).over(Window.partitionBy("error_kind")));
    Map<ErrorKind, List<FailureGroup>> byKind = new EnumMap<>(ErrorKind.class);
    Map<ErrorKind, Long> ways = new EnumMap<>(ErrorKind.class);
    for (Row row : groups.where(col("rank").leq(MESSAGES)).orderBy("error_kind", "rank")
        .select("error_kind", "images", "example.uri", "example.error_message", "ways").collectAsList()) {
      ErrorKind kind = ErrorKind.valueOf(row.getString(0));
      byKind.computeIfAbsent(kind, k -> new ArrayList<>())
          .add(new FailureGroup(row.getString(2), row.isNullAt(3) ? "" : row.getString(3), row.getLong(1)));
      ways.put(kind, row.getLong(4));
    }
    return kinds.entrySet().stream().sorted(Map.Entry.<ErrorKind, Long>comparingByValue().reversed())
        .map(e -> new FailureKind(e.getKey(), e.getValue(), byKind.getOrDefault(e.getKey(), List.of()), ways.getOrDefault(e.getKey(), 0L)))
        .toList();
  }

  /** Folders of the input with the most failures of a kind. */
  List<Folder> folders() {
    return rows.groupBy(regexp_extract(col("path"), "(?s)^(.*)/[^/]*$", 1).as("folder"), col("error_kind")).agg(count(lit(1)).as("failed"))
        .withColumn("images", sum("failed").over(Window.partitionBy("folder"))).where(col("error_kind").isNotNull())
        .orderBy(col("failed").desc(), col("folder"), col("error_kind")).limit(FOLDERS).collectAsList().stream()
        .map(row -> new Folder(row.getString(0), ErrorKind.valueOf(row.getString(1)), row.getLong(3), row.getLong(2))).toList();
  }

  /** The images that took longest. */
  List<SlowImage> slowest() {
    List<SlowImage> images = new ArrayList<>();
    List<Column> wanted = new ArrayList<>();
    for (String name : List.of("uri", "status", "width", "height", "format", "host")) {
      wanted.add(col(name));
    }
    for (Stage stage : Stage.values()) {
      wanted.add(column(stage));
    }
    for (Row row : rows.orderBy(MILLIS.desc(), col("uri")).limit(SLOWEST).select(wanted.toArray(Column[]::new)).collectAsList()) {
      double[] millis = new double[Stage.values().length];
      for (int i = 0; i < millis.length; i++) {
        millis[i] = row.getDouble(6 + i);
      }
      images.add(new SlowImage(row.getString(0), Status.valueOf(row.getString(1)), integer(row, "width"), integer(row, "height"),
          row.getString(4), row.getString(5), millis));
    }
    return images;
  }

  /** Where the work was done. */
  List<Machine> machines() {
    return rows.groupBy("host").agg(array_sort(collect_set("device")), count(lit(1)).as("images"), count_if(is(Status.FAILED)),
        count_if(col("device").isNotNull()), sum(column(Stage.INPAINT)), sum(MILLIS)).orderBy(col("images").desc(), col("host"))
        .limit(MACHINES).collectAsList().stream().map(row -> new Machine(row.getString(0), List.copyOf(row.<String>getList(1)),
            row.getLong(2), row.getLong(3), row.getLong(4), row.getDouble(5), row.getDouble(6))).toList();
  }

  /** The models that were used. */
  List<ModelUse> models() {
    return rows.groupBy("model", "model_sha256").agg(count(lit(1)).as("images"), sum("crops"), coalesce(sum("crops_fp32"), lit(0L)))
        .orderBy(col("images").desc(), col("model_sha256")).limit(FEW).collectAsList().stream()
        .map(row -> new ModelUse(row.getString(0), row.getString(1), row.getLong(2), row.getLong(3), row.getLong(4))).toList();
  }

  /** Images by format. */
  List<Counted> formats() {
    return counted(rows.where(col("format").isNotNull()).select(col("format").as("what")));
  }

  /** Images by what could not come through as it was. */
  List<Counted> notes() {
    return counted(rows.select(explode(array_distinct(col("notes"))).as("what")));
  }

  private static List<Counted> counted(Dataset<Row> whats) {
    return whats.groupBy("what").agg(count(lit(1)).as("images")).orderBy(col("images").desc(), col("what")).limit(FEW).collectAsList()
        .stream().map(row -> new Counted(row.getString(0), row.getLong(1))).toList();
  }

  /**
   * An image that could be shown.
   *
   * @param length of the input, in bytes; -1 where it is not known
   * @param output null where there is none; its length is -1 then
   * @param bin of the size of its hole
   * @param millis in all stages
   */
  record Candidate(String uri, Status status, ErrorKind kind, String message, long length, int width, int height, String format,
      String output, long outputLength, double hole, Double residual, Double damage, List<String> maskKinds, double millis, int bin) {}

  /** Images of which the most is left of what was found. */
  List<Candidate> leastRepaired() {
    return candidates(rows.where(is(Status.REVIEW)).orderBy(col("residual").desc_nulls_last(), lot()).limit(WORST).select(candidate()));
  }

  /** Images whose fill stands out the most. */
  List<Candidate> mostDamaged() {
    return candidates(rows.where(is(Status.REPAIRED).and(col("damage").gt(0))).orderBy(col("damage").desc(), lot()).limit(2)
        .select(candidate()));
  }

  /** A few images of each status and size of hole, as a draw by lot has it. */
  List<Candidate> spreadByHole() {
    return drawn(repaired().where(col("output_uri").isNotNull()), "status", bin());
  }

  /** A few images of each kind of failure, likewise. */
  List<Candidate> spreadByKind() {
    return drawn(failed(), "error_kind", lit(0));
  }

  private static List<Candidate> drawn(Dataset<Row> from, String of, Column and) {
    return candidates(from.groupBy(col(of).as("of"), and.as("and"), pmod(lot(), lit(SPREAD * 16)).as("group"))
        .agg(min_by(candidate(), lot()).as("image"))
        .withColumn("rank", row_number().over(Window.partitionBy("of", "and").orderBy(xxhash64(col("image.uri")))))
        .where(col("rank").leq(SPREAD)).orderBy("of", "and", "rank").select("image"));
  }

  private static Column candidate() {
    return struct(col("uri"), col("status"), col("error_kind"), col("error_message"), col("length"), col("width"), col("height"),
        col("format"), col("output_uri"), coalesce(col("output_length"), lit(-1L)).as("output_length"), col("hole_fraction"),
        col("residual"), col("damage"), col("mask_kinds"), MILLIS.as("millis"), bin().as("bin")).as("image");
  }

  private static List<Candidate> candidates(Dataset<Row> images) {
    return images.collectAsList().stream().map(wrapped -> {
      Row row = wrapped.getStruct(0);
      String kind = row.getAs("error_kind");
      return new Candidate(row.getAs("uri"), Status.valueOf(row.getAs("status")), kind == null ? null : ErrorKind.valueOf(kind),
          row.getAs("error_message"), row.getAs("length"), integer(row, "width"), integer(row, "height"), row.getAs("format"),
          row.getAs("output_uri"), row.getAs("output_length"), row.getAs("hole_fraction"), row.getAs("residual"), row.getAs("damage"),
          List.copyOf(row.<String>getList(row.fieldIndex("mask_kinds"))), row.getAs("millis"), row.getAs("bin"));
    }).toList();
  }

  private static int integer(Row row, String column) {
    Integer value = row.getAs(column);
    return value == null ? 0 : value;
  }

  @Override
  public void close() {
    rows.unpersist();
  }
}
