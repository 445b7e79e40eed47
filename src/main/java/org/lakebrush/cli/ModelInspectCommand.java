package org.lakebrush.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lakebrush.job.ModelFiles;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.ModelException;
import org.lakebrush.model.KnownModel;
import org.lakebrush.model.ModelRegistry;
import org.lakebrush.model.OnnxHeader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code model inspect}: what a run would make of a model file. */
@Command(name = "inspect", mixinStandardHelpOptions = true,
    description = {"Loads a model and says what a run finds in it: inputs, output, sizes, ranges, metadata.",
        "Exit code 1 where it is no LaMa."})
final class ModelInspectCommand implements Callable<Integer> {
  @Parameters(paramLabel = "NAME|FILE|URI", description = "A model, as in --model of a run.")
  private String model;

  @Override
  public Integer call() throws Exception {
    return RunCommand.refusing(() -> {
      Path file = ModelFiles.file(model).file();
      try {
        inspect(ModelText.place(model, file), LamaModel.inspect(file));
        return 0;
      } catch (ModelException e) {
        Failures.print(e);
        return RunCommand.FAILED;
      }
    });
  }

  private static void inspect(String place, LamaModel lama) throws IOException {
    OnnxHeader header = OnnxHeader.read(lama.file());
    Optional<KnownModel> known = ModelRegistry.standard().withSha256(lama.sha256());
    line("file", place);
    line("name", lama.name());
    line("known as", known.map(k -> k.name() + ", " + k.purpose() + " (" + k.licence() + ")").orElse("none of the known models"));
    line("bytes", String.format(Locale.ROOT, "%,d", Files.size(lama.file())));
    line("SHA-256", lama.sha256());
    line("image", lama.imageInput() + " " + ModelText.shape(lama, 3) + ", RGB 0..1");
    line("mask", lama.maskInput() + " " + ModelText.shape(lama, 1) + ", 1 = hole");
    line("output", lama.output() + " " + ModelText.shape(lama, 3) + ", RGB 0.." + Math.round(lama.outputRange()));
    line("takes", ModelText.takes(lama));
    line("ONNX", "opset " + header.opset() + ", IR version " + header.irVersion()
        + (header.producer().isEmpty() ? "" : ", made by " + header.producer()));
    header.metadata().forEach((key, value) -> line(key, value));
    known.ifPresent(k -> ModelText.differences(k, lama).forEach(d -> line("registry", "says otherwise: " + d)));
  }

  private static void line(String title, Object text) {
    System.out.printf("%-18s%s%n", title, text);
  }
}
