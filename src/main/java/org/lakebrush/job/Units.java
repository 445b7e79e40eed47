package org.lakebrush.job;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.lakebrush.executor.Care;
import org.lakebrush.executor.RunContext;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.source.InputException;
import org.lakebrush.source.Lake;

/** What a run's to-do list is made of: image files, or files of a table. */
sealed interface Units permits ImageUnits, TableUnits {
  /**
   * Lists the input.
   *
   * @param jobFingerprint of model, settings and output folder
   * @param staging as in {@link Lake}
   * @param excluded likewise
   */
  Lake list(String jobFingerprint, Path staging, List<Path> excluded) throws InputException, IOException;

  /**
   * Refuses a choice of them that cannot be written.
   *
   * @param refs as {@link #list} gives them, or fewer
   */
  void check(Dataset<Row> refs) throws UsageException;

  /**
   * What of them is left to do, in rows of {@link #schema}; numbers are of images.
   *
   * @param staging a folder of this run that is not there yet; it must stay as long as the result is used
   */
  ResultLog.Todo todo(ResultLog log, Choice choice, Path staging) throws IOException;

  /** Of a row of the to-do list; begins with the columns of {@link org.lakebrush.source.ImageRefs#SCHEMA}. */
  StructType schema();

  /** The images that a row of the to-do list stands for, as far as planning knows. */
  long images(Row ref);

  /** Whether a slice has enough with so many rows of the to-do list, which stand for so many images. */
  boolean fills(int rows, long images);

  /** Does a partition of the to-do list. */
  MapPartitionsFunction<Row, Row> task(RunContext run, int slice, Care care);
}
