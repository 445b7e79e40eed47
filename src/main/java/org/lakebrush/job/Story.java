package org.lakebrush.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.lakebrush.lama.ModelException;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.RunRecord.End;
import org.lakebrush.sink.RunRecord.Planned;
import org.lakebrush.sink.RunRecords;
import org.lakebrush.source.Causes;
import org.lakebrush.source.InputException;
import org.lakebrush.source.Retries;
import org.lakebrush.source.Secrets;

/** Keeps the record of a run as it goes on. Used by one thread. */
final class Story implements AutoCloseable {
  private static final int FAILED = 1;
  private static final int REFUSED = 2;
  /** Of a run that goes wrong each slice may have a line. */
  private static final int MOST_LINES = 10;

  private final RunRecords records;
  private final RunListener listener;
  private RunRecord run;

  /** What a run does. */
  interface Work {
    RunSummary run() throws UsageException, InputException, ModelException, IOException, InterruptedException;
  }

  /** Begins with what is known of a run that has the log's lease. */
  Story(Configuration conf, Places places, RunRecord run, Retries retries, RunListener listener) throws IOException {
    this.records = new RunRecords(conf, places.log(), run.runId(), retries);
    this.listener = listener;
    write(run);
  }

  private void write(RunRecord next) throws IOException {
    run = next;
    records.write(run);
  }

  void planned(Plan plan) throws IOException {
    write(run.planned(new Planned(plan.images(), plan.alreadyDone(), plan.givenUp(), plan.todo(), plan.todoBytes())));
  }

  void on(String device) throws IOException {
    write(run.on(device));
  }

  /** Does the work, and tells how it ended. */
  RunSummary end(Work work) throws UsageException, InputException, ModelException, IOException, InterruptedException {
    try {
      RunSummary summary = work.run();
      end(summary.exitCode(), summary.unprocessed(), message(summary));
      return summary;
    } catch (Throwable e) {
      boolean refused = e instanceof UsageException || e instanceof InputException || e instanceof ModelException;
      boolean plain = refused || e instanceof RunEndedException;
      end(refused ? REFUSED : FAILED, run.plan() == null ? 0 : run.plan().todo(),
          plain ? Secrets.hidden(e.getMessage()) : Causes.inOneLine(e));
      throw e;
    }
  }

  private static String message(RunSummary summary) {
    List<String> lines = new ArrayList<>();
    if (summary.stoppedEarly() != null) {
      lines.add(summary.stoppedEarly());
    }
    List<String> failed = summary.failedSlices();
    lines.addAll(failed.subList(0, Math.min(MOST_LINES, failed.size())));
    if (failed.size() > MOST_LINES) {
      lines.add("and " + (failed.size() - MOST_LINES) + " slices more");
    }
    return lines.isEmpty() ? null : Secrets.hidden(String.join("\n", lines));
  }

  /** What is in the log's rows counts, whether or not this can be told. */
  private void end(int verdict, long unprocessed, String message) {
    try {
      write(run.ended(new End(System.currentTimeMillis(), verdict, unprocessed, message)));
    } catch (IOException e) {
      listener.note("cannot write how the run ended: " + Causes.inOneLine(e) + "; `status` takes it for one that died");
    }
  }

  @Override
  public void close() {
    records.close();
  }
}
