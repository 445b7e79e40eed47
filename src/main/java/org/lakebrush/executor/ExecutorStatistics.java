package org.lakebrush.executor;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.lama.LamaStatistics;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.sink.Status;

/**
 * What this JVM has done as an executor since it began, and what it has in hand now.
 *
 * @param images by what became of them; one that was done twice, in a task that Spark tried again, counts twice
 * @param failures FAILED images by kind
 * @param seconds in each stage, summed over images
 * @param crops that the model filled
 * @param batches how many batches of the model had so many crops, by that number
 * @param busySeconds that the model ran, summed over the threads that run it
 * @param modelThreads that run the model at the same time: one for a GPU, on a CPU one for each core
 * @param toRead images that wait for a thread to be read, likewise {@code toRepair} and {@code toWrite}
 * @param waitingCrops that are ready and wait for the model
 * @param fileBytes of memory that files in hand have, likewise {@code pictureBytes}, and {@code rowGroupBytes} of tables
 */
public record ExecutorStatistics(Map<Status, Long> images, Map<ErrorKind, Long> failures, Map<Stage, Double> seconds, long crops,
    Map<Integer, Long> batches, double busySeconds, int modelThreads, long toRead, long toRepair, long toWrite, long waitingCrops,
    long fileBytes, long pictureBytes, long rowGroupBytes) {

  /** Of this moment; never waits for work. */
  public static ExecutorStatistics now() {
    Collection<Sessions.Open> open = Sessions.open();
    Collection<LamaStatistics> models = open.stream().map(session -> session.lama().statistics()).toList();
    Map<Integer, Long> batches = new TreeMap<>();
    models.forEach(model -> model.batches().forEach((size, n) -> batches.merge(size, n, Long::sum)));
    return new ExecutorStatistics(RowCounts.ALL.images(), RowCounts.ALL.failures(), RowCounts.ALL.seconds(),
        sum(models, LamaStatistics::crops), batches, sum(models, LamaStatistics::busyNanos) / 1e9,
        (int) sum(models, LamaStatistics::owners), sum(open, session -> session.pipeline().toRead()),
        sum(open, session -> session.pipeline().toRepair()), sum(open, session -> session.pipeline().toWrite()),
        sum(models, LamaStatistics::waiting), Pipeline.fileBytes(), Pipeline.pictureBytes(), TableTask.rowGroupBytes());
  }

  private static <T> long sum(Collection<T> parts, ToLongFunction<T> value) {
    return parts.stream().mapToLong(value).sum();
  }
}
