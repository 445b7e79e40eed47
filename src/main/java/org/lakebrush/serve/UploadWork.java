package org.lakebrush.serve;

import java.util.List;
import org.lakebrush.executor.ImageWork;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Encoded;
import org.lakebrush.serve.Upload.UploadedFile;
import org.lakebrush.sink.Written;
import org.lakebrush.source.ImageRef;

/** An image that came with a request, and goes out with the answer. */
final class UploadWork implements ImageWork {
  private static final Written ANSWERED = new Written("", 0, "");

  private final UploadedFile image;
  private final ImageRef ref;
  private volatile Encoded out;

  /**
   * @param sidecars as {@link ImageRef}
   */
  UploadWork(UploadedFile image, List<String> sidecars) {
    this.image = image;
    // The same upload gives the same bytes: grain is seeded from the name.
    this.ref = new ImageRef(image.name(), image.name(), image.length(), ImageRef.UNKNOWN_TIME, sidecars, "");
  }

  @Override
  public ImageRef ref() {
    return ref;
  }

  @Override
  public byte[] read() throws ImageFailure {
    return image.read();
  }

  @Override
  public Written write(Encoded repaired) {
    out = repaired;
    return ANSWERED;
  }

  @Override
  public Written copy(byte[] file) throws ImageFailure {
    out = new Encoded(Codecs.header(file).format(), file, List.of());
    return ANSWERED;
  }

  /** What goes out, once the image is done. */
  Encoded out() {
    return out;
  }
}
