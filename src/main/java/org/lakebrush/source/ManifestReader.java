package org.lakebrush.source;

import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.bool_or;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.input_file_name;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.replace;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.try_to_timestamp;
import static org.apache.spark.sql.functions.unix_millis;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.lakebrush.image.ImageFormat;

/**
 * Reads a manifest: Parquet, CSV with a header, or an S3 Inventory. Each row's URI is made whole, rows are sorted by what they are, and
 * the result is staged, so that the manifest is read once whatever becomes of it. What grows with the lake stays in Spark.
 */
final class ManifestReader {
  /** Names that columns may have, in any case; the first that is there is taken. */
  private static final List<String> IMAGE = List.of("uri", "url", "path");
  private static final List<String> LENGTH = List.of("length", "size");
  private static final List<String> MASK = List.of("mask");
  private static final List<String> TIME = List.of("modification_time", "modificationtime", "last_modified");

  /** Spark's words for files that are not what they should be. */
  private static final Pattern UNREADABLE = Pattern.compile("FAILED_READ_FILE|CANNOT_READ_FILE|UNABLE_TO_INFER_SCHEMA");
  /** Bytes as far as they are known, unknown lengths, unknown times, and rows of which either could not be read. */
  private static final Column[] SUMS = {sum(greatest(col("length"), lit(0))), count_if(col("length").equalTo(ImageRef.UNKNOWN_LENGTH)),
      count_if(col("modification_time").equalTo(ImageRef.UNKNOWN_TIME)), count_if(col("odd"))};
  private static final int EXAMPLES = 3;
  /** Scheme, authority and path. */
  private static final Pattern URI_PARTS = Pattern.compile("(?s)([a-zA-Z][a-zA-Z0-9+.-]*):(?://([^/]*))?(/.*)");

  /** What a row of a manifest can be. */
  private enum What {
    IMAGE,
    /** No image by its extension. */
    OTHER,
    /** A mask file of the job. */
    MASK,
    /** Lakebrush's own: in the output or in the log. */
    OWN,
    /** An image that is not to be read: its URI leads outside of where images may lie. */
    REFUSED,
    /** Has no URI. */
    BAD
  }

  /**
   * A manifest's images.
   *
   * @param rows with the columns {@code uri}, {@code path}, {@code length}, {@code modification_time}, {@code mask} and {@code boxes},
   *     each URI once; reads the staging folder
   * @param bytes the images' length, summed, as far as it is known
   * @param otherFiles rows that are no images by their extension, or lie in the output or the log
   * @param maskFiles rows that are mask files of the job
   * @param marked whether there is a column of masks or boxes
   * @param places where its images may lie, as in {@link Reach}
   * @param maskPlaces likewise of the masks that it names
   * @param notes what a user must be told of it
   */
  record Images(Dataset<Row> rows, long images, long bytes, long otherFiles, long maskFiles, boolean marked, List<String> places,
      List<String> maskPlaces, List<String> notes) {}

  private final SparkSession spark;
  private final Configuration conf;
  private final Path staging;

  /**
   * @param staging a folder of this run
   */
  ManifestReader(SparkSession spark, Path staging) {
    this.spark = spark;
    this.conf = spark.sparkContext().hadoopConfiguration();
    this.staging = staging;
  }

  /**
   * Reads and stages a manifest.
   *
   * @param excluded files and folders that are no part of the input
   * @param masks mask files and folders of the job
   */
  Images read(Input.Manifest manifest, List<Path> excluded, List<Path> masks) throws InputException, IOException {
    Path path = Listing.qualified(conf, manifest.uri());
    FileSystem fs = path.getFileSystem(conf);
    FileStatus status = Listing.status(fs, path).orElseThrow(() -> new InputException("the manifest " + path + " does not exist; check the"
        + " name, and that these credentials may see it"));
    boolean inventory = status.isFile() && path.getName().equals(S3Inventory.MANIFEST);
    try {
      Dataset<Row> table = inventory ? S3Inventory.open(conf, path).read(spark) : table(fs, status);
      return read(manifest, status, table, inventory, excluded, masks);
    } catch (Exception e) {
      if (e instanceof SparkThrowable thrown && thrown.getCondition() != null && UNREADABLE.matcher(thrown.getCondition()).find()) {
        Throwable cause = e;
        while (cause.getCause() != null) {
          cause = cause.getCause();
        }
        throw new InputException("the manifest " + path + " cannot be read: " + Causes.inOneLine(e) + " (" + Causes.inOneLine(cause)
            + ")", e);
      }
      throw e;
    }
  }

  private Images read(Input.Manifest manifest, FileStatus status, Dataset<Row> table, boolean inventory, List<Path> excluded,
      List<Path> masks) throws InputException, IOException {
    Path path = status.getPath();
    String base = manifest.base() == null ? null : Listing.qualified(conf, manifest.base()).toString();
    Path folder = status.isDirectory() ? path : path.getParent();
    // An inventory lists another bucket than its own, wherever it was copied to.
    String all = inventory ? "s3a://" : Reach.all(path);
    List<String> places = List.of(base == null ? all : base);
    List<String> maskPlaces = base == null ? places : List.of(base, folder.toString());
    boolean marked = !column(table, MASK).isEmpty() || !column(table, List.of("boxes")).isEmpty();
    Dataset<Row> rows = Staged.of(spark, classified(columns(table, path, folder), base, new Reach(places, maskPlaces), inventory, excluded,
        masks), new Path(staging, "manifest"));
    return images(path, rows, marked, places, maskPlaces);
  }

  /** A Parquet or CSV file, or a folder of such and all below it. */
  private Dataset<Row> table(FileSystem fs, FileStatus status) throws InputException, IOException {
    String name = status.isFile() ? status.getPath().getName() : firstDataFile(fs, status.getPath());
    String lower = name.toLowerCase(Locale.ROOT);
    String path = status.getPath().toString();
    if (lower.endsWith(".parquet")) {
      return below().parquet(path);
    }
    if (lower.endsWith(".csv") || lower.endsWith(".csv.gz")) {
      // All as text, "" within quotes is a quote, and each file's header must be the first one's.
      boolean lineBreaks = hasLineBreaks(path);
      StructType columns = csv(lineBreaks).csv(path).schema();
      return csv(lineBreaks).option("enforceSchema", false).schema(columns).csv(path);
    }
    throw new InputException("the manifest " + status.getPath() + (status.isFile() ? " is" : " holds " + (name.isEmpty() ? "no file, and"
        + " not" : name + ", and not")) + " a .parquet, .csv or .csv.gz file, or the manifest.json of an S3 Inventory");
  }

  private DataFrameReader csv(boolean lineBreaks) {
    return below().option("header", true).option("escape", "\"").option("multiLine", lineBreaks);
  }

  /** Whether a value goes on on another line, so that a file cannot be read from any of its lines on: a quote is open at a line's end. */
  private boolean hasLineBreaks(String path) {
    Column line = col("value");
    return !below().text(path).where(line.contains("\"").and(length(line).minus(length(replace(line, lit("\"")))).mod(2).equalTo(1)))
        .isEmpty();
  }

  /** Reads a path as it is written, and all below it: Spark by itself passes over the folders in a folder of files. */
  private DataFrameReader below() {
    return spark.read().option("__globPaths__", "false").option("recursiveFileLookup", "true");
  }

  private static String firstDataFile(FileSystem fs, Path folder) throws IOException {
    RemoteIterator<LocatedFileStatus> files = fs.listFiles(folder, true);
    String first = "";
    while (files.hasNext()) {
      String name = files.next().getPath().getName();
      if (!name.startsWith("_") && !name.startsWith(".") && (first.isEmpty() || name.compareTo(first) < 0)) {
        first = name;
      }
    }
    return first;
  }

  /** The column of one of these names, as it is written; empty where there is none. */
  private static String column(Dataset<Row> table, List<String> names) {
    for (String name : names) {
      for (String column : table.columns()) {
        if (column.strip().toLowerCase(Locale.ROOT).equals(name)) {
          return column;
        }
      }
    }
    return "";
  }

  private static Column quoted(String column) {
    return col("`" + column.replace("`", "``") + "`");
  }

  /** The manifest's columns under one name and type each, and {@code odd}: whether a length or time could not be read. */
  private Dataset<Row> columns(Dataset<Row> table, Path manifest, Path folder) throws InputException {
    String uri = column(table, IMAGE);
    if (uri.isEmpty()) {
      throw new InputException("the manifest " + manifest + " has no column " + String.join(", ", IMAGE) + ", but "
          + String.join(", ", table.columns()) + "; name the column of the images' URIs uri");
    }
    Column length = text(table, LENGTH).try_cast("bigint");
    String timeColumn = column(table, TIME);
    Column time = timeColumn.isEmpty() ? lit(null).cast("bigint") : millis(quoted(timeColumn), type(table, timeColumn));
    Column odd = text(table, LENGTH).isNotNull().and(length.isNull().or(length.lt(0)))
        .or(text(table, TIME).isNotNull().and(time.isNull()));
    UDF1<String, String> resolve = new Resolve(folder.toString(), FileSystem.getDefaultUri(conf));
    return table.select(functions.udf(resolve, DataTypes.StringType).apply(quoted(uri).cast("string")).as("uri"),
        greatest(coalesce(length, lit(ImageRef.UNKNOWN_LENGTH)), lit(ImageRef.UNKNOWN_LENGTH)).as("length"),
        coalesce(time, lit(ImageRef.UNKNOWN_TIME)).as("modification_time"),
        functions.udf(resolve, DataTypes.StringType).apply(text(table, MASK)).as("mask"), boxes(table).as("boxes"), odd.as("odd"),
        input_file_name().as("file"));
  }

  private static DataType type(Dataset<Row> table, String column) {
    return table.schema().apply(column).dataType();
  }

  /** A column as text, null where it is blank or not there. */
  private static Column text(Dataset<Row> table, List<String> names) {
    String name = column(table, names);
    if (name.isEmpty()) {
      return lit(null).cast("string");
    }
    Column text = quoted(name).cast("string");
    return when(length(trim(text)).gt(0), trim(text));
  }

  /** In ms since 1970: of a timestamp, of a number of ms, or of text that is either; without a time zone UTC. */
  private static Column millis(Column value, DataType type) {
    if (type instanceof TimestampType) {
      return unix_millis(value);
    }
    Column text = trim(value.cast("string"));
    if (type instanceof StringType || type instanceof TimestampNTZType) {
      Column zoned = when(text.rlike("(Z|[+-]\\d\\d:?\\d\\d)$"), text).otherwise(concat(text, lit("Z")));
      return coalesce(text.try_cast("bigint"), unix_millis(try_to_timestamp(zoned)));
    }
    return text.try_cast("bigint");
  }

  /** As text {@code x,y,width,height;...}, of that or of an array of structs. */
  private static Column boxes(Dataset<Row> table) throws InputException {
    String name = column(table, List.of("boxes"));
    if (name.isEmpty() || type(table, name) instanceof StringType) {
      return text(table, List.of("boxes"));
    }
    if (type(table, name) instanceof ArrayType array && array.elementType() instanceof StructType box
        && List.of(box.fieldNames()).containsAll(List.of("x", "y", "width", "height"))) {
      Column text = array_join(transform(quoted(name), b -> concat_ws(",", b.getField("x").cast("string"), b.getField("y").cast("string"),
          b.getField("width").cast("string"), b.getField("height").cast("string"))), ";");
      return when(length(text).gt(0), text);
    }
    throw new InputException("the manifest's column " + name + " is of type " + type(table, name).simpleString() + "; boxes are text"
        + " 'x,y,width,height;...' or an array of structs with x, y, width and height");
  }

  /**
   * Makes a manifest's URI whole, as listings write it; null where there is none. What cannot be made whole, or leads elsewhere by
   * {@code ..}, stays as it is, for {@link Reach} to refuse it.
   *
   * @param folder what relative ones are relative to
   * @param defaultFs whose authority those have that leave it out, as {@code hdfs:///}
   */
  private record Resolve(String folder, URI defaultFs) implements UDF1<String, String> {
    @Override
    public String call(String uri) {
      if (uri == null || uri.isBlank()) {
        return null;
      }
      return isWhole(uri) ? uri : Secrets.hidden(whole(uri));
    }

    /** Whether a URI is as a listing would write it, as nearly all of a long manifest are. */
    private static boolean isWhole(String uri) {
      int root = uri.indexOf("://");
      int path = root < 0 ? -1 : uri.indexOf('/', root + 3);
      return root > 0 && uri.chars().limit(root).allMatch(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9') && !uri.startsWith("s3:")
          && !uri.startsWith("s3n:") && path > root + 3 && uri.indexOf('@') < 0 && uri.indexOf("//", root + 3) < 0 && !uri.contains("/.")
          && !uri.endsWith("/");
    }

    private String whole(String uri) {
      Matcher parts = URI_PARTS.matcher(uri);
      if (!parts.matches()) {
        return uri.startsWith("//") ? uri : within(uri);
      }
      String scheme = parts.group(1).toLowerCase(Locale.ROOT);
      scheme = scheme.equals("s3") || scheme.equals("s3n") ? "s3a" : scheme;
      String authority = parts.group(2) == null ? "" : parts.group(2);
      if (authority.isEmpty() && scheme.equals(defaultFs.getScheme()) && defaultFs.getAuthority() != null) {
        authority = defaultFs.getAuthority();
      }
      String root = scheme + ":" + (authority.isEmpty() ? "" : "//" + authority);
      return root + (Reach.isBucket(root) ? parts.group(3) : slashes(parts.group(3)));
    }

    /** A path: from the root of the folder's file system, or relative to the folder. */
    private String within(String path) {
      if (path.startsWith("/")) {
        int authority = folder.indexOf("://");
        int root = folder.indexOf('/', authority < 0 ? 0 : authority + 3);
        return (root < 0 ? folder : folder.substring(0, root)) + slashes(path);
      }
      // As find writes them.
      String relative = path.startsWith("./") ? path.substring(2) : path;
      return folder + (folder.endsWith("/") ? "" : "/") + slashes(relative);
    }

    private static String slashes(String path) {
      String single = path.indexOf("//") < 0 ? path : path.replaceAll("/+", "/");
      return single.length() > 1 && single.endsWith("/") ? single.substring(0, single.length() - 1) : single;
    }
  }

  /**
   * The path of an image below the base, or below its root where there is none; null where it may not be read.
   */
  private record Place(String base, Reach reach) implements UDF1<String, String> {
    @Override
    public String call(String uri) {
      if (uri == null || reach.imageRefusal(uri) != null) {
        return null;
      }
      int authority = uri.indexOf("://");
      int start = base != null ? folder(base).length() : uri.indexOf('/', authority < 0 ? 0 : authority + 3) + 1;
      return start >= uri.length() ? null : uri.substring(start);
    }
  }

  /** What a path or URI is by its name. Whoever wrote a manifest means its rows; an inventory names all that is there. */
  private record Name(boolean inventory) implements UDF1<String, String> {
    @Override
    public String call(String path) {
      int dot = path == null ? -1 : path.lastIndexOf('.');
      boolean image = path != null && dot > path.lastIndexOf('/') ? ImageFormat.ofExtension(path.substring(dot + 1)).isPresent()
          : !inventory;
      return (image ? What.IMAGE : What.OTHER).name();
    }
  }

  private Dataset<Row> classified(Dataset<Row> rows, String base, Reach reach, boolean inventory, List<Path> excluded, List<Path> masks)
      throws IOException {
    Column uri = col("uri");
    Column path = functions.udf(new Place(base, reach), DataTypes.StringType).apply(uri);
    // An inventory is of a whole bucket, and the base says which part of it is meant.
    Column beyond = lit(inventory && base != null).and(not(uri.startsWith(folder(base == null ? "" : base))));
    Column what = when(uri.isNull(), What.BAD.name())
        .when(within(uri, excluded).or(concat(lit("/"), col("path")).contains("/" + Listing.OWN_FOLDER + "/")), What.OWN.name())
        .when(within(uri, masks), What.MASK.name())
        .when(functions.udf(new Name(inventory), DataTypes.StringType).apply(uri).equalTo(What.OTHER.name()).or(beyond), What.OTHER.name())
        .otherwise(when(col("path").isNull(), What.REFUSED.name()).otherwise(What.IMAGE.name()));
    Dataset<Row> all = rows.withColumn("path", path).withColumn("what", what);
    Column isImage = col("what").isin(What.IMAGE.name(), What.REFUSED.name());
    // Of an image that is refused the URI stands for the path: no other has that.
    return all.select(when(isImage, uri).as("uri"), when(isImage, coalesce(col("path"), uri)).as("path"), col("length"),
        col("modification_time"), when(isImage, col("mask")).as("mask"), when(isImage, col("boxes")).as("boxes"), col("odd"), col("what"),
        when(col("what").isin(What.REFUSED.name(), What.BAD.name()), col("file")).as("file"));
  }

  private static String folder(String uri) {
    return uri.endsWith("/") ? uri : uri + "/";
  }

  private Column within(Column uri, List<Path> places) throws IOException {
    Column within = lit(false);
    for (Path place : places) {
      String folder = place.getFileSystem(conf).makeQualified(place).toString();
      within = within.or(uri.equalTo(folder)).or(uri.startsWith(folder(folder)));
    }
    return within;
  }

  private Images images(Path manifest, Dataset<Row> rows, boolean marked, List<String> places, List<String> maskPlaces)
      throws InputException {
    long[] byWhat = new long[What.values().length];
    for (Row row : rows.groupBy("what").count().collectAsList()) {
      byWhat[What.valueOf(row.getString(0)).ordinal()] = row.getLong(1);
    }
    long bad = byWhat[What.BAD.ordinal()];
    long refused = byWhat[What.REFUSED.ordinal()];
    long named = byWhat[What.IMAGE.ordinal()] + refused;
    long other = byWhat[What.OTHER.ordinal()] + byWhat[What.OWN.ordinal()];
    if (named == refused) {
      throw new InputException("the manifest " + manifest + " names no image" + (refused == 0 ? "" : " that may be read: " + refused
          + " lie outside of " + places.get(0) + ", or have .. in their names, for example" + examples(rows, What.REFUSED)
          + "; a manifest names images of its own storage, or those below --base") + " (" + other + " other files, "
          + byWhat[What.MASK.ordinal()] + " mask files, " + bad + " rows without a URI); images are told by their extension: jpg, png,"
          + " webp, bmp, tiff and the like");
    }
    List<String> notes = new ArrayList<>();
    Dataset<Row> images = rows.where(col("what").isin(What.IMAGE.name(), What.REFUSED.name()));
    if (!images.groupBy(xxhash64(col("uri"))).count().where("count > 1").isEmpty()) {
      images = Staged.of(spark, once(images), new Path(staging, "manifest-once"));
    }
    Row sums = images.agg(count(lit(1)), SUMS).first();
    if (sums.getLong(0) < named) {
      notes.add("manifest: " + (named - sums.getLong(0)) + " rows name an image that another row names: boxes are put together, of lengths"
          + " and times the greatest is taken, of masks the first by URI");
    }
    if (bad > 0) {
      notes.add("manifest: " + bad + " rows left out, for they have no URI; for example one" + examples(rows, What.BAD));
    }
    if (refused > 0) {
      notes.add("manifest: " + refused + " rows are refused, for they lead outside of " + places.get(0) + "; for example"
          + examples(rows, What.REFUSED));
    }
    if (sums.getLong(4) > 0) {
      notes.add("manifest: " + sums.getLong(4) + " rows have a length or modification time that cannot be read, and is taken for unknown");
    }
    if (sums.getLong(2) > 0) {
      notes.add("manifest: the length of " + sums.getLong(2) + " images is not given: it is asked for as each is read");
    }
    if (sums.getLong(3) > 0) {
      notes.add("manifest: the modification time of " + sums.getLong(3) + " images is not given: one that changes"
          + (sums.getLong(2) > 0 ? "" : " and keeps its length") + " is not done again");
    }
    return new Images(images.drop("odd", "what", "file"), sums.getLong(0), sums.getLong(1), other, byWhat[What.MASK.ordinal()], marked,
        places, maskPlaces, notes);
  }

  /** Some rows of a kind, by what they say and where. */
  private static String examples(Dataset<Row> rows, What what) {
    return rows.where(col("what").equalTo(what.name())).select("uri", "file").limit(EXAMPLES).collectAsList().stream()
        .map(row -> (row.isNullAt(0) ? "" : " '" + row.getString(0) + "'") + " in " + row.getString(1)).collect(Collectors.joining(","));
  }

  /** One row for each URI. */
  private static Dataset<Row> once(Dataset<Row> images) {
    Column boxes = concat_ws(";", sort_array(collect_set("boxes")));
    return images.groupBy("uri").agg(min("path").as("path"), max("length").as("length"), max("modification_time").as("modification_time"),
        min("mask").as("mask"), boxes.as("boxes"), bool_or(col("odd")).as("odd"), min("what").as("what"), min("file").as("file"))
        .withColumn("boxes", when(length(col("boxes")).gt(0), col("boxes")));
  }
}
