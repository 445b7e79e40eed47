package org.lakebrush.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.image.Thumbnail;
import org.lakebrush.job.RunStatus.State;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.Status;

/**
 * What the morning report says of a run. Its size does not grow with the lake.
 *
 * @param log URI of the result log
 * @param night the run
 * @param record what the run's own file says of it, where there is one
 * @param state what it does; UNKNOWN where no record tells
 * @param before earlier runs of the same job, the oldest first
 * @param throughput images by time
 * @param stages time by stage, in the order of the stages
 * @param holes images by the size of their hole, the smallest first; those without a hole left out
 * @param failures what FAILED, the most frequent kind first
 * @param folders where the failures lie, the worst first
 * @param slowest the images that took longest, the slowest first
 * @param machines where the work was done, the busiest first
 * @param models what filled the holes
 * @param formats images by the format of their input, the most frequent first
 * @param notes what could not come through as it was, the most frequent first
 * @param samples repaired images to look at
 * @param failed failed images to look at
 */
record NightReport(String log, Night night, Optional<RunRecord> record, State state, List<Night> before, Throughput throughput,
    List<StageTime> stages, List<HoleBin> holes, List<FailureKind> failures, List<Folder> folders, List<SlowImage> slowest,
    List<Machine> machines, List<ModelUse> models, List<Counted> formats, List<Counted> notes, List<Sample> samples,
    List<FailedImage> failed) {

  /** The run and those before it, the oldest first. */
  List<Night> nights() {
    return Stream.concat(before.stream(), Stream.of(night)).toList();
  }

  /** A run of which the log has no rows. */
  static NightReport ofNoRows(String log, Night night, Optional<RunRecord> record, State state, List<Night> before) {
    return new NightReport(log, night, record, state, before, new Throughput(night.startedAt(), 1000, List.of(), Map.of()), List.of(),
        List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  /**
   * Images by the time at which they were done.
   *
   * @param start of the first bucket, in ms since 1970
   * @param step width of a bucket, in ms
   * @param images by bucket, without gaps
   * @param failures FAILED images by kind and bucket
   */
  record Throughput(long start, long step, List<Map<Status, Long>> images, Map<ErrorKind, long[]> failures) {}

  /**
   * Time in a stage.
   *
   * @param total summed over all images, in ms, likewise
   * @param median of the images that had this stage, in ms
   * @param p95 95 of 100 took no longer, in ms
   * @param p99 99 of 100 took no longer, in ms
   */
  record StageTime(Stage stage, double total, double median, double p95, double p99) {}

  /**
   * Images whose hole has a size.
   *
   * @param from share of the image, 0..1
   * @param to likewise; the last bin holds it, the others do not
   */
  record HoleBin(double from, double to, long repaired, long review) {
    /** In a few characters. */
    String label() {
      return to == 1 ? "≥" + Words.share(from) : "<" + Words.share(to);
    }

    /** With both ends. */
    String range() {
      return from == 0 || to == 1 ? label() : Words.share(from) + " to " + Words.share(to);
    }
  }

  /**
   * What failed in one way.
   *
   * @param groups the most frequent messages, the most frequent first
   * @param ways how many different messages there are, URIs and numbers in them left out
   */
  record FailureKind(ErrorKind kind, long images, List<FailureGroup> groups, long ways) {}

  /**
   * Failures whose message differs in URIs and numbers alone.
   *
   * @param uri of one of them
   * @param message of that one
   */
  record FailureGroup(String uri, String message, long images) {}

  /**
   * A folder of the input in which images failed.
   *
   * @param images all that are in it, failed or not
   * @param failed of the kind
   */
  record Folder(String path, ErrorKind kind, long images, long failed) {}

  /**
   * An image that took long.
   *
   * @param millis by stage, in the order of the stages
   */
  record SlowImage(String uri, Status status, int width, int height, String format, String host, double[] millis) {
    double total() {
      double sum = 0;
      for (double ms : millis) {
        sum += ms;
      }
      return sum;
    }
  }

  /**
   * A host.
   *
   * @param devices on which the model ran there
   * @param filled images that needed the model
   * @param inpaint time in which these were filled, waiting included, in ms
   * @param busy time of all its images in all stages, in ms
   */
  record Machine(String host, List<String> devices, long images, long failed, long filled, double inpaint, double busy) {}

  /** A model, and what it did. */
  record ModelUse(String name, String sha256, long images, long crops, long fp32Crops) {}

  /** How often something is there. */
  record Counted(String what, long images) {}

  /**
   * A repaired image to look at.
   *
   * @param views before and after; empty where they cannot be shown
   * @param closeUp whether they are a part of the image
   * @param why they cannot be shown, or null
   */
  record Sample(String uri, String output, Status status, int width, int height, String format, double hole, Double residual,
      Double damage, List<String> maskKinds, double millis, Optional<Views> views, boolean closeUp, String why) {}

  /**
   * A failed image to look at.
   *
   * @param input what it looks like; empty where it cannot be shown
   */
  record FailedImage(String uri, ErrorKind kind, String message, int width, int height, long length, Optional<Thumbnail> input) {}
}
