package org.lakebrush.job;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.lakebrush.executor.RepairTask;
import org.lakebrush.executor.RunContext;
import org.lakebrush.sink.OutputName;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.source.ImageRefs;
import org.lakebrush.source.Input;
import org.lakebrush.source.InputException;
import org.lakebrush.source.Lake;

/** Image files. */
record ImageUnits(SparkSession spark, JobSpec spec, Input input) implements Units {
  @Override
  public Lake list(String jobFingerprint, Path staging, List<Path> excluded) throws InputException, IOException {
    return Lake.read(spark, input.uri(), spec.masks(), jobFingerprint, staging, excluded);
  }

  @Override
  public void check(Dataset<Row> refs) throws UsageException {
    if (spec.output().name().equals("{stem}.{ext}") && spec.output().format() == null) {
      // Relative paths stay as they are, and no two are the same.
      return;
    }
    OutputName name = OutputName.parse(spec.output().name(), spec.output().format());
    UserDefinedFunction apply = functions.udf((UDF1<String, String>) path -> {
      try {
        return name.apply(path);
      } catch (IllegalArgumentException e) {
        // Its row will say why it cannot be written.
        return null;
      }
    }, DataTypes.StringType);
    List<Row> clashes = refs.select(functions.col("uri"), apply.apply(functions.col("path")).as("output"))
        .where("output is not null").groupBy("output")
        .agg(functions.count("uri").as("n"), functions.min("uri").as("first"), functions.max("uri").as("second"))
        .where("n > 1").orderBy("output").limit(3).collectAsList();
    if (!clashes.isEmpty()) {
      StringBuilder message = new StringBuilder("output.name '" + spec.output().name() + "' gives two images one output name:");
      for (Row clash : clashes) {
        message.append("\n  ").append(clash.getString(2)).append(" and ").append(clash.getString(3)).append(" -> ").append(clash.getString(0));
      }
      throw new UsageException(message.append("\nadd {ext} or {dir} to the pattern").toString());
    }
  }

  @Override
  public ResultLog.Todo todo(ResultLog log, Dataset<Row> refs, Path staging) throws IOException {
    return log.todo(spark, refs, spec.retry().maxNights());
  }

  @Override
  public StructType schema() {
    return ImageRefs.SCHEMA;
  }

  @Override
  public long images(Row ref) {
    return 1;
  }

  @Override
  public boolean fills(int rows, long images) {
    return images >= spec.run().sliceImages();
  }

  @Override
  public MapPartitionsFunction<Row, Row> task(RunContext run, int slice) {
    return new RepairTask(run, slice);
  }
}
