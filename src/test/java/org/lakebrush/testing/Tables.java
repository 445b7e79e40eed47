package org.lakebrush.testing;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** Tables with images, written by Spark. */
public final class Tables {
  /** One column of each kind, the image in the middle, and a partition column at the end. */
  public static final StructType SCHEMA = new StructType()
      .add("id", DataTypes.LongType, false)
      .add("key", DataTypes.StringType)
      .add("price", DataTypes.createDecimalType(12, 2))
      .add("wide", DataTypes.createDecimalType(30, 5))
      .add("taken", DataTypes.TimestampType)
      .add("day", DataTypes.DateType)
      .add("image", DataTypes.BinaryType)
      .add("shot", new StructType().add("camera", DataTypes.StringType)
          .add("lens", new StructType().add("focal", DataTypes.DoubleType).add("stops", DataTypes.createArrayType(DataTypes.FloatType))))
      .add("tags", DataTypes.createArrayType(DataTypes.StringType))
      .add("counts", DataTypes.createMapType(DataTypes.StringType, DataTypes.IntegerType))
      .add("boxes", DataTypes.createArrayType(new StructType().add("x", DataTypes.ShortType).add("ok", DataTypes.BooleanType)))
      .add("part", DataTypes.StringType);

  private Tables() {}

  /**
   * Rows of {@link #SCHEMA}; every seventh value of each nullable column is null.
   *
   * @param image by row number, the image or null
   */
  public static List<Row> rows(int n, IntFunction<byte[]> image) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      rows.add(RowFactory.create((long) i, String.format("k%03d", i), or(i, 0, new BigDecimal(i + ".25")),
          or(i, 1, new BigDecimal("-123456789012345678901." + i)), or(i, 2, Instant.ofEpochSecond(1_700_000_000L + i, 123_456_000)),
          or(i, 3, LocalDate.of(2024, 1, 1).plusDays(i)), image.apply(i),
          or(i, 4, RowFactory.create("cam" + i, or(i, 5, RowFactory.create(i / 3.0, seq(List.of(1.5f, (float) i)))))),
          or(i, 5, seq(i % 4 == 0 ? List.of() : List.of("a" + i, "b"))),
          or(i, 6, CollectionConverters.asScala(Map.of("n", i))),
          or(i, 0, seq(List.of(RowFactory.create((short) i, i % 2 == 0), RowFactory.create(null, null)))),
          i % 2 == 0 ? "even/ü" : "odd"));
    }
    return rows;
  }

  private static Object or(int i, int remainder, Object value) {
    return i % 7 == remainder ? null : value;
  }

  private static Object seq(List<?> list) {
    return CollectionConverters.asScala(list).toSeq();
  }

  /**
   * Writes rows as a table.
   *
   * @param folder a URI
   * @param rowGroup rows in a row group
   */
  public static void write(List<Row> rows, StructType schema, String folder, int rowGroup, String codec, String... partitions) {
    LocalSpark.get().createDataFrame(rows, schema).coalesce(1).write().mode(SaveMode.Overwrite).option("compression", codec)
        .option("parquet.block.row.count.limit", rowGroup).partitionBy(partitions).parquet(folder);
  }

  public static Dataset<Row> read(String folder) {
    return LocalSpark.get().read().parquet(folder);
  }

  /** Relative paths of the Parquet files of a local table, sorted. */
  public static List<String> files(String folder) throws Exception {
    Path root = Path.of(folder);
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(f -> f.getFileName().toString().endsWith(".parquet")).map(f -> root.relativize(f).toString()).sorted().toList();
    }
  }
}
