package org.lakebrush.sink;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.source.Causes;
import org.lakebrush.source.Listing;
import org.lakebrush.source.OneLine;
import org.lakebrush.source.Retries;
import org.lakebrush.source.S3Clients;
import org.lakebrush.source.Transient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes files under a root, each whole or not at all, over what was there.
 *
 * <p>A store whose streams publish on close and can be aborted (S3A) gets the file itself, in one PUT. All others get a temporary
 * file in the staging folder, on the same file system, and one rename with overwrite; a local disk without {@code .crc} side files.
 * Safe for any number of threads.
 */
public final class AtomicFiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AtomicFiles.class);
  private static final String LOG_STAGING = "_staging";

  /** One for each file system and JVM: Hadoop neither caches nor closes the client within. */
  private static final Map<URI, FileContext> CONTEXTS = new ConcurrentHashMap<>();

  /** How one kind of file system publishes. */
  private interface Store {
    Pending create(FileSystem client, Path target) throws IOException;
  }

  /** A file that nobody sees before it is published; one of {@code publish} and {@code discard} ends it. */
  private interface Pending {
    OutputStream out();

    /** Where it fails, {@code discard} is still to be called. */
    void publish() throws IOException;

    void discard() throws IOException;
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  private final FileSystem fs;
  /** For files that are put whole. */
  private final FileSystem once;
  private final Retries retries;
  private final Path root;
  private final Path staging;
  private final Fence fence;
  private final Store store;
  private volatile boolean staged;

  /**
   * Files under a root.
   *
   * @param fs for files that are written piece by piece, which cannot be begun again
   * @param once for those that are put whole, with these retries
   * @param fence asked before a file is begun and again before it is published
   */
  private AtomicFiles(Configuration conf, FileSystem fs, FileSystem once, Retries retries, Path root, Path staging, Fence fence)
      throws IOException {
    this.fs = fs;
    this.once = once;
    this.retries = retries;
    this.root = fs.makeQualified(root);
    this.staging = fs.makeQualified(staging);
    this.fence = fence;
    if (fs.hasPathCapability(this.root, CommonPathCapabilities.ABORTABLE_STREAM)) {
      this.store = this::createObject;
    } else if (fs.getUri().getScheme().equals("file")) {
      this.store = this::createLocal;
    } else {
      FileContext context = fileContext(conf);
      this.store = (client, target) -> createByRename(context, target);
    }
  }

  /**
   * For one task's output images, staged in {@code <output>/_lakebrush/<run>/<attempt>/}. Nothing is created before the first write.
   *
   * @param attempt unique among the run's task attempts; a file name
   * @param retries of files that are put whole
   */
  public static AtomicFiles ofOutput(Configuration conf, Path output, String runId, String attempt, Retries retries) throws IOException {
    return ofOutput(conf, output, runId, attempt, retries, Fence.OPEN);
  }

  /**
   * For a task that may outlive its run; else as the other.
   *
   * @param fence asked before a file is begun and again before it is published; what it throws comes through as it is
   */
  public static AtomicFiles ofOutput(Configuration conf, Path output, String runId, String attempt, Retries retries, Fence fence)
      throws IOException {
    return new AtomicFiles(conf, output.getFileSystem(conf), S3Clients.once(conf, output), retries, output,
        child(outputStaging(output, runId), attempt), fence);
  }

  /** For the result log's own files, staged in {@code <log>/_staging/<run>/<attempt>/}; else as {@link #ofOutput}. */
  public static AtomicFiles ofLog(Configuration conf, Path log, String runId, String attempt, Retries retries) throws IOException {
    return new AtomicFiles(conf, log.getFileSystem(conf), S3Clients.once(conf, log), retries, log,
        child(logStaging(log, runId), attempt), Fence.OPEN);
  }

  /** The same, with a client that tries again by itself. */
  static AtomicFiles ofLog(Configuration conf, FileSystem client, Path log, String runId, String attempt, Fence fence) throws IOException {
    return new AtomicFiles(conf, client, client, Retries.NONE, log, child(logStaging(log, runId), attempt), fence);
  }

  /**
   * Writes files that belong to no run, and leaves nothing else behind.
   *
   * @param folder need not exist
   * @param files by their names in it, in the order in which they are written
   * @throws IOException with what, where and what to do
   */
  public static void write(Configuration conf, Path folder, Map<String, byte[]> files) throws IOException {
    String id = UUID.randomUUID().toString();
    try (AtomicFiles writer = ofOutput(conf, folder, id, "driver", Retries.DEFAULT)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        writer.put(file.getKey(), file.getValue());
      }
    } finally {
      sweepOutput(conf, folder, id);
    }
  }

  /** Where a run's temporary output files are. */
  public static Path outputStaging(Path output, String runId) {
    return child(child(output, Listing.OWN_FOLDER), runId);
  }

  /** Where a run's temporary files of the log are. */
  public static Path logStaging(Path log, String runId) {
    return child(child(log, LOG_STAGING), runId);
  }

  /** Not {@code new Path(parent, name)}: that takes what stands before a colon for a scheme. */
  private static Path child(Path parent, String name) {
    String folder = parent.toString();
    return new Path(folder.endsWith("/") ? folder + name : folder + "/" + name);
  }

  private FileContext fileContext(Configuration conf) throws IOException {
    FileContext known = CONTEXTS.get(fs.getUri());
    if (known != null) {
      return known;
    }
    try {
      FileContext context = FileContext.getFileContext(fs.getUri(), conf);
      FileContext before = CONTEXTS.putIfAbsent(fs.getUri(), context);
      return before == null ? context : before;
    } catch (UnsupportedFileSystemException e) {
      throw new IOException("cannot write to " + root + ": its file system has no rename that overwrites; set fs.AbstractFileSystem."
          + fs.getUri().getScheme() + ".impl as its connector documents", e);
    }
  }

  /**
   * Writes an image.
   *
   * @param relativePath under the root, with {@code /}
   * @throws ImageFailure WRITE or UNAVAILABLE; nothing was published then
   */
  public Written write(String relativePath, byte[] bytes) throws ImageFailure {
    try {
      return put(relativePath, bytes);
    } catch (DraftException e) {
      throw e.failure();
    } catch (IOException e) {
      throw new ImageFailure(ErrorKind.WRITE, e.getMessage(), e);
    }
  }

  /**
   * As {@link #write}, for what is no image.
   *
   * @throws IOException with what, where and what to do; nothing was published then
   */
  public Written put(String relativePath, byte[] bytes) throws IOException {
    Path target = target(relativePath);
    try {
      return retries.call(() -> {
        fence.check();
        Pending pending = store.create(once, target);
        boolean published = false;
        try {
          pending.out().write(bytes);
          pending.publish();
          published = true;
        } finally {
          if (!published) {
            discard(target, pending);
          }
        }
        return new Written(target.toString(), bytes.length, Sha256.hex(bytes));
      });
    } catch (IOException | InvalidPathException e) {
      throw failure(target, e);
    }
  }

  /**
   * Begins a file that is written piece by piece.
   *
   * @throws IOException with what, where and what to do
   */
  public Draft create(String relativePath) throws IOException {
    return open(target(relativePath));
  }

  private Draft open(Path target) throws IOException {
    fence.check();
    try {
      return new Draft(target, store.create(fs, target));
    } catch (IOException | InvalidPathException e) {
      throw failure(target, e);
    }
  }

  private Path target(String relativePath) throws IOException {
    Path target = child(root, relativePath);
    if (target.equals(root) || !Listing.isWithin(target, root)) {
      throw new IOException("cannot write " + relativePath + ": it lies outside " + root + "; change output.name");
    }
    return target;
  }

  private static DraftException failure(Path target, Exception e) {
    return new DraftException("cannot write " + target + ": " + Causes.reason(e) + (Transient.is(e) ? "; the next run tries again"
        : "; check permissions, credentials and free space" + freeSpace(target)), e);
  }

  /** How much is left on a local disk, in brackets; nothing of other stores. */
  private static String freeSpace(Path target) {
    if (!"file".equals(target.toUri().getScheme())) {
      return "";
    }
    java.nio.file.Path folder = local(target).getParent();
    while (folder != null && Files.notExists(folder)) {
      folder = folder.getParent();
    }
    try {
      return folder == null ? "" : " (" + Files.getFileStore(folder).getUsableSpace() / 1000 + " kB are free in " + folder + ")";
    } catch (IOException e) {
      return "";
    }
  }

  /** A file could not be written. The message says what, where and what to do. */
  public static final class DraftException extends IOException {
    private static final long serialVersionUID = 1;

    private DraftException(String message, Exception cause) {
      super(message, cause);
    }

    /** The same as an image's failure: UNAVAILABLE where the store may serve it in a moment, else WRITE. */
    public ImageFailure failure() {
      return new ImageFailure(Transient.is(getCause()) ? ErrorKind.UNAVAILABLE : ErrorKind.WRITE, getMessage(), this);
    }
  }

  /**
   * A file in the making, which nobody sees before {@link #publish}, and which is gone if it is closed before. Each method throws
   * {@link DraftException} where it fails. Used by one thread.
   */
  public static final class Draft extends OutputStream {
    private final Path target;
    private final Pending pending;
    private long position;
    private boolean ended;

    private Draft(Path target, Pending pending) {
      this.target = target;
      this.pending = pending;
    }

    /** The file's URI once it is published. */
    public String uri() {
      return target.toString();
    }

    /** Bytes written so far. */
    public long position() {
      return position;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        pending.out().write(bytes, offset, length);
        position += length;
      } catch (IOException e) {
        throw failure(target, e);
      }
    }

    /** Puts the file where it belongs, over what was there. Nothing can be written afterwards. */
    public void publish() throws IOException {
      try {
        pending.publish();
        ended = true;
      } catch (IOException | InvalidPathException e) {
        throw failure(target, e);
      }
    }

    /** Throws away what was not published. */
    @Override
    public void close() {
      if (ended) {
        return;
      }
      ended = true;
      discard(target, pending);
    }
  }

  private static void discard(Path target, Pending pending) {
    try {
      pending.discard();
    } catch (IOException e) {
      LOG.warn("cannot delete the unfinished file for {}; the end of the run tries again: {}", OneLine.of(target.toString()),
          Causes.inOneLine(e));
    }
  }

  private Pending createObject(FileSystem client, Path target) throws IOException {
    // "performance": no request but the PUT; what might be there is overwritten, and folders need no markers.
    FSDataOutputStreamBuilder<?, ?> builder = client.createFile(target);
    FSDataOutputStream out = builder.overwrite(true).recursive().opt("fs.s3a.create.performance", true).build();
    return new Pending() {
      @Override
      public OutputStream out() {
        return out;
      }

      @Override
      public void publish() throws IOException {
        fence.check();
        out.close();
      }

      @Override
      public void discard() {
        // Closing would publish what is there.
        out.abort();
      }
    };
  }

  private Pending createLocal(FileSystem client, Path target) throws IOException {
    java.nio.file.Path to = local(target);
    java.nio.file.Path temporary = local(temporary());
    refuseLinksOut(temporary);
    OutputStream out = withParent(temporary, () -> Files.newOutputStream(temporary));
    return new Pending() {
      @Override
      public OutputStream out() {
        return out;
      }

      @Override
      public void publish() throws IOException {
        out.close();
        fence.check();
        refuseLinksOut(to);
        withParent(to, () -> Files.move(temporary, to, ATOMIC_MOVE));
      }

      @Override
      public void discard() throws IOException {
        try (out) {
          Files.deleteIfExists(temporary);
        }
      }
    };
  }

  /** A link below the root may lead anywhere: what is written there would lie outside of it. */
  private void refuseLinksOut(java.nio.file.Path file) throws IOException {
    java.nio.file.Path folder = real(file.getParent());
    java.nio.file.Path top = real(local(root));
    if (!folder.startsWith(top)) {
      throw new IOException("by a link it leads to " + folder + ", outside of " + top + ": remove the link, or give the folder that it"
          + " leads to as an output of its own");
    }
  }

  /** Without links, as far as it is there. */
  private static java.nio.file.Path real(java.nio.file.Path path) throws IOException {
    for (java.nio.file.Path p = path; p != null; p = p.getParent()) {
      try {
        return p.toRealPath().resolve(p.relativize(path));
      } catch (NoSuchFileException e) {
        // Its folder may be.
      }
    }
    return path;
  }

  /** Makes the file's folder only where it is seen to be missing: mostly it is there. */
  private static <T> T withParent(java.nio.file.Path file, Work<T> work) throws IOException {
    try {
      return work.run();
    } catch (NoSuchFileException e) {
      Files.createDirectories(file.getParent());
      return work.run();
    }
  }

  private static java.nio.file.Path local(Path path) {
    return java.nio.file.Path.of(path.toUri().getPath());
  }

  private Pending createByRename(FileContext context, Path target) throws IOException {
    Path temporary = temporary();
    FSDataOutputStream out = fs.create(temporary, true);
    return new Pending() {
      @Override
      public OutputStream out() {
        return out;
      }

      @Override
      public void publish() throws IOException {
        out.close();
        fence.check();
        try {
          context.rename(temporary, target, Options.Rename.OVERWRITE);
        } catch (FileNotFoundException e) {
          fs.mkdirs(target.getParent());
          context.rename(temporary, target, Options.Rename.OVERWRITE);
        }
      }

      @Override
      public void discard() throws IOException {
        try {
          out.close();
        } catch (IOException e) {
          LOG.debug("{} cannot be closed, and is deleted", temporary, e);
        }
        fs.delete(temporary, false);
      }
    };
  }

  private Path temporary() {
    staged = true;
    return child(staging, UUID.randomUUID().toString());
  }

  /** Deletes this staging folder. Temporary files that cannot be deleted now go with {@link #sweepOutput} or {@link #sweepLog}. */
  @Override
  public void close() {
    if (!staged) {
      return;
    }
    try {
      delete(fs, staging, true);
    } catch (IOException e) {
      LOG.warn("cannot delete {}; the end of the run tries again", staging, e);
    }
  }

  /** Deletes, also for a thread that is interrupted, as a killed task's is: for such a thread HDFS does nothing. */
  static void delete(FileSystem fs, Path path, boolean recursive) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      fs.delete(path, recursive);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Deletes what a run, ended or dead, left in {@code <output>/_lakebrush}, and that folder where nothing else is in it. */
  public static void sweepOutput(Configuration conf, Path output, String runId) throws IOException {
    sweep(conf, outputStaging(output, runId));
  }

  /** Deletes what a run, ended or dead, left in {@code <log>/_staging}, and that folder where nothing else is in it. */
  public static void sweepLog(Configuration conf, Path log, String runId) throws IOException {
    sweep(conf, logStaging(log, runId));
  }

  private static void sweep(Configuration conf, Path folder) throws IOException {
    FileSystem fs = folder.getFileSystem(conf);
    fs.delete(folder, true);
    try {
      fs.delete(folder.getParent(), false);
    } catch (IOException e) {
      LOG.debug("{} stays: another run has files there", folder.getParent(), e);
    }
  }
}
