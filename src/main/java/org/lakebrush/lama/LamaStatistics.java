package org.lakebrush.lama;

/**
 * What a {@link LamaPool} has done since it was opened.
 *
 * @param crops that were filled, each once however often it was run
 * @param runs of the model, whatever came of them
 * @param busyNanos that owner threads spent in runs, in all, in ns
 * @param rerun crops that were run again in float32
 * @param halved batches that were halved because the device's memory did not hold them
 * @param batchBytes direct memory that is reserved for batches
 */
public record LamaStatistics(long crops, long runs, long busyNanos, long rerun, long halved, long batchBytes) {}
