package org.lakebrush.repair;

import java.util.List;
import java.util.Optional;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Encoded;
import org.lakebrush.image.ImageFormat;
import org.lakebrush.image.Picture;
import org.lakebrush.image.Thumbnail;
import org.lakebrush.repair.RepairTrace.Stage;

/**
 * An image as it can be looked at anywhere, whatever its format: an upright PNG of 8 bits a channel, of the image's own size where that is
 * not larger than {@value #MOST} pixels a side, else reduced.
 *
 * @param maxPixels larger images are refused by their header
 */
public record View(long maxPixels) implements ImageOperation {
  private static final int MOST = 2048;

  /**
   * Never empty.
   *
   * @throws ImageFailure where the image is too large, or cannot be decoded
   */
  @Override
  public Optional<Encoded> apply(byte[] file, String uri, List<String> sidecars, String boxes, RepairTrace trace) throws ImageFailure {
    Picture picture = Repairer.decode(file, maxPixels, trace);
    byte[] png = trace.time(Stage.ENCODE,
        () -> Thumbnail.of(picture, Math.min(MOST, picture.width()), Math.min(MOST, picture.height())).png());
    return Optional.of(new Encoded(ImageFormat.PNG, png, List.of()));
  }
}
