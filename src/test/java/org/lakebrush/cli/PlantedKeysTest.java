package org.lakebrush.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.alias.CredentialProvider;
import org.apache.hadoop.security.alias.CredentialProviderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.sink.ResultLog;
import org.lakebrush.testing.Jvm;
import org.lakebrush.testing.Lakes;
import org.lakebrush.testing.LocalSpark;
import org.lakebrush.testing.S3Endpoint;

/**
 * Keys are planted by each of Hadoop's means, jobs run through {@code submit.sh} as users run them, with event log and pages on, and
 * everything that they show or leave is searched: output, pages, event logs, rows, files, and the list of processes.
 *
 * <p>{@code -Dlakebrush.keys=all} tries all means and failures; with {@code -Dlakebrush.spark=FOLDER} also through that Spark.
 */
class PlantedKeysTest {
  private static final String ID = "AKIA" + UUID.randomUUID().toString().replace("-", "").substring(0, 16);
  private static final String SECRET = "sec/ret+" + UUID.randomUUID();
  /** Nothing asks for these; they lie beside the others. */
  private static final String ACCOUNT_KEY = "account+" + UUID.randomUUID();
  private static final String ENCRYPTION_KEY = "encryption+" + UUID.randomUUID();

  private static final Pattern APPLICATION = Pattern.compile("\"id\" : \"([^\"]+)\"");

  private static S3Endpoint s3;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir
  Path folder;

  /** What the user has, and is not searched. */
  @TempDir
  Path owned;

  private Path home;
  private final Map<String, String> site = new TreeMap<>();
  private final Map<String, String> environment = new HashMap<>();
  private final List<String> options = new ArrayList<>();
  private final Map<String, String> pages = new TreeMap<>();
  private final Map<String, String> processes = new TreeMap<>();

  @BeforeAll
  static void start() throws Exception {
    s3 = S3Endpoint.start(ID, SECRET);
    s3.createBucket("keys");
    for (int i = 0; i < 2; i++) {
      s3.put("keys", "in/" + i + ".png", Lakes.encode(Lakes.picture(112, 96, i, false), "png"));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    s3.close();
  }

  /** An installation whose jar leads to this build, with the settings of an endpoint but no keys. */
  @BeforeEach
  void install() throws Exception {
    home = Files.createDirectories(owned.resolve("home"));
    Files.createDirectories(home.resolve("src/main"));
    Files.createFile(home.resolve("pom.xml"));
    for (String file : List.of("models/registry.yaml", "models/lama-lite.onnx", "conf/log4j2.properties",
        "conf/metrics.properties")) {
      Files.createDirectories(home.resolve(file).getParent());
      Files.copy(Path.of(file), home.resolve(file));
    }
    Files.copy(Path.of("submit.sh"), home.resolve("submit.sh"));
    Files.createDirectories(home.resolve("target/spark"));
    Files.createDirectories(home.resolve("target/lib/s3a"));
    Files.createDirectories(home.resolve("target/lib/serve"));
    Jvm.writeJar(home.resolve("target/lakebrush.jar"));
    Files.setLastModifiedTime(home.resolve("target/lakebrush.jar"),
        java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() + 3_600_000));

    s3.options().forEach((key, value) -> {
      if (!key.endsWith(".key")) {
        site.put(key, value);
      }
    });
    site.put("fs.azure.account.key.lake.dfs.core.windows.net", ACCOUNT_KEY);
    site.put("fs.s3a.bucket.other.encryption.key", ENCRYPTION_KEY);
    Files.writeString(folder.resolve("job.yaml"), "masks: [{kind: color, rgb: '#ff0000', tolerance: 60}]\n");
    for (String dir : List.of("tmp", "events", "local")) {
      Files.createDirectories(folder.resolve(dir));
    }
    environment.put("HADOOP_CONF_DIR", owned.resolve("conf").toString());
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("LAKEBRUSH_MEMORY", "1g");
  }

  private Map<String, String> keys(String prefix, String id, String secret) {
    return Map.of(prefix + "access.key", id, prefix + "secret.key", secret);
  }

  /** What of all that was shown or left holds a secret: each by what it is, with the secret's place in it. */
  private void assertNowhere(String name) throws Exception {
    Map<String, byte[]> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    for (String key : s3.keys("keys")) {
      if (!key.endsWith("/")) {
        all.put("s3a://keys/" + key, s3.get("keys", key));
      }
    }
    pages.forEach((page, text) -> all.put(page, text.getBytes(StandardCharsets.UTF_8)));
    processes.forEach((process, text) -> all.put(process, text.getBytes(StandardCharsets.UTF_8)));
    List<String> found = new ArrayList<>();
    for (String secret : List.of(ID, SECRET, ACCOUNT_KEY, ENCRYPTION_KEY)) {
      for (String form : List.of(secret, URLEncoder.encode(secret, StandardCharsets.UTF_8))) {
        all.forEach((what, bytes) -> {
          String text = new String(bytes, StandardCharsets.ISO_8859_1);
          int at = text.indexOf(form);
          if (at >= 0) {
            found.add(what + ": " + text.substring(Math.max(0, at - 80), Math.min(text.length(), at + 20)));
          }
        });
      }
    }
    assertEquals(List.of(), found, name);
  }

  /** The rows of the log, which are compressed as files. */
  private String rows() throws IOException {
    Configuration conf = LocalSpark.get().sparkContext().hadoopConfiguration();
    s3.options().forEach((key, value) -> conf.set(key.replace("fs.s3a.", "fs.s3a.bucket.keys."), value));
    return new ResultLog(conf, new org.apache.hadoop.fs.Path("s3a://keys/log")).read(LocalSpark.get()).collectAsList().toString();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Runs the job with what was planted, and looks at its pages and processes all the while. */
  private String run(String name, int code, String... args) throws Exception {
    Files.createDirectories(owned.resolve("conf"));
    Files.writeString(owned.resolve("conf/core-site.xml"), site.entrySet().stream().map(e -> "<property><name>" + e.getKey()
        + "</name><value>" + e.getValue().replace("&", "&amp;") + "</value></property>\n")
        .collect(Collectors.joining("", "<configuration>\n", "</configuration>\n")));
    int port = freePort();
    Map<String, String> spark = new TreeMap<>(Map.of("spark.ui.enabled", "true", "spark.ui.port", String.valueOf(port),
        "spark.eventLog.enabled", "true", "spark.eventLog.dir", folder.resolve("events").toUri().toString(), "spark.eventLog.compress",
        "false", "spark.local.dir", folder.resolve("local").toString()));
    boolean submitted = environment.containsKey("SPARK_HOME");
    List<String> command = new ArrayList<>(List.of("bash", home.resolve("submit.sh").toString(), "run"));
    if (submitted) {
      command.addAll(List.of("--master", "local[2]", "--conf", "spark.driver.extraClassPath=" + System.getProperty("java.class.path")));
      spark.forEach((key, value) -> command.addAll(List.of("--conf", key + "=" + value)));
    } else {
      environment.put("LAKEBRUSH_JAVA_OPTS", "-Djava.io.tmpdir=" + folder.resolve("tmp") + " " + spark.entrySet().stream()
          .map(e -> "-D" + e.getKey() + "=" + e.getValue()).collect(Collectors.joining(" ")));
    }
    command.addAll(options);
    command.addAll(Arrays.asList(args));
    Path said = folder.resolve(name + ".txt");
    ProcessBuilder builder = new ProcessBuilder(command).directory(owned.toFile()).redirectErrorStream(true).redirectOutput(said.toFile());
    builder.environment().keySet().removeIf(k -> k.startsWith("AWS_") || k.startsWith("SPARK_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
      for (int i = 0; process.isAlive() && System.nanoTime() < end; i++) {
        look(process);
        if (i % 10 == 0) {
          browse(name, "http://127.0.0.1:" + port);
        }
        process.waitFor(100, TimeUnit.MILLISECONDS);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    String text = Files.readString(said);
    assertEquals(code, process.exitValue(), text);
    assertTrue(processes.keySet().stream().anyMatch(p -> processes.get(p).contains("org.lakebrush.Lakebrush")) || code == 2,
        "the run was seen in the list of processes");
    return text;
  }

  private void look(Process process) {
    Stream.concat(Stream.of(process.toHandle()), process.descendants()).forEach(p -> {
      try {
        String line = Files.readString(Path.of("/proc/" + p.pid() + "/cmdline"), StandardCharsets.ISO_8859_1).replace('\0', ' ');
        processes.merge("process " + p.pid(), line, (a, b) -> a.contains(b) ? a : a + "\n" + b);
      } catch (IOException e) {
        // Gone meanwhile.
      }
    });
  }

  private void browse(String name, String root) {
    try {
      Matcher id = APPLICATION.matcher(page(name, root + "/api/v1/applications"));
      if (!id.find()) {
        return;
      }
      String application = root + "/api/v1/applications/" + id.group(1);
      for (String page : List.of("/environment/", "/jobs/", "/stages/", "/storage/", "/executors/", "/SQL/")) {
        page(name, root + page);
      }
      for (String page : List.of("/environment", "/jobs", "/stages", "/sql?details=true", "/allexecutors")) {
        page(name, application + page);
      }
    } catch (IOException e) {
      // Not there yet, or not any more.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String page(String name, String address) throws IOException, InterruptedException {
    HttpResponse<String> answer = HTTP.send(HttpRequest.newBuilder(URI.create(address)).timeout(Duration.ofSeconds(10)).build(),
        HttpResponse.BodyHandlers.ofString());
    pages.put(name + " " + URI.create(address).getPath().replaceAll("applications/[^/]+", "applications/ID"), answer.body());
    return answer.body();
  }

  private String[] job(String bucket, String... more) {
    return Stream.concat(Stream.of("--input", "s3a://" + bucket + "/in", "--output", "s3a://keys/out", "--log", "s3a://keys/log", "--job",
        folder.resolve("job.yaml").toString(), "--device", "cpu"), Stream.of(more)).toArray(String[]::new);
  }

  private void sawThePages(String name) {
    String environmentPage = pages.getOrDefault(name + " /environment/", "")
        + pages.getOrDefault(name + " /api/v1/applications/ID/environment", "");
    assertTrue(environmentPage.contains("fs.s3a.path.style.access"), "the page shows Hadoop's settings: " + pages.keySet());
    assertTrue(environmentPage.contains("fs.azure.account.key.lake.dfs.core.windows.net"), "and names those that are hidden");
  }

  @Test
  void keysInCoreSiteAreShownNowhere() throws Exception {
    site.putAll(keys("fs.s3a.", ID, SECRET));
    String said = run("site", 0, job("keys"));
    sawThePages("site");
    assertTrue(said.contains("REPAIRED"), said);
    pages.put("rows", rows());
    assertTrue(pages.get("rows").contains("s3a://keys/in/0.png"), pages.get("rows"));
    try (Stream<Path> events = Files.walk(folder.resolve("events"))) {
      assertTrue(events.anyMatch(Files::isRegularFile), "there is an event log");
    }
    assertNowhere("site");
  }

  @Test
  void keysThatAreWrongAreShownNowhere() throws Exception {
    site.putAll(keys("fs.s3a.bucket.keys.", ID, SECRET + "wrong"));
    String said = run("wrong", 1, job("keys"));
    assertTrue(said.contains("403") || said.contains("AccessDenied"), said);
    assertNowhere("wrong");
  }

  @Test
  void keysOnTheCommandLineAreRefusedAndNotRepeated() throws Exception {
    for (String place : List.of("s3a://" + ID + ":" + SECRET + "@keys/in", "s3a://" + ID + "@keys/in")) {
      String said = run("uri", 2, "--input", place, "--output", "s3a://keys/out", "--log", "s3a://keys/log", "--job",
          folder.resolve("job.yaml").toString());
      assertTrue(said.contains("lakebrush: s3a://***:***@keys/in holds a user and a password"), said);
      assertTrue(said.contains("core-site.xml"), said);
    }
    processes.clear();
    options.addAll(List.of("--conf", "spark.hadoop.fs.s3a.secret.key=" + SECRET));
    String said = run("conf", 2, job("keys"));
    assertTrue(said.contains("--conf spark.hadoop.fs.s3a.secret.key would show its value") && said.contains("--properties-file"), said);
    options.clear();
    processes.clear();
    assertNowhere("refused");
  }

  @Test
  @EnabledIfSystemProperty(named = "lakebrush.keys", matches = "all")
  void allOtherMeans() throws Exception {
    environment.putAll(Map.of("AWS_ACCESS_KEY_ID", ID, "AWS_SECRET_ACCESS_KEY", SECRET));
    assertTrue(run("environment", 0, job("keys")).contains("REPAIRED"));
    assertTrue(run("dry", 0, job("keys", "--dry-run")).contains("Dry run"));
    run("bucket", 1, job("missing"));
    run("spec", 2, job("keys", "--set", "masks.0.rgb=none"));
    environment.keySet().removeIf(k -> k.startsWith("AWS_"));

    site.putAll(keys("fs.s3a.bucket.keys.", ID, SECRET));
    assertTrue(run("bucket-keys", 0, job("keys", "--set", "mask.grow=5")).contains("REPAIRED"));
    site.keySet().removeIf(k -> k.startsWith("fs.s3a.bucket.keys."));

    Configuration conf = new Configuration(false);
    String provider = "localjceks://file" + owned.resolve("keys.jceks");
    conf.set(CredentialProviderFactory.CREDENTIAL_PROVIDER_PATH, provider);
    CredentialProvider store = CredentialProviderFactory.getProviders(conf).get(0);
    for (Map.Entry<String, String> key : keys("fs.s3a.", ID, SECRET).entrySet()) {
      store.createCredentialEntry(key.getKey(), key.getValue().toCharArray());
    }
    store.flush();
    site.put(CredentialProviderFactory.CREDENTIAL_PROVIDER_PATH, provider);
    assertTrue(run("provider", 0, job("keys", "--set", "mask.grow=6")).contains("REPAIRED"));
    site.remove(CredentialProviderFactory.CREDENTIAL_PROVIDER_PATH);

    site.putAll(keys("fs.s3a.", ID, SECRET));
    String endpoint = site.put("fs.s3a.endpoint", "http://127.0.0.1:" + freePort());
    run("down", 1, job("keys"));
    site.put("fs.s3a.endpoint", endpoint);
    pages.put("rows", rows());
    assertNowhere("all");
  }

  @Test
  @EnabledIfSystemProperty(named = "lakebrush.spark", matches = ".+")
  void throughSparkSubmit() throws Exception {
    environment.put("SPARK_HOME", System.getProperty("lakebrush.spark"));
    Path aws = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)).map(Path::of)
        .filter(jar -> jar.getFileName().toString().startsWith("hadoop-aws-")).findFirst().orElseThrow();
    Files.createSymbolicLink(home.resolve("target/lib/s3a").resolve(aws.getFileName()), aws);
    Path properties = owned.resolve("spark.properties");
    try (OutputStream out = Files.newOutputStream(properties)) {
      java.util.Properties keys = new java.util.Properties();
      keys("spark.hadoop.fs.s3a.", ID, SECRET).forEach(keys::setProperty);
      keys.store(out, null);
    }
    options.addAll(List.of("--properties-file", properties.toString()));
    assertTrue(run("submitted", 0, job("keys", "--set", "mask.grow=7")).contains("REPAIRED"));
    sawThePages("submitted");
    pages.put("rows", rows());
    assertNowhere("submitted");
  }
}
