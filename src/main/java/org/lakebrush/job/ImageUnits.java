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
import org.lakebrush.executor.Care;
import org.lakebrush.executor.RepairTask;
import org.lakebrush.executor.RunContext;
import org.lakebrush.sink.OutputName;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.source.ImageRefs;
import org.lakebrush.source.Input;
import org.lakebrush.source.InputException;
import org.lakebrush.source.Lake;

/** Image files, found by listing or named by a manifest. */
record ImageUnits(SparkSession spark, JobSpec spec, Input input) implements Units {
  @Override
  public Lake list(String jobFingerprint, Path staging, List<Path> excluded) throws InputException, IOException {
    return input instanceof Input.Manifest manifest ? Lake.read(spark, manifest, spec.masks(), jobFingerprint, staging, excluded)
        : Lake.read(spark, input.uri(), spec.limits().emptyInput() == JobSpec.EmptyInput.DONE, spec.masks(), jobFingerprint, staging,
            excluded);
  }

  @Override
  public void check(Dataset<Row> refs) throws UsageException {
    boolean manifest = input instanceof Input.Manifest;
    if (!manifest && spec.output().name().equals("{stem}.{ext}") && spec.output().format() == null) {
      // Relative paths stay as they are, and no two are the same.
      return;
    }
    OutputName name = spec.output().outputName();
    UserDefinedFunction apply = functions.udf((UDF1<String, String>) path -> {
      try {
        return name.apply(path);
      } catch (IllegalArgumentException e) {
        // Its row will say why it cannot be written.
        return null;
      }
    }, DataTypes.StringType);
    Dataset<Row> outputs = refs.select(functions.col("uri"), apply.apply(functions.col("path")).as("output")).where("output is not null")
        .withColumn("hash", functions.xxhash64(functions.col("output")));
    // By hash: counts of numbers are small, where those of names would be sorted. Few or none are left to look at by name.
    Dataset<Row> suspect = outputs.groupBy("hash").count().where("count > 1").select("hash");
    if (suspect.isEmpty()) {
      return;
    }
    List<Row> clashes = outputs.join(suspect, new String[] {"hash"}, "left_semi").groupBy("output")
        .agg(functions.count("uri").as("n"), functions.min("uri").as("first"), functions.max("uri").as("second"))
        .where("n > 1").orderBy("output").limit(3).collectAsList();
    if (!clashes.isEmpty()) {
      StringBuilder message = new StringBuilder(manifest ? "two images of the manifest have one output name:"
          : "output.name '" + spec.output().name() + "' gives two images one output name:");
      for (Row clash : clashes) {
        message.append("\n  ").append(clash.getString(2)).append(" and ").append(clash.getString(3)).append(" -> ")
            .append(clash.getString(0));
      }
      throw new UsageException(message.append(manifest ? "\nkeep the images of each bucket in a manifest of their own, or add {ext} or"
          + " {dir} to output.name '" + spec.output().name() + "'" : "\nadd {ext} or {dir} to the pattern").toString());
    }
  }

  @Override
  public ResultLog.Todo todo(ResultLog log, Choice choice, Path staging) throws IOException {
    return log.todo(spark, choice.refs(), choice.images(), spec.retry().maxNights(), staging);
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
  public MapPartitionsFunction<Row, Row> task(RunContext run, int slice, Care care) {
    return new RepairTask(run, slice, care);
  }
}
