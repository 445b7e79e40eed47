package org.lakebrush.sink;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.lakebrush.source.ImageRef;

/**
 * What is in hand, as the log keeps it in {@code <log>/_hand/} for whoever comes after a death: for each slice that is being done a note
 * of its images, and for each image that is alone in hand a marker. What is there when nobody can be at it any more tells where a
 * process died. Safe for any number of threads.
 */
public final class Hand implements AutoCloseable {
  /** The folder in the log. */
  public static final String FOLDER = "_hand";
  /** What nobody came back to for so long is of no use any more. */
  private static final Duration OLD = Duration.ofDays(30);
  private static final String NOTE = ".slice";
  private static final Pattern MARKER = Pattern.compile("([0-9a-f]{32})-([0-9a-f]{32})-.+\\.image");

  private final Configuration conf;
  private final Path folder;
  private final String runId;
  private final String owner;
  private final AtomicFiles files;

  /**
   * A hand of a run.
   *
   * @param owner unique in the run; a file name
   * @param fence asked before a marker or a note is put there
   */
  public Hand(Configuration conf, Path log, String runId, String owner, Fence fence) throws IOException {
    this.conf = conf;
    this.folder = new Path(log, FOLDER);
    this.runId = runId;
    this.owner = owner;
    this.files = AtomicFiles.ofLog(conf, log.getFileSystem(conf), log, runId, "hand-" + owner, fence);
  }

  /** What an image is known by here: another one once the file or what is asked for changes. */
  public static String key(ImageRef ref) {
    String text = String.join("\n", ref.uri(), String.valueOf(ref.length()), String.valueOf(ref.modificationTime()), ref.fingerprint());
    return Sha256.hex(text.getBytes(StandardCharsets.UTF_8)).substring(0, 32);
  }

  /** Notes that a slice is being done. */
  public void note(int slice, Collection<String> units) throws IOException {
    files.put(FOLDER + "/" + name(slice), String.join("\n", units).getBytes(StandardCharsets.US_ASCII));
  }

  /** Takes a note back. */
  public void forget(int slice) throws IOException {
    delete(new Path(folder, name(slice)));
  }

  private String name(int slice) {
    return runId + "-" + slice + NOTE;
  }

  /**
   * Marks an image as alone in hand.
   *
   * @param unit the file that the image is in
   * @return takes the marker away again
   */
  public Marker raise(ImageRef unit, ImageRef image) throws IOException {
    String name = key(unit) + "-" + key(image) + "-" + runId + "-" + owner + ".image";
    Path file = new Path(folder, name);
    try {
      files.put(FOLDER + "/" + name, image.uri().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // The store may have it all the same, and only its answer is lost.
      try {
        delete(file);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    return () -> delete(file);
  }

  /** An image that is alone in hand until this is closed. */
  @FunctionalInterface
  public interface Marker extends AutoCloseable {
    @Override
    void close() throws IOException;
  }

  /** The markers that are there: those of the dead, if no other task has an image alone in hand. */
  public Deaths deaths() throws IOException {
    Map<String, Map<String, Integer>> byUnit = new HashMap<>();
    for (FileStatus file : list()) {
      Matcher name = MARKER.matcher(file.getPath().getName());
      if (name.matches()) {
        byUnit.computeIfAbsent(name.group(1), unit -> new HashMap<>()).merge(name.group(2), 1, Integer::sum);
      }
    }
    return new Deaths(byUnit);
  }

  /** Images of the slices that earlier runs died over. */
  public Set<String> suspects() throws IOException {
    Set<String> suspects = new HashSet<>();
    for (FileStatus file : list()) {
      if (isNoteOfOther(file)) {
        byte[] note = new byte[Math.toIntExact(file.getLen())];
        try (var in = folder.getFileSystem(conf).open(file.getPath())) {
          in.readFully(note);
        } catch (FileNotFoundException e) {
          // A run that lost its log just now takes back what it can.
          continue;
        }
        suspects.addAll(List.of(new String(note, StandardCharsets.US_ASCII).split("\n")));
      }
    }
    return suspects;
  }

  private boolean isNoteOfOther(FileStatus file) {
    String name = file.getPath().getName();
    return name.endsWith(NOTE) && !name.startsWith(runId + "-");
  }

  /** Takes away the notes of earlier runs, whose images are all dealt with. */
  public void forgetOthers() throws IOException {
    for (FileStatus file : list()) {
      if (isNoteOfOther(file)) {
        delete(file.getPath());
      }
    }
  }

  /** Takes away the markers of a file's images, which were there by chance. */
  public void forgive(String unit) throws IOException {
    for (FileStatus file : list()) {
      if (file.getPath().getName().startsWith(unit + "-")) {
        delete(file.getPath());
      }
    }
  }

  /** Takes away what nobody came back to for a month. */
  public void forgetOld() throws IOException {
    long oldest = System.currentTimeMillis() - OLD.toMillis();
    for (FileStatus file : list()) {
      if (file.getModificationTime() < oldest) {
        delete(file.getPath());
      }
    }
  }

  private List<FileStatus> list() throws IOException {
    List<FileStatus> files = new ArrayList<>();
    try {
      RemoteIterator<FileStatus> members = folder.getFileSystem(conf).listStatusIterator(folder);
      while (members.hasNext()) {
        files.add(members.next());
      }
    } catch (FileNotFoundException e) {
      // Nothing was ever in hand.
    }
    return files;
  }

  private void delete(Path file) throws IOException {
    AtomicFiles.delete(folder.getFileSystem(conf), file, false);
  }

  /** Deletes its own temporary files; notes and markers stay. */
  @Override
  public void close() {
    files.close();
  }

  /** Deletes the folder where nothing is in it. */
  public static void sweep(Configuration conf, Path log) throws IOException {
    Path folder = new Path(log, FOLDER);
    FileSystem fs = folder.getFileSystem(conf);
    if (fs.exists(folder) && !fs.listStatusIterator(folder).hasNext()) {
      fs.delete(folder, false);
    }
  }
}
