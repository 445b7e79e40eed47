package org.lakebrush.sink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.lakebrush.source.Retries;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files {@code _runs/<run id>.json} of a log, one for each run. An instance writes one run's; safe for any number of threads. */
public final class RunRecords implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunRecords.class);
  private static final String FOLDER = "_runs";
  private static final String ENDING = ".json";
  private static final int READ_ATTEMPTS = 10;
  private static final ObjectMapper JSON = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final AtomicFiles files;

  /**
   * Those of a log, for a run that has its lease.
   *
   * @throws IOException where the log's file system cannot be had
   */
  public RunRecords(Configuration conf, Path log, String runId, Retries retries) throws IOException {
    this.files = AtomicFiles.ofLog(conf, log, runId, "run", retries);
  }

  /** Writes a record in the place of the run's last one. */
  public void write(RunRecord run) throws IOException {
    files.put(FOLDER + "/" + run.runId() + ENDING, JSON.writeValueAsBytes(run));
  }

  /** All runs of a log that are known by a file, the newest first. One that cannot be read is left out, with a warning. */
  public static List<RunRecord> read(Configuration conf, Path log) throws IOException {
    FileSystem fs = log.getFileSystem(conf);
    List<RunRecord> runs = new ArrayList<>();
    for (FileStatus file : list(fs, new Path(log, FOLDER))) {
      if (file.getPath().getName().endsWith(ENDING)) {
        read(fs, file.getPath()).ifPresent(runs::add);
      }
    }
    runs.sort(Comparator.comparingLong(RunRecord::startedAt).thenComparing(RunRecord::runId).reversed());
    return List.copyOf(runs);
  }

  /** A run's record as it is now; empty where it has none that can be read. */
  public static Optional<RunRecord> read(Configuration conf, Path log, String runId) throws IOException {
    return read(log.getFileSystem(conf), new Path(new Path(log, FOLDER), runId + ENDING));
  }

  private static FileStatus[] list(FileSystem fs, Path folder) throws IOException {
    try {
      return fs.listStatus(folder);
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }

  /** The run of an id, else the newest of a name. */
  public static Optional<RunRecord> find(List<RunRecord> newestFirst, String idOrName) {
    return newestFirst.stream().filter(run -> run.runId().equals(idOrName)).findFirst()
        .or(() -> newestFirst.stream().filter(run -> idOrName.equals(run.name())).findFirst());
  }

  private static Optional<RunRecord> read(FileSystem fs, Path file) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try (InputStream in = fs.open(file)) {
        RunRecord run = JSON.readValue(in.readAllBytes(), RunRecord.class);
        if (run != null && file.getName().equals(run.runId() + ENDING)) {
          return Optional.of(run);
        }
        return leftOut(file, "it has not the run's id");
      } catch (JsonProcessingException e) {
        return leftOut(file, e.getOriginalMessage());
      } catch (FileNotFoundException e) {
        return leftOut(file, e.getMessage());
      } catch (IOException e) {
        // Written anew between opening and reading: the store does not mix old and new.
        if (attempt == READ_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static Optional<RunRecord> leftOut(Path file, String why) {
    LOG.warn("{} is no record of a run, and is left out: {}", file, why);
    return Optional.empty();
  }

  @Override
  public void close() {
    files.close();
  }
}
