package org.lakebrush.lama;

import java.util.Map;

/**
 * What a {@link LamaPool} has done since it was opened, and what waits for it.
 *
 * @param crops that were filled, each once however often it was run
 * @param runs of the model, whatever came of them
 * @param busyNanos that owner threads spent in runs, in all, those that go on included, in ns
 * @param owners threads that run the model at the same time, on all devices
 * @param rerun crops that were run again in float32
 * @param halved batches that were halved because the device's memory did not hold them
 * @param batches how many batches had so many crops, by that number
 * @param waiting crops that are ready and wait for a run
 * @param batchBytes direct memory that is reserved for batches
 */
public record LamaStatistics(long crops, long runs, long busyNanos, int owners, long rerun, long halved, Map<Integer, Long> batches,
    long waiting, long batchBytes) {}
