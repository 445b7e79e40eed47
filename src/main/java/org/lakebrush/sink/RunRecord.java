package org.lakebrush.sink;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/**
 * A run as its file in the log tells it: what was asked for, what was planned, and how it ended. The images' rows are in the log itself.
 * A file of an older version lacks what was not kept then.
 *
 * @param runId names the file too
 * @param name what the user calls the run, or null; several runs may have the same
 * @param startedAt in ms since 1970
 * @param host where the driver is
 * @param application Spark's id of the application
 * @param input URI of what is repaired
 * @param output URI of the output folder
 * @param settings of the job that bear on what comes out, one a line
 * @param model its name
 * @param maxFailures share of images, 0..1, above which the run counts as bad
 * @param device where the model runs; null until it is open, and where nothing was to do
 * @param plan null until it is made
 * @param end null until the run has ended; stays null where its process was killed
 */
public record RunRecord(String runId, String name, long startedAt, String host, String application, String input, String output,
    List<String> settings, String model, double maxFailures, String device, Planned plan, End end) {

  public RunRecord {
    settings = settings == null ? List.of() : List.copyOf(settings);
  }

  /**
   * What there was to do.
   *
   * @param images in the lake, after {@code --limit} and {@code --sample}
   * @param alreadyDone logged before, with the same bytes, settings and model
   * @param givenUp FAILED on {@code retry.max_nights} runs
   * @param todo images to repair
   * @param todoBytes of these, as far as they are known
   */
  public record Planned(long images, long alreadyDone, long givenUp, long todo, long todoBytes) {}

  /**
   * How it ended.
   *
   * @param at in ms since 1970
   * @param verdict the exit code, whatever {@code limits.fail_on} made of it: 0 done, 1 not all could be done, 2 refused, 3 too many
   *     images failed
   * @param unprocessed images of the plan that have no row of this run
   * @param message why it did not do all of its work, or null
   */
  public record End(long at, int verdict, long unprocessed, String message) {}

  /** The day, UTC, that the run's rows are under: {@link ResultLog#RUN_DATE}. */
  public LocalDate runDate() {
    return LocalDate.ofInstant(Instant.ofEpochMilli(startedAt), ZoneOffset.UTC);
  }

  /** The same once it is planned. */
  public RunRecord planned(Planned newPlan) {
    return new RunRecord(runId, name, startedAt, host, application, input, output, settings, model, maxFailures, device, newPlan, end);
  }

  /** The same once the model is open. */
  public RunRecord on(String newDevice) {
    return new RunRecord(runId, name, startedAt, host, application, input, output, settings, model, maxFailures, newDevice, plan, end);
  }

  /** The same once it has ended. */
  public RunRecord ended(End newEnd) {
    return new RunRecord(runId, name, startedAt, host, application, input, output, settings, model, maxFailures, device, plan, newEnd);
  }
}
