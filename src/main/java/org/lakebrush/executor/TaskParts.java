package org.lakebrush.executor;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.lakebrush.lama.ModelException;
import org.lakebrush.repair.Repairer;
import org.lakebrush.sink.AtomicFiles;
import org.lakebrush.sink.HostName;
import org.lakebrush.sink.LogRow;
import org.lakebrush.source.HadoopMaskFiles;
import org.lakebrush.source.Secrets;

/**
 * What every task of a run works with.
 *
 * @param task Spark's own
 * @param open the model and the pipeline, shared by all tasks
 * @param origin of the task's rows in the log
 * @param files writes below the output; to be closed when the task ends
 */
record TaskParts(TaskContext task, Configuration conf, Sessions.Open open, LogRow.Origin origin, AtomicFiles files, ImageRepair repair) {

  /** Those of the task that this thread runs. */
  static TaskParts of(RunContext context, int slice) throws ModelException, IOException {
    TaskContext task = TaskContext.get();
    Configuration conf = context.conf().value().value();
    Secrets.learn(conf);
    Sessions.Open open = OpenSession.open(context);
    LogRow.Origin origin = new LogRow.Origin(context.runId(), slice, context.modelName(), context.modelSha256(), task.attemptNumber() + 1,
        HostName.get());
    // An attempt that is given up, and its duplicate, share no temporary file.
    AtomicFiles files = AtomicFiles.ofOutput(conf, new Path(context.outputRoot()), context.runId(),
        slice + "-" + task.partitionId() + "-" + task.attemptNumber() + "-" + task.taskAttemptId());
    Repairer repairer = new Repairer(context.repair(), open.lama(), new HadoopMaskFiles(conf, context.reach()));
    return new TaskParts(task, conf, open, origin, files, new ImageRepair(repairer, context.repair(), context.maxResidual()));
  }
}
