package org.lakebrush.testing;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.security.AccessControlException;

/**
 * The local disk as {@code fault:///}, with faults by file name: {@code vanishes} is deleted as it is opened, {@code forbidden} may not
 * be read, {@code odd} throws what nobody expects, {@code killer} ends its task's first attempt, {@code deadly} each one.
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
    return super.open(file, bufferSize);
  }

  /** An Error, so that it ends the task and not only the image. */
  public static final class InjectedError extends Error {
    private static final long serialVersionUID = 1;

    InjectedError(String message) {
      super(message);
    }
  }
}
