package org.lakebrush.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.lakebrush.executor.ImageWork;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Encoded;
import org.lakebrush.image.ImageFormat;
import org.lakebrush.serve.Upload.UploadedFile;
import org.lakebrush.sink.Written;
import org.lakebrush.source.ImageRef;

/** An image that came with a request, and goes out with the answer: by way of a file, so that who takes it slowly holds no memory. */
final class UploadWork implements ImageWork {
  private static final Written ANSWERED = new Written("", 0, "");

  private final UploadedFile image;
  private final ImageRef ref;
  private final Path out;
  private volatile ImageFormat format;

  /**
   * @param sidecars as {@link ImageRef}
   * @param out where it goes
   */
  UploadWork(UploadedFile image, List<String> sidecars, Path out) {
    this.image = image;
    this.out = out;
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
  public Written write(Encoded repaired) throws ImageFailure {
    return write(repaired.format(), repaired.bytes());
  }

  @Override
  public Written copy(byte[] file) throws ImageFailure {
    return write(Codecs.header(file).format(), file);
  }

  private Written write(ImageFormat written, byte[] bytes) throws ImageFailure {
    try {
      Files.write(out, bytes);
    } catch (IOException e) {
      throw new ImageFailure(ErrorKind.INTERNAL, ApiException.disk(e).getMessage(), e);
    }
    format = written;
    return ANSWERED;
  }

  /** Of what went out, once the image is done. */
  ImageFormat format() {
    return format;
  }
}
