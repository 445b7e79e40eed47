package org.lakebrush.job;

import org.lakebrush.lama.Device;
import org.lakebrush.source.Input;

/**
 * What a preview is asked to show, beside the job itself.
 *
 * @param input files or a manifest
 * @param images how many, spread over the lake
 * @param out URI of the folder for what is written
 */
public record PreviewRequest(Input input, int images, Device device, String out) {}
