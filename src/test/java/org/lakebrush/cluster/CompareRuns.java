package org.lakebrush.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.Row;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.sink.Sha256;
import org.lakebrush.testing.LocalSpark;

/**
 * {@code CompareRuns ROOT NAME NAME... [--retried NAME...] [--crashed N NAME...]}: compares runs of one job, kept as {@code ROOT/NAME/out}
 * and {@code ROOT/NAME/log}, with the first of them: the outputs byte by byte, the logs row by row, in all columns but times, run and host.
 * A run after {@code --retried} may have had images in hand more than once, in other slices than the first, but has one row for each like
 * the others. A run after {@code --crashed} may have too, and has N rows FAILED/CRASHED and no output for them. Exit code 1 where they
 * differ, or where a run left anything else behind.
 */
public final class CompareRuns {
  private static final Set<String> ITS_OWN = Set.of("run_id", "host", "finished_at");
  private static final Set<String> OF_ITS_TRIES = Set.of("attempt", "retries", "slice");

  private CompareRuns() {}

  public static void main(String[] args) throws Exception {
    List<String> differences = differences(args[0], List.of(args).subList(1, args.length));
    differences.forEach(System.out::println);
    System.out.println(differences.isEmpty() ? "All outputs and all rows are equal" : differences.size() + " differences");
    System.exit(differences.isEmpty() ? 0 : 1);
  }

  /**
   * One line for each difference; prints what each run has.
   *
   * @param names as the command line has them after ROOT
   */
  static List<String> differences(String root, List<String> names) throws IOException {
    Configuration conf = LocalSpark.get().sparkContext().hadoopConfiguration();
    List<String> differences = new ArrayList<>();
    Kept first = null;
    boolean retried = false;
    int crashed = 0;
    for (Iterator<String> words = names.iterator(); words.hasNext();) {
      String name = words.next();
      if (name.equals("--retried") || name.equals("--crashed")) {
        retried = true;
        crashed = name.equals("--crashed") ? Integer.parseInt(words.next()) : 0;
        continue;
      }
      Kept run = Kept.read(name, new Path(root, name), conf, differences);
      System.out.println(name + ": " + run);
      run.crashed().forEach(row -> System.out.println("  " + row.get("path") + ": " + row.get("error_message")));
      if (run.crashed().size() != crashed) {
        differences.add(name + " has " + run.crashed().size() + " rows FAILED/CRASHED, not " + crashed);
      }
      if (first == null) {
        first = run;
      } else {
        run.compare(first, retried, differences);
      }
    }
    return differences;
  }

  /**
   * What a run left.
   *
   * @param rows columns as text by name, by the image's path
   * @param outputs SHA-256 of each file's bytes by relative path
   */
  private record Kept(String name, Map<String, Map<String, String>> rows, Map<String, String> outputs) {
    static Kept read(String name, Path folder, Configuration conf, List<String> differences) throws IOException {
      Path log = new Path(folder, "log");
      Set<String> left = files(log, conf).keySet();
      left.removeIf(file -> file.matches("run_date=[0-9-]+/[^/]+\\.parquet|_runs/[^/]+\\.json"));
      Map<String, Map<String, String>> rows = new TreeMap<>();
      for (Row row : new ResultLog(conf, log).read(LocalSpark.get()).collectAsList()) {
        Map<String, String> columns = new TreeMap<>();
        for (String column : ResultLog.SCHEMA.fieldNames()) {
          columns.put(column, String.valueOf(row.<Object>getAs(column)));
        }
        if (rows.put(columns.get("path"), columns) != null) {
          differences.add(name + " has more than one row for " + columns.get("path"));
        }
      }
      Map<String, String> outputs = files(new Path(folder, "out"), conf);
      List<String> logged = rows.values().stream().map(r -> r.get("output_sha256")).filter(sha -> !sha.equals("null")).sorted().toList();
      if (!logged.equals(outputs.values().stream().sorted().toList())) {
        differences.add(name + " has outputs that are not those of its log: " + outputs.keySet());
      }
      Kept kept = new Kept(name, rows, outputs);
      // An image that crashed is kept in mind by two markers.
      int markers = 2 * kept.crashed().size();
      if (left.stream().filter(file -> file.matches("_hand/.+\\.image")).count() == markers) {
        left.removeIf(file -> file.matches("_hand/.+\\.image"));
      }
      // So is a driver that died, for a day: its executors may write yet.
      left.removeIf(file -> file.matches("_lease/.+\\.dead"));
      left.forEach(file -> differences.add(name + " left in its log: " + file));
      return kept;
    }

    private static Map<String, String> files(Path folder, Configuration conf) throws IOException {
      FileSystem fs = folder.getFileSystem(conf);
      String root = fs.makeQualified(folder).toUri().getPath() + "/";
      Map<String, String> files = new TreeMap<>();
      RemoteIterator<LocatedFileStatus> all = fs.listFiles(folder, true);
      while (all.hasNext()) {
        Path file = all.next().getPath();
        try (InputStream in = fs.open(file)) {
          files.put(file.toUri().getPath().substring(root.length()), Sha256.hex(in.readAllBytes()));
        }
      }
      return files;
    }

    List<Map<String, String>> crashed() {
      return rows.values().stream().filter(row -> row.get("error_kind").equals("CRASHED")).toList();
    }

    /** But for what crashed here: whatever the other made of it. */
    void compare(Kept other, boolean retried, List<String> differences) {
      Set<String> crashed = crashed().stream().map(row -> row.get("path")).collect(Collectors.toSet());
      Stream.concat(rows.keySet().stream(), other.rows.keySet().stream()).distinct().filter(p -> !crashed.contains(p)).forEach(path -> {
        Map<String, String> mine = rows.getOrDefault(path, Map.of());
        Map<String, String> its = other.rows.getOrDefault(path, Map.of());
        for (String column : ResultLog.SCHEMA.fieldNames()) {
          boolean compared = !column.startsWith("ms_") && !ITS_OWN.contains(column) && !(retried && OF_ITS_TRIES.contains(column));
          if (compared && !String.valueOf(mine.get(column)).equals(String.valueOf(its.get(column)))) {
            differences.add(name + ", row of " + path + ", " + column + ": " + mine.get(column) + " is not " + its.get(column));
          }
        }
      });
      Set<String> files = new TreeSet<>(outputs.keySet());
      other.outputs.keySet().stream().filter(file -> !crashed.contains(file)).forEach(files::add);
      files.forEach(file -> {
        if (!String.valueOf(outputs.get(file)).equals(other.outputs.get(file))) {
          differences.add(name + ", output " + file + ": " + outputs.get(file) + " is not " + other.outputs.get(file));
        }
      });
    }

    @Override
    public String toString() {
      return rows.size() + " rows, " + rows.values().stream().collect(Collectors.groupingBy(r -> r.get("status"), TreeMap::new,
          Collectors.counting())) + ", " + outputs.size() + " outputs, attempts "
          + rows.values().stream().collect(Collectors.groupingBy(r -> r.get("attempt"), TreeMap::new, Collectors.counting()));
    }
  }
}
