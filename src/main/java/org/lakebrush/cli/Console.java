package org.lakebrush.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.lakebrush.job.Plan;
import org.lakebrush.job.RunListener;
import org.lakebrush.job.RunSummary;
import org.lakebrush.job.Totals;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.report.Words;
import org.lakebrush.sink.Status;
import org.lakebrush.source.OneLine;

/** What a person or a log file sees of a run or a fetch: one live line on a terminal, else a line every few seconds. */
final class Console implements RunListener {
  private static final Duration QUIET = Duration.ofSeconds(5);
  private static final Duration LIVE = Duration.ofMillis(200);

  private final PrintStream out;
  private final boolean live;
  private long lastLine;
  private int liveWidth;

  Console(PrintStream out, boolean live) {
    this.out = out;
    this.live = live;
  }

  /** On standard output; live where that is a terminal. */
  static Console standard() {
    return new Console(System.out, System.console() != null && isTerminal(System.console()));
  }

  /** From Java 22 on there is a console also where there is no terminal, and a method that tells. */
  private static boolean isTerminal(java.io.Console console) {
    try {
      return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  @Override
  public synchronized void note(String line) {
    endLive();
    out.println(OneLine.of(line));
  }

  @Override
  public synchronized void planned(Plan plan) {
    note(describe(plan));
  }

  /** The plan in one line. */
  static String describe(Plan plan) {
    List<String> parts = new ArrayList<>();
    parts.add(plan.images() + " images");
    parts.add(plan.todo() + " to repair (" + Words.bytes(plan.todoBytes()) + ")");
    parts.add(plan.alreadyDone() + " already done");
    if (plan.givenUp() > 0) {
      parts.add(plan.givenUp() + " given up (failed on retry.max_nights runs)");
    }
    if (plan.maskFiles() > 0) {
      parts.add(plan.maskFiles() + " mask files left out");
    }
    if (plan.otherFiles() > 0) {
      parts.add(plan.otherFiles() + " other files left out");
    }
    return String.join(", ", parts);
  }

  @Override
  public synchronized void progress(long done, long failed, Plan plan, Duration elapsed) {
    if (!live && System.nanoTime() - lastLine < QUIET.toNanos()) {
      return;
    }
    lastLine = System.nanoTime();
    double seconds = Math.max(elapsed.toMillis() / 1e3, 1e-3);
    double rate = done / seconds;
    String left = done == 0 ? "?" : Words.duration(Duration.ofMillis((long) ((plan.todo() - done) / rate * 1e3)));
    moving(String.format(Locale.ROOT, "%d / %d images, %.1f images/s, %d failed, %s left", done, plan.todo(), rate, failed, left));
  }

  /**
   * How far a file has come.
   *
   * @param fetched bytes since {@code elapsed} ago, as {@code done} may begin with those of an earlier fetch
   */
  synchronized void fetching(String name, long done, long total, long fetched, Duration elapsed) {
    if (System.nanoTime() - lastLine < (live ? LIVE : QUIET).toNanos()) {
      return;
    }
    lastLine = System.nanoTime();
    double rate = fetched / Math.max(elapsed.toMillis() / 1e3, 1e-3);
    moving(String.format(Locale.ROOT, "%s: %s of %s, %s/s, %s left", name, Words.bytes(done), Words.bytes(total), Words.bytes((long) rate),
        Words.duration(Duration.ofMillis((long) ((total - done) / Math.max(rate, 1) * 1e3)))));
  }

  /** Shows a line that the next one of its kind takes the place of. */
  private void moving(String line) {
    if (live) {
      // Lines of the log, which come from elsewhere, begin where this one does, and go over it.
      out.print(line + " ".repeat(Math.max(0, liveWidth - line.length())) + "\r");
      out.flush();
      liveWidth = line.length();
    } else {
      out.println(line);
    }
  }

  private void endLive() {
    if (liveWidth > 0) {
      out.print(" ".repeat(liveWidth) + "\r");
      liveWidth = 0;
    }
  }

  /** Counts by status and error kind, time by stage, throughput. */
  synchronized void summary(RunSummary summary) {
    endLive();
    Totals totals = summary.totals();
    List<String[]> rows = new ArrayList<>();
    for (Status status : Status.values()) {
      rows.add(new String[] {status.name(), String.valueOf(totals.count(status))});
      if (status == Status.FAILED) {
        totals.byKind().forEach((kind, n) -> rows.add(new String[] {"  " + kind.name(), String.valueOf(n)}));
      }
    }
    if (summary.plan().alreadyDone() > 0) {
      rows.add(new String[] {"done before", String.valueOf(summary.plan().alreadyDone())});
    }
    if (summary.plan().givenUp() > 0) {
      rows.add(new String[] {"given up", String.valueOf(summary.plan().givenUp())});
    }
    if (summary.unprocessed() > 0) {
      rows.add(new String[] {"not processed", String.valueOf(summary.unprocessed())});
    }
    table("Images", rows);

    double all = 0;
    for (Stage stage : Stage.values()) {
      all += totals.millis(stage);
    }
    if (all > 0) {
      List<String[]> stages = new ArrayList<>();
      for (Stage stage : Stage.values()) {
        stages.add(new String[] {stage.name().toLowerCase(Locale.ROOT),
            String.format(Locale.ROOT, "%9.1f s %4.0f%%", totals.millis(stage) / 1e3, 100 * totals.millis(stage) / all)});
      }
      table("Time by stage, over all tasks", stages);
      double seconds = Math.max(summary.wall().toMillis() / 1e3, 1e-3);
      out.printf(Locale.ROOT, "%n%d images in %s: %.2f images/s, %d crops, %s in, %s out%s%n", totals.images(),
          Words.duration(summary.wall()), totals.images() / seconds, totals.crops(), Words.bytes(totals.bytesIn()),
          Words.bytes(totals.bytesOut()), totals.retries() == 0 ? "" : ", " + totals.retries() + " retries");
    }
    summary.failedSlices().forEach(line -> out.println("Not finished: " + OneLine.of(line)));
    if (summary.stoppedEarly() != null) {
      out.println("Stopped early: " + OneLine.of(summary.stoppedEarly()));
    }
  }

  private void table(String title, List<String[]> rows) {
    int left = Math.max(title.length(), rows.stream().mapToInt(r -> r[0].length()).max().orElse(0));
    int right = rows.stream().mapToInt(r -> r[1].length()).max().orElse(0);
    out.println();
    out.println(title);
    rows.forEach(r -> out.println(String.format("  %-" + left + "s  %" + right + "s", r[0], r[1])));
  }
}
