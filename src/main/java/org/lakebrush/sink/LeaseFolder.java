package org.lakebrush.sink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.lakebrush.source.S3Clients;

/**
 * The files of a log's leases: {@code _lease/<run>.json} for each; beside it {@code <run>.ending} where the run comes to its end before
 * its work is done, and {@code <run>.taken} where another run took it over; and {@code <run>.dead} for a run that is dead, and whose
 * executors may write for a while yet. Safe for any number of threads.
 */
public final class LeaseFolder implements AutoCloseable {
  /** Age of the last heartbeat from which a run counts as dead. */
  public static final Duration STALE = Duration.ofSeconds(60);
  /** For how long an executor goes by what it last saw of its run's lease: nothing of a run that lost it is published later than this. */
  public static final Duration FRESH = Duration.ofSeconds(10);

  private static final String FOLDER = "_lease";
  private static final int READ_ATTEMPTS = 10;
  private static final String LEASE = ".json";
  private static final String ENDING = ".ending";
  private static final String TAKEN = ".taken";
  private static final String DEAD = ".dead";
  private static final ObjectMapper JSON = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /**
   * A lease as it was seen.
   *
   * @param modified the file's modification time by the store's clock
   */
  public record Seen(LeaseRecord record, long modified) {
    /** Whether there was no heartbeat in between. */
    public boolean sameHeartbeat(Seen other) {
      return modified == other.modified && record.heartbeat() == other.record.heartbeat();
    }
  }

  /**
   * What the folder holds.
   *
   * @param taken ids of the runs whose lease was taken over, with the modification time of that file
   */
  public record Look(List<Seen> leases, List<Taken> taken) {
    /** A run's lease, or null. */
    public Seen lease(String runId) {
      return leases.stream().filter(s -> s.record.runId().equals(runId)).findFirst().orElse(null);
    }

    /** Whether a run's lease was taken over. */
    public boolean isTaken(String runId) {
      return taken.stream().anyMatch(t -> t.runId.equals(runId));
    }
  }

  /** A lease that was taken over. */
  public record Taken(String runId, long modified) {}

  /** How a run stands. */
  public enum State {
    LIVES,
    /** It lives, and begins nothing new. */
    ENDING,
    /** It has no lease, or another run has taken it. */
    GONE
  }

  /**
   * How a run stood.
   *
   * @param modified time of its last heartbeat by the store's clock, in ms since 1970; 0 where it is gone
   */
  public record Standing(State state, long modified) {}

  private final FileSystem fs;
  private final Path folder;
  private final AtomicFiles files;

  /**
   * The folder of a log, which need not be there.
   *
   * @param runId of the run that asks
   * @throws IOException where the log's file system cannot be had
   */
  public LeaseFolder(Configuration conf, Path log, String runId) throws IOException {
    this.fs = S3Clients.prompt(conf, log);
    this.folder = new Path(log, FOLDER);
    this.files = AtomicFiles.ofLog(conf, fs, log, runId, "lease", Fence.OPEN);
  }

  /** Writes a lease, or a heartbeat of it. */
  public void write(LeaseRecord record) throws IOException {
    files.put(FOLDER + "/" + record.runId() + LEASE, JSON.writeValueAsBytes(record));
  }

  /** Marks a lease as taken over, so that its run, should it live, sees it. */
  public void take(String runId, LeaseRecord by) throws IOException {
    files.put(FOLDER + "/" + runId + TAKEN, JSON.writeValueAsBytes(by));
  }

  /** Says that a run begins nothing new. */
  public void end(String runId) throws IOException {
    files.put(FOLDER + "/" + runId + ENDING, new byte[0]);
  }

  /** Deletes a run's lease, and with it that the run was ending. */
  public void delete(String runId) throws IOException {
    // In this order: a run that is ending never looks as if it were not.
    fs.delete(new Path(folder, runId + LEASE), false);
    fs.delete(new Path(folder, runId + ENDING), false);
  }

  /** Keeps in mind that a run is dead, and where what its executors still write is to be looked for. */
  public void bury(LeaseRecord dead) throws IOException {
    files.put(FOLDER + "/" + dead.runId() + DEAD, JSON.writeValueAsBytes(dead));
  }

  /** Forgets a run that is dead. */
  public void forget(String runId) throws IOException {
    fs.delete(new Path(folder, runId + DEAD), false);
  }

  /** Deletes the mark that a lease was taken over. */
  public void untake(String runId) throws IOException {
    fs.delete(new Path(folder, runId + TAKEN), false);
  }

  /** All leases. */
  public Look look() throws IOException {
    List<Seen> leases = new ArrayList<>();
    List<Taken> taken = new ArrayList<>();
    for (FileStatus file : list()) {
      String name = file.getPath().getName();
      if (name.endsWith(LEASE)) {
        LeaseRecord record = read(file, LEASE);
        if (record != null) {
          leases.add(new Seen(record, file.getModificationTime()));
        }
      } else if (name.endsWith(TAKEN)) {
        taken.add(new Taken(name.substring(0, name.length() - TAKEN.length()), file.getModificationTime()));
      }
    }
    return new Look(leases, taken);
  }

  /** The runs that are dead and not forgotten, as they were when that was found. */
  public List<Seen> dead() throws IOException {
    List<Seen> dead = new ArrayList<>();
    for (FileStatus file : list()) {
      if (file.getPath().getName().endsWith(DEAD)) {
        LeaseRecord record = read(file, DEAD);
        if (record != null) {
          dead.add(new Seen(record, file.getModificationTime()));
        }
      }
    }
    return dead;
  }

  /** How a run stands, by one listing. */
  public Standing standing(String runId) throws IOException {
    State state = State.LIVES;
    long modified = -1;
    for (FileStatus file : list()) {
      String name = file.getPath().getName();
      if (name.equals(runId + TAKEN)) {
        return new Standing(State.GONE, 0);
      } else if (name.equals(runId + ENDING)) {
        state = State.ENDING;
      } else if (name.equals(runId + LEASE)) {
        modified = file.getModificationTime();
      }
    }
    return modified < 0 ? new Standing(State.GONE, 0) : new Standing(state, modified);
  }

  private FileStatus[] list() throws IOException {
    try {
      return fs.listStatus(folder);
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }

  /** Null where the lease went meanwhile. A record that cannot be read stands for a run of which nothing but its heartbeats is known. */
  private LeaseRecord read(FileStatus file, String ending) throws IOException {
    String name = file.getPath().getName();
    String runId = name.substring(0, name.length() - ending.length());
    for (int attempt = 1; ; attempt++) {
      try (InputStream in = fs.open(file.getPath())) {
        return JSON.readValue(in.readAllBytes(), LeaseRecord.class);
      } catch (FileNotFoundException e) {
        return null;
      } catch (JsonProcessingException e) {
        return new LeaseRecord(runId, "unknown", "", 0, "", 0, null, false, true, 0);
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
