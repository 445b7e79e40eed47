package org.lakebrush.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.lakebrush.demo.SampleLake;
import org.lakebrush.job.JobSpecReader;
import org.lakebrush.job.RunRequest;
import org.lakebrush.lama.Device;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}: makes the sample lake and repairs it. */
@Command(name = "demo", mixinStandardHelpOptions = true,
    description = "Draws date stamps, logos, scratches and captions on nine photographs, and repairs them.")
public final class DemoCommand implements Callable<Integer> {
  private static final String JOB = """
      # The demo's job: every image has its mask under masks/, same folder and stem.
      masks:
        - {kind: sidecar, dir: masks}
      """;

  @Option(names = "--dir", paramLabel = "FOLDER", defaultValue = "target/demo",
      description = "Where to put it all; what an earlier demo left there is replaced. Default: ${DEFAULT-VALUE}.")
  private Path dir;

  @Override
  public Integer call() throws Exception {
    return RunCommand.refusing(() -> {
      Path folder = Folders.fresh(dir);
      int images = SampleLake.write(folder);
      System.out.println(images + " sample images: " + folder.resolve("lake") + " (masks and truth beside it)");
      Path job = Files.writeString(folder.resolve("job.yaml"), JOB);
      RunRequest request = new RunRequest(folder.resolve("lake").toString(), folder.resolve("repaired").toString(),
          folder.resolve("log").toString(), Device.parse("auto"), OptionalInt.empty(), OptionalInt.empty(), false);
      return RunCommand.run(JobSpecReader.read(job, List.of()), request, false);
    });
  }
}
