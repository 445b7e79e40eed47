package org.lakebrush.serve;

import org.lakebrush.image.Encoded;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.sink.Status;

/**
 * What came of an image.
 *
 * @param outcome REPAIRED, REVIEW or UNCHANGED
 * @param file what goes out
 * @param trace how it came about
 */
record Answer(Status outcome, Encoded file, RepairTrace trace) {}
