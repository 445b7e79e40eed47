package org.lakebrush.sink;

import java.util.List;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.mask.Found;
import org.lakebrush.source.ImageRef;

/** Rows for tests. */
final class LogRows {
  private LogRows() {}

  static LogRow row(String runId, ImageRef ref, Status status, String outputUri, long finishedAt) {
    boolean failed = status == Status.FAILED;
    return new LogRow(runId, 7, ref.uri(), ref.path(), ref.length(), ref.modificationTime(), ref.fingerprint(), status,
        failed ? ErrorKind.CORRUPT : null, failed ? "bad" : null, failed ? 0 : 640, failed ? 0 : 480, failed ? null : "jpeg",
        failed ? null : "rgb8", failed ? List.of() : List.of("box", "text"), failed ? List.of() : List.of(new Found("text", 3, 0.75)), 0.25,
        failed ? null : 0.125, failed ? null : 0.5, null, failed ? null : 1.25, null, 2, 1, "lama-lite", "ab".repeat(32),
        failed ? null : "cpu", outputUri == null ? null : new Written(outputUri, 99, "cd".repeat(32)), List.of("note ü"), 1.5, 2.5, 3.5,
        4.5, 5.5, 6.5, 7.5, 2, 1, "host", finishedAt);
  }

  static LogRow done(String runId, ImageRef ref, String outputUri) {
    return row(runId, ref, Status.REPAIRED, outputUri, 1_700_000_000_123L);
  }
}
