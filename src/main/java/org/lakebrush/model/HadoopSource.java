package org.lakebrush.model;

import static org.apache.hadoop.fs.Options.OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY;
import static org.apache.hadoop.fs.Options.OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY_WHOLE_FILE;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.util.functional.FutureIO;

/** A model on any Hadoop file system. */
final class HadoopSource implements ModelSource {
  private final Path file;
  private final Configuration conf;
  private boolean answered;

  HadoopSource(Path file, Configuration conf) {
    this.file = file;
    this.conf = conf;
  }

  @Override
  public Body open(long offset) throws FetchException, IOException {
    try {
      FileSystem fs = file.getFileSystem(conf);
      FileStatus status = fs.getFileStatus(file);
      FSDataInputStream in = FutureIO.awaitFuture(fs.openFile(file).withFileStatus(status)
          .opt(FS_OPTION_OPENFILE_READ_POLICY, FS_OPTION_OPENFILE_READ_POLICY_WHOLE_FILE).build());
      in.seek(offset);
      answered = true;
      return new Body(in, offset, status.getLen());
    } catch (FileNotFoundException e) {
      throw new FetchException("there is no file " + file, e);
    } catch (AccessDeniedException | AccessControlException e) {
      throw new FetchException("no access to " + file + ": " + e.getMessage() + "; check the credentials (core-site.xml in "
          + "HADOOP_CONF_DIR, the AWS environment variables)", e);
    } catch (IOException | IllegalArgumentException e) {
      // The file systems have tried for long themselves.
      if (!answered || e instanceof IllegalArgumentException) {
        throw FetchException.unreachable("cannot open " + file + ": " + FetchException.words(e), e);
      }
      throw e;
    }
  }
}
