package org.lakebrush.executor;

import org.lakebrush.image.ImageFormat;
import org.lakebrush.image.ImageHeader;
import org.lakebrush.repair.ImageOperation;
import org.lakebrush.repair.RepairSettings;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.sink.Status;

/**
 * What is done to each image of a run.
 *
 * @param operation what is done
 * @param settings of the operation
 * @param maxResidual above which a repaired image is for REVIEW
 * @param secondsPerImage of work, what it waits for left out, after which an image is given up
 */
public record ImageRepair(ImageOperation operation, RepairSettings settings, double maxResidual, int secondsPerImage) {

  /** What is kept for each pixel of a few lines on the way, in bytes: nothing, unless the picture is all one line. */
  private static final long LINE = 64;

  /** Of each pixel of a BMP, in bytes: it alone can be larger by any factor than the file that it is made from. */
  private static final long BMP = 4;

  /** About how many bytes the image takes while it is repaired; 0 where the operation refuses it before it allocates anything. */
  long workingBytes(ImageHeader header) {
    return header.pixels() > settings.maxPixels() ? 0
        : header.workingBytes() + settings.searchBytes(header.width(), header.height()) + LINE * Math.max(header.width(), header.height())
            + (becomesBmp(header) ? BMP * header.pixels() : 0);
  }

  private boolean becomesBmp(ImageHeader header) {
    return header.format() != ImageFormat.BMP && settings.format().filter(ImageFormat.BMP::equals).isPresent();
  }

  /** The status of an image in which something was repaired. */
  Status repaired(RepairTrace trace) {
    return trace.residual() != null && trace.residual() > maxResidual ? Status.REVIEW : Status.REPAIRED;
  }
}
