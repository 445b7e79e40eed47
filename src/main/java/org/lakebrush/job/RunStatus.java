package org.lakebrush.job;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.Status;

/**
 * How a run stands, from its log alone.
 *
 * @param runId its id
 * @param record what the log keeps of it; empty where the log is from before there were records, and only rows are known
 * @param state what it does
 * @param seen the last sign of life: its end, the last heartbeat or the last row
 * @param host where its driver is or was; null where that is not known
 * @param images logged so far, by status
 * @param failures by kind
 * @param firstRow when the first of the rows was done; null where there is none, likewise {@code lastRow}
 */
public record RunStatus(String runId, Optional<RunRecord> record, State state, Instant seen, String host, Map<Status, Long> images,
    Map<ErrorKind, Failure> failures, Instant firstRow, Instant lastRow) {

  /** What a run does. */
  public enum State {
    /** It lists and plans. */
    PLANNING,
    RUNNING,
    ENDED,
    /** Its process went without a word. */
    DIED,
    /** Nobody can tell whether it ended or died, for there is no record of it. */
    UNKNOWN
  }

  /**
   * Failures of one kind.
   *
   * @param uri of one such image
   * @param message of that image
   */
  public record Failure(long images, String uri, String message) {}

  /** Images logged so far. */
  public long done() {
    return images.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Images a second, from the first row to the last; empty where there are too few rows to tell. */
  public Optional<Double> rate() {
    if (done() < 2 || !lastRow.isAfter(firstRow)) {
      return Optional.empty();
    }
    return Optional.of((done() - 1) / (Duration.between(firstRow, lastRow).toMillis() / 1e3));
  }

  /** When a run that is running will have done its plan, if it goes on as it went; not before {@code now}. */
  public Optional<Instant> expectedEnd(Instant now) {
    if (state != State.RUNNING || rate().isEmpty()) {
      return Optional.empty();
    }
    long left = record.orElseThrow().plan().todo() - done();
    Instant end = lastRow.plusMillis((long) (1e3 * left / rate().get()));
    return Optional.of(end.isBefore(now) ? now : end);
  }

  /** 0 good, 1 ended before its work was done, or died, 2 not known, 3 too many images failed, 4 not over yet. */
  public int exitCode() {
    return switch (state) {
      case PLANNING, RUNNING -> 4;
      case DIED -> 1;
      case UNKNOWN -> 2;
      case ENDED -> switch (record.orElseThrow().end().verdict()) {
        case 0 -> 0;
        case 3 -> 3;
        default -> 1;
      };
    };
  }
}
