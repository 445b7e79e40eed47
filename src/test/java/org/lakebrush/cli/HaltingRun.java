package org.lakebrush.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.lakebrush.cluster.HaltMask;
import org.lakebrush.executor.Sessions;
import org.lakebrush.job.JobSpec;
import org.lakebrush.job.JobSpecException;
import org.lakebrush.job.JobSpecReader;
import org.lakebrush.job.RunRequest;
import org.lakebrush.lama.Device;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.source.Input;

/**
 * {@code HaltingRun WIDTHS ROOT JOB [KEY=VALUE...]}: as {@code run} of {@code ROOT/in} into {@code ROOT/out} with the log {@code ROOT/log},
 * but an image whose width in pixels is one of WIDTHS (with commas, or {@code none}) ends the JVM that has it in hand.
 */
public final class HaltingRun {
  private HaltingRun() {}

  /** The same, of a table {@code ROOT/in}. */
  public static final class OfTable {
    private OfTable() {}

    public static void main(String[] args) throws Exception {
      run(args, new Input.Table(args[1] + "/in", null, null));
    }
  }

  public static void main(String[] args) throws Exception {
    run(args, new Input.Files(args[1] + "/in"));
  }

  private static void run(String[] args, Input input) throws Exception {
    Set<Integer> widths = args[0].equals("none") ? Set.of()
        : Arrays.stream(args[0].split(",")).map(Integer::valueOf).collect(Collectors.toSet());
    RunRequest request = new RunRequest(input, args[1] + "/out", args[1] + "/log", Device.parse("cpu"),
        OptionalInt.empty(), OptionalInt.empty(), false, null);
    int code = RunCommand.refusing(() -> RunCommand.run(job(Path.of(args[2]), List.of(args).subList(3, args.length), widths), request,
        false));
    Sessions.shutDown();
    System.exit(code);
  }

  /** A job with a {@link HaltMask} beside its own. */
  public static JobSpec job(Path file, List<String> set, Set<Integer> widths) throws JobSpecException {
    JobSpec job = JobSpecReader.read(file, set);
    List<MaskSpec> masks = new ArrayList<>(job.masks());
    masks.add(new HaltMask(widths));
    return new JobSpec(masks, job.mask(), job.inpaint(), job.spectral(), job.output(), job.limits(), job.retry(), job.run());
  }
}
