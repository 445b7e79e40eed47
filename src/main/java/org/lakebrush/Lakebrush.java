package org.lakebrush;

import org.lakebrush.cli.BenchCommand;
import org.lakebrush.cli.DemoCommand;
import org.lakebrush.cli.EvalCommand;
import org.lakebrush.cli.Failures;
import org.lakebrush.cli.LearnWatermarkCommand;
import org.lakebrush.cli.ModelCommand;
import org.lakebrush.cli.PreviewCommand;
import org.lakebrush.cli.ReportCommand;
import org.lakebrush.cli.RunCommand;
import org.lakebrush.cli.ServeCommand;
import org.lakebrush.cli.StatusCommand;
import org.lakebrush.executor.Sessions;
import org.lakebrush.source.Secrets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line. Exit codes: 0 done; 1 internal error, or a model that cannot be fetched or is not what it should be; 2 bad usage or
 * job, before any work; 3 done, but too many images failed, or there is no mark to learn; 143 or 130 a run that a SIGTERM or SIGINT
 * brought to its end.
 */
@Command(name = "lakebrush", mixinStandardHelpOptions = true, version = "lakebrush 0.1.0",
    description = "Repairs every image in a data lake: masks, LaMa inpainting, a Parquet result log.",
    subcommands = {DemoCommand.class, RunCommand.class, StatusCommand.class, ReportCommand.class, PreviewCommand.class,
        ServeCommand.class, LearnWatermarkCommand.class, ModelCommand.class, EvalCommand.class, BenchCommand.class},
    footer = {"", "Exit codes: 0 done; 1 internal error, or a model that cannot be fetched or is not what it should be;",
        "2 bad usage or job file, before any work; 3 done, but more than limits.max_failures of the images failed, or there is no mark to",
        "learn; 143 or 130 a run was brought to its end by SIGTERM or Ctrl-C."})
public final class Lakebrush implements Runnable {
  @Spec
  private CommandSpec spec;

  /** Exits the JVM with the command's exit code. */
  public static void main(String[] args) {
    int code = run(args);
    Sessions.shutDown();
    System.exit(code);
  }

  /** Runs a command in this JVM and returns its exit code. */
  public static int run(String... args) {
    for (String arg : args) {
      // Before Spark starts, whose pages show the command line.
      if (Secrets.isIn(arg)) {
        System.err.println("lakebrush: " + Secrets.hidden(arg) + " " + Secrets.NOT_IN_URIS);
        return CommandLine.ExitCode.USAGE;
      }
    }
    return Failures.handledBy(new CommandLine(new Lakebrush())).execute(args);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command? One of " + String.join(", ", spec.subcommands().keySet()));
  }
}
