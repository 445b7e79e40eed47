package org.lakebrush.cli;

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
import org.lakebrush.model.ModelStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code model verify}: whether a file is a known model, whole, and loads. */
@Command(name = "verify", mixinStandardHelpOptions = true, description = {
    "Says by its SHA-256 which known model a file is, and loads it.",
    "Exit code 1 where it has the name of a known model and is not that one, or cannot be loaded."})
final class ModelVerifyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "NAME|FILE|URI", description = "A model, as in --model of a run.")
  private String model;

  @Override
  public Integer call() throws Exception {
    return RunCommand.refusing(() -> {
      ModelStore.Found found = ModelFiles.file(model);
      try {
        return verify(ModelText.place(model, found.file()), found.file());
      } catch (ModelException e) {
        Failures.print(e);
        return RunCommand.FAILED;
      }
    });
  }

  private static int verify(String place, Path file) throws Exception {
    String sha256 = LamaModel.sha256(file);
    System.out.printf(Locale.ROOT, "%s: %,d bytes, SHA-256 %s%n", place, Files.size(file), sha256);
    ModelRegistry registry = ModelRegistry.standard();
    Optional<KnownModel> same = registry.withSha256(sha256);
    Optional<KnownModel> namesake = registry.named(file.getFileName().toString().replaceFirst("\\.onnx$", ""));
    if (same.isPresent()) {
      System.out.println("It is " + same.get().name() + ", " + same.get().purpose() + " (" + same.get().licence() + ")");
    } else if (namesake.isPresent() && namesake.get().content().isPresent()) {
      KnownModel.Content expected = namesake.get().content().get();
      System.err.printf(Locale.ROOT, "lakebrush: it is not %s, which has %,d bytes and SHA-256 %s: it is damaged, or another file%n",
          namesake.get().name(), expected.bytes(), expected.sha256());
      return RunCommand.FAILED;
    } else {
      System.out.println("It is none of the known models" + (namesake.isPresent() ? ", as each export is a file of its own" : ""));
    }
    LamaModel lama = LamaModel.inspect(file, sha256);
    System.out.println("It loads: " + ModelText.takes(lama) + "; output 0.." + Math.round(lama.outputRange()));
    same.or(() -> namesake).ifPresent(known -> ModelText.differences(known, lama)
        .forEach(d -> System.out.println("The registry says otherwise of " + known.name() + ": " + d)));
    return 0;
  }
}
