package org.lakebrush.source;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Files of a listing as a Dataset: a few are held in memory, many go to one Parquet file as they come. Used by one thread. */
final class FileTable implements Closeable {
  /** What {@code stem} means is the caller's: images and masks meet by it. */
  static final StructType SCHEMA = new StructType()
      .add("stem", DataTypes.StringType, false)
      .add("uri", DataTypes.StringType, false)
      .add("path", DataTypes.StringType, false)
      .add("length", DataTypes.LongType, false)
      .add("modification_time", DataTypes.LongType, false);

  private final Configuration conf;
  private final Path file;
  private final int inMemory;
  private final List<Row> rows = new ArrayList<>();
  private ParquetWriter<Row> writer;

  /**
   * @param file written when there are more than {@code inMemory} rows
   */
  FileTable(Configuration conf, Path file, int inMemory) {
    this.conf = conf;
    this.file = file;
    this.inMemory = inMemory;
  }

  void add(String stem, Listing.Entry entry) throws IOException {
    Row row = RowFactory.create(stem, entry.uri(), entry.path(), entry.length(), entry.modificationTime());
    if (writer != null) {
      writer.write(row);
      return;
    }
    rows.add(row);
    if (rows.size() > inMemory) {
      writer = ParquetRows.writer(HadoopOutputFile.fromPath(file, conf), SCHEMA, conf);
      for (Row r : rows) {
        writer.write(r);
      }
      rows.clear();
    }
  }

  /** All rows; none can be added afterwards. */
  Dataset<Row> dataset(SparkSession spark) throws IOException {
    if (writer == null) {
      return spark.createDataFrame(List.copyOf(rows), SCHEMA);
    }
    close();
    // The path is meant as it is written, whatever brackets are in it.
    return spark.read().schema(SCHEMA).option("__globPaths__", "false").parquet(file.toString());
  }

  @Override
  public void close() throws IOException {
    if (writer != null) {
      writer.close();
    }
  }
}
