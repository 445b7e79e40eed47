package org.lakebrush.cluster;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.lakebrush.source.Listing;

/**
 * {@code CountWrites FOLDER}: watches a folder's files until a byte comes on standard input, and prints then how often one of them was
 * written again. It looks at modification times, twice a second: a file that is written again sooner than that counts once.
 */
public final class CountWrites {
  private static final long MILLIS = 500;

  private final Path folder;
  private final FileSystem fs;
  private final Map<String, Set<Long>> times = new HashMap<>();

  private CountWrites(String folder) throws IOException {
    this.folder = new Path(folder);
    this.fs = this.folder.getFileSystem(new Configuration());
  }

  public static void main(String[] args) throws Exception {
    CountWrites writes = new CountWrites(args[0]);
    while (System.in.available() == 0) {
      writes.look();
      Thread.sleep(MILLIS);
    }
    writes.look();
    System.out.println(writes.again());
  }

  private void look() throws IOException {
    try {
      RemoteIterator<LocatedFileStatus> files = fs.listFiles(folder, true);
      while (files.hasNext()) {
        LocatedFileStatus file = files.next();
        if (!file.getPath().toString().contains("/" + Listing.OWN_FOLDER + "/")) {
          times.computeIfAbsent(file.getPath().toString(), path -> new HashSet<>()).add(file.getModificationTime());
        }
      }
    } catch (FileNotFoundException e) {
      // The folder is not there yet, or a folder of staged files went while it was listed: the next look sees the rest.
    }
  }

  private int again() {
    return times.values().stream().mapToInt(seen -> seen.size() - 1).sum();
  }
}
