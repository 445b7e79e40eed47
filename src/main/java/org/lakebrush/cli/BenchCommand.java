package org.lakebrush.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.demo.SyntheticLake;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Picture;
import org.lakebrush.job.CleanupJob;
import org.lakebrush.job.JobSpec;
import org.lakebrush.job.JobSpecReader;
import org.lakebrush.job.ModelFiles;
import org.lakebrush.job.RunRequest;
import org.lakebrush.job.RunSummary;
import org.lakebrush.job.UsageException;
import org.lakebrush.lama.CropPlan;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.Inpainter;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.lama.Slots;
import org.lakebrush.mask.MaskBuilder;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Input;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench}: runs the job over synthetic images and prints what it cost. */
@Command(name = "bench", mixinStandardHelpOptions = true, sortOptions = false,
    description = {"Makes synthetic JPEGs, repairs them with the whole job, and prints throughput, peak memory, and the time that the model "
        + "alone takes for the same crops.",
        "Small images: bench --images 200 --width 640 --height 480. Large ones: bench --images 10 --width 8660 --height 5774."})
public final class BenchCommand implements Callable<Integer> {
  private static final String JOB = """
      masks:
        - {kind: box, anchor: bottom-right, width: %dpx, height: %dpx, margin: 5%%}
      """;

  @Option(names = "--images", paramLabel = "N", defaultValue = "200", description = "How many. Default: ${DEFAULT-VALUE}.")
  private int images;

  @Option(names = "--width", paramLabel = "PX", defaultValue = "640", description = "Default: ${DEFAULT-VALUE}.")
  private int width;

  @Option(names = "--height", paramLabel = "PX", defaultValue = "480", description = "Default: ${DEFAULT-VALUE}.")
  private int height;

  @Option(names = "--hole", paramLabel = "PX", defaultValue = "64", description = "Side of the square hole. Default: ${DEFAULT-VALUE}.")
  private int hole;

  @Mixin
  private ModelOption model;

  @Option(names = "--dir", paramLabel = "FOLDER", defaultValue = "target/bench",
      description = "Where the images go; emptied before and after. Default: ${DEFAULT-VALUE}.")
  private Path dir;

  @Override
  public Integer call() throws Exception {
    return RunCommand.refusing(() -> {
      Path folder = Folders.fresh(dir);
      try {
        return bench(folder);
      } finally {
        FileUtil.fullyDelete(folder.toFile());
      }
    });
  }

  private int bench(Path folder) throws Exception {
    if (images < 1 || width < 1 || height < 1 || hole < 1) {
      throw new UsageException("--images, --width, --height and --hole must be 1 or more");
    }
    long bytes = SyntheticLake.write(folder.resolve("lake"), images, width, height);
    System.out.printf(Locale.ROOT, "%d JPEGs of %d x %d, %s, hole %d x %d%n", images, width, height, Console.bytes(bytes), hole, hole);
    JobSpec spec = JobSpecReader.read(Files.writeString(folder.resolve("job.yaml"), JOB.formatted(hole, hole)), model.overrides());
    Console console = Console.standard();
    RunSummary summary;
    try (SparkSession spark = Spark.session()) {
      RunRequest request = new RunRequest(new Input.Files(folder.resolve("lake").toString()), folder.resolve("repaired").toString(),
          folder.resolve("log").toString(), Device.parse("cpu"), OptionalInt.empty(), OptionalInt.empty(), false);
      CleanupJob job = new CleanupJob(spark, spec, request, console);
      summary = job.run();
    }
    console.summary(summary);
    String peak = peakMemory();
    if (summary.totals().count(Status.REPAIRED) != images) {
      System.out.println("Not all images were repaired: no figures");
      return summary.exitCode();
    }
    double job = summary.wall().toMillis() / 1e3;
    System.out.printf(Locale.ROOT, "job        %8.1f s  %7.2f images/s%n", job, images / job);
    System.out.println("peak resident memory of this process after the job: " + peak);
    double bare = bareLoop(spec, folder.resolve("lake"));
    if (bare == 0) {
      System.out.println("bare loop: not measured, a hole of " + hole + " pixels is larger than a crop");
      return 0;
    }
    System.out.printf(Locale.ROOT, "bare loop  %8.1f s  %7.2f images/s   (the model alone on the same crops, same session options)%n", bare,
        images / bare);
    System.out.printf(Locale.ROOT, "job / bare loop: %.2f of its throughput%n", bare / job);
    return 0;
  }

  /** Seconds that the model alone takes for the crops of all images, in the job's batches; 0 where they are no single crops. */
  private static double bareLoop(JobSpec spec, Path lake) throws Exception {
    LamaModel model = ModelFiles.local(spec.inpaint().model());
    try (LamaPool session = LamaPool.open(model, List.of(Device.parse("cpu")), new LamaSettings(Runtime.getRuntime().availableProcessors(), spec.inpaint().batch()))) {
      Inpainter inpainter = new Inpainter(spec.inpaint(), session);
      MaskBuilder masks = new MaskBuilder(spec.masks(), spec.mask(), uri -> {
        throw new IllegalStateException("this job has no sidecars");
      });
      List<CropPlan.Crop> crops = new ArrayList<>();
      try (var files = Files.list(lake)) {
        for (Path file : files.sorted().toList()) {
          Picture picture = Codecs.decode(Files.readAllBytes(file));
          CropPlan plan = inpainter.plan(masks.build(picture, List.of()).hole());
          if (!plan.large().isEmpty()) {
            return 0;
          }
          crops.addAll(plan.crops());
        }
      }
      run(session, crops.subList(0, Math.min(crops.size(), 4)));
      long start = System.nanoTime();
      run(session, crops);
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private static void run(LamaPool lama, List<CropPlan.Crop> crops) throws Exception {
    int next = 0;
    while (next < crops.size()) {
      CropPlan.Crop crop = crops.get(next);
      try (Slots slots = lama.claim(crop.width(), crop.height(), crops.size() - next)) {
        slots.fill(slots.size());
        next += slots.size();
      }
    }
  }

  /** The kernel's own figure, or a word where it gives none. */
  private static String peakMemory() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return "not told by this system";
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmHWM:")) {
        return Console.bytes(Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024);
      }
    }
    return "not told by this system";
  }
}
