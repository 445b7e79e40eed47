package org.lakebrush.executor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.lama.ModelException;
import org.lakebrush.sink.OutputName;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.sink.Status;
import org.lakebrush.source.ImageBytes;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.ImageRefs;

/**
 * Repairs a partition: image references in, rows of the result log out, one for each, whatever the image is, as they are done; for some of
 * them where the run comes to its end first.
 */
public final class RepairTask implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1;

  private final RunContext context;
  private final int slice;
  private final Care care;

  public RepairTask(RunContext context, int slice, Care care) {
    this.context = context;
    this.slice = slice;
    this.care = care;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) throws ModelException, IOException {
    Optional<TaskParts> parts = TaskParts.of(context, slice, care);
    return parts.isEmpty() ? Collections.emptyIterator() : call(rows, parts.get());
  }

  private Iterator<Row> call(Iterator<Row> rows, TaskParts parts) {
    TaskHand hand = parts.hand();
    ImageBytes bytes = new ImageBytes(parts.conf(), context.reach(), context.retries());
    OutputName name = context.output().outputName();
    List<ImageRef> refs = new ArrayList<>();
    rows.forEachRemaining(row -> refs.add(ImageRefs.fromRow(row)));
    refs.removeIf(hand::leaves);
    Iterator<ImageRef> next = refs.iterator();
    Iterator<FileWork> works = new Iterator<>() {
      @Override
      public boolean hasNext() {
        return parts.course().phase() == Course.Phase.GOES_ON && next.hasNext();
      }

      @Override
      public FileWork next() {
        ImageRef ref = next.next();
        ImageFailure refusal = hand.refusal(ref, ref);
        if (refusal == null) {
          hand.take(ref, ref);
        }
        return new FileWork(ref, refusal, bytes, parts.files(), name, context.output().unchanged());
      }
    };
    Pipeline.Images<FileWork> images = parts.images(works);
    parts.task().addTaskCompletionListener(ended -> {
      images.close();
      hand.close();
      parts.files().close();
    });
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return uninterrupted(images::hasNext);
      }

      @Override
      public Row next() {
        Done<FileWork> done = uninterrupted(images::next);
        hand.putDown();
        context.imagesDone().add(1);
        if (done.status() == Status.FAILED) {
          context.imagesFailed().add(1);
        }
        return ResultLog.toRow(RowCounts.ALL.add(done.row(parts.origin())));
      }
    };
  }

  private interface Wait<T> {
    T run() throws InterruptedException;
  }

  private static <T> T uninterrupted(Wait<T> wait) {
    try {
      return wait.run();
    } catch (InterruptedException e) {
      // Spark killed the task; its images are another attempt's.
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while repairing", e);
    }
  }
}
