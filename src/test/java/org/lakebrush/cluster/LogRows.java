package org.lakebrush.cluster;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.testing.LocalSpark;

/** {@code LogRows LOG}: prints each row of a log as {@code RUN<tab>STATUS<tab>URI}, without order. */
public final class LogRows {
  private LogRows() {}

  public static void main(String[] args) throws Exception {
    Configuration conf = LocalSpark.get().sparkContext().hadoopConfiguration();
    for (Row row : new ResultLog(conf, new Path(args[0])).read(LocalSpark.get()).collectAsList()) {
      System.out.println(String.join("\t", row.getAs("run_id"), row.getAs("status"), row.getAs("uri")));
    }
  }
}
