package org.lakebrush.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.bench.Bench;
import org.lakebrush.bench.BenchRequest;
import org.lakebrush.bench.BenchResult;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.job.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code bench}: what the job costs on a synthetic lake, beside the model alone and the codecs alone. With {@code --json} all of
 * {@link BenchResult} goes to a file; the keys are described there.
 */
@Command(name = "bench", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Makes a synthetic lake, repairs it with the whole job, and measures beside it what the model alone, the codecs alone, and the "
        + "pipeline without Spark take: throughput, CPU time, memory, bytes moved.",
    "One run: a few minutes. At a large image: bench --images 3 --megapixels 24 --hole 300."})
public final class BenchCommand implements Callable<Integer> {
  @Option(names = "--images", paramLabel = "N", defaultValue = "200", description = "How many. Default: ${DEFAULT-VALUE}.")
  private int images;

  @Option(names = "--megapixels", paramLabel = "MP", defaultValue = "1",
      description = "A typical image's area; they are of 0.8 to 1.25 times that. Default: ${DEFAULT-VALUE}.")
  private double megapixels;

  @Option(names = "--crop", paramLabel = "PX", defaultValue = "512",
      description = "The square crop that each image takes: the hole is made to fit. Default: ${DEFAULT-VALUE}.")
  private int crop;

  @Option(names = "--hole", paramLabel = "PX", description = "Side of the square hole, in place of --crop.")
  private Integer hole;

  @Mixin
  private ModelOption model;

  @Mixin
  private DeviceOption device;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Sets a key of the job, for example spectral.grain=on. Repeatable.")
  private List<String> settings = new ArrayList<>();

  @Option(names = "--batch", paramLabel = "N", description = "Most crops in one run of the model. Short for --set inpaint.batch=N.")
  private Integer batch;

  @Option(names = "--at", paramLabel = "URI", defaultValue = "target/bench",
      description = "Where the lake, the repaired images and the log go: a folder, or one on s3a://, hdfs:// and so on, to measure from "
          + "storage to storage. What is made there is deleted again. Default: ${DEFAULT-VALUE}.")
  private String at;

  @Option(names = "--soak", paramLabel = "CROPS", defaultValue = "0",
      description = "Runs the model on so many crops more and tells whether memory grows on the way. Default: none.")
  private long soak;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes all figures there.")
  private Path json;

  @Override
  public Integer call() throws Exception {
    return RunCommand.refusing(() -> {
      Bench bench = new Bench(request(), line -> System.out.println("measuring: " + line));
      BenchResult result;
      try (SparkSession spark = Spark.session()) {
        result = bench.run(spark);
      } catch (ImageFailure e) {
        throw new UsageException("an image could not be repaired, and nothing is measured: " + e.getMessage(), e);
      }
      new BenchTable(System.out).print(result);
      if (json != null) {
        Files.writeString(json, result.json());
        System.out.println("JSON: " + json);
      }
      return 0;
    });
  }

  private BenchRequest request() throws UsageException {
    if (images < 1 || !(megapixels > 0) || crop < 1 || hole != null && hole < 1 || soak < 0) {
      throw new UsageException("--images, --crop and --hole must be 1 or more, --megapixels more than 0, --soak 0 or more");
    }
    List<String> overrides = new ArrayList<>(settings);
    overrides.addAll(model.overrides());
    if (batch != null) {
      overrides.add("inpaint.batch=" + batch);
    }
    OptionalInt side = hole == null ? OptionalInt.empty() : OptionalInt.of(hole);
    return new BenchRequest(images, megapixels, crop, side, overrides, device.device(), at, soak);
  }
}
