package org.lakebrush.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import org.lakebrush.model.KnownModel;
import org.lakebrush.model.KnownModel.Content;
import org.lakebrush.model.KnownModel.Exported;
import org.lakebrush.model.KnownModel.Shipped;
import org.lakebrush.model.ModelStore;
import org.lakebrush.report.Words;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code model list}: the known models, and which of them are here. */
@Command(name = "list", mixinStandardHelpOptions = true,
    description = {"Lists the known models. Of files only the length is looked at: model verify reads them."})
final class ModelListCommand implements Callable<Integer> {
  @Option(names = "--dir", paramLabel = "FOLDER", description = "Looks in this folder too.")
  private Path dir;

  @Override
  public Integer call() throws IOException {
    ModelStore store = dir == null ? ModelStore.standard() : ModelStore.standard().with(dir);
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("NAME", "WHERE", "SIZE", "TAKES", "LICENCE", "PURPOSE"));
    for (KnownModel model : store.registry().models()) {
      rows.add(List.of(model.name(), where(store, model), model.content().map(c -> Words.bytes(c.bytes())).orElse("-"), model.sizes(),
          model.licence(), model.purpose()));
    }
    print(rows);
    System.out.println();
    System.out.println("Folders: " + String.join(", ", store.folders().stream().map(Path::toString).toList()));
    SortedSet<String> others = store.names();
    store.registry().models().forEach(m -> others.remove(m.name()));
    if (!others.isEmpty()) {
      System.out.println("Other models there, not in the registry: " + String.join(", ", others));
    }
    return 0;
  }

  private static String where(ModelStore store, KnownModel model) throws IOException {
    Optional<Path> file = store.file(model.name());
    if (file.isEmpty()) {
      return model.origin() instanceof Exported ? "to be exported" : model.origin() instanceof Shipped ? "missing" : "not fetched";
    }
    Optional<Content> content = model.content();
    if (content.isPresent() && content.get().bytes() != Files.size(file.get())) {
      return "damaged";
    }
    return model.origin() instanceof Exported ? "exported" : model.origin() instanceof Shipped ? "shipped" : "fetched";
  }

  private static void print(List<List<String>> rows) {
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        int column = i;
        int width = rows.stream().mapToInt(r -> r.get(column).length()).max().orElse(0);
        line.append(String.format("%-" + (width + 2) + "s", row.get(i)));
      }
      System.out.println(line.toString().stripTrailing());
    }
  }
}
