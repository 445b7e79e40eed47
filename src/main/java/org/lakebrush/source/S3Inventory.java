package org.lakebrush.source;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.try_url_decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * An S3 Inventory, named by its {@code manifest.json}. Its files are looked for in the bucket that holds the manifest, and where they are
 * not there, as with a copy, in the folder {@code data} beside the manifest's. Their sizes are checked against the manifest's, their MD5
 * is not: that would read each twice.
 */
final class S3Inventory {
  /** Its file's name. */
  static final String MANIFEST = "manifest.json";

  private final String format;
  private final String schema;
  private final String bucket;
  private final List<String> files;

  private S3Inventory(String format, String schema, String bucket, List<String> files) {
    this.format = format;
    this.schema = schema;
    this.bucket = bucket;
    this.files = files;
  }

  /**
   * Reads the manifest and looks for its files.
   *
   * @throws InputException where it is none, or a file is missing or has another size
   */
  static S3Inventory open(Configuration conf, Path manifest) throws InputException, IOException {
    JsonNode json;
    try {
      json = new ObjectMapper().readTree(WholeFile.read(manifest.getFileSystem(conf), manifest));
    } catch (JsonProcessingException e) {
      throw new InputException(manifest + " is no JSON (" + Causes.inOneLine(e) + "); give the manifest.json of an S3 Inventory", e);
    }
    String format = text(json, "fileFormat", manifest);
    List<String> files = new ArrayList<>();
    FileSystem fs = manifest.getFileSystem(conf);
    for (JsonNode file : json.path("files")) {
      files.add(find(fs, manifest, text(file, "key", manifest), file.path("size").asLong(-1)));
    }
    if (!List.of("CSV", "ORC", "Parquet").contains(format)) {
      throw new InputException(manifest + " has the fileFormat " + format + "; CSV, ORC and Parquet are read");
    }
    if (files.isEmpty()) {
      throw new InputException(manifest + " names no files; give the manifest.json of an inventory that is complete");
    }
    return new S3Inventory(format, text(json, "fileSchema", manifest), text(json, "sourceBucket", manifest), files);
  }

  private static String text(JsonNode json, String field, Path manifest) throws InputException {
    JsonNode value = json.path(field);
    if (!value.isTextual() || value.asText().isEmpty()) {
      throw new InputException(manifest + " has no " + field + "; give the manifest.json of an S3 Inventory");
    }
    return value.asText();
  }

  private static String find(FileSystem fs, Path manifest, String key, long size) throws InputException, IOException {
    Path inBucket = fs.makeQualified(new Path("/" + key));
    Optional<FileStatus> file = Listing.status(fs, inBucket);
    Path folder = manifest.getParent().getParent();
    if (file.isEmpty() && folder != null) {
      file = Listing.status(fs, new Path(folder, "data/" + inBucket.getName()));
    }
    FileStatus found = file.orElseThrow(() -> new InputException(manifest + " names " + inBucket + ", which does not exist; check that"
        + " the inventory is complete, and that these credentials may see it"));
    if (size >= 0 && found.getLen() != size) {
      throw new InputException(manifest + " says that " + found.getPath() + " has " + size + " bytes, and it has " + found.getLen()
          + "; take an inventory that is complete");
    }
    return found.getPath().toString();
  }

  /**
   * Its current objects: {@code uri}, and {@code length} and {@code modification_time} as the inventory has them, without delete markers
   * and old versions.
   */
  Dataset<Row> read(SparkSession spark) throws InputException {
    String[] paths = files.toArray(new String[0]);
    Dataset<Row> rows = switch (format) {
      case "CSV" -> {
        StructType columns = new StructType();
        for (String column : schema.split(",")) {
          columns = columns.add(column.strip(), DataTypes.StringType);
        }
        yield spark.read().schema(columns).option("escape", "\"").option("__globPaths__", "false").csv(paths);
      }
      case "ORC" -> spark.read().option("__globPaths__", "false").orc(paths);
      default -> spark.read().option("__globPaths__", "false").parquet(paths);
    };
    rows = rows.toDF(Stream.of(rows.columns()).map(c -> c.replace("_", "").toLowerCase(Locale.ROOT)).toArray(String[]::new));
    List<String> columns = List.of(rows.columns());
    if (!columns.contains("key")) {
      throw new InputException("the inventory of the bucket " + bucket + " has no column Key, but " + columns);
    }
    Column key = format.equals("CSV") ? try_url_decode(col("key")) : col("key");
    return rows.where(not(flag(columns, "isdeletemarker", false))).where(flag(columns, "islatest", true))
        .select(concat(lit("s3a://" + bucket + "/"), key).as("uri"), optional(columns, "size").as("length"),
            optional(columns, "lastmodifieddate").as("modification_time"));
  }

  private static Column flag(List<String> columns, String name, boolean fallback) {
    return columns.contains(name) ? coalesce(col(name).cast("string").try_cast("boolean"), lit(fallback)) : lit(fallback);
  }

  private static Column optional(List<String> columns, String name) {
    return columns.contains(name) ? col(name) : lit(null).cast("string");
  }
}
