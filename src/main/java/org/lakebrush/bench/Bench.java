package org.lakebrush.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
import org.lakebrush.executor.Sessions;
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
import org.lakebrush.job.Scratch;
import org.lakebrush.job.UsageException;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.CropPlanner;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.lama.ModelAlone;
import org.lakebrush.lama.ModelException;
import org.lakebrush.mask.MaskFiles;
import org.lakebrush.repair.ImageOperation;
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
  private static final double GPU_TRY_SECONDS = 5;
  private static final int LEAST_RUNS = 8;
  /** What a run on the CPU takes for each pixel, at most: batches that do not fit the machine are not tried. */
  private static final double RUN_BYTES = 3000;

  private final BenchRequest request;
  private final Consumer<String> listener;
  private final int cores = Runtime.getRuntime().availableProcessors();
  private final List<Frame> frames;
  private final Holes holes;
  private final JobSpec spec;
  private final LamaModel model;
  private final LamaSettings settings;
  private final Holes.Size crop;
  /** Where the model will run. */
  private final String device;

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
    model = ModelFiles.find(any.inpaint().model());
    settings = LamaSettings.of(any.inpaint(), cores, ModelFiles.findHalf(any.inpaint().halfModel()));
    device = device();
    CropPlanner planner = new CropPlanner(any.inpaint(), model, !device.equals("cpu"));
    holes = request.hole().isPresent() ? Holes.of(any, request.hole().getAsInt()) : Holes.forCrop(any, planner, request.crop());
    spec = spec(holes);
    crop = holes.crop(spec, planner, frames);
  }

  private JobSpec spec(Holes some) throws IOException, JobSpecException {
    java.nio.file.Path file = Files.createTempFile(Scratch.folder(), "bench", ".yaml");
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
    java.nio.file.Path made = Files.createTempDirectory(Scratch.folder(), "bench");
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

    int warmUp = Math.min(WARM_UP, request.images());
    listener.accept("the job, twice on " + warmUp + " images, to warm up");
    // Twice: most of what is compiled plans the job, which each run does but once.
    job(spark, at, "warm-up-1", OptionalInt.of(warmUp));
    job(spark, at, "warm-up-2", OptionalInt.of(warmUp));
    listener.accept("the job");
    BenchResult.Job job = job(spark, at, "job", OptionalInt.empty());
    // Of several GPUs one: the limit is that of one, too.
    Device on = Device.parse(device.split(",")[0]);
    listener.accept("decoding and encoding");
    BenchResult.Codecs codecs = codecs(files);
    BenchResult.Pipeline pipeline;
    BenchResult.Alone alone;
    try (LamaPool pool = LamaPool.open(model, List.of(on), settings)) {
      listener.accept("the pipeline without Spark");
      pipeline = pipeline(pool, files);
      listener.accept("one image at a time");
      alone = alone(pool, on, files);
    }
    BenchResult.Limit limit = limit(on);
    List<BenchResult.Soak> soak = soak(on);
    BenchResult.Model ran = new BenchResult.Model(model.name(), model.sha256(), Files.size(model.file()), device, spec.inpaint().batch());
    return new BenchResult(machine(device), lake, ran, limit, codecs, pipeline, job, alone, ratios(limit, pipeline, job),
        bars(limit, codecs, job, alone), soak);
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
  private BenchResult.Job job(SparkSession spark, Path at, String name, OptionalInt images)
      throws UsageException, ModelException, InputException, ImageFailure, IOException, InterruptedException {
    RunRequest run = new RunRequest(new Input.Files(new Path(at, "lake").toString()), new Path(at, name + "/repaired").toString(),
        new Path(at, name + "/log").toString(), request.device(), images, OptionalInt.empty(), false, null);
    Moved before = Moved.at(at.toUri().getScheme());
    Gauge gauge = new Gauge();
    Planning planning = new Planning(gauge);
    long busy = Sessions.busyNanos();
    RunSummary summary;
    NvidiaSmi.Watch gpu = new NvidiaSmi.Watch(NvidiaSmi.of(device));
    try (gpu) {
      summary = new CleanupJob(spark, spec, run, planning).run();
    } catch (LeaseHeldException e) {
      throw new IllegalStateException("another run has the lease on a new log", e);
    }
    BenchResult.Usage usage = gauge.read();
    Double modelCpu = gauge.modelSeconds();
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
    int runners = device.startsWith("cuda") ? device.split(",").length : cores;
    Moved each = moved.per(before, summary.totals().bytesIn());
    return new BenchResult.Job((int) repaired, summary.totals().crops(), slices, planning.cpuSeconds, repaired / slices, stages,
        each.read(), each.written(), each.from(), modelCpu,
        (Sessions.busyNanos() - busy) / 1e9 / slices / runners, gpu.busy(), gpu.peakBytes(), usage);
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

  private String device() throws ModelException {
    try (LamaPool pool = LamaPool.open(model, List.of(request.device()), settings)) {
      return pool.device();
    }
  }

  private ImageRepair repair(LamaPool pool) {
    RepairSettings settings =
        new RepairSettings(spec.masks(), spec.mask(), spec.inpaint(), spec.spectral(), null, spec.limits().maxPixels());
    MaskFiles none = uri -> {
      throw new IllegalStateException("this job has no mask files");
    };
    return new ImageRepair(new Repairer(settings, pool, none)::repair, settings, spec.limits().maxResidual(),
        spec.limits().secondsPerImage());
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

  private BenchResult.Alone alone(LamaPool pool, Device device, List<byte[]> files)
      throws ModelException, ImageFailure, InterruptedException {
    ImageOperation repair = repair(pool).operation();
    int images = Math.min(ALONE, request.images());
    List<Double> repairs = new ArrayList<>();
    List<Double> codecs = new ArrayList<>();
    List<Double> crops = new ArrayList<>();
    try (ModelAlone alone = ModelAlone.open(model, device, settings)) {
      for (int i = 0; i < images; i++) {
        byte[] file = files.get(i % files.size());
        repairs.add(seconds(() -> repair.apply(file, "", List.of(), null, new RepairTrace())));
        codecs.add(seconds(() -> decodeAndEncode(file)));
        crops.add(alone.one(crop.width(), crop.height()));
      }
    }
    return new BenchResult.Alone(images, median(repairs), median(codecs), median(crops));
  }

  private static double seconds(Threads.Work work) throws ImageFailure, InterruptedException {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private BenchResult.Limit limit(Device device) throws ModelException, ImageFailure, InterruptedException {
    List<BenchResult.Try> tries = new ArrayList<>();
    try (ModelAlone alone = ModelAlone.open(model, device, settings)) {
      for (int asked : device.kind() == Device.Kind.CUDA ? GPU_BATCHES : CPU_BATCHES) {
        int batch = alone.batch(asked);
        boolean fits = device.kind() == Device.Kind.CUDA
            || (double) batch * crop.width() * crop.height() * cores * RUN_BYTES < memory() / 2;
        if (tries.stream().anyMatch(t -> t.batch() == batch) || !fits && !tries.isEmpty()) {
          continue;
        }
        listener.accept("the model alone, batch " + batch);
        try {
          tries.add(tried(alone, batch, device.kind() == Device.Kind.CUDA));
        } catch (ImageFailure e) {
          if (tries.isEmpty()) {
            throw e;
          }
          listener.accept("no larger batch: " + e.getMessage());
          break;
        }
      }
    }
    return new BenchResult.Limit(tries, tries.stream().max(Comparator.comparingDouble(BenchResult.Try::cropsPerS)).orElseThrow());
  }

  private BenchResult.Try tried(ModelAlone alone, int batch, boolean gpu) throws ImageFailure, InterruptedException {
    alone.run(crop.width(), crop.height(), batch, (long) LEAST_RUNS * batch, TRY_SECONDS);
    Gauge gauge = new Gauge();
    // As many crops as the CPU takes seconds for, a GPU runs in no time that could be measured.
    long crops = gpu ? alone.run(crop.width(), crop.height(), batch, Long.MAX_VALUE / 2, GPU_TRY_SECONDS)
        : alone.run(crop.width(), crop.height(), batch, Math.max(request.images(), LEAST_RUNS * batch), TRY_SECONDS);
    BenchResult.Usage usage = gauge.read();
    return new BenchResult.Try(batch, crops, crops / usage.wallS(), usage.cpuS() / crops, usage);
  }

  /** The machine's, in bytes. */
  private static double memory() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  private List<BenchResult.Soak> soak(Device device) throws ModelException, ImageFailure, InterruptedException {
    if (request.soak() == 0) {
      return List.of();
    }
    listener.accept("endurance");
    try (LamaPool pool = LamaPool.open(model, List.of(device), settings)) {
      return new Soak(pool, crop).run(request.soak());
    }
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
    Double told = job.modelCpuS();
    double modelCpu = told == null ? job.crops() * limit.best().cpuPerCropS() : told;
    Long peak = job.usage().peakRssBytes();
    double beside = job.usage().cpuS() - modelCpu;
    double bare = codecs.usage().cpuS();
    Double jit = job.usage().jitS();
    return new BenchResult.Bars(beside / bare, jit == null ? null : (beside - jit) / (bare - codecs.usage().jitS()), modelCpu,
        told == null ? "crops x the limit's CPU time of one" : "its threads in /proc",
        peak == null ? null : peak - Files.size(model.file()), alone.repairS() / (alone.decodeEncodeS() + alone.cropS()));
  }
}
