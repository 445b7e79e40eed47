package org.lakebrush.bench;

import java.util.List;
import java.util.OptionalInt;
import org.lakebrush.lama.Device;

/**
 * What a bench is asked for.
 *
 * @param images in the lake, 1 or more
 * @param megapixels a typical image's area, more than 0
 * @param crop side of the square crop that each image takes; the hole is made to fit
 * @param hole side of the hole in pixels, whatever crop it takes
 * @param overrides of the job's keys, as {@code inpaint.batch=4}
 * @param at folder for the lake, the outputs and the log, on any Hadoop file system; what is made there is deleted again
 * @param soak crops of the endurance run; 0 for none
 */
public record BenchRequest(int images, double megapixels, int crop, OptionalInt hole, List<String> overrides, Device device, String at,
    long soak) {}
