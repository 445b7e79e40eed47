package org.lakebrush.job;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.lakebrush.executor.Care;
import org.lakebrush.executor.RunContext;
import org.lakebrush.executor.TableTask;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.mask.SidecarMask;
import org.lakebrush.sink.OutputSettings.Unchanged;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.sink.TableLog;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.ImageRefs;
import org.lakebrush.source.Input;
import org.lakebrush.source.InputException;
import org.lakebrush.source.Lake;
import org.lakebrush.source.Staged;
import org.lakebrush.source.TableColumns;
import org.lakebrush.source.TableFiles;
import org.lakebrush.source.TableReader;

/**
 * Files of a table.
 *
 * @param input with the names of its columns
 */
record TableUnits(SparkSession spark, JobSpec spec, Input.Table input) implements Units {
  /** In a slice, but for a single file that has more. */
  private static final int MOST_IMAGES = 20_000;
  private static final String IMAGES = "images";
  private static final StructType SCHEMA = ImageRefs.SCHEMA.add(IMAGES, DataTypes.LongType, false);
  private static final StructType STATES = SCHEMA.add(TableLog.STATE, DataTypes.StringType, false);

  /**
   * Finds the table's columns.
   *
   * @throws UsageException where the job asks for what a table cannot have
   * @throws InputException where the columns are not there
   */
  static TableUnits of(SparkSession spark, JobSpec spec, Input.Table input) throws UsageException, InputException, IOException {
    if (!spec.output().name().equals("{stem}.{ext}")) {
      throw new UsageException("output.name '" + spec.output().name() + "' is for image files: the files of a table keep their names; drop"
          + " output.name");
    }
    if (spec.output().unchanged() == Unchanged.SKIP) {
      throw new UsageException("output.unchanged: skip is for image files: a table keeps all its rows; drop output.unchanged");
    }
    for (MaskSpec mask : spec.masks()) {
      if (mask instanceof SidecarMask && !(mask instanceof SidecarMask.File)) {
        throw new UsageException("masks: a sidecar dir or suffix names masks after image files, and the images of --input-table are none;"
            + " give one mask for all by file, or another kind of mask");
      }
    }
    TableColumns columns = TableFiles.columns(spark.sparkContext().hadoopConfiguration(), input);
    return new TableUnits(spark, spec, new Input.Table(input.uri(), TableColumns.name(columns.image()), TableColumns.name(columns.key())));
  }

  @Override
  public Lake list(String jobFingerprint, Path staging, List<Path> excluded) throws InputException, IOException {
    return Lake.table(spark, input, spec.masks(), jobFingerprint + "\nimage " + input.imageColumn() + "\nkey " + input.keyColumn(), staging,
        excluded);
  }

  /** Files keep their relative paths, and no two are the same. */
  @Override
  public void check(Dataset<Row> refs) {}

  @Override
  public ResultLog.Todo todo(ResultLog log, Choice choice, Path staging) throws IOException {
    Broadcast<SerializableConfiguration> conf = JavaSparkContext.fromSparkContext(spark.sparkContext())
        .broadcast(new SerializableConfiguration(spark.sparkContext().hadoopConfiguration()));
    Column[] columns = Stream.concat(Stream.of(ImageRefs.SCHEMA.fieldNames()), Stream.of(TableLog.LOGGED, TableLog.STATE))
        .map(functions::col).toArray(Column[]::new);
    // Spread over all cores, whatever few rows they are: of each the footer is read.
    Dataset<Row> states = Staged.of(spark, TableLog.states(log.read(spark), choice.refs(), spec.retry().maxNights()).select(columns)
        .repartition(spark.sparkContext().defaultParallelism())
        .mapPartitions((MapPartitionsFunction<Row, Row>) rows -> counted(conf, rows), Encoders.row(STATES)), staging);
    Map<TableLog.State, Row> sums = new EnumMap<>(TableLog.State.class);
    for (Row sum : states.groupBy(TableLog.STATE).agg(functions.sum(IMAGES), functions.sum("length")).collectAsList()) {
      sums.put(TableLog.State.valueOf(sum.getString(0)), sum);
    }
    Dataset<Row> left = states.where(functions.col(TableLog.STATE).equalTo(TableLog.State.TO_DO.name())).drop(TableLog.STATE)
        .orderBy("uri");
    return new ResultLog.Todo(left, images(sums, TableLog.State.TO_DO), sums.containsKey(TableLog.State.TO_DO)
        ? sums.get(TableLog.State.TO_DO).getLong(2) : 0, images(sums, TableLog.State.DONE), images(sums, TableLog.State.GIVEN_UP));
  }

  private static long images(Map<TableLog.State, Row> sums, TableLog.State state) {
    return sums.containsKey(state) ? sums.get(state).getLong(1) : 0;
  }

  /**
   * Files with their number of images: what the log has; of those left to do the number of rows, and 1 where that cannot be read or is 0,
   * for such a file will have one row in the log.
   */
  private static Iterator<Row> counted(Broadcast<SerializableConfiguration> conf, Iterator<Row> rows) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Row next() {
        Row row = rows.next();
        Object[] values = new Object[row.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = row.get(i);
        }
        int images = ImageRefs.SCHEMA.size();
        String state = row.getString(images + 1);
        values[images] = state.equals(TableLog.State.TO_DO.name()) ? rows(conf.value().value(), ImageRefs.fromRow(row))
            : row.getLong(images);
        return RowFactory.create(values);
      }
    };
  }

  private static long rows(Configuration conf, ImageRef file) {
    try {
      return Math.max(1, TableReader.footer(conf, file).rows());
    } catch (ImageFailure e) {
      return 1;
    }
  }

  @Override
  public StructType schema() {
    return SCHEMA;
  }

  @Override
  public long images(Row ref) {
    return ref.getLong(ImageRefs.SCHEMA.size());
  }

  /** A file is one task: so many that the slices in flight keep the cluster busy, if the driver can hold their rows of the log. */
  @Override
  public boolean fills(int rows, long images) {
    int inFlight = spec.run().slicesInFlight();
    int busy = (spark.sparkContext().defaultParallelism() + inFlight - 1) / inFlight;
    return images >= spec.run().sliceImages() && (rows >= busy || images >= MOST_IMAGES);
  }

  @Override
  public MapPartitionsFunction<Row, Row> task(RunContext run, int slice, Care care) {
    return new TableTask(run, slice, care, input.imageColumn(), input.keyColumn());
  }
}
