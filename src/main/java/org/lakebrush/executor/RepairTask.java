package org.lakebrush.executor;

import java.io.IOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Encoded;
import org.lakebrush.image.ImageHeader;
import org.lakebrush.lama.LamaSession;
import org.lakebrush.lama.ModelException;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.repair.Repairer;
import org.lakebrush.sink.AtomicFiles;
import org.lakebrush.sink.HostName;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.OutputSettings.Unchanged;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.sink.Status;
import org.lakebrush.sink.Written;
import org.lakebrush.source.HadoopMaskFiles;
import org.lakebrush.source.ImageBytes;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.ImageRefs;

/** Repairs a partition: image references in, rows of the result log out, one for each, whatever the image is. */
public final class RepairTask implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1;

  /** Half of the heap: what is not a picture (encoded bytes, Spark's own) lives in the other. */
  private static final ByteBudget BUDGET = new ByteBudget(Runtime.getRuntime().maxMemory() / 2);

  private final RunContext context;
  private final int slice;

  public RepairTask(RunContext context, int slice) {
    this.context = context;
    this.slice = slice;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) throws ModelException, IOException {
    TaskContext task = TaskContext.get();
    Configuration conf = context.conf().value().value();
    LamaSession session = OpenSession.open(context);
    Iterator<ImageRef> refs = new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public ImageRef next() {
        return ImageRefs.fromRow(rows.next());
      }
    };
    LogRow.Origin origin = new LogRow.Origin(context.runId(), slice, context.modelName(), context.modelSha256(), task.attemptNumber() + 1,
        HostName.get());
    AtomicFiles files = AtomicFiles.ofOutput(conf, new org.apache.hadoop.fs.Path(context.outputRoot()), context.runId(),
        slice + "-" + task.partitionId() + "-" + task.attemptNumber() + "-" + task.taskAttemptId());
    ReadAhead ahead = new ReadAhead(refs, new ImageBytes(conf), BUDGET.total());
    task.addTaskCompletionListener(done -> {
      ahead.close();
      files.close();
    });
    Repairer repairer = new Repairer(context.repair(), session, new HadoopMaskFiles(conf));
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return ahead.hasNext();
      }

      @Override
      public Row next() {
        if (!ahead.hasNext()) {
          throw new NoSuchElementException();
        }
        return ResultLog.toRow(repair(ahead, repairer, files, origin));
      }
    };
  }

  private LogRow repair(ReadAhead ahead, Repairer repairer, AtomicFiles files, LogRow.Origin origin) {
    LogRow row;
    try {
      ReadAhead.Fetched fetched = ahead.next();
      row = repair(fetched, repairer, files, origin);
    } catch (InterruptedException e) {
      // Spark killed the task; its images are another attempt's.
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while repairing", e);
    }
    context.imagesDone().add(1);
    if (row.status() == Status.FAILED) {
      context.imagesFailed().add(1);
    }
    return row;
  }

  private LogRow repair(ReadAhead.Fetched fetched, Repairer repairer, AtomicFiles files, LogRow.Origin origin) throws InterruptedException {
    ImageRef ref = fetched.ref();
    RepairTrace trace = fetched.trace();
    try {
      if (fetched.failure() != null) {
        throw fetched.failure();
      }
      byte[] file = fetched.file();
      ImageHeader header = Codecs.header(file);
      try (ByteBudget.Share share = share(ref, header)) {
        Optional<Encoded> repaired = repairer.repair(file, ref.uri(), ref.sidecars(), trace);
        Written written = null;
        if (repaired.isPresent()) {
          String path = outputPath(ref, false);
          written = trace.time(Stage.WRITE, () -> files.write(path, repaired.get().bytes()));
        } else if (context.output().unchanged() == Unchanged.COPY) {
          String path = outputPath(ref, true);
          written = trace.time(Stage.WRITE, () -> files.write(path, file));
        }
        Status status = repaired.isEmpty() ? Status.UNCHANGED
            : trace.residual() != null && trace.residual() > context.maxResidual() ? Status.REVIEW : Status.REPAIRED;
        return LogRow.done(origin, ref, trace, status, written);
      }
    } catch (ImageFailure e) {
      return LogRow.failed(origin, ref, trace, e);
    } catch (RuntimeException e) {
      if (Thread.currentThread().isInterrupted() || Sessions.isShutDown()) {
        // The task is killed or the JVM goes down: not this image's failure.
        throw e;
      }
      return LogRow.failed(origin, ref, trace, defect(e));
    }
  }

  private String outputPath(ImageRef ref, boolean unchanged) throws ImageFailure {
    try {
      return unchanged ? context.outputName().applyUnchanged(ref.path()) : context.outputName().apply(ref.path());
    } catch (IllegalArgumentException e) {
      throw new ImageFailure(ErrorKind.WRITE, e.getMessage(), e);
    }
  }

  private ByteBudget.Share share(ImageRef ref, ImageHeader header) throws ImageFailure, InterruptedException {
    if (header.pixels() > context.repair().maxPixels()) {
      // The repairer refuses it before it allocates anything.
      return () -> {};
    }
    long bytes = header.workingBytes() + context.repair().searchBytes(header.width(), header.height());
    if (bytes > BUDGET.total()) {
      throw new ImageFailure(ErrorKind.TOO_LARGE, String.format(
          "%s of %d x %d pixels needs about %d MB while it is repaired, and this JVM has %d MB for images: give it more heap"
              + " (LAKEBRUSH_MEMORY, or spark.executor.memory on a cluster), or lower limits.max_pixels",
          header.format(), header.width(), header.height(), bytes >> 20, BUDGET.total() >> 20));
    }
    return BUDGET.acquire(bytes);
  }

  /** What nobody foresaw, as a row. */
  static ImageFailure defect(RuntimeException e) {
    StackTraceElement[] stack = e.getStackTrace();
    return new ImageFailure(ErrorKind.INTERNAL, "a defect of Lakebrush, please report it with the image: " + e
        + (stack.length == 0 ? "" : " at " + stack[0]), e);
  }
}
