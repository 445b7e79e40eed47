package org.lakebrush.job;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkFiles;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.source.Causes;

/** Finds the model that a job names, and hands it to Spark for the executors. */
public final class ModelFiles {
  private ModelFiles() {}

  /**
   * The model as a file on this machine; executors find it by its file name among Spark's files.
   *
   * @param model a name (the file {@code models/NAME.onnx} of this installation), a path, or the URI of any Hadoop file system, not
   *     percent-encoded
   */
  static Path find(String model, SparkSession spark) throws UsageException, IOException {
    // Percent-encoded for Spark, which decodes the name again where it puts the file.
    URI source = model.contains(":/") ? new org.apache.hadoop.fs.Path(model).toUri() : local(model).toUri();
    try {
      spark.sparkContext().addFile(source.toString());
    } catch (Exception e) {
      // Spark's Scala throws checked exceptions that it does not declare.
      throw new UsageException("inpaint.model: " + model + " cannot be read: " + Causes.inOneLine(e)
          + "; check the name, and that these credentials may see it", e);
    }
    return Path.of(SparkFiles.get(source.getPath().substring(source.getPath().lastIndexOf('/') + 1)));
  }

  /**
   * As {@link #find}, without Spark.
   *
   * @param model a name or a path
   */
  public static Path local(String model) throws UsageException, IOException {
    Path shipped = models().resolve(model + ".onnx");
    if (Files.isRegularFile(shipped)) {
      return shipped;
    }
    Path file = Path.of(model).toAbsolutePath();
    if (Files.isRegularFile(file)) {
      return file;
    }
    throw new UsageException("inpaint.model: there is no model '" + model + "': it is neither a file nor a name in " + models() + " ("
        + names() + "); give one of these names, a path or a URI");
  }

  private static Path models() {
    String home = System.getenv("LAKEBRUSH_HOME");
    return Path.of(home == null ? "." : home).resolve("models").toAbsolutePath().normalize();
  }

  private static String names() throws IOException {
    if (!Files.isDirectory(models())) {
      return "no such folder";
    }
    try (Stream<Path> files = Files.list(models())) {
      return files.map(f -> f.getFileName().toString()).filter(n -> n.endsWith(".onnx")).map(n -> n.substring(0, n.length() - 5)).sorted()
          .collect(Collectors.joining(", "));
    }
  }
}
