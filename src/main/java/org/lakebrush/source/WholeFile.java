package org.lakebrush.source;

import static org.apache.hadoop.fs.Options.OpenFileOptions.FS_OPTION_OPENFILE_LENGTH;
import static org.apache.hadoop.fs.Options.OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY;
import static org.apache.hadoop.fs.Options.OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY_WHOLE_FILE;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FutureDataInputStreamBuilder;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.FutureIO;

/** Opens and reads whole files. */
final class WholeFile {
  /** The largest array that Java promises. */
  static final long MAX_LENGTH = Integer.MAX_VALUE - 8L;

  /** The file is not as long as was said. */
  static final class LengthException extends IOException {
    LengthException(String message) {
      super(message);
    }
  }

  private WholeFile() {}

  /**
   * Reads a file of known length in one request.
   *
   * @throws LengthException where it is shorter or longer
   * @throws Transient.CutException where it is as long as that, and did not come whole
   */
  static byte[] read(FileSystem fs, Path path, int length) throws IOException {
    // S3A trusts the length it is told. Told one byte more, it asks for one byte more, and a file that has grown shows.
    try (InputStream in = open(fs, path, length + 1L)) {
      byte[] bytes = new byte[length];
      int n = in.readNBytes(bytes, 0, length);
      if (n < length) {
        throw shorter(fs, path, length, n, null);
      }
      if (in.read() >= 0) {
        throw new LengthException("is longer");
      }
      return bytes;
    } catch (EOFException e) {
      throw shorter(fs, path, length, 0, e);
    }
  }

  /** Why fewer bytes came than were listed: the store is asked once more how many there are. */
  private static IOException shorter(FileSystem fs, Path path, int listed, int came, EOFException cause) throws IOException {
    long there = fs.getFileStatus(path).getLen();
    IOException why = there == listed ? new Transient.CutException(came + " of " + listed + " bytes came")
        : new LengthException("is " + there + " bytes");
    why.initCause(cause);
    return why;
  }

  /** Reads a file of any length. */
  static byte[] read(FileSystem fs, Path path) throws IOException {
    try (InputStream in = open(fs, path, -1)) {
      return in.readAllBytes();
    }
  }

  private static InputStream open(FileSystem fs, Path path, long length) throws IOException {
    if (Listing.isLocal(fs)) {
      // Hadoop's local file system would look for a .crc file beside each.
      return Files.newInputStream(java.nio.file.Path.of(path.toUri().getPath()));
    }
    FutureDataInputStreamBuilder builder =
        fs.openFile(path).opt(FS_OPTION_OPENFILE_READ_POLICY, FS_OPTION_OPENFILE_READ_POLICY_WHOLE_FILE);
    if (length >= 0) {
      builder.optLong(FS_OPTION_OPENFILE_LENGTH, length);
    }
    FSDataInputStream in = FutureIO.awaitFuture(builder.build());
    return in;
  }
}
