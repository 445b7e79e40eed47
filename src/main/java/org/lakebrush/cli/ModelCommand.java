package org.lakebrush.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code model}: what models there are, and whether a file is one of them. */
@Command(name = "model", mixinStandardHelpOptions = true,
    description = "Lists the models that Lakebrush knows, fetches them, and says what a model file is.",
    subcommands = {ModelListCommand.class, ModelFetchCommand.class, ModelVerifyCommand.class, ModelInspectCommand.class})
public final class ModelCommand implements Runnable {
  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command? One of " + String.join(", ", spec.subcommands().keySet()));
  }
}
