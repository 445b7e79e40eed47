package org.lakebrush.executor;

import java.io.Serializable;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.lakebrush.lama.Device;
import org.lakebrush.repair.RepairSettings;
import org.lakebrush.sink.OutputSettings;
import org.lakebrush.source.Reach;
import org.lakebrush.source.Retries;

/**
 * What every task of a run is told.
 *
 * @param maxResidual above which a repaired image is for REVIEW
 * @param secondsPerImage as {@link ImageRepair}
 * @param modelFile name of the model among the files that Spark hands to executors
 * @param modelName as logged
 * @param modelSha256 lower-case hex
 * @param halfModelFile name of its half-precision form among those files, or null where there is none
 * @param halfModelSha256 likewise
 * @param reach where images and masks may be read
 * @param outputRoot URI of the output folder
 * @param logRoot URI of the log's folder
 * @param retrySeconds for reading or writing a file, as {@code retry.seconds}
 * @param imagesDone for the progress line alone, between one slice and the next: a task adds to it when it ends
 * @param imagesFailed likewise
 */
public record RunContext(String runId, RepairSettings repair, double maxResidual, int secondsPerImage, OutputSettings output,
    Device device, String modelFile, String modelName, String modelSha256,
    String halfModelFile, String halfModelSha256, Reach reach, String outputRoot, String logRoot, int retrySeconds,
    Broadcast<SerializableConfiguration> conf, LongAccumulator imagesDone, LongAccumulator imagesFailed) implements Serializable {

  /** For as long as {@code retry.seconds} says. */
  public Retries retries() {
    return Retries.of(retrySeconds);
  }
}
