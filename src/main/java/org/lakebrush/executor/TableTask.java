package org.lakebrush.executor;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.lama.ModelException;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.sink.AtomicFiles;
import org.lakebrush.sink.FencedException;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.sink.Status;
import org.lakebrush.sink.TableWriter;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.ImageRefs;
import org.lakebrush.source.TableReader;

/**
 * Repairs files of a table: references to Parquet files in, rows of the result log out, one for each image, once the file that they are in
 * is written; for a file that cannot be read or written, or has no image, one row for itself; for one that the run's end cuts off, none.
 *
 * <p>Memory is bounded by the row groups in hand, a quarter of the heap for those of all tasks, and by the images that wait for a row
 * before them.
 */
public final class TableTask implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1;

  private static final long HEAP = Runtime.getRuntime().maxMemory();
  /** Row groups in hand: their images as they are stored, and once more for the pages that are unpacked. */
  private static final ByteBudget GROUPS = new ByteBudget(HEAP / 4);
  /** The largest row group, in stored bytes of its images, that is read at all. */
  private static final long LARGEST_GROUP = HEAP / 4;
  /** Bytes of images that wait for a row before them, beyond which no other is begun. */
  private static final long WAITING = HEAP / 32;

  private final RunContext context;
  private final int slice;
  private final Care care;
  private final String imageColumn;
  private final String keyColumn;

  /**
   * A task.
   *
   * @param imageColumn as in {@link org.lakebrush.source.TableColumns#of}
   * @param keyColumn likewise
   */
  public TableTask(RunContext context, int slice, Care care, String imageColumn, String keyColumn) {
    this.context = context;
    this.slice = slice;
    this.care = care;
    this.imageColumn = imageColumn;
    this.keyColumn = keyColumn;
  }

  /** Bytes of memory that row groups in hand have, of all tasks of this JVM. */
  static long rowGroupBytes() {
    return GROUPS.taken();
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) throws ModelException, IOException {
    Optional<TaskParts> parts = TaskParts.of(context, slice, care);
    return parts.isEmpty() ? Collections.emptyIterator() : call(rows, parts.get());
  }

  private Iterator<Row> call(Iterator<Row> rows, TaskParts parts) {
    parts.task().addTaskCompletionListener(ended -> {
      parts.hand().close();
      parts.files().close();
    });
    return new Iterator<>() {
      private Iterator<LogRow> done = Collections.emptyIterator();

      @Override
      public boolean hasNext() {
        while (!done.hasNext() && parts.course().phase() == Course.Phase.GOES_ON && rows.hasNext()) {
          ImageRef file = ImageRefs.fromRow(rows.next());
          if (!parts.hand().leaves(file)) {
            done = new FileRepair(parts, file).run().iterator();
          }
        }
        return done.hasNext();
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return ResultLog.toRow(done.next());
      }
    };
  }

  /** The task cannot go on: not the file's failure. */
  private static final class TaskEnded extends Exception {
    private static final long serialVersionUID = 1;

    TaskEnded(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The run comes to its end before the file does. */
  private static final class GivenUp extends Exception {
    private static final long serialVersionUID = 1;
  }

  /** One file. Used once. */
  private final class FileRepair {
    private final TaskParts parts;
    private final ImageRef file;
    private final List<LogRow> log = new ArrayList<>();

    FileRepair(TaskParts parts, ImageRef file) {
      this.parts = parts;
      this.file = file;
    }

    /** Writes the file, whole or not at all; its rows of the log, at least one, or none where it is given up. */
    List<LogRow> run() {
      try {
        write();
        return log.isEmpty()
            ? List.of(RowCounts.ALL.add(LogRow.done(parts.origin(), file, new RepairTrace(), Status.UNCHANGED, null))) : log;
      } catch (ImageFailure e) {
        return failed(e);
      } catch (AtomicFiles.DraftException e) {
        return failed(e.failure());
      } catch (GivenUp e) {
        return List.of();
      } catch (FencedException e) {
        throw e;
      } catch (TaskEnded e) {
        throw new IllegalStateException(e.getMessage(), e);
      } catch (IOException | RuntimeException e) {
        return failed(TableReader.failure(file, e));
      }
    }

    private List<LogRow> failed(ImageFailure failure) {
      if (Thread.currentThread().isInterrupted() || Sessions.isShutDown()) {
        // Whatever failed, it is none of the file's.
        throw new IllegalStateException("interrupted while repairing", failure);
      }
      context.imagesFailed().add(1);
      return List.of(RowCounts.ALL.add(LogRow.failed(parts.origin(), file, new RepairTrace(), failure)));
    }

    private void write() throws ImageFailure, IOException, TaskEnded, GivenUp {
      context.reach().checkImage(file.uri());
      try (TableReader reader = TableReader.open(parts.conf(), file, imageColumn, keyColumn);
          TableWriter writer = new TableWriter(parts.conf(), parts.files(), file.path(), reader)) {
        for (BlockMetaData group : reader.rowGroups()) {
          try (ByteBudget.Share share = room(reader.imageBytes(group))) {
            reader.startRowGroup(group);
            writer.startRowGroup(group);
            repair(reader, writer);
            writer.endRowGroup();
          }
        }
        writer.publish();
      }
    }

    private ByteBudget.Share room(long bytes) throws ImageFailure, TaskEnded {
      if (bytes > LARGEST_GROUP) {
        throw new ImageFailure(ErrorKind.TOO_LARGE, String.format("%s has a row group with %d MB of images, and this JVM reads those of up"
            + " to %d MB: give it more heap (LAKEBRUSH_MEMORY, or spark.executor.memory on a cluster), or write the table with smaller row"
            + " groups", file.uri(), bytes >> 20, LARGEST_GROUP >> 20));
      }
      try {
        return GROUPS.acquire(2 * bytes);
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }

    /** The rows of a row group, from first to last. */
    private void repair(TableReader reader, TableWriter writer) throws IOException, TaskEnded, GivenUp {
      Rows rows = new Rows(reader, file, writer.uri(), parts.hand());
      try (Pipeline.Images<RowWork> images = parts.images(rows)) {
        while (hasNext(images)) {
          Done<RowWork> done = next(images);
          parts.hand().putDown();
          done.work().end(done.status());
          log.add(RowCounts.ALL.add(done.row(parts.origin())));
          context.imagesDone().add(1);
          if (done.status() == Status.FAILED) {
            context.imagesFailed().add(1);
          }
          writeEnded(rows, writer);
        }
      }
      writeEnded(rows, writer);
      if (!rows.isEmpty()) {
        throw new GivenUp();
      }
    }

    private void writeEnded(Rows rows, TableWriter writer) throws IOException {
      for (RowWork row = rows.pollEnded(); row != null; row = rows.pollEnded()) {
        writer.write(row.cell(), row.out(), row.status());
      }
    }

    private boolean hasNext(Pipeline.Images<RowWork> images) throws TaskEnded {
      try {
        return images.hasNext();
      } catch (InterruptedException e) {
        throw interrupted(e);
      } catch (IllegalStateException e) {
        throw new TaskEnded(e.getMessage(), e);
      }
    }

    private Done<RowWork> next(Pipeline.Images<RowWork> images) throws TaskEnded {
      try {
        return images.next();
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }

    private TaskEnded interrupted(InterruptedException e) {
      // Spark killed the task; its images are another attempt's.
      Thread.currentThread().interrupt();
      return new TaskEnded("interrupted while repairing", e);
    }
  }

  /**
   * The rows of a row group that are read and not yet written, in order; as an iterator, those with an image. It has none for now while
   * more bytes of images wait for a row before them than may.
   */
  private static final class Rows implements Iterator<RowWork> {
    private final TableReader reader;
    private final ImageRef file;
    private final String output;
    private final TaskHand hand;
    private final Deque<RowWork> waiting = new ArrayDeque<>();
    private long bytes;
    private RowWork next;

    Rows(TableReader reader, ImageRef file, String output, TaskHand hand) {
      this.reader = reader;
      this.file = file;
      this.output = output;
      this.hand = hand;
      advance();
    }

    private void advance() {
      next = null;
      for (TableReader.Cell cell = reader.next(); cell != null; cell = reader.next()) {
        RowWork row = new RowWork(cell, file, output, hand);
        waiting.add(row);
        if (cell.bytes() != null) {
          next = row;
          return;
        }
      }
    }

    @Override
    public boolean hasNext() {
      return next != null && (bytes == 0 || bytes + next.length() <= WAITING);
    }

    @Override
    public RowWork next() {
      RowWork row = next;
      bytes += row.length();
      advance();
      if (!row.isRefused()) {
        hand.take(file, row.ref());
      }
      return row;
    }

    /** Whether all are read and written. */
    boolean isEmpty() {
      return next == null && waiting.isEmpty();
    }

    /** Takes the oldest row, if it can be written. */
    RowWork pollEnded() {
      RowWork row = waiting.peek();
      if (row == null || !row.ended()) {
        return null;
      }
      bytes -= row.length();
      return waiting.poll();
    }
  }
}
