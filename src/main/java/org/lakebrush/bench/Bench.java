package org.lakebrush.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.demo.SyntheticLake;
import org.lakebrush.demo.SyntheticLake.Frame;
import org.lakebrush.executor.Done;
import org.lakebrush.executor.ImageRepair;
import org.lakebrush.executor.Pipeline;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Picture;
import org.lakebrush.job.CleanupJob;
import org.lakebrush.job.JobSpec;
import org.lakebrush.job.JobSpecException;
import org.lakebrush.job.JobSpecReader;
import org.lakebrush.job.LeaseHeldException;
import org.lakebrush.job.ModelFiles;
import org.lakebrush.job.Plan;
import org.lakebrush.job.RunListener;
import org.lakebrush.job.RunRequest;
import org.lakebrush.job.RunSummary;
import org.lakebrush.job.UsageException;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.lama.ModelException;
import org.lakebrush.mask.MaskFiles;
import org.lakebrush.repair.RepairSettings;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.repair.Repairer;
import org.lakebrush.sink.Status;
import org.lakebrush.source.HadoopDefaults;
import org.lakebrush.source.Input;
import org.lakebrush.source.InputException;

/**
 * Measures a job on a synthetic lake, and what its parts take alone: job, codecs, pipeline, one image at a time, model. Each phase is first
 * run on a part of the lake, unmeasured, so that the JVM has compiled what it runs. Used once, by one thread.
 *
 * <p>The job comes first, so that its peak memory is its own.
 */
public final class Bench {
  private static final String JOB = "masks: [{kind: box, anchor: bottom-right, width: %1$dpx, height: %1$dpx, margin: %2$dpx}]\n";
  private static final int[] CPU_BATCHES = {1, 2, 4, 8};
  private static final int[] GPU_BATCHES = {1, 2, 4, 8, 16, 32};
  /** Images that warm the JVM up before a phase. */
  private static final int WARM_UP = 64;
  /** Files of the lake that are kept in memory, to be repaired again and again. */
  private static final int MOST_FILES = 64;
  private static final long MOST_FILE_BYTES = 256 << 20;
  /** Images that are repaired one at a time. */
  private static final int ALONE = 9;
  /** The model alone at one batch. */
  private static final double TRY_SECONDS = 10;
  private static final double FOREVER = 1e8;
  private static final int SOAK_LOOKS = 10;

  private final BenchRequest request;
  private final Consumer<String> listener;
  private final int cores = Runtime.getRuntime().availableProcessors();
  private final List<Frame> frames;
  private final Holes holes;
  private final JobSpec spec;
  private final LamaModel model;
  private final Holes.Size crop;

  /**
   * Plans what is measured.
   *
   * @param listener hears in one line each what is measured next
   * @throws UsageException where the request cannot be met
   */
  public Bench(BenchRequest request, Consumer<String> listener) throws UsageException, JobSpecException, ModelException, IOException {
    this.request = request;
    this.listener = listener;
    frames = SyntheticLake.frames(request.images(), request.megapixels());
    JobSpec any = spec(new Holes(1, 0));
    model = ModelFiles.local(any.inpaint().model());
    holes = request.hole().isPresent() ? Holes.of(any, request.hole().getAsInt()) : Holes.forCrop(any, model, request.crop());
    spec = spec(holes);
    crop = holes.crop(spec, model, frames);
  }

  private JobSpec spec(Holes some) throws IOException, JobSpecException {
    java.nio.file.Path file = Files.createTempFile("lakebrush-bench", ".yaml");
    try {
      return JobSpecReader.read(Files.writeString(file, String.format(Locale.ROOT, JOB, some.side(), some.margin())), request.overrides());
    } finally {
      Files.delete(file);
    }
  }

  /**
   * Measures.
   *
   * @throws ImageFailure where an image could not be repaired: nothing is measured then
   */
  public BenchResult run(SparkSession spark)
      throws UsageException, ModelException, ImageFailure, InputException, IOException, InterruptedException {
    java.nio.file.Path made = Files.createTempDirectory("lakebrush-bench");
    Path at = new Path(request.at(), "lakebrush-bench-" + UUID.randomUUID());
    FileSystem storage = at.getFileSystem(HadoopDefaults.apply(spark.sparkContext().hadoopConfiguration()));
    try {
      return run(spark, made, storage, storage.makeQualified(at));
    } finally {
      FileUtil.fullyDelete(made.toFile());
      storage.delete(at, true);
    }
  }

  private BenchResult run(SparkSession spark, java.nio.file.Path made, FileSystem storage, Path at)
      throws UsageException, ModelException, ImageFailure, InputException, IOException, InterruptedException {
    listener.accept("making " + request.images() + " images");
    SyntheticLake.write(made, frames);
    List<byte[]> files = new ArrayList<>();
    long bytes = upload(made, storage, new Path(at, "lake"), files);
    BenchResult.Lake lake = new BenchResult.Lake(request.at(), String.format(Locale.ROOT,
        "JPEG 4:2:0 of photographs, area log-uniform in 0.8..1.25 of %s megapixels, aspect 3:2, 4:3, 1:1, 3:4 or 2:3; one square hole of "
            + "%d px, %d px from the bottom right corner", request.megapixels(), holes.side(), holes.margin()),
        request.images(), bytes, frames.stream().mapToLong(Frame::area).sum(), holes.side(), crop.width(), crop.height());

    String device = device();
    int warmUp = Math.min(WARM_UP, request.images());
    listener.accept("the job, on " + warmUp + " images to warm up");
    job(spark, at, "warm-up", device, OptionalInt.of(warmUp));
    listener.accept("the job");
    BenchResult.Job job = job(spark, at, "job", device, OptionalInt.empty());
    List<Device> devices = List.of(Device.parse(device));
    listener.accept("decoding and encoding");
    BenchResult.Codecs codecs = codecs(files);
    BenchResult.Pipeline pipeline;
    BenchResult.Alone alone;
    try (LamaPool pool = open(devices, spec.inpaint().batch())) {
      listener.accept("the pipeline without Spark");
      pipeline = pipeline(pool, files);
      listener.accept("one image at a time");
      alone = alone(pool, files);
    }
    BenchResult.Limit limit = limit(devices);
    List<BenchResult.Soak> soak = request.soak() == 0 ? List.of() : soak(devices, limit.best().batch());
    BenchResult.Model ran = new BenchResult.Model(model.name(), model.sha256(), Files.size(model.file()), device, spec.inpaint().batch());
    return new BenchResult(machine(device), lake, ran, limit, codecs, pipeline, job, alone, ratios(limit, pipeline, job), bars(limit, codecs, job, alone), soak);
  }

  /** Puts the lake where it is measured; keeps some of its files in memory. Gives the bytes of all. */
  private long upload(java.nio.file.Path made, FileSystem storage, Path lake, List<byte[]> files) throws IOException {
    storage.mkdirs(lake);
    boolean local = lake.toUri().getScheme().equals("file");
    long bytes = 0;
    long kept = 0;
    for (int i = 0; i < request.images(); i++) {
      java.nio.file.Path file = made.resolve(SyntheticLake.name(i));
      byte[] content = Files.readAllBytes(file);
      if (local) {
        // Hadoop's local file system starts a process for each file.
        Files.move(file, java.nio.file.Path.of(lake.toUri()).resolve(file.getFileName()));
      } else {
        storage.moveFromLocalFile(new Path(file.toUri()), new Path(lake, file.getFileName().toString()));
      }
      bytes += content.length;
      if (files.isEmpty() || files.size() < MOST_FILES && kept + content.length <= MOST_FILE_BYTES) {
        files.add(content);
        kept += content.length;
      }
    }
    return bytes;
  }

  /** Runs the job on the lake, or on its first images. */
  private BenchResult.Job job(SparkSession spark, Path at, String name, String device, OptionalInt images)
      throws UsageException, ModelException, InputException, ImageFailure, IOException, InterruptedException {
    RunRequest run = new RunRequest(new Input.Files(new Path(at, "lake").toString()), new Path(at, name + "/repaired").toString(),
        new Path(at, name + "/log").toString(), request.device(), images, OptionalInt.empty(), false);
    Moved before = Moved.at(at.toUri().getScheme());
    Gauge gauge = new Gauge();
    Planning planning = new Planning(gauge);
    RunSummary summary;
    NvidiaSmi.Watch gpu = new NvidiaSmi.Watch(NvidiaSmi.of(device));
    try (gpu) {
      summary = new CleanupJob(spark, spec, run, planning).run();
    } catch (LeaseHeldException e) {
      throw new IllegalStateException("another run has the lease on a new log", e);
    }
    BenchResult.Usage usage = gauge.read();
    Moved moved = Moved.at(at.toUri().getScheme());
    long expected = images.orElse(request.images());
    long repaired = summary.totals().count(Status.REPAIRED);
    if (repaired != expected || summary.totals().crops() != expected) {
      throw new UsageException("the job repaired " + repaired + " of " + expected + " images with " + summary.totals().crops()
          + " crops, which is no measure of anything: " + summary.totals().byKind() + " " + summary.failedSlices());
    }
    Map<String, Double> stages = new TreeMap<>();
    for (Stage stage : Stage.values()) {
      stages.put(stage.name().toLowerCase(Locale.ROOT), summary.totals().millis(stage) / 1e3);
    }
    double slices = summary.wall().toNanos() / 1e9;
    Moved each = moved.per(before, summary.totals().bytesIn());
    return new BenchResult.Job((int) repaired, summary.totals().crops(), slices, planning.cpuSeconds, repaired / slices, stages,
        each.read(), each.written(), each.from(), gpu.busy(), gpu.peakBytes(), usage);
  }

  /** Hears where planning ends. */
  private static final class Planning implements RunListener {
    private final Gauge gauge;
    private volatile double cpuSeconds;

    Planning(Gauge gauge) {
      this.gauge = gauge;
    }

    @Override
    public void note(String line) {
      // Also told between the plan and the first slice: the model is open.
      cpuSeconds = gauge.cpuSeconds();
    }

    @Override
    public void planned(Plan plan) {
      cpuSeconds = gauge.cpuSeconds();
    }

    @Override
    public void progress(long done, long failed, Plan plan, Duration elapsed) {}
  }

  private BenchResult.Codecs codecs(List<byte[]> files) throws ImageFailure, InterruptedException {
    codecs(files, WARM_UP);
    Gauge gauge = new Gauge();
    codecs(files, request.images());
    BenchResult.Usage usage = gauge.read();
    return new BenchResult.Codecs(request.images(), usage.cpuS() / request.images(), usage);
  }

  private void codecs(List<byte[]> files, int images) throws ImageFailure, InterruptedException {
    AtomicInteger next = new AtomicInteger();
    Threads.run(cores, () -> {
      for (int i = next.getAndIncrement(); i < images; i = next.getAndIncrement()) {
        decodeAndEncode(files.get(i % files.size()));
      }
    });
  }

  private static void decodeAndEncode(byte[] file) throws ImageFailure {
    Picture picture = Codecs.decode(file);
    Codecs.encode(picture, picture.format());
  }

  private LamaPool open(List<Device> devices, int batch) throws ModelException {
    return LamaPool.open(model, devices, new LamaSettings(cores, batch));
  }

  /** Where the model will run. */
  private String device() throws ModelException {
    try (LamaPool pool = open(List.of(request.device()), 1)) {
      return pool.device();
    }
  }

  private ImageRepair repair(LamaPool pool) {
    RepairSettings settings =
        new RepairSettings(spec.masks(), spec.mask(), spec.inpaint(), spec.spectral(), null, spec.limits().maxPixels());
    MaskFiles none = uri -> {
      throw new IllegalStateException("this job has no mask files");
    };
    return new ImageRepair(new Repairer(settings, pool, none), settings, spec.limits().maxResidual());
  }

  private BenchResult.Pipeline pipeline(LamaPool pool, List<byte[]> files) throws ImageFailure, InterruptedException {
    ImageRepair repair = repair(pool);
    try (Pipeline pipeline = new Pipeline(cores, pool.places())) {
      pipeline(pipeline, repair, files, Math.min(WARM_UP, request.images()));
      Gauge gauge = new Gauge();
      long crops = pipeline(pipeline, repair, files, request.images());
      BenchResult.Usage usage = gauge.read();
      return new BenchResult.Pipeline(request.images(), crops, request.images() / usage.wallS(), usage);
    }
  }

  private static long pipeline(Pipeline pipeline, ImageRepair repair, List<byte[]> files, int images)
      throws ImageFailure, InterruptedException {
    Iterator<MemoryWork> works = IntStream.range(0, images).mapToObj(i -> MemoryWork.of(i, files.get(i % files.size()))).iterator();
    long crops = 0;
    try (Pipeline.Images<MemoryWork> all = pipeline.repair(repair, works)) {
      while (all.hasNext()) {
        Done<MemoryWork> done = all.next();
        if (done.failure() != null) {
          throw done.failure();
        }
        crops += done.trace().crops();
      }
    }
    return crops;
  }

  private BenchResult.Alone alone(LamaPool pool, List<byte[]> files) throws ImageFailure, InterruptedException {
    Repairer repairer = repair(pool).repairer();
    ModelAlone model = new ModelAlone(pool, crop);
    int images = Math.min(ALONE, request.images());
    List<Double> repairs = new ArrayList<>();
    List<Double> codecs = new ArrayList<>();
    List<Double> crops = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      byte[] file = files.get(i % files.size());
      long start = System.nanoTime();
      repairer.repair(file, "", List.of(), new RepairTrace());
      long repaired = System.nanoTime();
      decodeAndEncode(file);
      codecs.add((System.nanoTime() - repaired) / 1e9);
      repairs.add((repaired - start) / 1e9);
      crops.add(model.one());
    }
    return new BenchResult.Alone(images, median(repairs), median(codecs), median(crops));
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private BenchResult.Limit limit(List<Device> devices) throws ModelException, ImageFailure, InterruptedException {
    List<BenchResult.Try> tries = new ArrayList<>();
    for (int batch : devices.get(0).kind() == Device.Kind.CUDA ? GPU_BATCHES : CPU_BATCHES) {
      try (LamaPool pool = open(devices, batch)) {
        if (pool.batch() != batch && !tries.isEmpty()) {
          // A model of fixed batch runs in that alone.
          break;
        }
        listener.accept("the model alone, batch " + pool.batch());
        ModelAlone alone = new ModelAlone(pool, crop);
        alone.run(2L * pool.places(), TRY_SECONDS);
        Gauge gauge = new Gauge();
        long crops = alone.run(Math.max(request.images(), 4L * pool.places()), TRY_SECONDS);
        BenchResult.Usage usage = gauge.read();
        tries.add(new BenchResult.Try(pool.batch(), crops, crops / usage.wallS(), usage.cpuS() / crops, usage));
      }
    }
    return new BenchResult.Limit(tries, tries.stream().max(Comparator.comparingDouble(BenchResult.Try::cropsPerS)).orElseThrow());
  }

  private List<BenchResult.Soak> soak(List<Device> devices, int batch) throws ModelException, ImageFailure, InterruptedException {
    List<BenchResult.Soak> looks = new ArrayList<>();
    try (LamaPool pool = open(devices, batch)) {
      Optional<NvidiaSmi> gpu = NvidiaSmi.of(pool.device());
      ModelAlone alone = new ModelAlone(pool, crop);
      alone.run(2L * pool.places(), FOREVER);
      long done = 0;
      looks.add(look(0, gpu));
      for (int i = 1; i <= SOAK_LOOKS; i++) {
        listener.accept("endurance, " + done + " of " + request.soak() + " crops");
        done += alone.run(request.soak() * i / SOAK_LOOKS - done, FOREVER);
        looks.add(look(done, gpu));
      }
    }
    return looks;
  }

  private static BenchResult.Soak look(long crops, Optional<NvidiaSmi> gpu) {
    return new BenchResult.Soak(crops, Gauge.resident(), gpu.flatMap(NvidiaSmi::look).map(NvidiaSmi.Look::usedBytes).orElse(null));
  }

  private BenchResult.Machine machine(String device) {
    return new BenchResult.Machine(cores, Runtime.getRuntime().maxMemory(), System.getProperty("java.version"),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        NvidiaSmi.of(device).flatMap(NvidiaSmi::look).map(NvidiaSmi.Look::name).orElse(null));
  }

  private static BenchResult.Ratios ratios(BenchResult.Limit limit, BenchResult.Pipeline pipeline, BenchResult.Job job) {
    double most = limit.best().cropsPerS();
    return new BenchResult.Ratios(pipeline.crops() / pipeline.usage().wallS() / most, job.crops() / job.slicesS() / most,
        job.crops() / job.usage().wallS() / most);
  }

  private BenchResult.Bars bars(BenchResult.Limit limit, BenchResult.Codecs codecs, BenchResult.Job job, BenchResult.Alone alone)
      throws IOException {
    BenchResult.Try same = limit.tries().stream().filter(t -> t.batch() == spec.inpaint().batch()).findFirst().orElse(limit.best());
    double modelCpu = job.crops() * same.cpuPerCropS();
    Long peak = job.usage().peakRssBytes();
    return new BenchResult.Bars((job.usage().cpuS() - modelCpu) / (job.images() * codecs.cpuPerImageS()), modelCpu,
        "crops x CPU time of a crop in the limit at batch " + same.batch(), peak == null ? null : peak - Files.size(model.file()),
        alone.repairS() / (alone.decodeEncodeS() + alone.cropS()));
  }
}
