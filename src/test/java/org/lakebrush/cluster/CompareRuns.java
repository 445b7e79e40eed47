package org.lakebrush.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
 * {@code CompareRuns ROOT NAME NAME... [--retried NAME...]}: compares runs of one job, kept as {@code ROOT/NAME/out} and
 * {@code ROOT/NAME/log}, with the first of them: the outputs byte by byte, the logs row by row, in all columns but times, run and host.
 * A run with {@code --retried} may have had images in hand more than once, but has one row for each like the others. Exit code 1 where
 * they differ, or where a run left anything else behind.
 */
public final class CompareRuns {
  private static final List<String> ITS_OWN = List.of("run_id", "host", "finished_at");

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
    for (String name : names) {
      if (name.equals("--retried")) {
        retried = true;
        continue;
      }
      Kept run = Kept.read(name, new Path(root, name), conf, differences);
      System.out.println(name + ": " + run);
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
      for (String file : files(log, conf).keySet()) {
        if (!file.matches("run_date=[0-9-]+/[^/]+\\.parquet")) {
          differences.add(name + " left in its log: " + file);
        }
      }
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
      return new Kept(name, rows, outputs);
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

    void compare(Kept other, boolean retried, List<String> differences) {
      Stream.concat(rows.keySet().stream(), other.rows.keySet().stream()).distinct().forEach(path -> {
        Map<String, String> mine = rows.getOrDefault(path, Map.of());
        Map<String, String> its = other.rows.getOrDefault(path, Map.of());
        for (String column : ResultLog.SCHEMA.fieldNames()) {
          boolean compared = !column.startsWith("ms_") && !ITS_OWN.contains(column) && !(retried && column.equals("attempt"));
          if (compared && !String.valueOf(mine.get(column)).equals(String.valueOf(its.get(column)))) {
            differences.add(name + ", row of " + path + ", " + column + ": " + mine.get(column) + " is not " + its.get(column));
          }
        }
      });
      Stream.concat(outputs.keySet().stream(), other.outputs.keySet().stream()).distinct().forEach(file -> {
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
