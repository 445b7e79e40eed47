package org.lakebrush.executor;

import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.lakebrush.lama.ModelException;
import org.lakebrush.repair.Repairer;
import org.lakebrush.sink.AtomicFiles;
import org.lakebrush.sink.FencedException;
import org.lakebrush.sink.HostName;
import org.lakebrush.sink.LogRow;
import org.lakebrush.source.HadoopMaskFiles;
import org.lakebrush.source.Retries;
import org.lakebrush.source.Secrets;

/**
 * What every task of a run works with.
 *
 * @param task Spark's own
 * @param course how long the run goes on
 * @param open the model and the pipeline, shared by all tasks
 * @param origin of the task's rows in the log
 * @param files writes below the output, while the run lives; closed when the task ends, likewise {@code hand}
 */
record TaskParts(TaskContext task, Configuration conf, Course course, Sessions.Open open, LogRow.Origin origin, AtomicFiles files,
    TaskHand hand, ImageRepair repair) {

  /**
   * Those of the task that this thread runs; nothing where the run is ending, and so the task is to begin nothing.
   *
   * @throws FencedException where the run is gone
   */
  static Optional<TaskParts> of(RunContext context, int slice, Care care) throws ModelException, IOException {
    TaskContext task = TaskContext.get();
    Configuration conf = context.conf().value().value();
    Secrets.learn(conf);
    RunWatch watch = RunWatch.join(conf, new Path(context.logRoot()), context.runId(), RunWatch.Timing.DEFAULT);
    task.addTaskCompletionListener(ended -> {
      watch.leave();
    });
    if (watch.phase() != Course.Phase.GOES_ON) {
      return Optional.empty();
    }
    Sessions.Open open = OpenSession.open(context);
    LogRow.Origin origin = new LogRow.Origin(context.runId(), slice, context.modelName(), context.modelSha256(),
        care.before() + task.attemptNumber() + 1, HostName.get());
    // An attempt that is given up, and its duplicate, share no temporary file.
    String attempt = slice + "-" + task.partitionId() + "-" + task.attemptNumber() + "-" + task.taskAttemptId();
    Retries retries = context.retries();
    AtomicFiles files = AtomicFiles.ofOutput(conf, new Path(context.outputRoot()), context.runId(), attempt, retries, watch);
    TaskHand hand = new TaskHand(conf, context, care, task.attemptNumber(), attempt, watch);
    HadoopMaskFiles masks = new HadoopMaskFiles(conf, context.reach(), retries);
    Repairer repairer = new Repairer(context.repair(), open.lama(), masks);
    ImageRepair repair = new ImageRepair(repairer::repair, context.repair(), context.maxResidual(), context.secondsPerImage());
    return Optional.of(new TaskParts(task, conf, watch, open, origin, files, hand, repair));
  }

  /** These images through the pipeline: all at once, or each alone. */
  <W extends ImageWork> Pipeline.Images<W> images(Iterator<W> works) {
    Pipeline pipeline = open.pipeline();
    return hand.isAlone() ? pipeline.repairEachAlone(repair, works, course) : pipeline.repair(repair, works, course);
  }
}
