package org.lakebrush.executor;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.lama.ModelException;

/** Opens the run's session on an executor before the first image, so that a wrong device ends the run before any work. */
public final class OpenSession implements Function<Integer, OpenSession.Opened> {
  private static final long serialVersionUID = 1;

  /**
   * How it went.
   *
   * @param device where the model really runs, {@code cpu} or {@code cuda:N}; null where it was refused
   * @param refused why it cannot run, or null: a value and not an exception, which Spark would try again
   */
  public record Opened(String device, String refused) implements Serializable {}

  private final RunContext context;

  public OpenSession(RunContext context) {
    this.context = context;
  }

  @Override
  public Opened call(Integer ignored) {
    try {
      return new Opened(open(context).lama().device(), null);
    } catch (ModelException e) {
      return new Opened(null, e.getMessage());
    }
  }

  /** The run's model, for the task that asks. */
  static Sessions.Open open(RunContext context) throws ModelException {
    LamaModel half = context.halfModelFile() == null ? null
        : Sessions.model(Path.of(SparkFiles.get(context.halfModelFile())), context.halfModelSha256());
    LamaSettings settings = LamaSettings.of(context.repair().inpaint(), cores(), half);
    List<Device> devices = Gpus.devices(context.device(), TaskContext.get(), System.getenv(Gpus.VISIBLE));
    return Sessions.get(Path.of(SparkFiles.get(context.modelFile())), context.modelSha256(), context.device(), devices, settings);
  }

  /** The cores of this executor, which need not be the machine's. */
  private static int cores() {
    int machine = Runtime.getRuntime().availableProcessors();
    return Math.min(machine, SparkEnv.get().conf().getInt("spark.executor.cores", machine));
  }
}
