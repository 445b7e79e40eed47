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
    Files.createFile(Files.createDirectories(home.resolve("target/lib")).resolve("x.jar"));
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

  @Test
  void keysThatAllCouldReadInTheListOfProcessesAreRefused() throws Exception {
    for (String key : List.of("spark.hadoop.fs.s3a.secret.key", "spark.hadoop.fs.s3a.bucket.b.access.key", "spark.authenticate.secret",
        "spark.hadoop.fs.azure.account.key.lake.dfs.core.windows.net", "spark.executorEnv.AWS_ACCESS_KEY_ID", "spark.ssl.keyPassword",
        "spark.hadoop.fs.s3a.session.token")) {
      String said = String.join(" ", run(2, home.resolve("submit.sh"), "run", "--conf", key + "=hidden-1"));
      assertTrue(said.startsWith("submit.sh: --conf " + key + " would show") && said.contains("core-site.xml"), said);
      assertFalse(said.contains("hidden-1"), said);
    }
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
