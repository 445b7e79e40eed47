package org.lakebrush.sink;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.mask.Found;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.Secrets;

/**
 * One image of one run in the result log, and what executors send to the driver. {@link ResultLog#SCHEMA} says what each value means.
 *
 * @param errorKind null unless FAILED, likewise {@code errorMessage}
 * @param width 0 where it is not known, likewise {@code height}
 * @param format null where it is not known, likewise {@code mode} and {@code device}
 * @param residual null where it does not apply, likewise {@code damage}, {@code descreen}, {@code seam} and {@code grain}
 * @param cropsFp32 null in rows of older logs, likewise {@code retries}
 * @param output null where nothing was written
 * @param modificationTime in ms since 1970, likewise {@code finishedAt}
 */
public record LogRow(String runId, int slice, String uri, String path, long length, long modificationTime, String fingerprint,
    Status status, ErrorKind errorKind, String errorMessage, int width, int height, String format, String mode, List<String> maskKinds,
    List<Found> found, double holeFraction, Double residual, Double damage, Double descreen, Double seam, Double grain, int crops,
    Integer cropsFp32, String model, String modelSha256, String device, Written output, List<String> notes, double msRead,
    double msDecode, double msMask, double msInpaint, double msSpectral, double msEncode, double msWrite, Integer retries, int attempt,
    String host, long finishedAt)
    implements Serializable {

  /**
   * What all rows of a task have in common.
   *
   * @param attempt 1 for the first time this run has the image in hand
   */
  public record Origin(String runId, int slice, String model, String modelSha256, int attempt, String host)
      implements Serializable {}

  /**
   * A row that is not FAILED, finished now.
   *
   * @param status REPAIRED, REVIEW or UNCHANGED
   * @param output null where nothing was written
   */
  public static LogRow done(Origin origin, ImageRef ref, RepairTrace trace, Status status, Written output) {
    return of(origin, ref, trace, status, null, null, output);
  }

  /** A FAILED row, finished now. */
  public static LogRow failed(Origin origin, ImageRef ref, RepairTrace trace, ImageFailure failure) {
    return of(origin, ref, trace, Status.FAILED, failure.kind(), Secrets.hidden(failure.getMessage()), null);
  }

  /** Time in each stage, in milliseconds. */
  public Map<Stage, Double> millis() {
    return Map.of(Stage.READ, msRead, Stage.DECODE, msDecode, Stage.MASK, msMask, Stage.INPAINT, msInpaint, Stage.SPECTRAL, msSpectral,
        Stage.ENCODE, msEncode, Stage.WRITE, msWrite);
  }

  private static LogRow of(Origin origin, ImageRef ref, RepairTrace trace, Status status, ErrorKind kind, String message,
      Written output) {
    return new LogRow(origin.runId, origin.slice, ref.uri(), ref.path(), ref.length(), ref.modificationTime(), ref.fingerprint(),
        status, kind, message, trace.width(), trace.height(), trace.format(), trace.mode(), trace.maskKinds(), trace.found(),
        trace.holeFraction(), trace.residual(), trace.damage(), trace.descreen(), trace.seam(), trace.grain(), trace.crops(),
        trace.fp32Crops(), origin.model, origin.modelSha256, trace.device(), output, trace.notes(),
        trace.millis(Stage.READ), trace.millis(Stage.DECODE), trace.millis(Stage.MASK), trace.millis(Stage.INPAINT),
        trace.millis(Stage.SPECTRAL), trace.millis(Stage.ENCODE), trace.millis(Stage.WRITE),
        trace.retries(), origin.attempt, origin.host, System.currentTimeMillis());
  }
}
