package org.lakebrush.serve;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.lakebrush.executor.Course;
import org.lakebrush.executor.Done;
import org.lakebrush.executor.ImageRepair;
import org.lakebrush.executor.Pipeline;
import org.lakebrush.job.JobSpec;
import org.lakebrush.job.ModelFiles;
import org.lakebrush.job.UsageException;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.lama.LamaStatistics;
import org.lakebrush.lama.ModelException;
import org.lakebrush.mask.MaskSettings;
import org.lakebrush.repair.ImageOperation;
import org.lakebrush.repair.RepairSettings;
import org.lakebrush.repair.Repairer;
import org.lakebrush.repair.View;
import org.lakebrush.sink.Status;
import org.lakebrush.spectral.SpectralSettings;

/**
 * The model and the pipeline that all requests share, as the tasks of an executor do: their crops share batches, and memory is bounded.
 * Knows no HTTP. Safe for any number of threads.
 */
public final class RepairService implements AutoCloseable {
  private final InpaintSettings inpaint;
  private final JobSpec.Limits limits;
  private final LamaPool lama;
  private final Pipeline pipeline;

  private RepairService(InpaintSettings inpaint, JobSpec.Limits limits, LamaPool lama, Pipeline pipeline) {
    this.inpaint = inpaint;
    this.limits = limits;
    this.lama = lama;
    this.pipeline = pipeline;
  }

  /**
   * Opens the model.
   *
   * @param limits that no request exceeds
   * @throws UsageException where there is no such model
   * @throws ModelException where it is no LaMa, or the device cannot be used
   */
  public static RepairService open(InpaintSettings inpaint, JobSpec.Limits limits, Device device)
      throws UsageException, ModelException, IOException {
    LamaModel model = ModelFiles.find(inpaint.model());
    LamaModel half = ModelFiles.findHalf(inpaint.halfModel());
    int cores = Runtime.getRuntime().availableProcessors();
    LamaPool lama = LamaPool.open(model, List.of(device), LamaSettings.of(inpaint, cores, half));
    return new RepairService(inpaint, limits, lama, new Pipeline(cores, lama.places()));
  }

  /** The model's name. */
  public String model() {
    return lama.model().name();
  }

  /** Where it runs, {@code cpu} or {@code cuda:N}. */
  public String device() {
    return lama.device();
  }

  LamaStatistics statistics() {
    return lama.statistics();
  }

  /**
   * Does what is asked for, and waits until it is done.
   *
   * @param out the file that what goes out is written to
   * @param gone whether nobody waits for the answer any more; asked a few times a second by the calling thread
   * @return null where nobody waits any more
   * @throws ApiException where it cannot be done
   * @throws InternalError where so many images hang in native code that this process should end
   */
  Answer answer(Task task, Upload upload, Path out, BooleanSupplier gone) throws ApiException, InterruptedException {
    if (gone.getAsBoolean()) {
      return null;
    }
    UploadJob job = task == Task.VIEW ? null : UploadJob.of(upload, inpaint, limits);
    ImageRepair repair = job == null ? view() : repair(task, job);
    UploadWork work = new UploadWork(upload.image(), job == null ? List.of() : job.sidecars(), out);
    try (Pipeline.Images<UploadWork> images = pipeline.repair(repair, List.of(work).iterator(), new UntilGone(gone))) {
      if (!images.hasNext()) {
        return null;
      }
      Done<UploadWork> done = images.next();
      if (done.status() == Status.FAILED) {
        throw ApiException.of(done.failure(), UploadJob.inClientsWords(done.failure().getMessage(), upload));
      }
      return new Answer(done.status(), out, work.format(), done.trace());
    }
  }

  private ImageRepair repair(Task task, UploadJob job) {
    Repairer repairer = new Repairer(job.repair(), lama, job.files());
    ImageOperation operation = task == Task.MASK ? repairer::mask : repairer::repair;
    return new ImageRepair(operation, job.repair(), job.maxResidual(), job.seconds());
  }

  private ImageRepair view() {
    RepairSettings nothing = new RepairSettings(List.of(), new MaskSettings(0, 0, MaskSettings.Missing.FAIL), inpaint, SpectralSettings.OFF,
        null, limits.maxPixels());
    return new ImageRepair(new View(limits.maxPixels()), nothing, 1, limits.secondsPerImage());
  }

  /** Goes on as long as somebody waits. */
  private record UntilGone(BooleanSupplier gone) implements Course {
    @Override
    public Phase phase() {
      return gone.getAsBoolean() ? Phase.GIVES_UP : Phase.GOES_ON;
    }

    @Override
    public void check() {}
  }

  @Override
  public void close() {
    pipeline.close();
    lama.close();
  }
}
