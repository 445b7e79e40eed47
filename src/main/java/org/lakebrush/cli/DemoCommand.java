package org.lakebrush.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.lakebrush.demo.SampleLake;
import org.lakebrush.job.JobSpecReader;
import org.lakebrush.job.RunRequest;
import org.lakebrush.lama.Device;
import org.lakebrush.source.Input;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}: makes the sample lakes and repairs them. */
@Command(name = "demo", mixinStandardHelpOptions = true,
    description = "Damages nine photographs in four ways, and repairs them with the four jobs of conf/jobs that find by themselves what to "
        + "repair.")
public final class DemoCommand implements Callable<Integer> {
  @Option(names = "--dir", paramLabel = "FOLDER", defaultValue = "target/demo",
      description = "Where to put it all; what an earlier demo left there is replaced. Default: ${DEFAULT-VALUE}.")
  private Path dir;

  @Override
  public Integer call() throws Exception {
    return RunCommand.refusing(() -> {
      Path folder = Folders.fresh(dir);
      SampleLake.writeAll(folder);
      int worst = 0;
      for (SampleLake lake : SampleLake.values()) {
        System.out.println("\n== " + lake.title());
        int code = repair(lake, folder.resolve(lake.job()));
        if (code >= Signals.FIRST_CODE) {
          return code;
        }
        worst = Math.max(worst, code);
      }
      System.out.println("\nIn " + folder + ", for each job: lake (before), repaired, truth (the photographs) and the log");
      return worst;
    });
  }

  private static int repair(SampleLake lake, Path folder) throws Exception {
    String input = folder.resolve("lake").toString();
    List<String> settings = List.of();
    if (lake == SampleLake.SHOP_WATERMARK) {
      Path learned = folder.resolve("learned");
      int code = LearnWatermarkCommand.learn(input, learned.toString(), LearnWatermarkCommand.SAMPLE);
      if (code != 0) {
        return code;
      }
      settings = List.of("masks.0.file=" + learned.resolve("mark.png").toAbsolutePath());
    }
    RunRequest request = new RunRequest(new Input.Files(input), folder.resolve("repaired").toString(), folder.resolve("log").toString(),
        Device.parse("auto"), OptionalInt.empty(), OptionalInt.empty(), false, null);
    return RunCommand.run(JobSpecReader.read(Folders.jobs().resolve(lake.job() + ".yaml"), settings), request, false);
  }
}
