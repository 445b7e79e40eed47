package org.lakebrush.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code submit.sh}, in a home that is built already, with a spark-submit that prints its arguments. */
class SubmitScriptTest {
  @TempDir
  Path folder;

  private final Map<String, String> environment = new HashMap<>();
  private Path home;

  @BeforeEach
  void build() throws Exception {
    home = Files.createDirectories(folder.resolve("a home"));
    Files.createDirectories(home.resolve("src/main"));
    Files.createFile(home.resolve("pom.xml"));
    Files.createFile(Files.createDirectories(home.resolve("models")).resolve("registry.yaml"));
    Files.copy(Path.of("submit.sh"), home.resolve("submit.sh"));
    Files.createDirectories(home.resolve("target/spark"));
    Files.createDirectories(home.resolve("target/lib/s3a"));
    Files.createDirectories(home.resolve("target/lib/serve"));
    Files.createFile(home.resolve("target/lib/x.jar"));
    Files.createFile(home.resolve("target/lib/s3a/hadoop-aws-3.5.0.jar"));
    Files.createFile(home.resolve("target/lakebrush.jar"));
    Files.setLastModifiedTime(home.resolve("target/lakebrush.jar"),
        java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() + 60_000));
    Path submit = Files.createDirectories(folder.resolve("spark/bin")).resolve("spark-submit");
    Files.writeString(submit, "#!/usr/bin/env bash\nprintf '%s\\n' \"$LAKEBRUSH_HOME\" \"$@\"\n");
    assertTrue(submit.toFile().setExecutable(true));
  }

  private List<String> run(int code, Path script, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", script.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("SPARK_HOME", folder.resolve("spark").toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertEquals(code, process.waitFor(), () -> String.join("\n", lines));
    return lines;
  }

  @Test
  void findsItsHomeThroughLinksAndPassesOptionsOn() throws Exception {
    Path first = Files.createSymbolicLink(Files.createDirectories(folder.resolve("bin")).resolve("lake brush"),
        Path.of("../a home/submit.sh"));
    Path second = Files.createSymbolicLink(folder.resolve("lakebrush"), first);
    List<String> said = run(0, second, "run", "--conf", "a=b", "--job", "my job.yaml", "--conf=c=d e");
    assertEquals(home.toRealPath(), Path.of(said.get(0)).toRealPath());
    int spark = said.indexOf("a=b");
    assertEquals(List.of("--conf", "a=b", "--conf", "c=d e"), said.subList(spark - 1, spark + 3));
    assertEquals(List.of("run", "--job", "my job.yaml"), said.subList(said.size() - 3, said.size()));
  }

  @Test
  void whatServesHasNoSpark() throws Exception {
    for (String jar : List.of("spark-core_2.13-4.2.0.jar", "scala-library-2.13.18.jar", "hadoop-client-api-3.5.0.jar")) {
      Files.createFile(home.resolve("target/spark").resolve(jar));
    }
    Path java = Files.createDirectories(folder.resolve("java/bin")).resolve("java");
    Files.writeString(java, "#!/usr/bin/env bash\n[[ $1 != -version ]] || { echo 'openjdk version \"17.0.1\"' >&2; exit; }\n"
        + "printf '%s\\n' \"$@\"\n");
    assertTrue(java.toFile().setExecutable(true));
    environment.put("JAVA_HOME", folder.resolve("java").toString());
    List<String> said = run(0, home.resolve("submit.sh"), "serve", "--port", "7861");
    String path = said.get(said.indexOf("-cp") + 1);
    assertTrue(path.contains("/lib/serve/*") && path.contains("hadoop-client-api"), path);
    assertFalse(path.contains("spark-core") || path.contains("scala-library") || path.contains("spark/*"), path);
    assertEquals(List.of("serve", "--port", "7861"), said.subList(said.size() - 3, said.size()));
    assertTrue(run(0, home.resolve("submit.sh"), "model", "list").toString().contains("/spark/*"));
  }

  @Test
  void executorsGetWhatTheDriverHas() throws Exception {
    environment.put("LAKEBRUSH_NATIVES", "/a place");
    List<String> said = run(0, home.resolve("submit.sh"), "run", "--conf", "spark.executorEnv.LC_ALL=de_DE.UTF-8");
    assertTrue(said.contains("spark.executorEnv.LAKEBRUSH_NATIVES=/a place"), said::toString);
    assertTrue(said.contains("spark.executorEnv.MALLOC_ARENA_MAX=2"), said::toString);
    int locale = said.indexOf("spark.executorEnv.LC_ALL=C.UTF-8");
    assertTrue(0 <= locale && locale < said.indexOf("spark.executorEnv.LC_ALL=de_DE.UTF-8"), "the user's own comes last: " + said);
  }

  @Test
  void learnWatermarkGoesTheSameWay() throws Exception {
    List<String> said = run(0, home.resolve("submit.sh"), "learn-watermark", "--master", "spark://host:7077", "--out", "a b");
    int master = said.indexOf("spark://host:7077");
    assertEquals("--master", said.get(master - 1));
    assertEquals(List.of("learn-watermark", "--out", "a b"), said.subList(said.size() - 3, said.size()));
  }

  /** The words of a printed command, as a shell reads them. */
  private List<String> words(List<String> printed) throws Exception {
    Process shell = new ProcessBuilder("bash", "-c", "printf '%s\\n' " + String.join("\n", printed)).redirectErrorStream(true).start();
    List<String> words = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertEquals(0, shell.waitFor(), words::toString);
    return words;
  }

  private static String after(List<String> words, String option) {
    return words.get(words.indexOf(option) + 1);
  }

  @Test
  void whatIsPrintedIsWhatWouldRun() throws Exception {
    String[] args = {"run", "--master", "spark://host:7077", "--conf", "spark.executor.extraJavaOptions=-Da='b c' -Dd=$e", "--job",
        "my job.yaml", "--set", "masks.0.rgb=#ff0000", "--input", "/a*"};
    List<String> ran = run(0, home.resolve("submit.sh"), args);
    List<String> more = new ArrayList<>(List.of(args));
    more.add(3, "--print");
    List<String> printed = run(0, home.resolve("submit.sh"), more.toArray(String[]::new));
    List<String> words = words(printed);
    int submit = words.indexOf(folder.resolve("spark/bin/spark-submit").toString());
    assertEquals(ran.subList(1, ran.size()), words.subList(submit + 1, words.size()));
    assertEquals("env", words.get(0));
    assertTrue(words.subList(1, submit).contains("LAKEBRUSH_HOME=" + home.toRealPath()), words::toString);
    assertTrue(printed.contains("  --master spark://host:7077 \\"), "an option and its value on a line: " + printed);

    for (String uri : List.of("s3a://id:hidden-1@bucket/a", "s3a://id:hid/hidden-1@bucket/a", "hdfs://h:8020/a,s3a://id:hidden-1@bucket/a",
        "s3a://hidden-1@bucket/a")) {
      for (String option : List.of("--print", "--takeover")) {
        String secret = String.join(" ", run(2, home.resolve("submit.sh"), "run", option, "--input", uri));
        assertTrue(secret.contains("a URI with a user and a password") && !secret.contains("hidden-1"), secret);
      }
    }
    assertTrue(words(run(0, home.resolve("submit.sh"), "run", "--print", "--input", "hdfs://h:8020/a@b:c")).contains("hdfs://h:8020/a@b:c"),
        "a port is no password");
  }

  /** Of a cluster's own machine nothing is to be seen here: what its driver reads goes with it. */
  @Test
  void aDriverOnYarnGetsItsJobAndModels() throws Exception {
    Files.writeString(folder.resolve("night job.yaml"), "inpaint: {model: lama_fp32}");
    for (String model : List.of("lama-lite", "lama_fp32", "lama", "other")) {
      Files.createFile(home.resolve("models/" + model + ".onnx"));
    }
    List<String> words = words(run(0, home.resolve("submit.sh"), "run", "--print", "--master", "yarn", "--deploy-mode=cluster", "--job",
        "night job.yaml", "--conf", "spark.files=hdfs:///own"));
    String here = home.toRealPath().toString();
    assertEquals(String.join(",", here + "/conf/gpu-discovery.sh", here + "/conf/log4j2.properties",
        folder.toRealPath() + "/night job.yaml", here + "/models/lama-lite.onnx", here + "/models/lama_fp32.onnx", "hdfs:///own"),
        after(words, "--files"));
    assertEquals("night job.yaml", after(words, "--job"));
    assertTrue(words.contains("spark.yarn.appMasterEnv.LAKEBRUSH_MODELS=."), words::toString);
    assertTrue(words.contains("spark.yarn.appMasterEnv.MALLOC_ARENA_MAX=2"), words::toString);

    assertTrue(run(2, home.resolve("submit.sh"), "run", "--print", "--master", "yarn", "--deploy-mode", "cluster", "--job", "none.yaml")
        .get(0).contains("--job none.yaml: no such file here"));
  }

  @Test
  void onKubernetesJarsMayBeInTheImage() throws Exception {
    environment.put("LAKEBRUSH_IMAGE_HOME", "/opt/lakebrush");
    List<String> words = words(run(0, home.resolve("submit.sh"), "run", "--print", "--master", "k8s://https://host:443", "--deploy-mode",
        "cluster", "--job", "local:///opt/lakebrush/conf/jobs/corner-logo.yaml"));
    assertEquals("local:///opt/lakebrush/lib/x.jar,local:///opt/lakebrush/lib/s3a/hadoop-aws-3.5.0.jar", after(words, "--jars"));
    assertTrue(words.contains("local:///opt/lakebrush/lakebrush.jar"), words::toString);
    assertEquals("/opt/lakebrush/conf/jobs/corner-logo.yaml", after(words, "--job"));
    assertTrue(words.contains("spark.kubernetes.driverEnv.LAKEBRUSH_HOME=/opt/lakebrush"), words::toString);
    assertFalse(words.contains("--files"), "nothing has to be uploaded: " + words);
    assertFalse(words.toString().contains("resource.gpu"), "Spark would miss the amount of what was not asked for: " + words);
    words = words(run(0, home.resolve("submit.sh"), "run", "--print", "--master", "k8s://https://host:443", "--deploy-mode", "cluster",
        "--conf", "spark.executor.resource.gpu.amount=1"));
    assertTrue(words.contains("spark.executor.resource.gpu.discoveryScript=/opt/lakebrush/conf/gpu-discovery.sh"), words::toString);
  }

  @Test
  void hadoopAwsIsTheClustersOwnOrEqualsItsHadoop() throws Exception {
    String own = "/target/lib/s3a/*.jar";
    Path jars = Files.createDirectories(folder.resolve("spark/jars"));
    Files.createFile(jars.resolve("spark-core_2.13-4.0.0.jar"));
    Path hadoop = Files.createFile(jars.resolve("hadoop-client-api-3.4.1.jar"));
    String said = String.join(" ", run(2, home.resolve("submit.sh"), "run"));
    assertTrue(said.contains("has Hadoop 3.4.1") && said.contains("hadoop-aws 3.5.0") && said.contains("hadoop-aws:3.4.1"), said);
    List<String> packages = run(0, home.resolve("submit.sh"), "run", "--packages", "org.apache.hadoop:hadoop-aws:3.4.1");
    assertFalse(after(packages, "--jars").contains(own), packages::toString);
    assertEquals("org.apache.hadoop:hadoop-aws:3.4.1", after(packages, "--packages"));

    Files.move(hadoop, jars.resolve("hadoop-client-api-3.5.0.jar"));
    assertTrue(after(run(0, home.resolve("submit.sh"), "run"), "--jars").endsWith(own));
    Files.createFile(jars.resolve("hadoop-aws-3.5.0.jar"));
    assertFalse(after(run(0, home.resolve("submit.sh"), "run"), "--jars").contains(own));

    Files.move(jars.resolve("spark-core_2.13-4.0.0.jar"), jars.resolve("spark-core_2.13-3.5.1.jar"));
    assertTrue(run(2, home.resolve("submit.sh"), "run").get(0).contains("needs 4.0 or later"));
  }

  @Test
  void settingsMayStandInFiles() throws Exception {
    Path defaults = Files.createDirectories(folder.resolve("spark/conf")).resolve("spark-defaults.conf");
    Files.writeString(defaults, "spark.master yarn\nspark.driver.memory=3g\n");
    Path own = Files.writeString(folder.resolve("own.conf"), "# mine\nspark.driver.memory   5g\n");
    List<String> said = run(0, home.resolve("submit.sh"), "run");
    assertEquals("3g", after(said, "--driver-memory"));
    assertTrue(after(said, "--files").contains("gpu-discovery.sh"), "the master is YARN: " + said);
    said = run(0, home.resolve("submit.sh"), "run", "--properties-file", own.toString());
    assertEquals("5g", after(said, "--driver-memory"));
    assertTrue(said.contains("--load-spark-defaults"), said::toString);
    environment.put("LAKEBRUSH_MEMORY", "7g");
    assertEquals("7g", after(run(0, home.resolve("submit.sh"), "run", "--properties-file", own.toString()), "--driver-memory"));
    assertTrue(run(2, home.resolve("submit.sh"), "run", "--properties-file", own.toString(), "--properties-file=" + own).get(0)
        .contains("given twice"));
  }

  /** As the tarball has it: no sources, and the jars beside the script. */
  @Test
  void anUnpackedTarballIsNotBuilt() throws Exception {
    Files.delete(home.resolve("pom.xml"));
    for (String name : List.of("lakebrush.jar", "lib", "spark")) {
      Files.move(home.resolve("target/" + name), home.resolve(name));
    }
    List<String> said = run(0, home.resolve("submit.sh"), "run");
    assertTrue(said.contains(home.toRealPath() + "/lakebrush.jar"), said::toString);
    assertEquals(home.toRealPath() + "/lib/*.jar," + home.toRealPath() + "/lib/s3a/*.jar", after(said, "--jars"));
  }

  @Test
  void keysThatAllCouldReadInTheListOfProcessesAreRefused() throws Exception {
    for (String key : List.of("spark.hadoop.fs.s3a.secret.key", "spark.hadoop.fs.s3a.bucket.b.access.key", "spark.authenticate.secret",
        "spark.hadoop.fs.azure.account.key.lake.dfs.core.windows.net", "spark.executorEnv.AWS_ACCESS_KEY_ID", "spark.ssl.keyPassword",
        "spark.hadoop.fs.s3a.session.token")) {
      String said = String.join(" ", run(2, home.resolve("submit.sh"), "run", "--conf", key + "=hidden-1"));
      assertTrue(said.startsWith("submit.sh: --conf " + key + " would show") && said.contains("core-site.xml"), said);
      assertFalse(said.contains("hidden-1"), said);
    }
    String said = String.join(" ", run(2, home.resolve("submit.sh"), "run", "--conf",
        "spark.executor.extraJavaOptions=-Xss2m -Djavax.net.ssl.keyStorePassword=hidden-1"));
    assertTrue(said.contains("extraJavaOptions: -D javax.net.ssl.keyStorePassword would show") && !said.contains("hidden-1"), said);
    assertEquals(2, status("LAKEBRUSH_JAVA_OPTS", "-Xss2m -Dspark.hadoop.fs.s3a.secret.key=hidden-1"));
    assertEquals(0, status("LAKEBRUSH_JAVA_OPTS", "-Xss2m -Dhttps.proxyHost=secret"));
    String all = run(0, home.resolve("submit.sh"), "run", "--conf", "spark.hadoop.fs.s3a.aws.credentials.provider=a.Class",
        "--conf=spark.hadoop.hadoop.security.credential.provider.path=jceks://file/x", "--conf", "spark.x.passwordFile=/x").toString();
    assertTrue(all.contains("a.Class") && all.contains("jceks://file/x") && all.contains("passwordFile=/x"), "places and classes: " + all);
  }

  private int status(String variable, String value) throws Exception {
    ProcessBuilder builder = new ProcessBuilder("bash", home.resolve("submit.sh").toString(), "run")
        .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().putAll(Map.of("SPARK_HOME", folder.resolve("spark").toString(), "JAVA_HOME", System.getProperty("java.home"),
        variable, value));
    return builder.start().waitFor();
  }

  @Test
  void optionsMayBeMissingAndAreAskedFor() throws Exception {
    List<String> said = run(0, home.resolve("submit.sh"), "run");
    assertEquals("run", said.get(said.size() - 1));
    assertEquals(List.of("submit.sh: --conf needs a value"), run(2, home.resolve("submit.sh"), "run", "--conf"));
  }
}
