package org.lakebrush.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.lakebrush.source.Secrets;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What the command line says of errors: all of it, but for keys and passwords. */
public final class Failures {
  private Failures() {}

  /** Has a command's errors go through here. */
  public static CommandLine handledBy(CommandLine command) {
    CommandLine.IParameterExceptionHandler usage = command.getParameterExceptionHandler();
    command.setParameterExceptionHandler((e, args) -> {
      String message = Secrets.hidden(e.getMessage());
      return usage.handleParseException(message.equals(e.getMessage()) ? e : new ParameterException(e.getCommandLine(), message), args);
    });
    command.setExecutionExceptionHandler((e, failed, parsed) -> {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace, true));
      failed.getErr().print(Secrets.hidden(trace.toString()));
      failed.getErr().flush();
      return failed.getCommandSpec().exitCodeOnExecutionException();
    });
    return command;
  }

  /** Says why a command does not do what it was asked to. */
  static void print(Exception e) {
    System.err.println("lakebrush: " + Secrets.hidden(e.getMessage()));
  }
}
