package org.lakebrush.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.lakebrush.sink.AtomicFiles;
import org.lakebrush.source.S3Clients;

/**
 * The files of a log's leases: {@code _lease/<run>.json} for each, and {@code _lease/<run>.taken} where another run took it over. Safe
 * for any number of threads.
 */
final class LeaseFolder implements AutoCloseable {
  private static final String FOLDER = "_lease";
  private static final int READ_ATTEMPTS = 10;
  private static final String LEASE = ".json";
  private static final String TAKEN = ".taken";
  private static final ObjectMapper JSON = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /**
   * A lease as it was seen.
   *
   * @param modified the file's modification time by the store's clock
   */
  record Seen(LeaseRecord record, long modified) {
    boolean sameHeartbeat(Seen other) {
      return modified == other.modified && record.heartbeat() == other.record.heartbeat();
    }
  }

  /**
   * What the folder holds.
   *
   * @param taken ids of the runs whose lease was taken over, with the modification time of that file
   */
  record Look(List<Seen> leases, List<Taken> taken) {
    Seen lease(String runId) {
      return leases.stream().filter(s -> s.record.runId().equals(runId)).findFirst().orElse(null);
    }

    boolean isTaken(String runId) {
      return taken.stream().anyMatch(t -> t.runId.equals(runId));
    }
  }

  /** A lease that was taken over. */
  record Taken(String runId, long modified) {}

  private final FileSystem fs;
  private final Path folder;
  private final AtomicFiles files;

  LeaseFolder(Configuration conf, Path log, String runId) throws IOException {
    this.fs = S3Clients.prompt(conf, log);
    this.folder = new Path(log, FOLDER);
    this.files = AtomicFiles.ofLog(conf, fs, log, runId, "lease");
  }

  void write(LeaseRecord record) throws IOException {
    files.put(FOLDER + "/" + record.runId() + LEASE, JSON.writeValueAsBytes(record));
  }

  /** Marks a lease as taken over, so that its run, should it live, sees it. */
  void take(String runId, LeaseRecord by) throws IOException {
    files.put(FOLDER + "/" + runId + TAKEN, JSON.writeValueAsBytes(by));
  }

  void delete(String runId) throws IOException {
    fs.delete(new Path(folder, runId + LEASE), false);
  }

  void untake(String runId) throws IOException {
    fs.delete(new Path(folder, runId + TAKEN), false);
  }

  Look look() throws IOException {
    List<Seen> leases = new ArrayList<>();
    List<Taken> taken = new ArrayList<>();
    for (FileStatus file : list()) {
      String name = file.getPath().getName();
      if (name.endsWith(LEASE)) {
        LeaseRecord record = read(file);
        if (record != null) {
          leases.add(new Seen(record, file.getModificationTime()));
        }
      } else if (name.endsWith(TAKEN)) {
        taken.add(new Taken(name.substring(0, name.length() - TAKEN.length()), file.getModificationTime()));
      }
    }
    return new Look(leases, taken);
  }

  /** Whether a run's lease is there and was not taken over. */
  boolean isGood(String runId) throws IOException {
    boolean there = false;
    for (FileStatus file : list()) {
      String name = file.getPath().getName();
      if (name.equals(runId + TAKEN)) {
        return false;
      }
      there |= name.equals(runId + LEASE);
    }
    return there;
  }

  private FileStatus[] list() throws IOException {
    try {
      return fs.listStatus(folder);
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }

  /** Null where the lease went meanwhile. A record that cannot be read stands for a run of which nothing but its heartbeats is known. */
  private LeaseRecord read(FileStatus file) throws IOException {
    String name = file.getPath().getName();
    String runId = name.substring(0, name.length() - LEASE.length());
    for (int attempt = 1; ; attempt++) {
      try (InputStream in = fs.open(file.getPath())) {
        return JSON.readValue(in.readAllBytes(), LeaseRecord.class);
      } catch (FileNotFoundException e) {
        return null;
      } catch (JsonProcessingException e) {
        return new LeaseRecord(runId, "unknown", "", 0, "", 0, null, true, 0);
      } catch (IOException e) {
        // A heartbeat between opening and reading: the store does not mix old and new.
        if (attempt == READ_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  @Override
  public void close() {
    files.close();
  }
}
