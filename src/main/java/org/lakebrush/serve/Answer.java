package org.lakebrush.serve;

import java.nio.file.Path;
import org.lakebrush.image.ImageFormat;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.sink.Status;

/**
 * What came of an image.
 *
 * @param outcome REPAIRED, REVIEW or UNCHANGED
 * @param file what goes out
 * @param format of the file
 * @param trace how it came about
 */
record Answer(Status outcome, Path file, ImageFormat format, RepairTrace trace) {}
