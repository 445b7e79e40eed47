package org.lakebrush.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.lakebrush.job.JobSpec;
import org.lakebrush.job.JobSpecException;
import org.lakebrush.job.JobSpecReader;
import org.lakebrush.job.Scratch;
import org.lakebrush.job.UsageException;
import org.lakebrush.serve.ApiServer;
import org.lakebrush.serve.RepairService;
import org.lakebrush.serve.ServeSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code serve}: one image at a time by HTTP, and the page. */
@Command(name = "serve", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Repairs images that come by HTTP, one in each request, with the code of run and without Spark: POST /api/inpaint; GET"
        + " /api/openapi.json documents it. At / is a page to paint masks, repair an image, and save what was painted as a job.",
    "Ends on SIGTERM or Ctrl-C once what is in hand is finished, within 20 s."})
public final class ServeCommand implements Callable<Integer> {
  private static final String TOKEN = "LAKEBRUSH_TOKEN";
  private static final int SHORTEST_TOKEN = 16;
  private static final List<String> SERVERS_KEYS = List.of("inpaint.", "limits.max_pixels=", "limits.seconds_per_image=");

  @Option(names = "--host", paramLabel = "ADDRESS", defaultValue = "127.0.0.1", description = "The address to bind to. Any but this"
      + " machine's own (127.0.0.1, localhost) needs a token. Default: ${DEFAULT-VALUE}.")
  private String host;

  @Option(names = "--port", paramLabel = "N", defaultValue = "7860", description = "The port; 0 for any that is free. Default:"
      + " ${DEFAULT-VALUE}.")
  private int port;

  @Mixin
  private ModelOption model;

  @Mixin
  private DeviceOption device;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Sets a key of jobs for all requests: inpaint.*, or a limit that no"
      + " request may exceed, limits.max_pixels and limits.seconds_per_image. Repeatable.")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--queue", paramLabel = "N", defaultValue = "64", description = "Most requests that are worked on or wait at once, 1 to"
      + " 1000; more are answered with 429. Default: ${DEFAULT-VALUE}.")
  private int queue;

  @Option(names = "--max-upload", paramLabel = "MB", defaultValue = "64", description = "Most megabytes of a request, 1 to 1000. Default:"
      + " ${DEFAULT-VALUE}.")
  private int maxUpload;

  @Option(names = "--token-file", paramLabel = "FILE", description = "A file with the token that requests must bring as Authorization:"
      + " Bearer TOKEN, 16 characters or more. Else the variable LAKEBRUSH_TOKEN.")
  private Path tokenFile;

  @Override
  public Integer call() throws Exception {
    return RunCommand.refusing(this::serve);
  }

  private int serve() throws Exception {
    ServeSettings settings = settings();
    Console console = Console.standard();
    CompletableFuture<String> end = new CompletableFuture<>();
    try (Signals signals = Signals.handle(reason -> end.complete(null));
        RepairService service = RepairService.open(settings.inpaint(), settings.limits(), settings.device())) {
      String broken;
      try (ApiServer server = ApiServer.start(settings, service, Scratch.folder().resolve("uploads"), end::complete)) {
        console.note("Serving " + service.model() + " on " + service.device() + " at " + server.address());
        broken = end.get();
      }
      if (broken != null) {
        System.err.println("lakebrush: " + broken + ": the server ends, start it again");
        return RunCommand.FAILED;
      }
      return signals.exitCode().orElse(0);
    }
  }

  private ServeSettings settings() throws UsageException, JobSpecException {
    for (String override : overrides) {
      String setting = override.replaceFirst("\\s*=", "=").strip();
      if (SERVERS_KEYS.stream().noneMatch(setting::startsWith)) {
        throw new UsageException("--set " + override + ": a server has the keys inpaint.*, limits.max_pixels and limits.seconds_per_image;"
            + " all others are each request's own, in its part set or job");
      }
    }
    List<String> all = new ArrayList<>(overrides);
    all.addAll(model.overrides());
    JobSpec spec = JobSpecReader.read(all);
    return new ServeSettings(host, range("--port", port, 0, 65_535), token(), range("--queue", queue, 1, 1000),
        1_000_000L * range("--max-upload", maxUpload, 1, 1000), spec.inpaint(), spec.limits(), device.device());
  }

  private static int range(String option, int n, int least, int most) throws UsageException {
    if (n < least || n > most) {
      throw new UsageException(option + " " + n + ": give a whole number from " + least + " to " + most);
    }
    return n;
  }

  /** Null for none. */
  private String token() throws UsageException {
    String place = tokenFile == null ? "the variable " + TOKEN : "--token-file " + tokenFile;
    String token = tokenFile == null ? System.getenv(TOKEN) : read(tokenFile);
    if (token == null || tokenFile == null && token.isEmpty()) {
      return null;
    }
    if (!token.matches("[!-~]{" + SHORTEST_TOKEN + ",1000}")) {
      throw new UsageException(place + ": a token has " + SHORTEST_TOKEN + " characters of ASCII or more, and no spaces; make one with"
          + " openssl rand -hex 32");
    }
    return token;
  }

  private static String read(Path file) throws UsageException {
    try {
      return Files.readString(file, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UsageException("--token-file " + file + ": cannot be read (" + e + "): give a file with the token alone", e);
    }
  }
}
