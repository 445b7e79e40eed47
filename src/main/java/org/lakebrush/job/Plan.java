package org.lakebrush.job;

/**
 * What a run has to do, in numbers.
 *
 * @param images in the lake, after {@code --limit} and {@code --sample}
 * @param maskFiles mask files found in the input, which are no images to repair
 * @param otherFiles files of the input that are no images by their name
 * @param alreadyDone logged as REPAIRED or UNCHANGED with the same bytes, settings and model
 * @param givenUp FAILED on {@code retry.max_nights} runs
 * @param todo images to repair now
 * @param todoBytes of these
 */
public record Plan(long images, long maskFiles, long otherFiles, long alreadyDone, long givenUp, long todo, long todoBytes) {}
