package org.lakebrush.job;

import java.util.OptionalInt;
import org.lakebrush.lama.Device;
import org.lakebrush.source.Input;

/**
 * What one run is asked to do, beside the job itself.
 *
 * @param input what to repair
 * @param output URI of the output folder
 * @param log URI of the result log's folder
 * @param limit only the first so many images of the lake, by URI
 * @param sample only so many images spread over the lake, the same each time
 * @param takeover take the lease at once from the run that holds it; should that run live, it stops at its next heartbeat
 * @param name what the user calls the run, or null; the log's record of the run has it
 */
public record RunRequest(Input input, String output, String log, Device device, OptionalInt limit, OptionalInt sample, boolean takeover,
    String name) {}
