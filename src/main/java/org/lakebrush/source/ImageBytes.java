package org.lakebrush.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

/** Reads whole image files on an executor. Safe for any number of threads. */
public final class ImageBytes {
  private final Configuration conf;
  private final Reach reach;
  private final Retries retries;

  /**
   * Reads images.
   *
   * @param conf with {@link HadoopDefaults} applied
   * @param reach where images lie
   */
  public ImageBytes(Configuration conf, Reach reach, Retries retries) {
    this.conf = conf;
    this.reach = reach;
    this.retries = retries;
  }

  /**
   * The whole file, in one request; of an empty file nothing, without a request. A file of unknown length takes one request more.
   *
   * @throws ImageFailure REFUSED, VANISHED, CHANGED (its length is not the listed one), UNREADABLE, UNAVAILABLE,
   *     or TOO_LARGE (2 GiB and more)
   */
  public byte[] read(ImageRef ref) throws ImageFailure {
    reach.checkImage(ref.uri());
    Path path = new Path(ref.uri());
    try {
      FileSystem fs = S3Clients.once(conf, path);
      long length = ref.length() == ImageRef.UNKNOWN_LENGTH ? retries.call(() -> fs.getFileStatus(path).getLen()) : ref.length();
      if (length > WholeFile.MAX_LENGTH) {
        throw new ImageFailure(ErrorKind.TOO_LARGE, ref.uri() + " is " + length + " bytes; files of 2 GiB and more are not read");
      }
      return length == 0 ? new byte[0] : retries.call(() -> WholeFile.read(fs, path, (int) length));
    } catch (WholeFile.LengthException e) {
      throw new ImageFailure(ErrorKind.CHANGED, ref.uri() + " was listed with " + ref.length() + " bytes and now " + e.getMessage()
          + "; the next run lists it again", e);
    } catch (IOException | InvalidPathException e) {
      throw failure(path, e, ErrorKind.VANISHED, ErrorKind.UNREADABLE, "was listed and is gone; the next run lists again");
    }
  }

  /** What an exception on reading means. */
  static ImageFailure failure(Path path, Exception e, ErrorKind missing, ErrorKind unreadable, String whenMissing) {
    if (Listing.isUnsayable(path) && !Transient.is(e)) {
      return new ImageFailure(unreadable, path + " cannot be read: " + Listing.UNSAYABLE, e);
    }
    if (e instanceof FileNotFoundException || e instanceof NoSuchFileException) {
      return new ImageFailure(missing, path + " " + whenMissing, e);
    }
    if (Transient.is(e)) {
      return new ImageFailure(ErrorKind.UNAVAILABLE, path + " cannot be read: " + Causes.reason(e) + "; the next run tries again", e);
    }
    return new ImageFailure(unreadable, path + " cannot be read: " + Causes.inOneLine(e)
        + "; check permissions, credentials and the store", e);
  }
}
