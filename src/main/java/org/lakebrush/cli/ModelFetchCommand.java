package org.lakebrush.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.lakebrush.model.KnownModel;
import org.lakebrush.model.ModelFetcher;
import org.lakebrush.model.ModelStore;
import org.lakebrush.model.NoSuchModelException;
import org.lakebrush.source.HadoopDefaults;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code model fetch}: brings a known model here. */
@Command(name = "fetch", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Fetches a known model. A fetch that broke off goes on where it stopped; the file has its name only once its SHA-256 is right.",
    "Proxies: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, or Java's own -Dhttps.proxyHost and the like in LAKEBRUSH_JAVA_OPTS."})
final class ModelFetchCommand implements Callable<Integer> {
  @Parameters(paramLabel = "NAME", description = "A name that model list tells.")
  private String name;

  @Option(names = "--from", paramLabel = "URI",
      description = "Where to fetch it from instead: the file, or a folder that holds it. https://, s3a://, hdfs:// or a path.")
  private String from;

  @Option(names = "--dir", paramLabel = "FOLDER",
      description = "Where to put it. Default: the folder in LAKEBRUSH_MODELS, else models in the installation.")
  private Path dir;

  @Override
  public Integer call() throws Exception {
    return RunCommand.refusing(this::fetch);
  }

  private int fetch() throws Exception {
    ModelStore store = ModelStore.standard();
    KnownModel model = store.registry().named(name).orElseThrow(() -> new NoSuchModelException("there is no known model '" + name
        + "'; fetch one of " + String.join(", ", store.registry().models().stream().map(KnownModel::name).toList())));
    Path folder = dir == null ? store.folders().get(0) : dir;
    Path file = new ModelFetcher(HadoopDefaults.apply(new Configuration()), System.getenv(), ModelFetcher.Patience.DEFAULT, new Progress())
        .fetch(model, Optional.ofNullable(from), folder);
    System.out.printf(Locale.ROOT, "%s: %,d bytes, SHA-256 as it should be: %s%n", model.name(),
        model.content().orElseThrow().bytes(), file);
    boolean found = store.file(name).filter(file::equals).isPresent();
    System.out.println("Use it with --model " + (found ? name : file + ", or by its name with " + ModelStore.FOLDER_VARIABLE + "="
        + file.getParent()));
    return 0;
  }

  /** Tells how it goes. Used by the one thread that fetches. */
  private static final class Progress implements ModelFetcher.Listener {
    private final Console console = Console.standard();
    private long start;
    private long first = -1;

    @Override
    public void note(String line) {
      console.note(line);
    }

    @Override
    public void progress(KnownModel model, long done, long total) {
      if (first < 0 || done < first) {
        start = System.nanoTime();
        first = done;
        return;
      }
      console.fetching(model.name(), done, total, done - first, Duration.ofNanos(System.nanoTime() - start));
    }
  }
}
