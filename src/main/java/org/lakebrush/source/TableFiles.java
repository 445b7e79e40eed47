package org.lakebrush.source;

import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.lakebrush.failure.ImageFailure;

/** Which files make up a table. */
public final class TableFiles {
  /** What only tables have that keep a log of their own of which files count. */
  private static final Pattern LOGGED = Pattern.compile("(^|.*/)(_delta_log/.*|\\.hoodie/.*|metadata/[^/]*\\.metadata\\.json)");

  private TableFiles() {}

  /**
   * Whether Spark reads a file as one of a table's.
   *
   * @param path relative to the table
   */
  static boolean isData(String path) {
    for (String name : path.split("/")) {
      if (name.startsWith(".") || name.startsWith("_") && !name.contains("=")) {
        return false;
      }
    }
    return true;
  }

  /**
   * The table's columns by the first file that can be read.
   *
   * @throws InputException where the table or its columns are not there, no file can be read, or it is a Delta, Hudi or Iceberg table
   * @throws IOException where listing fails
   */
  public static TableColumns columns(Configuration conf, Input.Table input) throws InputException, IOException {
    TableColumns columns = null;
    ImageFailure failure = null;
    try (Listing listing = Listing.open(conf, input.uri(), false)) {
      for (Listing.Entry entry = listing.next(); entry != null; entry = listing.next()) {
        if (LOGGED.matcher(entry.path()).matches()) {
          throw new InputException(input.uri() + " holds " + entry.path() + ", and so is a Delta, Hudi or Iceberg table: its log says which"
              + " files count, and that is not read; export it as plain Parquet");
        }
        if (columns == null && isData(entry.path())) {
          try {
            ImageRef ref = new ImageRef(entry.uri(), entry.path(), entry.length(), entry.modificationTime(), List.of(), "");
            columns = TableColumns.of(TableReader.footer(conf, ref).schema(), input.imageColumn(), input.keyColumn());
          } catch (ImageFailure e) {
            failure = failure == null ? e : failure;
          }
        }
      }
    }
    if (columns == null) {
      throw failure == null ? LakeReader.Kind.TABLE.none(input.uri(), 0, 0)
          : new InputException("no file of the table " + input.uri() + " can be read: " + failure.getMessage(), failure);
    }
    return columns;
  }
}
