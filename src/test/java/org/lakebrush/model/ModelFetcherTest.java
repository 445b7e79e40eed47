package org.lakebrush.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.model.KnownModel.Content;
import org.lakebrush.model.KnownModel.Download;
import org.lakebrush.model.KnownModel.Tensor;
import org.lakebrush.sink.Sha256;
import org.lakebrush.testing.FileServer;
import org.lakebrush.testing.ForwardProxy;
import org.lakebrush.testing.S3Endpoint;

/** Fetches from a real web server, a real S3 endpoint and folders, over connections that fail in every way. */
class ModelFetcherTest {
  private static final String PATH = "/models/m.onnx";
  private static final byte[] FILE = bytes(1, 300_000);
  private static final String SHA256 = Sha256.hex(FILE);
  private static final ModelFetcher.Patience PATIENCE = new ModelFetcher.Patience(3, Duration.ofMillis(1), Duration.ofSeconds(30));

  @TempDir
  Path dir;

  private final List<String> notes = new CopyOnWriteArrayList<>();
  private FileServer server;
  private Path folder;
  private Path target;
  private Path part;

  private static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void start() throws Exception {
    server = FileServer.start().put(PATH, FILE);
    folder = dir.resolve("models");
    target = folder.resolve("m.onnx");
    part = folder.resolve("m.onnx.part");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private KnownModel model() {
    Tensor tensor = new Tensor("image", List.of("n", "3", "h", "w"), "0..1");
    return new KnownModel("m", "a test", "none", new Download(URI.create(server.url(PATH))), Optional.of(new Content(FILE.length, SHA256)),
        tensor, tensor, tensor, 8);
  }

  private ModelFetcher fetcher(Map<String, String> environment, Configuration conf, ModelFetcher.Patience patience) {
    return new ModelFetcher(conf, environment, patience, new ModelFetcher.Listener() {
      @Override
      public void note(String line) {
        notes.add(line);
      }

      @Override
      public void progress(KnownModel model, long done, long total) {}
    });
  }

  private Path fetch(String from) throws Exception {
    return fetcher(Map.of(), new Configuration(), PATIENCE).fetch(model(), Optional.ofNullable(from), folder);
  }

  private String refused(String from) {
    return assertThrows(FetchException.class, () -> fetch(from)).getMessage();
  }

  private void assertFetched() throws Exception {
    assertArrayEquals(FILE, Files.readAllBytes(target));
    assertEquals(List.of("m.onnx"), visible());
  }

  /** What a person sees in the folder. */
  private List<String> visible() throws Exception {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).filter(n -> !n.startsWith(".")).sorted().toList();
    }
  }

  private long partSize() {
    return part.toFile().length();
  }

  private void leavePart(byte[] bytes) throws Exception {
    Files.createDirectories(folder);
    Files.write(part, bytes);
  }

  @Test
  void fetchesOnceAndNotAgain() throws Exception {
    assertEquals(target, fetch(null));
    assertFetched();
    assertEquals(target, fetch(null));
    assertEquals(List.of(PATH), server.requests());
  }

  @Test
  void replacesAFileThatIsNotTheRegistrys() throws Exception {
    Files.createDirectories(folder);
    Files.write(target, bytes(2, FILE.length));
    fetch(null);
    assertFetched();
  }

  @Test
  void goesOnAfterACutConnection() throws Exception {
    server.next(FileServer.cut(100_000, () -> partSize() == 100_000)).next(FileServer.cut(50_000, () -> partSize() == 150_000));
    fetch(null);
    assertFetched();
    String version = " If-Range: " + FileServer.tag(FILE);
    assertEquals(List.of(PATH, PATH + " Range: bytes=100000-" + version, PATH + " Range: bytes=150000-" + version), server.requests());
  }

  @Test
  void theNextFetchGoesOnWhereOneWasGivenUp() throws Exception {
    server.next(FileServer.cut(100_000, () -> partSize() == 100_000));
    for (int i = 0; i < PATIENCE.tries(); i++) {
      server.next(FileServer.cut(0, () -> true));
    }
    String message = refused(null);
    assertTrue(message.contains("100,000 of 300,000 bytes") && message.contains("the same command goes on"), message);
    assertEquals(List.of("m.onnx.part"), visible());
    assertEquals(1 + PATIENCE.tries(), server.requests().size(), "the tries count from the last byte that came");

    fetch(null);
    assertFetched();
    assertEquals(PATH + " Range: bytes=100000-", server.requests().get(1 + PATIENCE.tries()));
  }

  @Test
  void beginsAnewWhereTheFileChangedMeanwhile() throws Exception {
    server.put(PATH, bytes(2, FILE.length)).next((exchange, file) -> {
      FileServer.cut(100_000, () -> partSize() == 100_000).answer(exchange, file);
      server.put(PATH, FILE);
    });
    fetch(null);
    assertFetched();
    assertEquals(2, server.requests().size(), "told by the tag, not by the hash: " + server.requests());
  }

  @Test
  void beginsAnewWhereTheServerGivesWholeFilesOnly() throws Exception {
    leavePart(bytes(2, 1000));
    server.next(FileServer.whole());
    fetch(null);
    assertFetched();
    assertEquals(List.of(PATH + " Range: bytes=1000-"), server.requests());
  }

  @Test
  void beginsAnewWhereWhatWasLeftDoesNotFit() throws Exception {
    leavePart(bytes(2, 1000));
    fetch(null);
    assertFetched();
    assertEquals(List.of(PATH + " Range: bytes=1000-", PATH), server.requests());
  }

  @Test
  void takesWhatWasLeftWhereItIsAllOfIt() throws Exception {
    leavePart(FILE);
    fetch(null);
    assertFetched();
    assertEquals(List.of(), server.requests());
  }

  @Test
  void beginsAnewWhereMoreWasLeftThanThereIs() throws Exception {
    leavePart(Arrays.copyOf(FILE, FILE.length + 1));
    fetch(null);
    assertFetched();
    assertEquals(List.of(PATH), server.requests());
  }

  @Test
  void refusesAWrongHashAndLeavesNothing() throws Exception {
    byte[] other = FILE.clone();
    other[FILE.length - 1] ^= 1;
    server.put(PATH, other);
    String message = refused(null);
    assertTrue(message.contains(Sha256.hex(other)) && message.contains(SHA256), message);
    assertEquals(List.of(), visible());
    assertEquals(1, server.requests().size());
    assertFalse(message.contains("--from FOLDER"), "another way there would not help: " + message);
  }

  @Test
  void aWrongHashLeavesTheFileThatIsThere() throws Exception {
    Files.createDirectories(folder);
    byte[] old = bytes(3, 10);
    Files.write(target, old);
    server.put(PATH, bytes(2, FILE.length));
    refused(null);
    assertArrayEquals(old, Files.readAllBytes(target));
  }

  @Test
  void refusesAnotherLengthBeforeItIsFetched() throws Exception {
    server.put(PATH, "<html>Please sign in</html>".getBytes());
    assertTrue(refused(null).contains("has 27 bytes, and m has 300,000"), refused(null));
    assertEquals(2, server.requests().size(), "not tried again");
    assertEquals(0, partSize());
    server.put(PATH, bytes(2, FILE.length + 1)).next(FileServer.wholeOfUnknownLength());
    assertTrue(refused(null).contains("more than the 300,000 bytes"));
    assertFalse(Files.exists(target));
  }

  @Test
  void takesAFileOfUnknownLength() throws Exception {
    server.next(FileServer.wholeOfUnknownLength());
    fetch(null);
    assertFetched();
  }

  @Test
  void isToldAtOnceWhereThereIsNothing() throws Exception {
    String message = refused(server.url("/elsewhere"));
    assertTrue(message.contains("HTTP 404 for " + server.url("/elsewhere/m.onnx")), message);
    assertEquals(List.of("/elsewhere/m.onnx"), server.requests());
    assertFalse(Files.exists(target));
    server.next(FileServer.status(403));
    assertTrue(refused(null).contains("credentials"));
    assertEquals(2, server.requests().size());
  }

  @Test
  void triesAgainWhereTheServerIsBusy() throws Exception {
    server.next(FileServer.status(503)).next(FileServer.status(429, "Retry-After", "0"));
    fetch(null);
    assertFetched();
    assertEquals(3, server.requests().size());
    assertTrue(notes.get(0).contains("HTTP 503"), notes.toString());
  }

  @Test
  void givesUpOnAServerThatStaysBusy() {
    for (int i = 0; i < 10; i++) {
      server.next(FileServer.status(500));
    }
    assertTrue(refused(null).contains("HTTP 500"));
    assertEquals(PATIENCE.tries(), server.requests().size());
  }

  @Test
  void followsRedirectsAlsoToGoOn() throws Exception {
    leavePart(Arrays.copyOf(FILE, 1000));
    try (FileServer other = FileServer.start().put("/deep/x", FILE)) {
      server.next(FileServer.status(302, "Location", other.url("/deep/x")));
      fetch(null);
      assertFetched();
      assertEquals(List.of("/deep/x Range: bytes=1000-"), other.requests());
    }
  }

  @Test
  void doesNotWaitForEverForTheRest() throws Exception {
    ModelFetcher.Patience patience = new ModelFetcher.Patience(3, Duration.ofMillis(1), Duration.ofSeconds(1));
    server.next(FileServer.cut(100_000, () -> server.requests().size() == 2));
    fetcher(Map.of(), new Configuration(), patience).fetch(model(), Optional.empty(), folder);
    assertFetched();
    assertTrue(notes.get(0).contains("nothing came for 1 s"), notes.toString());
  }

  @Test
  void saysWhatToDoWithoutANetwork() throws Exception {
    String url = server.url(PATH);
    server.close();
    String message = refused(null);
    for (String word : List.of("cannot reach 127.0.0.1", url, "300,000 bytes", SHA256, "model fetch m --from FOLDER", "HTTPS_PROXY")) {
      assertTrue(message.contains(word), word + " in: " + message);
    }
    assertTrue(refused("https://models.invalid/m.onnx").contains("no such host"), refused("https://models.invalid/m.onnx"));
    assertEquals(0, partSize());
  }

  @Test
  void goesThroughTheProxyOfTheEnvironment() throws Exception {
    String far = "http://models.example/models";
    try (ForwardProxy proxy = ForwardProxy.start(server.port(), "me:p@ss")) {
      Map<String, String> environment = Map.of("HTTP_PROXY", "http://me:p%40ss@" + proxy.address() + "/");
      fetcher(environment, new Configuration(), PATIENCE).fetch(model(), Optional.of(far), folder);
      assertFetched();
      assertEquals(List.of("GET " + far + "/m.onnx"), proxy.requests());

      Files.delete(target);
      Map<String, String> wrong = Map.of("http_proxy", proxy.address(), "https_proxy", proxy.address());
      for (String source : List.of(far, "https://models.example/models")) {
        String message = assertThrows(FetchException.class,
            () -> fetcher(wrong, new Configuration(), PATIENCE).fetch(model(), Optional.of(source), folder)).getMessage();
        assertTrue(message.contains("the proxy wants a user and a password"), message);
      }

      for (String direct : List.of("*", "example.org, 127.0.0.1", "127.0.0.1:" + server.port(), ".0.0.1")) {
        Files.deleteIfExists(target);
        Map<String, String> without = Map.of("http_proxy", "http://127.0.0.1:1", "NO_PROXY", direct);
        fetcher(without, new Configuration(), PATIENCE).fetch(model(), Optional.empty(), folder);
        assertFetched();
      }
      Files.delete(target);
      Map<String, String> with = Map.of("http_proxy", "http://127.0.0.1:1", "NO_PROXY", "27.0.0.1,127.0.0.1:1,example.org");
      assertThrows(FetchException.class, () -> fetcher(with, new Configuration(), PATIENCE).fetch(model(), Optional.empty(), folder));
    }
  }

  @Test
  void goesThroughTheProxyOfJavasOwnSettingsFirst() throws Exception {
    try (ForwardProxy proxy = ForwardProxy.start(server.port(), null)) {
      System.setProperty("http.proxyHost", "127.0.0.1");
      System.setProperty("http.proxyPort", String.valueOf(proxy.port()));
      fetcher(Map.of("HTTP_PROXY", "http://127.0.0.1:1"), new Configuration(), PATIENCE).fetch(model(),
          Optional.of("http://models.example/models/m.onnx?download=true"), folder);
      assertFetched();
      assertEquals(List.of("GET http://models.example/models/m.onnx?download=true"), proxy.requests());
    } finally {
      System.clearProperty("http.proxyHost");
      System.clearProperty("http.proxyPort");
    }
  }

  @Test
  void aProxyThatIsNoneIsToldWithoutItsPassword() {
    String message = assertThrows(FetchException.class, () -> fetcher(Map.of("HTTPS_PROXY", "socks5://me:secret@x:1"), new Configuration(),
        PATIENCE).fetch(model(), Optional.empty(), folder)).getMessage();
    assertTrue(message.contains("HTTPS_PROXY") && !message.contains("secret"), message);
  }

  @Test
  void takesAFileOrAFolderOfThisMachine() throws Exception {
    Path mirror = Files.createDirectories(dir.resolve("a mirror"));
    Files.write(mirror.resolve("m.onnx"), FILE);
    fetch(mirror.toString());
    assertFetched();
    Files.delete(target);
    leavePart(Arrays.copyOf(FILE, 1000));
    fetch(mirror.resolve("m.onnx").toString());
    assertFetched();
    Files.delete(target);
    fetch("file:" + mirror);
    assertFetched();
    Files.delete(target);
    assertTrue(refused(dir.resolve("none").toString()).contains("there is no file " + dir.resolve("none")));
    Files.write(mirror.resolve("m.onnx"), bytes(2, FILE.length));
    assertTrue(refused(mirror.toString()).contains(SHA256));
    assertEquals(List.of(), visible());
    assertEquals(List.of(), server.requests());
  }

  @Test
  void takesAMirrorOnS3AndGoesOnThere() throws Exception {
    try (S3Endpoint s3 = S3Endpoint.start()) {
      Configuration conf = s3.configure(new Configuration());
      s3.createBucket("mirror");
      s3.put("mirror", "models/m.onnx", FILE);
      ModelFetcher fetcher = fetcher(Map.of(), conf, PATIENCE);
      leavePart(Arrays.copyOf(FILE, 1000));
      fetcher.fetch(model(), Optional.of("s3a://mirror/models/"), folder);
      assertFetched();
      Files.delete(target);
      fetcher.fetch(model(), Optional.of("s3a://mirror/models/m.onnx"), folder);
      assertFetched();
      assertEquals(2L, s3.count("mirror", "models/m.onnx").get("GET"), "one GET each: " + s3.requests());

      String missing = assertThrows(FetchException.class,
          () -> fetcher.fetch(model(), Optional.of("s3a://mirror/x.onnx"), dir)).getMessage();
      assertTrue(missing.contains("there is no file s3a://mirror/x.onnx"), missing);
      s3.deny("mirror", "models/m.onnx");
      String denied = assertThrows(FetchException.class,
          () -> fetcher.fetch(model(), Optional.of("s3a://mirror/models"), dir)).getMessage();
      assertTrue(denied.contains("no access to s3a://mirror/models/m.onnx"), denied);
    }
  }

  @Test
  void twoAtOnceFetchOnce() throws Exception {
    // The first is held up until the second has said that it waits.
    server.next((exchange, file) -> {
      FileServer.waitFor(() -> !notes.isEmpty());
      FileServer.whole().answer(exchange, file);
    });
    CompletableFuture<Path> first = async();
    FileServer.waitFor(() -> server.requests().size() == 1);
    CompletableFuture<Path> second = async();
    assertEquals(target, first.get());
    assertEquals(target, second.get());
    assertFetched();
    assertEquals(List.of(PATH), server.requests());
    assertTrue(notes.get(0).contains("another process fetches m"), notes.toString());
  }

  private CompletableFuture<Path> async() {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return fetch(null);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }, command -> new Thread(command).start());
  }

  @Test
  void saysWhyItCannotWrite() throws Exception {
    Path full = Path.of("/dev/full");
    if (Files.exists(full)) {
      Files.createDirectories(folder);
      Files.createSymbolicLink(part, full);
      String message = refused(null);
      assertTrue(message.contains("cannot write m.onnx into " + folder) && message.contains("No space left"), message);
      assertEquals(1, server.requests().size(), "not tried again");
      Files.delete(part);
    }
    folder = Files.writeString(dir.resolve("file"), "in the way");
    String message = refused(null);
    assertTrue(message.contains(folder + " is no folder") && message.contains("--dir"), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void whatIsMadeOrShipsHasNowhereToComeFrom() {
    KnownModel m = model();
    KnownModel made = new KnownModel("m", "a test", "none", new KnownModel.Exported(), Optional.empty(), m.image(), m.mask(), m.output(), 8);
    KnownModel shipped = new KnownModel("m", "a test", "none", new KnownModel.Shipped(), m.content(), m.image(), m.mask(), m.output(), 8);
    ModelFetcher fetcher = fetcher(Map.of(), new Configuration(), PATIENCE);
    assertTrue(assertThrows(NoSuchModelException.class, () -> fetcher.fetch(made, Optional.of(server.url("")), folder)).getMessage()
        .contains("models/export"));
    assertTrue(assertThrows(NoSuchModelException.class, () -> fetcher.fetch(shipped, Optional.empty(), folder)).getMessage()
        .contains("--from"));
  }
}
