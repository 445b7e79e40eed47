package org.lakebrush.executor;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.source.ImageBytes;
import org.lakebrush.source.ImageRef;

/** Reads a task's images one ahead of need, on a thread that is not the task's. Used by one task. */
final class ReadAhead implements AutoCloseable {
  private static final ExecutorService READERS = Executors.newCachedThreadPool(work -> {
    Thread thread = new Thread(work, "lakebrush-read-ahead");
    thread.setDaemon(true);
    return thread;
  });

  /**
   * An image that was read, or why it could not be.
   *
   * @param file its bytes, or null
   * @param failure null where it was read
   * @param trace with the time that reading took
   */
  record Fetched(ImageRef ref, byte[] file, ImageFailure failure, RepairTrace trace) {}

  private final Iterator<ImageRef> refs;
  private final ImageBytes bytes;
  private final long maxLength;
  private Future<Fetched> next;

  /**
   * @param maxLength files of more bytes are not read: TOO_LARGE
   */
  ReadAhead(Iterator<ImageRef> refs, ImageBytes bytes, long maxLength) {
    this.refs = refs;
    this.bytes = bytes;
    this.maxLength = maxLength;
    advance();
  }

  boolean hasNext() {
    return next != null;
  }

  /**
   * The next image; waits until it is read.
   *
   * @throws InterruptedException where the task is killed meanwhile
   */
  Fetched next() throws InterruptedException {
    if (next == null) {
      throw new NoSuchElementException();
    }
    try {
      Fetched fetched = next.get();
      advance();
      return fetched;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException("reading ahead failed", e.getCause());
    }
  }

  private void advance() {
    if (!refs.hasNext()) {
      next = null;
      return;
    }
    // The iterator is Spark's and stays on the task's thread.
    ImageRef ref = refs.next();
    next = READERS.submit(() -> fetch(ref));
  }

  /**
   * Refuses a file that takes too much of the heap.
   *
   * @param length of the file, in bytes
   * @param most bytes
   * @throws ImageFailure TOO_LARGE
   */
  static void checkLength(ImageRef ref, long length, long most) throws ImageFailure {
    if (length > most) {
      throw new ImageFailure(ErrorKind.TOO_LARGE, String.format(
          "%s is %d MB, and this JVM reads files of up to %d MB: give it more heap (LAKEBRUSH_MEMORY, or spark.executor.memory on a"
              + " cluster)", ref.uri(), length >> 20, most >> 20));
    }
  }

  private Fetched fetch(ImageRef ref) {
    RepairTrace trace = new RepairTrace();
    try {
      checkLength(ref, ref.length(), maxLength);
      return new Fetched(ref, trace.time(Stage.READ, () -> bytes.read(ref)), null, trace);
    } catch (ImageFailure e) {
      return new Fetched(ref, null, e, trace);
    } catch (RuntimeException e) {
      return new Fetched(ref, null, Pipeline.defect(e), trace);
    }
  }

  @Override
  public void close() {
    if (next != null) {
      next.cancel(true);
    }
  }
}
