package org.lakebrush.executor;

import java.io.Serializable;
import org.lakebrush.lama.Device;
import org.lakebrush.repair.RepairSettings;
import org.lakebrush.sink.OutputSettings;

/**
 * What every task of a run is told.
 *
 * @param modelFile name of the model among Spark's files
 * @param modelName as logged
 * @param modelSha256 lower-case hex
 * @param outputRoot URI of the output folder
 */
public record RunContext(String runId, RepairSettings repair, OutputSettings output, Device device, String modelFile, String modelName,
    String modelSha256, String outputRoot) implements Serializable {}
