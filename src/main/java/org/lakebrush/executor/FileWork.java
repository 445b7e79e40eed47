package org.lakebrush.executor;

import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Encoded;
import org.lakebrush.sink.AtomicFiles;
import org.lakebrush.sink.OutputName;
import org.lakebrush.sink.OutputSettings.Unchanged;
import org.lakebrush.sink.Written;
import org.lakebrush.source.ImageBytes;
import org.lakebrush.source.ImageRef;

/**
 * An image that is a file, and goes out as one.
 *
 * @param refusal why it is not to be tried, or null
 */
record FileWork(ImageRef ref, ImageFailure refusal, ImageBytes bytes, AtomicFiles files, OutputName name, Unchanged unchanged)
    implements ImageWork {
  @Override
  public byte[] read() throws ImageFailure {
    if (refusal != null) {
      throw refusal;
    }
    return bytes.read(ref);
  }

  @Override
  public Written write(Encoded repaired) throws ImageFailure {
    return files.write(path(false), repaired.bytes());
  }

  @Override
  public Written copy(byte[] file) throws ImageFailure {
    return unchanged == Unchanged.COPY ? files.write(path(true), file) : null;
  }

  private String path(boolean asItIs) throws ImageFailure {
    try {
      return asItIs ? name.applyUnchanged(ref.path()) : name.apply(ref.path());
    } catch (IllegalArgumentException e) {
      throw new ImageFailure(ErrorKind.WRITE, e.getMessage(), e);
    }
  }
}
