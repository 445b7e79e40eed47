package org.lakebrush.model;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Where a model's bytes come from. Used by one thread. */
sealed interface ModelSource permits FileSource, HadoopSource, HttpSource {

  /**
   * The bytes from one place on.
   *
   * @param from the first byte's place in the file: the one that was asked for, or 0 where the source gives whole files only
   * @param total the whole file's bytes, or -1 where the source does not say
   */
  record Body(InputStream in, long from, long total) implements AutoCloseable {
    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        // What was wanted of it has been read, or has failed already.
      }
    }
  }

  /** The source cannot serve now, and says so. */
  final class BusyException extends IOException {
    private static final long serialVersionUID = 1;
    private final Duration wait;

    /**
     * @param wait how long the source asks to be left alone; zero where it does not say
     */
    BusyException(String message, Duration wait) {
      super(message);
      this.wait = wait;
    }

    Duration waitFor() {
      return wait;
    }
  }

  /**
   * Opens the file.
   *
   * @param offset where to begin, less than the file's length
   * @throws FetchException where it makes no sense to try again
   * @throws IOException where it may go better next time
   */
  Body open(long offset) throws FetchException, IOException, InterruptedException;
}
