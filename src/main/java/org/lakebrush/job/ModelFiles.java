package org.lakebrush.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkFiles;
import org.apache.spark.sql.SparkSession;

/** Finds the model that a job names, and hands it to Spark for the executors. */
public final class ModelFiles {
  private ModelFiles() {}

  /**
   * The model as a file on this machine; executors find it by its file name among Spark's files.
   *
   * @param model a name (the file {@code models/NAME.onnx} of this installation), a path, or the URI of any Hadoop file system
   */
  static Path find(String model, SparkSession spark) throws UsageException, IOException {
    String source = model.contains(":/") ? model : local(model).toUri().toString();
    try {
      spark.sparkContext().addFile(source);
    } catch (RuntimeException e) {
      throw new UsageException("inpaint.model: " + model + " cannot be read: " + e.getMessage(), e);
    }
    return Path.of(SparkFiles.get(source.substring(source.lastIndexOf('/') + 1)));
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
