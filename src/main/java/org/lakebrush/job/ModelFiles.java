package org.lakebrush.job;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.ModelException;
import org.lakebrush.model.KnownModel;
import org.lakebrush.model.KnownModel.Download;
import org.lakebrush.model.ModelStore;
import org.lakebrush.model.ModelStore.Found;
import org.lakebrush.model.NoSuchModelException;
import org.lakebrush.source.Causes;
import org.lakebrush.source.HadoopDefaults;
import org.lakebrush.source.Secrets;

/**
 * Finds the model that a job or a command names: a name of the registry, the name of another {@code .onnx} file in a folder for models, a
 * path, or the URI of any Hadoop file system, not percent-encoded.
 */
public final class ModelFiles {
  /** The job's key for the model. */
  static final String MODEL = "inpaint.model";
  /** The job's key for its half-precision form. */
  static final String HALF_MODEL = "inpaint.half_model";

  private ModelFiles() {}

  /**
   * Finds a model and loads it on this machine.
   *
   * @param key of the job that names it, for messages
   * @param conf for models on other file systems, with {@link HadoopDefaults} applied
   * @throws UsageException where there is no such file, or it is not what the registry says of its name
   * @throws ModelException where it is no LaMa
   */
  static LamaModel find(String key, String model, Configuration conf) throws UsageException, ModelException, IOException {
    try {
      Found found = file(model, conf);
      return load(key, found.file(), Optional.of(found));
    } catch (NoSuchModelException e) {
      throw new UsageException(key + ": " + e.getMessage(), e);
    }
  }

  /**
   * Finds a model's half-precision form, as {@link #find(String, String, Configuration)}.
   *
   * @param half null for none
   * @return null for none
   */
  static LamaModel findHalf(String half, LamaModel model, Configuration conf) throws UsageException, ModelException, IOException {
    if (half == null) {
      return null;
    }
    LamaModel found = find(HALF_MODEL, half, conf);
    // Spark keeps files by their names.
    if (found.file().getFileName().equals(model.file().getFileName())) {
      throw new UsageException(HALF_MODEL + ": " + half + " has the file name of " + MODEL + ": give one of them another name");
    }
    return found;
  }

  /** As {@link #find(String, String, Configuration)}, for {@code inpaint.model}, with the settings that lie on the class path. */
  public static LamaModel find(String model) throws UsageException, ModelException, IOException {
    return find(MODEL, model, HadoopDefaults.apply(new Configuration()));
  }

  /** As {@link #find(String)}, for {@code inpaint.half_model}; null for null. */
  public static LamaModel findHalf(String half) throws UsageException, ModelException, IOException {
    return half == null ? null : find(HALF_MODEL, half, HadoopDefaults.apply(new Configuration()));
  }

  /**
   * Hands a model that was found to Spark; executors find it by its file name among Spark's files, which all jobs that begin later fetch.
   *
   * @throws UsageException where it cannot be read any more
   */
  static void handOut(SparkSession spark, String key, String model, LamaModel found) throws UsageException {
    // Percent-encoded for Spark, which decodes the name again where it puts the file.
    URI source = ModelStore.isUri(model) ? new org.apache.hadoop.fs.Path(model).toUri() : found.file().toUri();
    try {
      spark.sparkContext().addFile(source.toString());
    } catch (Exception e) {
      // Spark's Scala throws checked exceptions that it does not declare.
      throw new UsageException(key + ": " + model + " cannot be read: " + Causes.inOneLine(e)
          + "; check the name, and that these credentials may see it", e);
    }
  }

  /**
   * The model's file on this machine, not looked into. What lies elsewhere is copied to a temporary file, which goes when the JVM ends.
   */
  public static Found file(String model) throws NoSuchModelException, IOException {
    return file(model, HadoopDefaults.apply(new Configuration()));
  }

  private static Found file(String model, Configuration conf) throws NoSuchModelException, IOException {
    if (!ModelStore.isUri(model)) {
      return ModelStore.standard().find(model);
    }
    if (Secrets.isIn(model)) {
      throw new NoSuchModelException(Secrets.hidden(model) + " " + Secrets.NOT_IN_URIS);
    }
    File folder = Files.createTempDirectory(Scratch.folder(), "model").toFile();
    folder.deleteOnExit();
    org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(model);
    File copy = new File(folder, source.getName());
    copy.deleteOnExit();
    try {
      // Raw: without a .crc file beside it.
      source.getFileSystem(conf).copyToLocalFile(false, source, new org.apache.hadoop.fs.Path(copy.toURI()), true);
    } catch (IOException | IllegalArgumentException e) {
      throw new NoSuchModelException(model + " cannot be read: " + Causes.inOneLine(e)
          + "; check the name, and that these credentials may see it");
    }
    return new Found(copy.toPath(), Optional.empty());
  }

  /**
   * Hashes before it loads: of a damaged file ONNX Runtime may say anything.
   *
   * @param file what was found, or a copy of it
   */
  private static LamaModel load(String key, Path file, Optional<Found> found) throws UsageException, ModelException {
    String sha256 = LamaModel.sha256(file);
    Optional<KnownModel> other = found.flatMap(Found::known).filter(k -> k.content().filter(c -> !c.sha256().equals(sha256)).isPresent());
    if (other.isPresent()) {
      KnownModel model = other.get();
      Path place = found.get().file();
      throw new UsageException(key + ": " + place + " has SHA-256 " + sha256 + ", and " + model.name() + " has "
          + model.content().get().sha256() + ": it is damaged, or another model; "
          + (model.origin() instanceof Download ? "./submit.sh model fetch " + model.name() + " replaces it" : "bring the file back")
          + ", or name it by its path, which takes any model: --set " + key + "=" + place);
    }
    return LamaModel.inspect(file, sha256);
  }
}
