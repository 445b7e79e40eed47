package org.lakebrush.sink;

import static org.apache.spark.sql.functions.bool_or;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lag;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.unix_millis;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;
import static scala.jdk.javaapi.CollectionConverters.asScala;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.mask.Found;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.ImageRefs;
import org.lakebrush.source.ParquetRows;
import org.lakebrush.source.Retries;
import org.lakebrush.source.Staged;

/**
 * The result log: Parquet, one row for each image and run, in folders {@code run_date=YYYY-MM-DD}, one file a slice. Folders whose
 * names begin with {@code _} are no part of it. Safe for any number of threads.
 */
public final class ResultLog {
  /** The partition column: the UTC date on which the run started. */
  public static final String RUN_DATE = "run_date";

  /** A slice's file, and the folder of a day's. */
  private static final Pattern FILE = Pattern.compile("(.+)-\\d{6,}\\.parquet");
  private static final Pattern DAY = Pattern.compile(RUN_DATE + "=\\d{4}-\\d{2}-\\d{2}");

  private static final StructType FOUND = new StructType()
      .add("kind", DataTypes.StringType, false)
      .add("count", DataTypes.IntegerType, false)
      .add("confidence", DataTypes.DoubleType, false);

  /** The columns of a row, without {@link #RUN_DATE}; each one's comment says what it holds. */
  public static final StructType SCHEMA = schema();

  /** What stands for URI and fingerprint. */
  private static final String[] KEY = {"key_0", "key_1"};
  /** Rows of the to-do list that are held at once. */
  private static final int ROWS_AT_ONCE = 20_000;

  private final Configuration conf;
  private final Path log;

  /**
   * @param log the folder; need not exist
   */
  public ResultLog(Configuration conf, Path log) {
    this.conf = conf;
    this.log = log;
  }

  private static StructType schema() {
    DataType text = DataTypes.StringType;
    DataType strings = DataTypes.createArrayType(text, false);
    DataType integer = DataTypes.IntegerType;
    DataType whole = DataTypes.LongType;
    DataType real = DataTypes.DoubleType;
    DataType time = DataTypes.TimestampType;
    DataType found = DataTypes.createArrayType(FOUND, false);
    return new StructType()
        .add("run_id", text, false, "the run that wrote the row")
        .add("slice", integer, false, "the part of the run that the image was in; it names the row's file")
        .add("uri", text, false, "the image, not percent-encoded")
        .add("path", text, false, "the image relative to the input")
        .add("length", whole, false, "the image's bytes, as listed; -1 where a manifest does not say")
        .add("modification_time", time, false, "of the image, as listed; 1970-01-01 where a manifest does not say")
        .add("fingerprint", text, false, "SHA-256 over model, settings, output folder and the image's mask files: what was asked for")
        .add("status", text, false, "REPAIRED, REVIEW (repaired, but more than `limits.max_residual` is left), UNCHANGED (nothing to repair) or FAILED")
        .add("error_kind", text, true, "why it FAILED: a word of the table of error kinds")
        .add("error_message", text, true, "why it FAILED: what, where and what to do")
        .add("width", integer, true, "upright, in pixels; null where the header was not read")
        .add("height", integer, true, "upright, in pixels; null where the header was not read")
        .add("format", text, true, "of the input: jpeg, png, webp, bmp or tiff")
        .add("mode", text, true, "colour model and depth of the input: rgb8, gray16, cmyk8 and the like")
        .add("mask_kinds", strings, false, "the kinds of mask that marked at least one pixel")
        .add("found", found, false, "what was searched for and found: kind, how many, and how sure, 0 to 1, the least of them is")
        .add("hole_fraction", real, false, "the hole's share of the image, 0 to 1, grown")
        .add("residual", real, true, "share of what was found that is still found in the repaired image, 0 to 1; null where nothing was found")
        .add("damage", real, true, "how far the fill stands out from its surroundings, 0 to 1; null where nothing was filled")
        .add("descreen", real, true, "root mean square of what descreening changed, of 255; null where it changed nothing")
        .add("seam", real, true, "mean difference of fill and image along the hole's edge that was evened out, of 255; null without that stage")
        .add("grain", real, true, "standard deviation of the grain laid over the fill, of 255; null where none was")
        .add("crops", integer, false, "runs of the model that the image took")
        .add("crops_fp32", integer, true, "of these, how many `inpaint.half_model` spoilt and the model itself ran again; null in older"
            + " logs")
        .add("model", text, false, "the model's name")
        .add("model_sha256", text, false, "of the model's file")
        .add("device", text, true, "where the model ran: cpu, cuda:0 and so on; null where it did not")
        .add("output_uri", text, true, "what was written; null where nothing was")
        .add("output_length", whole, true, "its bytes")
        .add("output_sha256", text, true, "of its bytes")
        .add("notes", strings, false, "what could not come through as it was")
        .add("ms_read", real, false, "time to read the image and its masks, in ms")
        .add("ms_decode", real, false, "time to decode it, in ms")
        .add("ms_mask", real, false, "time to build the mask, and to look again once it is filled, in ms")
        .add("ms_inpaint", real, false, "time to fill the hole, waiting for a batch included, in ms")
        .add("ms_spectral", real, false, "time in the FFT stages, which is in no other column, in ms")
        .add("ms_encode", real, false, "time to encode the output, in ms")
        .add("ms_write", real, false, "time to write the output, in ms")
        .add("retries", integer, true, "how often reading, masks and writing were tried again, since the store did not serve them; 0"
            + " for a table's images, whose files are tried again by the store's client alone; null in older logs")
        .add("attempt", integer, false, "1 unless this run had the image in hand before")
        .add("host", text, false, "the executor's host")
        .add("finished_at", time, false, "when the image was done");
  }

  /** A row of {@link #SCHEMA}; times are {@code Instant}s, as with {@code spark.sql.datetime.java8API.enabled}. */
  public static Row toRow(LogRow r) {
    Written out = r.output();
    return RowFactory.create(r.runId(), r.slice(), r.uri(), r.path(), r.length(), Instant.ofEpochMilli(r.modificationTime()),
        r.fingerprint(), r.status().name(), r.errorKind() == null ? null : r.errorKind().name(), r.errorMessage(),
        r.width() == 0 ? null : r.width(), r.height() == 0 ? null : r.height(), r.format(), r.mode(), seq(r.maskKinds()),
        seq(r.found().stream().map(f -> RowFactory.create(f.kind(), f.count(), f.confidence())).toList()), r.holeFraction(), r.residual(),
        r.damage(), r.descreen(), r.seam(), r.grain(), r.crops(), r.cropsFp32(), r.model(), r.modelSha256(), r.device(),
        out == null ? null : out.uri(), out == null ? null : out.length(), out == null ? null : out.sha256(), seq(r.notes()),
        r.msRead(), r.msDecode(), r.msMask(), r.msInpaint(), r.msSpectral(), r.msEncode(), r.msWrite(), r.retries(), r.attempt(), r.host(),
        Instant.ofEpochMilli(r.finishedAt()));
  }

  private static Object seq(List<?> list) {
    return asScala(list).toSeq();
  }

  /** Reads a row that has {@link #SCHEMA}'s columns first and in order; times of either kind. */
  public static LogRow fromRow(Row r) {
    String output = get(r, "output_uri");
    Integer width = get(r, "width");
    Integer height = get(r, "height");
    String errorKind = get(r, "error_kind");
    return new LogRow(get(r, "run_id"), get(r, "slice"), get(r, "uri"), get(r, "path"), get(r, "length"), millis(r, "modification_time"),
        get(r, "fingerprint"), Status.valueOf(get(r, "status")), errorKind == null ? null : ErrorKind.valueOf(errorKind),
        get(r, "error_message"), width == null ? 0 : width, height == null ? 0 : height, get(r, "format"), get(r, "mode"),
        list(r, "mask_kinds"),
        ResultLog.<Row>list(r, "found").stream().map(f -> new Found(f.getString(0), f.getInt(1), f.getDouble(2))).toList(),
        get(r, "hole_fraction"), get(r, "residual"), get(r, "damage"), get(r, "descreen"), get(r, "seam"), get(r, "grain"),
        get(r, "crops"), get(r, "crops_fp32"), get(r, "model"), get(r, "model_sha256"), get(r, "device"),
        output == null ? null : new Written(output, get(r, "output_length"), get(r, "output_sha256")), list(r, "notes"), get(r, "ms_read"),
        get(r, "ms_decode"), get(r, "ms_mask"), get(r, "ms_inpaint"), get(r, "ms_spectral"), get(r, "ms_encode"), get(r, "ms_write"),
        get(r, "retries"), get(r, "attempt"), get(r, "host"), millis(r, "finished_at"));
  }

  private static <T> T get(Row row, String column) {
    return row.getAs(SCHEMA.fieldIndex(column));
  }

  private static <T> List<T> list(Row row, String column) {
    return List.copyOf(row.<T>getList(SCHEMA.fieldIndex(column)));
  }

  private static long millis(Row row, String column) {
    return ParquetRows.instant(get(row, column)).toEpochMilli();
  }

  /**
   * Publishes a slice as the file {@code run_date=<runDate>/<runId>-<slice>.parquet}, whole or not at all. The same slice again
   * takes the file's place.
   *
   * @param runDate of the run's start, UTC, the same for all its slices
   * @throws IOException with what, where and what to do
   */
  public void publish(LocalDate runDate, String runId, int slice, List<LogRow> rows, Retries retries) throws IOException {
    MemoryFile file = new MemoryFile();
    try (ParquetWriter<Row> writer = ParquetRows.writer(file, SCHEMA, conf)) {
      for (LogRow row : rows) {
        writer.write(toRow(row));
      }
    }
    String name = String.format(Locale.ROOT, "%s=%s/%s-%06d.parquet", RUN_DATE, runDate, runId, slice);
    try (AtomicFiles files = AtomicFiles.ofLog(conf, log, runId, "slice-" + slice, retries)) {
      files.put(name, file.bytes());
    }
  }

  /**
   * All rows: {@link #SCHEMA} and the partition column {@link #RUN_DATE}. Empty where there is no log yet. To collect the times as they
   * are, an embedded session needs {@code spark.sql.datetime.java8API.enabled}, for it has no access to the JDK's time zones.
   */
  public Dataset<Row> read(SparkSession spark) throws IOException {
    StructType schema = SCHEMA.add(RUN_DATE, DataTypes.DateType, false);
    if (!log.getFileSystem(conf).exists(log)) {
      return spark.createDataFrame(new ArrayList<>(), schema);
    }
    // The path is meant as it is written, whatever brackets are in it.
    return spark.read().schema(schema).option("__globPaths__", "false").parquet(log.toString());
  }

  /**
   * A run's rows, of {@link #SCHEMA}; empty where it has none. Looks at the files of one day alone.
   *
   * @param runDate as in {@link #publish}
   */
  public Dataset<Row> read(SparkSession spark, LocalDate runDate, String runId) throws IOException {
    List<String> files = new ArrayList<>();
    for (FileStatus file : list(day(runDate))) {
      Matcher name = FILE.matcher(file.getPath().getName());
      if (name.matches() && name.group(1).equals(runId)) {
        files.add(file.getPath().toString());
      }
    }
    return files.isEmpty() ? spark.createDataFrame(new ArrayList<>(), SCHEMA)
        : spark.read().schema(SCHEMA).option("__globPaths__", "false").parquet(files.toArray(String[]::new));
  }

  /** The rows of some days that have rows: {@link #SCHEMA} and {@link #RUN_DATE}. Looks at the files of these days alone. */
  public Dataset<Row> read(SparkSession spark, List<LocalDate> days) {
    StructType schema = SCHEMA.add(RUN_DATE, DataTypes.DateType, false);
    return days.isEmpty() ? spark.createDataFrame(new ArrayList<>(), schema)
        : spark.read().schema(schema).option("__globPaths__", "false").option("basePath", log.toString())
            .parquet(days.stream().map(day -> day(day).toString()).toArray(String[]::new));
  }

  /**
   * A run that has rows.
   *
   * @param runDate as in {@link #publish}
   */
  public record Run(String runId, LocalDate runDate) {}

  /**
   * The run that has rows and an id, or the newest of all by id, which begins with the time of the start.
   *
   * @param runId null for the newest
   */
  public Optional<Run> findRun(String runId) throws IOException {
    for (LocalDate date : days()) {
      Optional<String> run = list(day(date)).stream().map(file -> FILE.matcher(file.getPath().getName())).filter(Matcher::matches)
          .map(name -> name.group(1)).filter(id -> runId == null || id.equals(runId)).max(Comparator.naturalOrder());
      if (run.isPresent()) {
        return Optional.of(new Run(run.get(), date));
      }
    }
    return Optional.empty();
  }

  /** The days that have rows, the newest first, by one listing. */
  public List<LocalDate> days() throws IOException {
    return list(log).stream().map(folder -> folder.getPath().getName()).filter(name -> DAY.matcher(name).matches())
        .map(name -> LocalDate.parse(name.substring(RUN_DATE.length() + 1))).sorted(Comparator.reverseOrder()).toList();
  }

  private Path day(LocalDate date) {
    return new Path(log, RUN_DATE + "=" + date);
  }

  private List<FileStatus> list(Path folder) throws IOException {
    try {
      return List.of(folder.getFileSystem(conf).listStatus(folder));
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  /**
   * What is left to do.
   *
   * @param refs rows of {@link org.lakebrush.source.ImageRefs#SCHEMA}, sorted by URI, in partitions of so few rows that one at a time
   *     can be held; reads the staging folder
   * @param images rows of {@code refs}
   * @param bytes their length, summed, as far as it is known
   * @param done images that the log has as done
   * @param givenUp images that failed in as many runs as {@code retry.max_nights} allows
   */
  public record Todo(Dataset<Row> refs, long images, long bytes, long done, long givenUp) {}

  /**
   * The listing minus what the log has. An image is done where a row that is not FAILED has its URI, length, modification time and
   * fingerprint, and no later row wrote over that row's output: settings that were changed and changed back are done again. A length or
   * modification time that the reference does not know is any.
   *
   * <p>Texts are compared by 128 bits of hash, so that millions of rows are sorted and joined as a few numbers each; that two of 10
   * million were taken for one has a chance below 1e-24. The log's files are read once, and all that grows with the lake stays in Spark
   * and on disk.
   *
   * @param refs rows of {@link org.lakebrush.source.ImageRefs#SCHEMA}, each URI once
   * @param images rows of {@code refs}
   * @param maxNights runs after which a FAILED image, unchanged, is not tried again; those in which it was UNAVAILABLE do not count
   * @param staging a folder of this run that is not there yet; it must stay as long as the result is used
   */
  public Todo todo(SparkSession spark, Dataset<Row> refs, long images, int maxNights, Path staging) throws IOException {
    Dataset<Row> left = stage(spark, known(maxNights, read(spark)).as("known"), refs, staging);
    Column toDo = not(col("given_up"));
    Row counts = left.agg(count_if(toDo), coalesce(sum(when(toDo, greatest(col("length"), lit(0)))), lit(0L)), count_if(col("given_up")))
        .first();
    long todo = counts.getLong(0);
    Dataset<Row> sorted = left.where(toDo).select(columns(ImageRefs.SCHEMA.fieldNames()))
        .repartitionByRange((int) (1 + todo / ROWS_AT_ONCE), col("uri")).sortWithinPartitions("uri");
    return new Todo(sorted, todo, counts.getLong(1), images - todo - counts.getLong(2), counts.getLong(2));
  }

  /** For each image of the log, by hash, whether it is done or given up; no row for others. */
  private static Dataset<Row> known(int maxNights, Dataset<Row> all) {
    // That a store was out of reach says nothing of the image.
    Dataset<Row> log = all.where(not(col("error_kind").eqNullSafe(ErrorKind.UNAVAILABLE.name())));
    Column failed = col("status").equalTo(Status.FAILED.name());
    Column time = unix_millis(col("modification_time"));
    Column written = col("output_uri").isNotNull();
    Dataset<Row> rows = log.select(hash(0, "uri", "fingerprint").as(KEY[0]), hash(1, "uri", "fingerprint").as(KEY[1]), col("length"),
        time.as("modification_time"), failed.as("failed"), when(failed, xxhash64(col("run_id"))).as("run"), written.as("written"),
        col("finished_at"),
        // Rows compete for what they wrote; rows that wrote nothing stand beside those of the same image alone.
        when(written, hash(0, "output_uri")).otherwise(xxhash64(hash(2, "uri", "fingerprint"), col("length"), time)).as("place_0"),
        when(written, hash(1, "output_uri")).otherwise(xxhash64(hash(3, "uri", "fingerprint"), col("length"), time)).as("place_1"));
    WindowSpec place = Window.partitionBy("place_0", "place_1")
        .orderBy(col("run"), col("finished_at").desc(), col(KEY[0]), col(KEY[1]), col("length"), col("modification_time"));
    Column done = not(col("failed")).and(not(col("written")).or(col("row").equalTo(1)));
    Column newRun = col("failed").and(coalesce(col("run_before").notEqual(col("run")), lit(true)));
    return rows.withColumn("row", row_number().over(place)).withColumn("run_before", lag("run", 1).over(place))
        .withColumn("done", done).withColumn("new_run", newRun).where("done or new_run")
        .groupBy(KEY[0], KEY[1], "length", "modification_time").agg(bool_or(col("done")).as("done"), count_if(col("new_run")).as("runs"))
        .where(col("done").or(col("runs").geq(maxNights)));
  }

  /** Writes the references that are not done, and whether each is given up, and reads them from there. */
  private static Dataset<Row> stage(SparkSession spark, Dataset<Row> known, Dataset<Row> refs, Path staging) {
    Dataset<Row> hashed = refs.withColumn(KEY[0], hash(0, "uri", "fingerprint")).withColumn(KEY[1], hash(1, "uri", "fingerprint"));
    Column same = col("ref." + KEY[0]).equalTo(col("known." + KEY[0])).and(col("ref." + KEY[1]).equalTo(col("known." + KEY[1])))
        .and(matches("length", ImageRef.UNKNOWN_LENGTH)).and(matches("modification_time", ImageRef.UNKNOWN_TIME));
    // First which, without their texts: of a lake that is mostly done that is little, and need not be sorted to be found.
    Dataset<Row> left = Staged.of(spark, hashed.select(KEY[0], KEY[1], "length", "modification_time").as("ref")
        .join(known, same, "left").groupBy(col("ref." + KEY[0]), col("ref." + KEY[1])).agg(max("known.done").as("done"))
        .where("done is null or not done").select(col(KEY[0]), col(KEY[1]), col("done").isNotNull().as("given_up")),
        new Path(staging, "keys"));
    return Staged.of(spark, hashed.join(left, KEY, "inner").drop(KEY), new Path(staging, "refs"));
  }

  /** 64 bits for the texts of these columns, other ones for each salt. */
  private static Column hash(int salt, String... columns) {
    return xxhash64(Stream.concat(Stream.of(lit(salt)), Stream.of(columns(columns))).toArray(Column[]::new));
  }

  /** Whether what the log has is the reference's, which is any where the reference does not know it. */
  private static Column matches(String column, long unknown) {
    return col("ref." + column).equalTo(unknown).or(col("ref." + column).equalTo(col("known." + column)));
  }

  private static Column[] columns(String[] names) {
    return Stream.of(names).map(functions::col).toArray(Column[]::new);
  }
}
