package org.lakebrush.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.lakebrush.model.KnownModel.Download;
import org.lakebrush.model.KnownModel.Exported;
import org.lakebrush.model.KnownModel.Shipped;

/**
 * The models on this machine.
 *
 * @param folders where models lie, the first one first; fetched ones go to the first
 */
public record ModelStore(ModelRegistry registry, List<Path> folders) {
  /** Environment variable: a folder for models beside the installation's own. */
  public static final String FOLDER_VARIABLE = "LAKEBRUSH_MODELS";

  private static final String EXTENSION = ".onnx";

  public ModelStore {
    folders = List.copyOf(folders);
  }

  /**
   * A model's file, not looked into.
   *
   * @param known what the registry says of it, where it was asked for by a name of the registry
   */
  public record Found(Path file, Optional<KnownModel> known) {}

  /** The folder in {@link #FOLDER_VARIABLE}, if any, then the installation's {@code models}. */
  public static ModelStore standard() {
    List<Path> folders = new ArrayList<>();
    String chosen = System.getenv(FOLDER_VARIABLE);
    if (chosen != null && !chosen.isBlank()) {
      folders.add(absolute(Path.of(chosen)));
    }
    String home = System.getenv("LAKEBRUSH_HOME");
    folders.add(absolute(Path.of(home == null ? "." : home).resolve("models")));
    return new ModelStore(ModelRegistry.standard(), folders);
  }

  /** Whether a model is named by the URI of a file, and is none of this store's. */
  public static boolean isUri(String model) {
    return model.contains(":/");
  }

  /** The same registry with one more folder, which comes first. */
  public ModelStore with(Path folder) {
    List<Path> all = new ArrayList<>(List.of(absolute(folder)));
    all.addAll(folders);
    return new ModelStore(registry, all);
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /** The file {@code NAME.onnx} of the first folder that has one. */
  public Optional<Path> file(String name) {
    return folders.stream().map(f -> f.resolve(name + EXTENSION)).filter(Files::isRegularFile).findFirst();
  }

  /** Names of all {@code .onnx} files in the folders. */
  public SortedSet<String> names() throws IOException {
    TreeSet<String> names = new TreeSet<>();
    for (Path folder : folders) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.list(folder)) {
          files.map(f -> f.getFileName().toString()).filter(n -> n.endsWith(EXTENSION))
              .forEach(n -> names.add(n.substring(0, n.length() - EXTENSION.length())));
        }
      }
    }
    return names;
  }

  /**
   * Finds a model's file.
   *
   * @param model a name of the registry, the name of another {@code .onnx} file in a folder of this store, or a path
   */
  public Found find(String model) throws NoSuchModelException, IOException {
    Optional<KnownModel> known = registry.named(model);
    Optional<Path> file = file(model);
    if (file.isPresent()) {
      return new Found(file.get(), known);
    }
    if (known.isPresent()) {
      throw new NoSuchModelException("the model " + model + " is not here yet (" + places() + "): " + howToGet(known.get()));
    }
    Path path = Path.of(model).toAbsolutePath();
    if (Files.isRegularFile(path)) {
      return new Found(path, Optional.empty());
    }
    SortedSet<String> names = names();
    registry.models().forEach(m -> names.add(m.name()));
    throw new NoSuchModelException("there is no model '" + model + "': it is neither a file nor a name (" + String.join(", ", names)
        + "); give one of these names, a path or a URI");
  }

  private String places() {
    return "looked in " + String.join(", ", folders.stream().map(Path::toString).toList());
  }

  private static String howToGet(KnownModel model) {
    if (model.origin() instanceof Download) {
      return "./submit.sh model fetch " + model.name() + " fetches it";
    }
    if (model.origin() instanceof Exported) {
      return "models/export makes it, see models/README.md; put it there as " + model.fileName();
    }
    if (model.origin() instanceof Shipped) {
      return "it ships with Lakebrush, so this installation is not whole; bring back models/" + model.fileName();
    }
    throw new IllegalStateException("no word for " + model.origin());
  }
}
