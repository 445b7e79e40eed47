package org.lakebrush.report;

import static org.apache.spark.sql.functions.expr;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructField;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.testing.FileTree;

/**
 * A run that never was, with as many rows as one likes, the same each time. Of its failures TRUNCATED lie in one folder, and UNAVAILABLE
 * come in 2% of the time, from 41% on.
 *
 * @param start in ms since 1970
 * @param rate images a second
 * @param failed share of the images
 * @param review likewise
 * @param lake URI of the folder of inputs: image n is {@code shop/<n % 7>/sku-<n>.jpg}, or {@code incoming/vendor-7/sku-<n>.jpg}
 * @param output URI of the folder of outputs
 */
record MadeNight(String runId, Instant start, long images, double rate, double failed, double review, String device, String model,
    String lake, String output) {

  /** Adds it to a log on this machine's disk. */
  void write(SparkSession spark, Path log) throws IOException {
    Map<String, String> columns = new LinkedHashMap<>();
    columns.put("run_id", text(runId));
    columns.put("slice", "cast(id / 256 as int)");
    columns.put("path", "concat(folder, '/sku-', lpad(id, 6, '0'), '.jpg')");
    columns.put("uri", "concat(" + text(lake) + ", '/', path)");
    columns.put("length", "cast(200000 + 4000000 * u3 * u3 as long)");
    columns.put("modification_time", "timestamp_seconds(" + (start.getEpochSecond() - 86_400) + ")");
    columns.put("fingerprint", text("ab".repeat(32)));
    columns.put("status", String.format(Locale.ROOT, "case when kind is not null then 'FAILED' when u2 < %f then 'REVIEW' when u2 < %f then"
        + " 'UNCHANGED' else 'REPAIRED' end", review, review + 0.12));
    columns.put("error_kind", "kind");
    columns.put("error_message", "case kind when 'TRUNCATED' then concat(uri, ' ends after ', length, ' bytes, before its picture does; get"
        + " an intact copy') when 'UNAVAILABLE' then concat(uri, ' cannot be read: SocketTimeoutException: Read timed out after ',"
        + " 10 + id % 9, ' s; the next run tries again') when 'UNSUPPORTED' then 'a 12-bit JPEG, which is not read; save it with 8 bits'"
        + " when 'MASK_MISSING' then concat('no mask for ', path, ' in s3a://lake/masks; write one, or set mask.missing') end");
    columns.put("width", "cast(if(kind is null, 1600 + 400 * (id % 9), null) as int)");
    columns.put("height", "cast(if(kind is null, 1200 + 300 * (id % 9), null) as int)");
    columns.put("format", "if(kind is null, element_at(array('jpeg', 'jpeg', 'jpeg', 'png', 'webp'), cast(id % 5 + 1 as int)), null)");
    columns.put("mode", "if(kind is null, 'rgb8', null)");
    columns.put("mask_kinds", "if(hole > 0, array('watermark', 'text'), cast(array() as array<string>))");
    columns.put("found", "cast(array() as array<struct<kind:string,count:int,confidence:double>>)");
    columns.put("hole_fraction", "hole");
    columns.put("residual", "if(hole > 0, if(status = 'REVIEW', 0.2 + 0.6 * u4, 0.02 * u4), null)");
    columns.put("damage", "if(hole > 0, 0.5 * u5 * u5, null)");
    columns.put("descreen", "null");
    columns.put("seam", "if(hole > 0, 2 * u5, null)");
    columns.put("grain", "null");
    columns.put("crops", "if(hole > 0, 1, 0)");
    columns.put("crops_fp32", "0");
    columns.put("model", text(model));
    columns.put("model_sha256", text("9f".repeat(32)));
    columns.put("device", "if(hole > 0, " + text(device) + ", null)");
    columns.put("output_uri", "if(kind is null, concat(" + text(output) + ", '/', path), null)");
    columns.put("output_length", "if(kind is null, cast(length * 0.97 as long), null)");
    columns.put("output_sha256", "if(kind is null, fingerprint, null)");
    columns.put("notes", "if(id % 400 = 0, array('the thumbnail in the EXIF data is dropped'), cast(array() as array<string>))");
    columns.put("ms_read", "20 + 160 * u3 * u3 + if(u6 > 0.9995, 4000 * u3, 0)");
    columns.put("ms_decode", "if(kind is null, 18 + 90 * u3, 3)");
    columns.put("ms_mask", "if(kind is null, 12 + 60 * u4, 0)");
    columns.put("ms_inpaint", "if(hole > 0, 90 + 400 * u5 * u5 + if(u6 < 0.0004, 9000 * u5, 0), 0)");
    columns.put("ms_spectral", "if(hole > 0, 8 + 30 * u4, 0)");
    columns.put("ms_encode", "if(kind is null, 25 + 110 * u3, 0)");
    columns.put("ms_write", "if(kind is null, 15 + 80 * u4, 0)");
    columns.put("retries", "if(u6 > 0.999, 2, 0)");
    columns.put("attempt", "1");
    columns.put("host", "concat('gpu-', 1 + id % 3, '.lake.example')");
    columns.put("finished_at", "timestamp_millis(" + start.toEpochMilli() + " + cast(1000 * at + 5 as long))");
    double seconds = images / rate;
    var rows = spark.range(images).selectExpr("id", uniform(1), uniform(2), uniform(3), uniform(4),
        uniform(5), uniform(6))
        .withColumn("t", expr(String.format(Locale.ROOT, "(id + 1) / %d.0D", images)))
        .withColumn("kind", expr(String.format(Locale.ROOT, "case when t between 0.41 and 0.43 and u1 < %f then 'UNAVAILABLE'"
            + " when u1 >= %f then null when id %% 11 < 8 then 'TRUNCATED' when id %% 11 < 10 then 'MASK_MISSING' else"
            + " 'UNSUPPORTED' end", 25 * failed, failed)))
        .withColumn("folder", expr("if(kind = 'TRUNCATED' or id % 97 = 0, 'incoming/vendor-7', concat('shop/', id % 7))"))
        .withColumn("at", expr(String.format(Locale.ROOT, "%f * (t + 0.012 * sin(12 * t) + 0.004 * sin(60 * t))", seconds)));
    rows = rows.withColumn("path", expr(columns.get("path"))).withColumn("uri", expr(columns.get("uri")))
        .withColumn("length", expr(columns.get("length"))).withColumn("fingerprint", expr(columns.get("fingerprint")))
        .withColumn("status", expr(columns.get("status")))
        .withColumn("hole", expr("if(status in ('REPAIRED', 'REVIEW'), least(0.9, pow(10, -4.2 + 3.6 * (u4 + u5) / 2)), 0.0D)"));
    Path made = log.resolve("_staging").resolve(runId);
    rows.select(Stream.of(ResultLog.SCHEMA.fields()).map(field -> column(field, columns)).toArray(Column[]::new)).coalesce(1).write()
        .parquet(made.toString());
    Path day = Files.createDirectories(log.resolve(ResultLog.RUN_DATE + "=" + start.atOffset(ZoneOffset.UTC).toLocalDate()));
    Path file = FileTree.files(made).stream().filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow();
    Files.move(file, day.resolve(runId + "-000000.parquet"));
    FileUtil.fullyDelete(log.resolve("_staging").toFile());
  }

  private static Column column(StructField field, Map<String, String> columns) {
    Column value = expr(columns.get(field.name()));
    return (field.dataType() instanceof ArrayType ? value : value.cast(field.dataType())).as(field.name());
  }

  private String uniform(int n) {
    return "pmod(xxhash64(id, " + text(runId) + ", " + n + "), 1000003) / 1000003.0D as u" + n;
  }

  private static String text(String text) {
    return "'" + text.replace("'", "\\'") + "'";
  }
}
