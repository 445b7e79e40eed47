package org.lakebrush.report;

import static java.util.Comparator.comparing;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.job.RunStatus.State;
import org.lakebrush.report.NightReport.FailureKind;
import org.lakebrush.report.NightReport.ModelUse;
import org.lakebrush.report.NightReport.Throughput;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.Status;

/**
 * Something of a night that a person should know, as a rule finds it in the numbers.
 *
 * @param section the part of the page that tells more, by its id
 */
record Finding(Level level, String title, String text, String section) {
  /** How much it matters, from the most. */
  enum Level {
    BAD, LOOK, GOOD
  }

  /** Runs that a night is compared with, at most: the newest. */
  static final int COMPARED = 7;
  /** A share of this of the failures in one place or at one time is worth a word. */
  private static final double MOST = 0.8;
  /** What is a burst lasts for no more of the night than this. */
  private static final double BURST = 0.15;
  private static final int FEW = 5;
  /** So many times the other nights' is more than usual. */
  private static final double MORE = 1.5;
  /** Of a share of the images up to this a first night is good, and of more than that no night. */
  private static final double PASSING = 0.01;
  private static final double MANY = 0.05;
  /** What differs by less from the other nights is as usual. */
  private static final double USUAL = 0.2;

  /** How the night went, in a few words and a sentence. */
  record Verdict(Level level, String title, String text) {}

  /** The earlier runs that a night is compared with. */
  static List<Night> compared(NightReport report) {
    List<Night> before = report.before().stream().filter(night -> night.images() > 0).toList();
    return before.subList(Math.max(0, before.size() - COMPARED), before.size());
  }

  /** The median over runs; 0 without any. */
  static double median(List<Night> nights, ToDoubleFunction<Night> value) {
    double[] sorted = nights.stream().mapToDouble(value).sorted().toArray();
    int n = sorted.length;
    return n == 0 ? 0 : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  /** How the night went. */
  static Verdict verdict(NightReport report) {
    Night night = report.night();
    long failed = night.count(Status.FAILED);
    long review = night.count(Status.REVIEW);
    long done = night.images() - failed;
    Optional<RunRecord.End> end = report.record().map(RunRecord::end);
    String so = night.images() == 0 ? "No image was done" : Words.count(done) + " of " + Words.count(night.images(), "image")
        + (done == 1 ? " is" : " are") + " done";
    if (report.state() == State.RUNNING || report.state() == State.PLANNING) {
      return new Verdict(Level.LOOK, "Still running", so + left(report) + ". These are the numbers so far.");
    }
    if (report.state() == State.DIED) {
      return new Verdict(Level.BAD, "Ended before its time", so + left(report) + ", and then its process was gone. The same command again"
          + " goes on from there.");
    }
    int code = end.map(RunRecord.End::verdict).orElse(0);
    String why = end.map(RunRecord.End::message).map(message -> " " + message).orElse("");
    if (code == 3) {
      return new Verdict(Level.BAD, "Too many failures", Words.percent(night.share(Status.FAILED)) + " of "
          + Words.count(night.images(), "image") + " failed, and "
          + Words.percent(report.record().get().maxFailures()) + " is the limit." + why);
    }
    if (code != 0) {
      return new Verdict(Level.BAD, code == 2 ? "Refused" : "Not finished", so + left(report) + "." + why);
    }
    if (night.images() == 0 && report.record().isEmpty()) {
      return new Verdict(Level.LOOK, "No run yet", "The log has neither a run nor a row.");
    }
    if (night.images() == 0) {
      return new Verdict(Level.GOOD, "Nothing to do", report.record().map(RunRecord::plan).map(Finding::nothingToDo).orElse(""));
    }
    if (failed == night.images()) {
      return new Verdict(Level.BAD, "Everything failed", "None of " + Words.count(night.images(), "image") + " could be repaired.");
    }
    if (failed == 0 && review == 0) {
      return new Verdict(Level.GOOD, "A good night", "All " + Words.count(night.images(), "image") + " are done, and none needs a look.");
    }
    boolean failures = isOdd(report, Status.FAILED);
    boolean looks = isOdd(report, Status.REVIEW);
    String rest = Stream.of(failed == 0 ? "" : Words.count(failed) + " failed", review == 0 ? "" : Words.count(review)
        + " should be looked at").filter(text -> !text.isEmpty()).collect(Collectors.joining(", "));
    String title = failures ? amount(report, Status.FAILED, "failures") : looks ? amount(report, Status.REVIEW, "to look at")
        : "A good night";
    return new Verdict(failures || looks ? Level.LOOK : Level.GOOD, title, so + "; " + rest + ".");
  }

  private static String nothingToDo(RunRecord.Planned plan) {
    return plan.images() == 0 ? "There is no image." : plan.givenUp() == 0 ? "Every image was done before."
        : Words.count(plan.alreadyDone(), "image") + " done before, and " + Words.count(plan.givenUp())
            + " given up, which failed on retry.max_nights runs.";
  }

  private static String amount(NightReport report, Status status, String what) {
    return isMoreThanUsual(report, status) ? "More " + what + " than usual" : "Many " + what;
  }

  private static boolean isMoreThanUsual(NightReport report, Status status) {
    return !compared(report).isEmpty() && report.night().share(status) > MORE * median(compared(report), night -> night.share(status));
  }

  /** Whether more have a status than one would let pass, or than the other nights let expect. */
  private static boolean isOdd(NightReport report, Status status) {
    double share = report.night().share(status);
    if (compared(report).isEmpty()) {
      return share > PASSING;
    }
    return share > MANY || isMoreThanUsual(report, status) && (share > PASSING || report.night().count(status) >= FEW);
  }

  private static String usually(List<Night> before, String median) {
    return before.size() == 1 ? "The run before had " + median + "."
        : "The median of the last " + before.size() + " runs is " + median + ".";
  }

  private static String left(NightReport report) {
    return report.record().map(RunRecord::plan).map(plan -> plan.todo() - report.night().images()).filter(left -> left > 0)
        .map(left -> ", " + Words.count(left) + " are not").orElse("");
  }

  /** What the rules find, what matters most first. */
  static List<Finding> of(NightReport report) {
    List<Finding> findings = new ArrayList<>();
    failures(report, findings);
    review(report, findings);
    speed(report, findings);
    device(report, findings);
    model(report, findings);
    findings.sort(comparing(Finding::level));
    return findings;
  }

  private static void failures(NightReport report, List<Finding> findings) {
    Night night = report.night();
    long failed = night.count(Status.FAILED);
    List<Night> before = compared(report);
    if (failed == 0) {
      return;
    }
    double usual = median(before, n -> n.share(Status.FAILED));
    String title = Words.count(failed) + " failed (" + Words.percent(night.share(Status.FAILED)) + ")";
    String kinds = report.failures().stream().limit(3).map(f -> f.kind() + " " + Words.count(f.images())).collect(Collectors.joining(", "));
    if (before.isEmpty()) {
      findings.add(new Finding(Level.LOOK, title, kinds + ".", "failures"));
    } else {
      findings.add(new Finding(isOdd(report, Status.FAILED) ? Level.BAD : Level.LOOK, title, kinds + ". " + usually(before,
          Words.percent(usual)), "failures"));
    }
    for (FailureKind failure : report.failures()) {
      ErrorKind kind = failure.kind();
      if (failure.images() >= FEW && before.size() >= 3 && before.stream().noneMatch(n -> n.kinds().containsKey(kind))) {
        findings.add(new Finding(Level.LOOK, kind + " is new", Words.count(failure.images(), "image") + "; none in the last "
            + Words.count(before.size(), "run") + ".", "kind-" + kind));
      }
      burst(report.throughput(), failure).ifPresent(findings::add);
      folder(report, failure).ifPresent(findings::add);
    }
  }

  /** The shortest time in which most failures of a kind fell, where it is short. */
  private static Optional<Finding> burst(Throughput time, FailureKind failure) {
    long[] counts = time.failures().getOrDefault(failure.kind(), new long[0]);
    if (failure.images() < 2 * FEW || counts.length < 8) {
      return Optional.empty();
    }
    int from = 0;
    int best = Integer.MAX_VALUE;
    int start = 0;
    long within = 0;
    long caught = 0;
    for (int to = 0; to < counts.length; to++) {
      within += counts[to];
      while (within - counts[from] >= MOST * failure.images()) {
        within -= counts[from++];
      }
      if (within >= MOST * failure.images() && to - from + 1 < best) {
        best = to - from + 1;
        start = from;
        caught = within;
      }
    }
    if (best > Math.max(1, BURST * counts.length)) {
      return Optional.empty();
    }
    long begin = time.start() + start * time.step();
    return Optional.of(new Finding(Level.LOOK, failure.kind() + " in a burst", Words.count(caught) + " of " + Words.count(failure.images())
        + " between " + Words.clockSeconds(begin) + " and " + Words.clockSeconds(begin + best * time.step()) + " UTC.", "when"));
  }

  /** A folder that has most of a kind, where it does not have most images. */
  private static Optional<Finding> folder(NightReport report, FailureKind failure) {
    return report.folders().stream().filter(f -> f.kind() == failure.kind()).findFirst()
        .filter(f -> f.failed() >= FEW && f.failed() >= MOST * failure.images() && f.images() < 0.5 * report.night().images())
        .map(f -> new Finding(Level.LOOK, failure.kind() + " in one folder", (f.failed() == failure.images() ? "All "
            : Words.count(f.failed()) + " of ") + Words.count(failure.images()) + " lie in "
            + (f.path().isEmpty() ? "the input's own folder" : f.path()) + ", which has "
            + Words.count(f.images(), "image") + ".", f.path().isEmpty() ? "failures" : "folders"));
  }

  private static void review(NightReport report, List<Finding> findings) {
    Night night = report.night();
    long review = night.count(Status.REVIEW);
    if (review == 0) {
      return;
    }
    List<Night> before = compared(report);
    findings.add(new Finding(isOdd(report, Status.REVIEW) ? Level.LOOK : Level.GOOD, Words.count(review) + " to look at ("
        + Words.percent(night.share(Status.REVIEW)) + ")", "Something of what was found is still seen in them"
        + (before.isEmpty() ? "." : ". " + usually(before, Words.percent(median(before, n -> n.share(Status.REVIEW))))), "samples"));
  }

  private static void speed(NightReport report, List<Finding> findings) {
    Night night = report.night();
    List<Night> before = compared(report);
    double usual = median(before, Night::rate);
    if (before.size() < 3 || night.images() < 100 || usual == 0) {
      return;
    }
    double ratio = night.rate() / usual;
    if (ratio < 1 - USUAL) {
      findings.add(new Finding(Level.LOOK, "Slower than usual", Words.decimal(night.rate()) + " images/s. "
          + usually(before, Words.decimal(usual)), "throughput"));
    } else if (ratio > 1 + USUAL) {
      findings.add(new Finding(Level.GOOD, "Faster than usual", Words.decimal(night.rate()) + " images/s. "
          + usually(before, Words.decimal(usual)), "throughput"));
    }
  }

  private static void device(NightReport report, List<Finding> findings) {
    List<Night> before = compared(report);
    if (before.isEmpty() || report.night().devices().isEmpty()) {
      return;
    }
    boolean now = onGpu(report.night());
    if (!now && before.stream().filter(night -> !night.devices().isEmpty()).allMatch(Finding::onGpu)
        && before.stream().anyMatch(Finding::onGpu)) {
      findings.add(new Finding(Level.BAD, "No GPU was used", "The model ran on " + String.join(", ", report.night().devices())
          + "; the runs before had a GPU.", "machines"));
    }
  }

  private static boolean onGpu(Night night) {
    return night.devices().stream().anyMatch(device -> device.startsWith("cuda"));
  }

  private static void model(NightReport report, List<Finding> findings) {
    List<Night> before = compared(report);
    if (!before.isEmpty() && !report.night().models().isEmpty()) {
      List<String> last = before.get(before.size() - 1).models();
      if (!last.equals(report.night().models())) {
        findings.add(new Finding(Level.LOOK, "Another model", String.join(", ", report.night().models()) + "; the run before had "
            + String.join(", ", last) + ".", "machines"));
      }
    }
    long crops = report.models().stream().mapToLong(ModelUse::crops).sum();
    long again = report.models().stream().mapToLong(ModelUse::fp32Crops).sum();
    if (again > 0) {
      findings.add(new Finding(Level.LOOK, "Half precision fails", Words.count(again) + " of " + Words.count(crops, "crop")
          + " came out spoilt and ran again in full precision.", "machines"));
    }
  }
}
