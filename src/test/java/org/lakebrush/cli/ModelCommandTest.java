package org.lakebrush.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.Lakebrush;
import org.lakebrush.job.JobSpecReader;
import org.lakebrush.model.KnownModel;
import org.lakebrush.model.ModelRegistry;
import org.lakebrush.testing.FileServer;
import org.lakebrush.testing.ForwardProxy;
import org.lakebrush.testing.Lakes;
import picocli.CommandLine;

/** {@code model} and {@code --model} as a person types them. */
class ModelCommandTest {
  private static final Path SHIPPED = Path.of("models/lama-lite.onnx");
  private static final String SMALL = "src/test/resources/models/";
  private static final KnownModel LITE = ModelRegistry.standard().named("lama-lite").orElseThrow();

  @TempDir
  Path dir;

  private record Ended(int code, String out, String errors) {}

  private static Ended lakebrush(String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    try {
      int code = Lakebrush.run(args);
      return new Ended(code, printed.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** In a JVM of its own, with environment variables, in the working folder {@link #dir}. */
  private Ended process(Map<String, String> environment, List<String> options, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-Xmx1g", "-XX:TieredStopAtLevel=1"));
    command.addAll(options);
    List<String> classPath = Arrays.stream(System.getProperty("java.class.path").split(":"))
        .map(p -> Path.of(p).toAbsolutePath().toString()).toList();
    command.addAll(List.of("-Dlog4j2.configurationFile=" + Path.of("conf/log4j2.properties").toAbsolutePath(), "-cp",
        String.join(":", classPath), "org.lakebrush.Lakebrush"));
    command.addAll(List.of(args));
    Path out = dir.resolve("stdout.txt");
    Path err = dir.resolve("stderr.txt");
    ProcessBuilder builder = new ProcessBuilder(command).directory(dir.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().keySet().removeIf(key -> key.toLowerCase().endsWith("_proxy") || key.startsWith("LAKEBRUSH"));
    builder.environment().putAll(environment);
    int code = builder.start().waitFor();
    return new Ended(code, Files.readString(out), Files.readString(err));
  }

  private static void assertEnds(int code, Ended ended) {
    assertEquals(code, ended.code(), ended.out() + ended.errors());
  }

  @Test
  void listsEveryModelAndWhereItIs() throws Exception {
    Files.write(dir.resolve("lama_fp32.onnx"), new byte[7]);
    Files.copy(Path.of(SMALL, "batch3.onnx"), dir.resolve("mine.onnx"));
    Files.createFile(dir.resolve("big-lama-dynamic.onnx"));
    Ended ended = lakebrush("model", "list", "--dir", dir.toString());
    assertEnds(0, ended);
    List<String> lines = ended.out().lines().toList();
    for (int i = 0; i < ModelRegistry.standard().models().size(); i++) {
      KnownModel model = ModelRegistry.standard().models().get(i);
      String line = lines.get(1 + i);
      assertTrue(line.startsWith(model.name() + " ") && line.contains(model.sizes()) && line.contains(model.licence())
          && line.endsWith(model.purpose()), line);
    }
    assertTrue(ended.out().matches("(?s).*lama-lite +shipped .*lama-dynamic +exported .*lama_fp32 +damaged .*"), ended.out());
    assertTrue(ended.out().contains("not in the registry: mine"), ended.out());
    Ended empty = lakebrushWithNothing("model", "list");
    assertTrue(empty.out().matches("(?s).*lama-lite +missing .*lama-dynamic +to be exported .*lama_fp32 +not fetched .*"), empty.out());
  }

  private Ended lakebrushWithNothing(String... args) throws Exception {
    return process(Map.of("LAKEBRUSH_HOME", dir.resolve("nothing").toString()), List.of(), args);
  }

  @Test
  void saysWhichKnownModelAFileIs() throws Exception {
    Path copy = Files.copy(SHIPPED, dir.resolve("some name.onnx"));
    Ended ended = lakebrush("model", "verify", copy.toString());
    assertEnds(0, ended);
    assertTrue(ended.out().contains("It is lama-lite") && ended.out().contains("any multiples of 8, any batch; output 0..1"), ended.out());
    assertFalse(ended.out().contains("otherwise"), "the registry describes what ships: " + ended.out());
    assertEnds(0, lakebrush("model", "verify", "lama-lite"));

    Ended other = lakebrush("model", "verify", SMALL + "fixed512-range255.onnx");
    assertEnds(0, other);
    assertTrue(other.out().contains("none of the known models"), other.out());
    assertTrue(other.out().contains("512 x 512 only, batch 1 only; output 0..255"), other.out());
  }

  @Test
  void aDamagedModelIsNotVerified() throws Exception {
    byte[] bytes = Files.readAllBytes(SHIPPED);
    bytes[bytes.length / 2] ^= 1;
    Path damaged = Files.write(dir.resolve("lama-lite.onnx"), bytes);
    Ended ended = lakebrush("model", "verify", damaged.toString());
    assertEnds(1, ended);
    assertTrue(ended.errors().contains("it is not lama-lite"), ended.errors());
    assertTrue(ended.errors().contains(LITE.content().orElseThrow().sha256()), ended.errors());
    assertEnds(1, lakebrush("model", "verify", SMALL + "four-channels.onnx"));
    assertEnds(2, lakebrush("model", "verify", dir.resolve("none.onnx").toString()));
  }

  @Test
  void saysWhereAnExportDiffersFromWhatIsExpectedOfIt() throws Exception {
    Path export = Files.copy(Path.of(SMALL, "modulo16-named.onnx"), dir.resolve("big-lama-dynamic.onnx"));
    Ended ended = lakebrush("model", "verify", export.toString());
    assertEnds(0, ended);
    for (String word : List.of("output is output there, and result in the file", "range is 0..1 there, and 0..255",
        "multiples of is 8 there, and 16")) {
      assertTrue(ended.out().contains(word), word + " in: " + ended.out());
    }
  }

  @Test
  void saysWhatIsInAFile() throws Exception {
    Ended ended = lakebrush("model", "inspect", "file:" + Path.of(SMALL, "modulo16-named.onnx").toAbsolutePath());
    assertEnds(0, ended);
    List<String> lines = ended.out().lines().map(l -> l.replaceAll("  +", " ")).toList();
    for (String line : List.of("name sixteen", "known as none of the known models", "image image [batch,3,height,width], RGB 0..1",
        "mask mask [batch,1,height,width], 1 = hole", "output result [batch,3,height,width], RGB 0..255", "takes any multiples of 16, any batch",
        "ONNX opset 17, IR version 8", "lama.modulo 16", "lama.name sixteen")) {
      assertTrue(lines.contains(line), line + " in: " + ended.out());
    }
    assertTrue(lakebrush("model", "inspect", "lama-lite").out().contains("known as         " + " lama-lite, "));
    assertTrue(lakebrush("model", "inspect", SMALL + "fixed512-range255.onnx").out().contains("[1,3,512,512], RGB 0..255"));
    assertEnds(1, lakebrush("model", "inspect", SMALL + "half-precision.onnx"));
    Ended missing = lakebrush("model", "inspect", "file:" + dir + "/none.onnx");
    assertEnds(2, missing);
    assertTrue(missing.errors().contains("none.onnx cannot be read"), missing.errors());
  }

  @Test
  void fetchesFromAFolderAndRefusesWhatItCannot() throws Exception {
    Ended ended = lakebrush("model", "fetch", "lama-lite", "--from", "models", "--dir", dir.resolve("new").toString());
    assertEnds(0, ended);
    Path file = dir.resolve("new/lama-lite.onnx");
    assertArrayEquals(Files.readAllBytes(SHIPPED), Files.readAllBytes(file));
    assertTrue(ended.out().contains("--model " + file) && ended.out().contains("LAKEBRUSH_MODELS=" + file.getParent()), ended.out());

    Ended unknown = lakebrush("model", "fetch", "lama-light");
    assertEnds(2, unknown);
    assertTrue(unknown.errors().contains("lama-lite, big-lama-dynamic, lama_fp32"), unknown.errors());
    assertEnds(2, lakebrush("model", "fetch", "big-lama-dynamic"));
    Ended none = lakebrush("model", "fetch", "lama_fp32", "--from", dir.toString(), "--dir", dir.toString());
    assertEnds(1, none);
    assertEquals("lakebrush: there is no file " + dir.resolve("lama_fp32.onnx") + "\n", none.errors());
    assertEnds(2, lakebrush("model"));
  }

  @Test
  void fetchesOverHttpsThroughAProxyThatWantsAPassword() throws Exception {
    Path keys = dir.resolve("keys.p12");
    Process keytool = new ProcessBuilder(System.getProperty("java.home") + "/bin/keytool", "-genkeypair", "-alias", "server",
        "-keyalg", "EC", "-dname", "CN=models.example", "-ext", "SAN=dns:models.example", "-validity", "2", "-storetype", "PKCS12",
        "-keystore", keys.toString(), "-storepass", "changeit").redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, keytool.waitFor(), said);
    try (FileServer server = FileServer.startTls(tls(keys)).put("/lama-lite.onnx", Files.readAllBytes(SHIPPED));
        ForwardProxy proxy = ForwardProxy.start(server.port(), "night:p@ss word")) {
      String[] fetch = {"model", "fetch", "lama-lite", "--from", "https://models.example/", "--dir", "new"};
      Map<String, String> environment = Map.of("HTTPS_PROXY", "http://night:p%40ss%20word@" + proxy.address());
      Ended untrusted = process(environment, List.of(), fetch);
      assertEnds(1, untrusted);
      assertTrue(untrusted.errors().contains("javax.net.ssl.trustStore"), untrusted.errors());

      List<String> trust = List.of("-Djavax.net.ssl.trustStore=" + keys, "-Djavax.net.ssl.trustStorePassword=changeit");
      assertEnds(0, process(environment, trust, fetch));
      assertArrayEquals(Files.readAllBytes(SHIPPED), Files.readAllBytes(dir.resolve("new/lama-lite.onnx")));
      assertEquals(List.of("CONNECT models.example:443", "CONNECT models.example:443"), proxy.requests());
    }
  }

  private static SSLContext tls(Path keys) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, "changeit".toCharArray());
    }
    KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  @Test
  void aRunRefusesWhatIsNotTheKnownModelOfThatName() throws Exception {
    byte[] bytes = Files.readAllBytes(SHIPPED);
    bytes[bytes.length / 2] ^= 1;
    Path models = Files.createDirectories(dir.resolve("models"));
    Files.write(models.resolve("lama-lite.onnx"), bytes);
    Lakes.write(dir.resolve("in/a.png"), 1);
    Files.writeString(dir.resolve("job.yaml"), "masks: [{kind: center}]\n");
    Ended ended = process(Map.of("LAKEBRUSH_MODELS", models.toString()), List.of(), "run", "--input", "in", "--output", "out", "--log",
        "log", "--job", "job.yaml", "--model", "lama-lite");
    assertEnds(2, ended);
    assertTrue(ended.errors().contains(models.resolve("lama-lite.onnx") + " has SHA-256"), ended.errors());
    assertTrue(ended.errors().contains(LITE.content().orElseThrow().sha256()), ended.errors());
    assertFalse(Files.exists(dir.resolve("out")), "before any work");
  }

  @Test
  void aModelThatIsNotFetchedYetIsTold() throws Exception {
    Files.write(dir.resolve("a.jpg"), Lakes.encode(Lakes.picture(112, 96, 1, true), "jpg"));
    Files.write(dir.resolve("a_mask_x.png"), Lakes.encode(Lakes.picture(112, 96, 1, true), "png"));
    Ended ended = lakebrushWithNothing("eval", "--images", ".", "--model", "lama_fp32");
    assertEnds(2, ended);
    assertTrue(ended.errors().contains("./submit.sh model fetch lama_fp32"), ended.errors());
    Ended unknown = lakebrushWithNothing("eval", "--images", ".", "--model", "lama_fp16");
    assertEnds(2, unknown);
    assertTrue(unknown.errors().contains("there is no model 'lama_fp16'") && unknown.errors().contains("lama_fp32"), unknown.errors());
  }

  @Test
  void theOptionIsAKeyOfTheJob() throws Exception {
    Path job = Files.writeString(dir.resolve("job.yaml"), "masks: [{kind: full}]\ninpaint: {model: other}\n");
    assertEquals("other", model(job));
    assertEquals("lama_fp32", model(job, "--model", "lama_fp32"));
    assertEquals("file:" + Path.of("it's #1: {a}.onnx").toAbsolutePath(), model(job, "--model=it's #1: {a}.onnx"),
        "relative to the working folder");
    assertEquals("s3a://bucket/m.onnx", model(job, "--model", "s3a://bucket/m.onnx"));
  }

  private static String model(Path job, String... args) throws Exception {
    ModelOption option = CommandLine.populateCommand(new ModelOption(), args);
    return JobSpecReader.read(job, option.overrides()).inpaint().model();
  }
}
