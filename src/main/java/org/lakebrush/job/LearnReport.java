package org.lakebrush.job;

import java.util.Map;
import java.util.Optional;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.watermark.LearnedMark;

/**
 * What came of learning.
 *
 * @param mark nothing where the images have none in common
 * @param images that were looked at
 * @param carriers of these, that carry the mark where it is learned to be; 0 without a mark
 * @param skipped images that could not be read, by why
 */
public record LearnReport(Optional<LearnedMark> mark, int images, int carriers, Map<ErrorKind, Integer> skipped) {}
