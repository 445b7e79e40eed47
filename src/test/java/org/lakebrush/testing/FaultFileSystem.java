package org.lakebrush.testing;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.security.AccessControlException;

/**
 * The local disk as {@code fault:///}, with faults by file name: {@code vanishes} is deleted as it is opened, {@code forbidden} may not
 * be read, {@code slow} takes half a second to open, {@code odd} throws what nobody expects, {@code killer} ends its task's first attempt,
 * {@code deadly} each one, and {@code halfway} each one that reads in the second half after the first, until a file {@code _mended} lies
 * beside it.
 */
public final class FaultFileSystem extends RawLocalFileSystem {
  private static final URI NAME = URI.create("fault:///");

  @Override
  public String getScheme() {
    return NAME.getScheme();
  }

  @Override
  public URI getUri() {
    return NAME;
  }

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    String name = file.getName();
    if (name.contains("vanishes")) {
      delete(file, false);
    } else if (name.contains("forbidden")) {
      throw new AccessControlException("Permission denied: user=nobody, access=READ, inode=\"" + file.toUri().getPath() + "\"");
    } else if (name.contains("slow")) {
      try {
        Thread.sleep(500);
      } catch (InterruptedException e) {
        throw new InterruptedIOException("interrupted while opening " + name);
      }
    } else if (name.contains("odd")) {
      throw new IllegalStateException("injected for " + name);
    } else if (name.contains("deadly")) {
      throw new InjectedError("injected for " + name);
    } else if (name.contains("killer")) {
      java.nio.file.Path marker = java.nio.file.Path.of(file.toUri().getPath() + ".killed");
      if (Files.notExists(marker)) {
        Files.createFile(marker);
        throw new InjectedError("injected for " + name);
      }
    }
    FSDataInputStream in = super.open(file, bufferSize);
    return name.contains("halfway") && !exists(new Path(file.getParent(), "_mended"))
        ? new FSDataInputStream(new Halfway(in, getFileStatus(file).getLen() / 2, name)) : in;
  }

  private static final class Halfway extends FSInputStream {
    private final FSDataInputStream in;
    private final long half;
    private final String name;
    private boolean begun;

    Halfway(FSDataInputStream in, long half, String name) {
      this.in = in;
      this.half = half;
      this.name = name;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      // Magic bytes at the file's begin are no data.
      boolean second = in.getPos() > half;
      if (second && begun) {
        throw new InjectedError("injected for " + name);
      }
      begun |= !second && length > 4;
      return in.read(bytes, offset, length);
    }

    @Override
    public void seek(long position) throws IOException {
      in.seek(position);
    }

    @Override
    public long getPos() throws IOException {
      return in.getPos();
    }

    @Override
    public boolean seekToNewSource(long target) {
      return false;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  /** An Error, so that it ends the task and not only the image. */
  public static final class InjectedError extends Error {
    private static final long serialVersionUID = 1;

    InjectedError(String message) {
      super(message);
    }
  }
}
