package org.lakebrush.hostile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** A folder of hostile files. */
public final class HostileLake {
  private static final long MUTANTS_FROM = 1_000_000;
  private static final int LARGEST = 1 << 20;

  private HostileLake() {}

  /**
   * Writes mutants, and the bombs that are not large.
   *
   * @return names of the files, in the folder
   */
  public static Set<String> fill(Path folder, int mutants) throws IOException {
    Files.createDirectories(folder);
    Set<String> names = new TreeSet<>();
    Mutations mutations = new Mutations(Seeds.all());
    for (int i = 0; i < mutants; i++) {
      write(folder, mutations.make(MUTANTS_FROM + i), names);
    }
    for (Bombs.Bomb bomb : Bombs.all()) {
      Mutations.Mutant file = bomb.make();
      if (file.file().length < LARGEST) {
        write(folder, file, names);
      }
    }
    return names;
  }

  private static void write(Path folder, Mutations.Mutant file, Set<String> names) throws IOException {
    Files.write(folder.resolve(file.name()), file.file());
    names.add(file.name());
  }
}
