package org.lakebrush.job;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.mask.SidecarMask;
import org.lakebrush.source.Input;
import org.lakebrush.source.Listing;
import org.lakebrush.source.Secrets;

/**
 * The fully qualified folders of a run.
 *
 * @param input root of the input: the folder, the longest part of a glob without wildcards, the one file, or the manifest
 */
public record Places(Path input, Path output, Path log) {

  /**
   * Qualifies a request's URIs and refuses those that would write over what is read, or mix the log with other files. Links of a local
   * disk are seen through.
   *
   * @param masks the job's masks
   * @throws UsageException naming the options in conflict
   */
  static Places of(RunRequest request, List<MaskSpec> masks, Configuration conf) throws UsageException {
    boolean listed = !(request.input() instanceof Input.Manifest);
    Path input = qualify(request.input().option(), request.input().uri(), conf);
    Path output = qualify("--output", request.output(), conf);
    Path log = qualify("--log", request.log(), conf);
    Path root = root(input, conf);
    // What a manifest names in the output is left out, image by image.
    if (listed && isWithin(output, root)) {
      throw new UsageException("--output " + name(output) + " lies in the input " + name(root)
          + ": repaired images would be taken for input, or written over it; give a folder outside of it");
    }
    if (listed && isWithin(root, output)) {
      throw new UsageException(request.input().option() + " " + name(root) + " lies in the output " + name(output)
          + ": repaired images could be written over it; give an output folder beside it");
    }
    if (request.input() instanceof Input.Manifest manifest && manifest.base() != null) {
      Path base = qualify("--base", manifest.base(), conf);
      if (isWithin(base, output)) {
        throw new UsageException("--base " + name(base) + " lies in the output " + name(output)
            + ": repaired images could be written over those that are read; give an output folder beside it");
      }
    }
    if (listed && isWithin(log, root)) {
      throw new UsageException("--log " + name(log) + " lies in the input " + name(root) + "; give a folder outside of it");
    }
    for (Path other : List.of(root, output)) {
      if (isWithin(other, log)) {
        throw new UsageException("--log " + name(log) + " is or holds " + name(other)
            + ", and every file in a log's folder is read as part of it; give the log a folder of its own");
      }
    }
    for (MaskSpec mask : masks) {
      String sidecar = mask instanceof SidecarMask.Dir dir ? dir.dir() : mask instanceof SidecarMask.File file ? file.file() : null;
      for (String uri : sidecar == null ? mask.files() : List.of(sidecar)) {
        Path path = qualify("masks: the " + mask.kind(), uri, conf);
        if (isWithin(output, path) || isWithin(path, output)) {
          throw new UsageException("--output " + name(output) + " and the job's masks " + name(path)
              + " lie in each other: repaired images could be written over masks; give an output folder beside them");
        }
      }
    }
    return new Places(root, output, log);
  }

  /** The longest part of an input without wildcards. */
  static Path root(Path input, Configuration conf) {
    Path root = input;
    for (Path p = input; p != null; p = p.getParent()) {
      if (p.getName().matches(".*[*?\\[{].*") && !exists(input, conf)) {
        root = p.getParent();
      }
    }
    return root;
  }

  private static boolean exists(Path path, Configuration conf) {
    try {
      return path.getFileSystem(conf).exists(path);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * A path as its file system names it.
   *
   * @param option what gives it, for messages
   */
  public static Path qualify(String option, String uri, Configuration conf) throws UsageException {
    if (Secrets.isIn(uri)) {
      throw new UsageException(option + " " + Secrets.hidden(uri) + " " + Secrets.NOT_IN_URIS);
    }
    try {
      Path path = new Path(uri);
      Path qualified = path.getFileSystem(conf).makeQualified(path);
      // s3a://bucket without a slash at its end is no folder's parent.
      return qualified.toUri().getPath().isEmpty() ? new Path(qualified, "/") : qualified;
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException(option + " " + uri + " cannot be used: " + e.getMessage(), e);
    }
  }

  /**
   * A file that is to be written, and is no part of a log.
   *
   * @param option what gives it, for messages
   * @param log the folder of a log, its URI
   * @throws UsageException where it is a folder, or lies in the log
   */
  public static Path file(String option, String uri, String log, Configuration conf) throws UsageException {
    Path file = qualify(option, uri, conf);
    if (file.getParent() == null || isFolder(file, conf)) {
      throw new UsageException(option + " " + name(file) + " is a folder: give the name of a file in it");
    }
    if (isWithin(file, qualify("--log", log, conf))) {
      throw new UsageException(option + " " + name(file) + " lies in the log, and every file in a log's folder is read as part of it;"
          + " give a place outside of it");
    }
    return file;
  }

  private static boolean isFolder(Path path, Configuration conf) {
    try {
      return path.getFileSystem(conf).getFileStatus(path).isDirectory();
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether a path is the folder or lies in it; both qualified. Links of a local disk are seen through. */
  static boolean isWithin(Path path, Path folder) {
    return Listing.isWithin(real(path), real(folder));
  }

  /** A path as messages name it. */
  private static String name(Path path) {
    Path real = real(path);
    return real.equals(path) ? path.toString() : path + " (which is " + real + ")";
  }

  /** On a local disk the path without links, as far as it exists. */
  private static Path real(Path path) {
    if (!"file".equals(path.toUri().getScheme())) {
      return path;
    }
    try {
      java.nio.file.Path whole = java.nio.file.Path.of(path.toUri().getPath());
      for (java.nio.file.Path p = whole; p != null; p = p.getParent()) {
        try {
          return new Path("file", null, p.toRealPath().resolve(p.relativize(whole)).toString());
        } catch (IOException e) {
          // Not there: its folder may be.
        }
      }
    } catch (InvalidPathException e) {
      // Nothing of that name can be there.
    }
    return path;
  }
}
