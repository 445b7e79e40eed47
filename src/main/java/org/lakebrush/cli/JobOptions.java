package org.lakebrush.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lakebrush.job.JobSpec;
import org.lakebrush.job.JobSpecException;
import org.lakebrush.job.JobSpecReader;
import org.lakebrush.lama.Device;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is to be done to images, and where the model runs: {@code --job}, {@code --set}, {@code --model}, {@code --device}. */
final class JobOptions {
  @Option(names = "--job", required = true, paramLabel = "FILE", description = "The job file; conf/lakebrush.yaml documents every key.")
  private Path job;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Sets a key of the job, for example inpaint.max_side=512. Repeatable.")
  private List<String> overrides = new ArrayList<>();

  @Mixin
  private ModelOption model;

  @Mixin
  private DeviceOption device;

  /** The job file. */
  Path file() {
    return job;
  }

  /** The job with its overrides. */
  JobSpec read() throws JobSpecException {
    List<String> settings = new ArrayList<>(overrides);
    settings.addAll(model.overrides());
    return JobSpecReader.read(job, settings);
  }

  /** Where the model runs. */
  Device device() {
    return device.device();
  }
}
