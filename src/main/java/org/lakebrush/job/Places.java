package org.lakebrush.job;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The fully qualified folders of a run.
 *
 * @param input root of the input: the folder, the longest part of a glob without wildcards, or the one file
 */
record Places(Path input, Path output, Path log) {

  /**
   * Qualifies a request's URIs and refuses those that would write over what is read.
   *
   * @throws UsageException naming the options in conflict
   */
  static Places of(RunRequest request, Configuration conf) throws UsageException {
    Path input = qualify("--input", request.input(), conf);
    Path output = qualify("--output", request.output(), conf);
    Path log = qualify("--log", request.log(), conf);
    Path root = input;
    for (Path p = input; p != null; p = p.getParent()) {
      if (p.getName().matches(".*[*?\\[{].*") && !exists(input, conf)) {
        root = p.getParent();
      }
    }
    if (isWithin(output, root)) {
      throw new UsageException("--output " + output + " lies in the input " + root
          + ": repaired images would be taken for input, or written over it; give a folder outside of it");
    }
    if (isWithin(root, output)) {
      throw new UsageException("--input " + root + " lies in the output " + output
          + ": repaired images could be written over it; give an output folder beside it");
    }
    if (isWithin(log, root)) {
      throw new UsageException("--log " + log + " lies in the input " + root + "; give a folder outside of it");
    }
    if (log.equals(output)) {
      throw new UsageException("--log and --output are the same folder, " + log + "; give the log a folder of its own");
    }
    return new Places(root, output, log);
  }

  private static boolean exists(Path path, Configuration conf) {
    try {
      return path.getFileSystem(conf).exists(path);
    } catch (IOException e) {
      return false;
    }
  }

  private static Path qualify(String option, String uri, Configuration conf) throws UsageException {
    try {
      Path path = new Path(uri);
      return path.getFileSystem(conf).makeQualified(path);
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException(option + " " + uri + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static boolean isWithin(Path path, Path root) {
    for (Path p = path; p != null; p = p.getParent()) {
      if (p.equals(root)) {
        return true;
      }
    }
    return false;
  }
}
