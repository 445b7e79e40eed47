package org.lakebrush.sink;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.unix_millis;
import static scala.jdk.javaapi.CollectionConverters.asScala;

import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.mask.Found;
import org.lakebrush.source.ImageRefs;
import org.lakebrush.source.ParquetRows;

/**
 * The result log: Parquet, one row for each image and run, in folders {@code run_date=YYYY-MM-DD}, one file a slice. Folders whose
 * names begin with {@code _} are no part of it. Safe for any number of threads.
 */
public final class ResultLog {
  /** The partition column: the UTC date on which the run started. */
  public static final String RUN_DATE = "run_date";

  private static final StructType FOUND = new StructType()
      .add("kind", DataTypes.StringType, false)
      .add("count", DataTypes.IntegerType, false)
      .add("confidence", DataTypes.DoubleType, false);

  /** The columns of a row, without {@link #RUN_DATE}; each one's comment says what it holds. */
  public static final StructType SCHEMA = schema();

  // What an image is, to the log; where it is both done and given up, the least counts.
  private static final int TO_DO = 0;
  private static final int DONE = 1;
  private static final int GIVEN_UP = 2;

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
        .add("length", whole, false, "the image's bytes, as listed")
        .add("modification_time", time, false, "of the image, as listed")
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
        .add("crops_fp32", integer, true, "of these, how many `inpaint.half_model` spoilt and the model itself ran again; null in older logs")
        .add("model", text, false, "the model's name")
        .add("model_sha256", text, false, "of the model's file")
        .add("device", text, true, "where the model ran: cpu, cuda:0 and so on; null where it did not")
        .add("output_uri", text, true, "what was written; null where nothing was")
        .add("output_length", whole, true, "its bytes")
        .add("output_sha256", text, true, "of its bytes")
        .add("notes", strings, false, "what could not come through as it was")
        .add("ms_read", real, false, "time to read the image, in ms")
        .add("ms_decode", real, false, "time to decode it, in ms")
        .add("ms_mask", real, false, "time to read and build the mask, and to look again once it is filled, in ms")
        .add("ms_inpaint", real, false, "time to fill the hole, waiting for a batch included, in ms")
        .add("ms_spectral", real, false, "time in the FFT stages, which is in no other column, in ms")
        .add("ms_encode", real, false, "time to encode the output, in ms")
        .add("ms_write", real, false, "time to write the output, in ms")
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
        r.damage(), r.descreen(), r.seam(), r.grain(), r.crops(), r.cropsFp32(), r.model(), r.modelSha256(), r.device(), out == null ? null : out.uri(),
        out == null ? null : out.length(), out == null ? null : out.sha256(), seq(r.notes()), r.msRead(), r.msDecode(), r.msMask(),
        r.msInpaint(), r.msSpectral(), r.msEncode(), r.msWrite(), r.attempt(), r.host(), Instant.ofEpochMilli(r.finishedAt()));
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
        get(r, "attempt"), get(r, "host"), millis(r, "finished_at"));
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
  public void publish(LocalDate runDate, String runId, int slice, List<LogRow> rows) throws IOException {
    MemoryFile file = new MemoryFile();
    try (ParquetWriter<Row> writer = ParquetRows.writer(file, SCHEMA, conf)) {
      for (LogRow row : rows) {
        writer.write(toRow(row));
      }
    }
    String name = String.format(Locale.ROOT, "%s=%s/%s-%06d.parquet", RUN_DATE, runDate, runId, slice);
    try (AtomicFiles files = AtomicFiles.ofLog(conf, log, runId, "slice-" + slice)) {
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
   * What is left to do.
   *
   * @param refs rows of {@link org.lakebrush.source.ImageRefs#SCHEMA}, sorted by URI
   * @param images rows of {@code refs}
   * @param bytes their length, summed
   * @param done images that the log has as done
   * @param givenUp images that failed in as many runs as {@code retry.max_nights} allows
   */
  public record Todo(Dataset<Row> refs, long images, long bytes, long done, long givenUp) {}

  /**
   * The listing minus what the log has. An image is done where a row that is not FAILED has its URI, length, modification time and
   * fingerprint, and no later row wrote over that row's output: settings that were changed and changed back are done again.
   *
   * @param refs rows of {@link org.lakebrush.source.ImageRefs#SCHEMA}
   * @param maxNights runs after which a FAILED image, unchanged, is not tried again
   */
  public Todo todo(SparkSession spark, Dataset<Row> refs, int maxNights) throws IOException {
    String[] names = {"uri", "length", "modification_time", "fingerprint"};
    Column[] key = columns(names);
    Dataset<Row> rows = read(spark).withColumn("modification_time", unix_millis(col("modification_time")));
    Column failed = col("status").equalTo(Status.FAILED.name());
    Dataset<Row> whole = rows.where(not(failed));
    Dataset<Row> done = whole.where(col("output_uri").isNotNull())
        .groupBy("output_uri").agg(max(struct(col("finished_at"), struct(key).as("key"))).as("last")).select("last.key.*")
        .union(whole.where(col("output_uri").isNull()).select(key));
    Dataset<Row> givenUp = rows.where(failed).groupBy(key).agg(count_distinct(col("run_id")).as("runs"))
        .where(col("runs").geq(maxNights)).drop("runs");
    Dataset<Row> known = done.withColumn("state", lit(DONE)).union(givenUp.withColumn("state", lit(GIVEN_UP)))
        .groupBy(key).agg(min("state").as("state"));
    Dataset<Row> states = refs.join(known, names, "left");
    long[] images = new long[GIVEN_UP + 1];
    long[] bytes = new long[GIVEN_UP + 1];
    for (Row state : states.groupBy(coalesce(col("state"), lit(TO_DO))).agg(count(lit(1)), sum("length")).collectAsList()) {
      images[state.getInt(0)] = state.getLong(1);
      bytes[state.getInt(0)] = state.getLong(2);
    }
    Dataset<Row> left = states.where(col("state").isNull()).select(columns(ImageRefs.SCHEMA.fieldNames())).orderBy("uri");
    return new Todo(left, images[TO_DO], bytes[TO_DO], images[DONE], images[GIVEN_UP]);
  }

  private static Column[] columns(String[] names) {
    return Stream.of(names).map(functions::col).toArray(Column[]::new);
  }
}
