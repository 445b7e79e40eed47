package org.lakebrush.cli;

import java.util.List;
import picocli.CommandLine.Option;

/** {@code --model}, short for {@code --set inpaint.model=...}. */
final class ModelOption {
  @Option(names = "--model", paramLabel = "NAME|FILE|URI",
      description = "The model: a name (model list tells them), or the path or URI of an .onnx file. Short for --set inpaint.model=...")
  private String model;

  /** The override of the job, or none. */
  List<String> overrides() {
    // In quotes YAML takes it as it is.
    return model == null ? List.of() : List.of("inpaint.model='" + model.replace("'", "''") + "'");
  }
}
