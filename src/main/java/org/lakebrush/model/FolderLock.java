package org.lakebrush.model;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Held by the one process, and the one thread of it, that fetches a model into a folder. It is let go when the process ends, however it
 * does. The empty file stays: if it were deleted, one could wait for the deleted file and another hold a new one.
 */
final class FolderLock implements AutoCloseable {
  private static final long POLL_MILLIS = 200;

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits until the lock is free.
   *
   * @param waiting called once where it is not
   */
  static FolderLock take(Path file, Runnable waiting) throws IOException, InterruptedException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (!tryLock(channel)) {
        waiting.run();
        do {
          Thread.sleep(POLL_MILLIS);
        } while (!tryLock(channel));
      }
      return new FolderLock(channel);
    } catch (IOException | InterruptedException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      // Another thread of this process has it.
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
