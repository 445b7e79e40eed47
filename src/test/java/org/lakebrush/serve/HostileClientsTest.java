package org.lakebrush.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.hostile.Bombs;
import org.lakebrush.hostile.Bombs.Bomb;
import org.lakebrush.serve.Wire.Answer;
import org.lakebrush.testing.Lakes;

/** Clients that break the rules, on purpose or by accident: each is told so, none is in another's way, and the server stays as it was. */
class HostileClientsTest {
  /** A network of a few operations, so that the model costs nothing. */
  static final String MODEL = "src/test/resources/models/dynamic-range255.onnx";
  private static final int QUEUE = 24;
  private static final Set<Integer> REFUSED = Set.of(400, 413, 422);
  private static final String TYPE = "Content-Type: " + Form.TYPE + "\r\n";
  private static final byte[] PICTURE = Lakes.encode(Lakes.picture(64, 48, 1, false), "png");
  /** What a file has in it that no answer may show. */
  private static final String CANARY = "canary-7d1f9c";

  private static ServeProcess server;
  private static int port;

  private final Contract contract = new Contract();

  @BeforeAll
  static void start() throws Exception {
    // Two processors everywhere: how many images of the queue are begun at once hangs on them.
    server = ServeProcess.start(
        List.of("-Xmx512m", "-XX:MaxDirectMemorySize=256m", "-XX:TieredStopAtLevel=1", "-XX:ActiveProcessorCount=2"), Map.of(),
        "--model", MODEL, "--device", "cpu", "--queue", String.valueOf(QUEUE), "--max-upload", "4");
    port = server.port();
  }

  @AfterAll
  static void stop() throws Exception {
    try (ServeProcess ended = server) {
      // No client is an error of the server's.
      assertEquals(List.of(), ended.log().lines().filter(line -> line.contains(" ERROR ") || line.contains("Exception")).toList());
    }
  }

  @AfterEach
  void stillServesOthers() throws Exception {
    assertEquals(200, good().status());
    Served.await(20, "nothing is in hand", () -> inHand() == 0);
  }

  private static Answer good() throws IOException {
    return Wire.post(port, "/api/inpaint", image().text("mask", "center"));
  }

  private static Form image() {
    return new Form().file("image", "a.png", PICTURE);
  }

  /** Posts the parts, and wants an answer that is documented. */
  private Answer inpaint(Form parts, String what) throws IOException {
    Answer answer = Wire.post(port, "/api/inpaint", parts);
    contract.check("POST", "/api/inpaint", answer, what);
    return answer;
  }

  /** The head of a request that announces so many bytes. */
  private static String head(Wire wire, long bytes) {
    return wire.start("POST", "/api/inpaint") + TYPE + "Content-Length: " + bytes + "\r\n\r\n";
  }

  private Answer raw(String headers, byte[] body, String what) throws IOException {
    try (Wire wire = new Wire(port)) {
      wire.send(wire.start("POST", "/api/inpaint") + headers + "\r\n").send(body);
      Answer answer = wire.answer();
      contract.check("POST", "/api/inpaint", answer, what);
      return answer;
    }
  }

  @Test
  void bodiesThatAreNone() throws Exception {
    byte[] whole = image().text("mask", "center").bytes();
    for (String type : List.of("text/plain", "application/json", "application/x-www-form-urlencoded", "multipart/mixed; boundary=a", "")) {
      String header = type.isEmpty() ? "" : "Content-Type: " + type + "\r\n";
      assertEquals("BAD_MEDIA_TYPE", raw(header + "Content-Length: " + whole.length + "\r\n", whole, type).kind(), type);
    }
    for (String type : List.of("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=another", "multipart/form-data; boundary=" + "b".repeat(3000))) {
      assertEquals(400, raw("Content-Type: " + type + "\r\nContent-Length: " + whole.length + "\r\n", whole, type).status(), type);
    }
    assertEquals(400, raw(TYPE + "Content-Length: 0\r\n", new byte[0], "empty").status());
    for (int length : new int[] {1, 60, 200, whole.length - 70, whole.length - 5}) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertEquals(400, raw(TYPE + "Content-Length: " + length + "\r\n", cut, "cut at " + length).status());
    }
    for (String chunks : List.of("ZZZ\r\n", "-1\r\n\r\n", "FFFFFFFFFFFFFFFFFF\r\n", "5\r\nabcdeXX", "\0\0\0")) {
      assertEquals(400, raw(TYPE + "Transfer-Encoding: chunked\r\n", chunks.getBytes(StandardCharsets.ISO_8859_1), chunks).status());
    }
    for (Form parts : List.of(new Form().text("mask", "center"), image().file("image", "b.png", PICTURE),
        image().text("mask", "center").text("more", ""), image().text("job", "{}").text("job", "{}"), image().text("", "center"),
        image().part("attachment", new byte[0]), image().part("form-data", new byte[0]), new Form())) {
      assertEquals("BAD_REQUEST", inpaint(parts, new String(parts.open(), StandardCharsets.ISO_8859_1)).kind());
    }
  }

  @Test
  void lessOrMoreThanContentLengthSays() throws Exception {
    byte[] body = image().text("mask", "center").bytes();
    try (Wire wire = new Wire(port)) {
      wire.send(head(wire, body.length + 100)).send(body).end();
      // Where the connection ends, there may be nobody to tell.
      assertTrue(Set.of(0, 400).contains(wire.answer().status()));
    }
    try (Wire wire = new Wire(port)) {
      wire.send(head(wire, body.length)).send(body).send("rubbish\r\n\r\n");
      assertEquals(200, wire.answer().status());
      assertTrue(Set.of(0, 400).contains(wire.answer().status()));
    }
    for (String both : List.of("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: -5\r\n", "Content-Length: five\r\n", "Transfer-Encoding: gzip\r\n")) {
      Answer answer = raw(TYPE + both, body, both);
      assertEquals(400, answer.status(), both);
    }
  }

  @Test
  void manyAndLargePartsAndHeads() throws Exception {
    Form many = image();
    for (int i = 0; i < 20_000; i++) {
      many.text("set", "mask.grow=1");
    }
    assertTrue(REFUSED.contains(inpaint(many, "many parts").status()));
    Form masks = image();
    for (int i = 0; i < 900; i++) {
      masks.text("mask", "center");
    }
    inpaint(masks, "900 masks");
    Form head = image().part("form-data; name=\"mask\"\r\nX: " + "x".repeat(1 << 20), new byte[0]);
    assertTrue(REFUSED.contains(inpaint(head, "long head").status()));
    assertTrue(REFUSED.contains(inpaint(image().text("mask", "x".repeat(3 << 20)), "long text").status()));
    assertTrue(REFUSED.contains(inpaint(image().text("x".repeat(1 << 20), ""), "long name").status()));
    inpaint(image().file("mask", "x".repeat(4000), PICTURE), "long filename");

    for (String request : List.of("GET /" + "a".repeat(200_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /api/health HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(200_000) + "\r\n\r\n",
        "GET /api/health HTTP/1.1\r\nHost: localhost\r\n" + "X: y\r\n".repeat(20_000) + "\r\n")) {
      try (Wire wire = new Wire(port)) {
        Answer answer = wire.send(request).answer();
        assertTrue(Set.of(0, 414, 431).contains(answer.status()), answer.toString());
      }
    }
  }

  @Test
  void aBodyThatIsTooLargeIsRefusedBeforeItCame() throws Exception {
    for (String more : List.of("", "Expect: 100-continue\r\n")) {
      try (Wire wire = new Wire(port)) {
        Answer answer = wire.send(wire.start("POST", "/api/inpaint") + TYPE + more + "Content-Length: 999999999999\r\n\r\n").answer();
        assertEquals("TOO_LARGE", answer.kind(), answer.toString());
        assertEquals(413, answer.status());
      }
    }
    // Whoever does not say how long it will be is stopped where it is too long.
    byte[] chunk = ("100000\r\n" + "x".repeat(1 << 20) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    try (Wire wire = new Wire(port)) {
      wire.send(wire.start("POST", "/api/inpaint") + TYPE + "Transfer-Encoding: chunked\r\n\r\n");
      wire.send("3a\r\n--" + Form.BOUNDARY + "\r\n");
      for (int i = 0; i < 40; i++) {
        wire.send(chunk);
      }
      assertTrue(Set.of(0, 400, 413).contains(wire.answer().status()));
    }
    assertTrue(server.residentMegabytes() < 512 + 256 + 400);
  }

  @Test
  void pixelBombsAreKnownByTheirHeader() throws Exception {
    for (Bomb bomb : Bombs.all()) {
      if (bomb.kinds().equals(Set.of(ErrorKind.TOO_LARGE))) {
        byte[] file = bomb.make().file();
        Answer answer = inpaint(new Form().file("image", bomb.name(), file).text("mask", "center"), bomb.name());
        assertEquals(413, answer.status(), bomb.name() + ": " + answer);
        answer = inpaint(image().file("mask", bomb.name(), file), bomb.name());
        assertTrue(Set.of(413, 422).contains(answer.status()), bomb.name() + ": " + answer);
      }
    }
    // As a PNG there is memory for it, as a BMP there is not: 45 megapixels in 150 kB.
    byte[] flat = Bombs.flat(9000, 5000);
    Answer answer = inpaint(new Form().file("image", "flat.png", flat).text("mask", "center").text("set", "output.format=bmp"), "flat");
    assertEquals(413, answer.status(), answer.toString());
  }

  @Test
  void yamlBombs() throws Exception {
    String laughs = IntStream.range(1, 30).mapToObj(i -> "a" + i + ": &a" + i + " [" + ("*a" + (i - 1) + ",").repeat(9) + "]\n")
        .collect(Collectors.joining("", "a0: &a0 [lol]\n", "masks: *a29\n"));
    String merges = "masks: &m [{kind: center}]\nmask: &n {grow: 4, <<: *n}\n";
    List<String> texts = List.of(laughs, merges, "masks: &m [*m]", "masks: " + "[".repeat(10_000), "masks: " + "{a: ".repeat(10_000),
        "- ".repeat(10_000), "? ".repeat(10_000), "a: ".repeat(1000), "\n".repeat(500_000) + "x", "[".repeat(500_000),
        "%YAML 9.9\n---\n", "\0", "\uFEFF",
        "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL [\"http://127.0.0.1/\"]]]]",
        "masks: [{kind: center}]\n".repeat(2000), "x".repeat(100_000), "mask: {grow: " + "9".repeat(100_000) + "}",
        "masks: [{kind: polygon, points: [" + "[1,1],".repeat(70_000) + "[1,2]]}]", "masks: [" + "{kind: center},".repeat(5000) + "]",
        "masks: [{kind: box, anchor: center, width: 1e999999999%, height: 1}]");
    for (String yaml : texts) {
      String what = yaml.substring(0, Math.min(60, yaml.length()));
      for (Form parts : List.of(image().text("job", yaml), image().text("mask", yaml),
          image().text("mask", "center").text("set", "masks.0=" + yaml))) {
        Answer answer = inpaint(parts, what);
        assertTrue(answer.status() == 200 || REFUSED.contains(answer.status()), what + ": " + answer);
        assertTrue(answer.body().length < 100_000, what + ": an answer of " + answer.body().length + " bytes");
      }
    }
  }

  @Test
  void noNameLeadsToAFile(@TempDir Path folder) throws Exception {
    Path canary = Files.write(folder.resolve("canary.png"), PICTURE);
    Path text = Files.writeString(folder.resolve("canary.yaml"), "masks: [{kind: center}]\n# " + CANARY + "\n");
    // Whoever opened this one would wait until somebody wrote to it.
    Path pipe = folder.resolve("pipe.png");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    Path up = Path.of("").toAbsolutePath().relativize(canary);
    try (ServerSocket other = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      other.setSoTimeout(100);
      Map<String, String> names = new LinkedHashMap<>();
      for (Path file : List.of(canary, text, pipe, Path.of("/etc/passwd"))) {
        String absent = file.resolveSibling("absent-" + file.getFileName()).toString();
        for (String form : List.of("%s", "file://%s", "file:%s", "/upload/../..%s", "file:/upload/../..%s", "%s\\u0000.png")) {
          names.put(String.format(form, file), String.format(form, absent));
        }
        String percent = file.toString().replace("/", "%2e%2e%2f");
        names.put(percent, percent.replace("c", "d"));
      }
      names.put(up.toString(), up.resolveSibling("absent.png").toString());
      names.put("src/test/resources/org/lakebrush/image/rgb8.png", "src/test/resources/org/lakebrush/image/absent.png");
      names.put("org/lakebrush/model/registry.yaml", "org/lakebrush/model/absent.yaml");
      names.put("classpath:org/lakebrush/model/registry.yaml", "classpath:org/lakebrush/model/absent.yaml");
      names.put("http://127.0.0.1:" + other.getLocalPort() + "/a.png", "http://127.0.0.1:1/a.png");
      names.put("s3a://127.0.0.1:" + other.getLocalPort() + "/a.png", "s3a://127.0.0.1:1/b.png");
      for (Map.Entry<String, String> name : names.entrySet()) {
        for (String mask : List.of("{kind: sidecar, file: \"%s\"}", "{kind: sidecar, dir: \"%s\"}", "{kind: watermark, file: \"%s\"}",
            "{kind: sidecar, suffix: \"%s\"}")) {
          same(name, n -> image().text("mask", mask.replace("%s", n)));
        }
        same(name, n -> image().text("job", "masks: [{kind: center}]\ninpaint: {model: \"" + n + "\"}\n"));
        same(name, n -> image().text("mask", "center").text("set", "inpaint.half_model=" + n));
        same(name, n -> image().text("job", "masks: [{kind: center}, {kind: sidecar, dir: \"" + n + "\"}]\nmask: {missing: unchanged}\n"));
        same(name, n -> image().text("mask", n));
        same(name, n -> image().file("file", n, PICTURE).text("mask", "center"));
        same(name, n -> image().file("mask", n, PICTURE));
        same(name, n -> new Form().file("image", n, PICTURE).text("mask", "center"));
      }
      try {
        other.accept().close();
        throw new AssertionError("the server asked another for a file");
      } catch (SocketTimeoutException e) {
        // It never asked.
      }
    }
    assertFalse(Files.exists(Path.of("/upload")));
  }

  /** Two names, of which one is a file's: nobody can tell from the answers which. */
  private void same(Map.Entry<String, String> names, Function<String, Form> parts) throws IOException {
    Answer there = inpaint(parts.apply(names.getKey()), names.getKey());
    Answer absent = inpaint(parts.apply(names.getValue()), names.getValue());
    assertEquals(absent.status(), there.status(), names.getKey() + ": " + there + " " + absent);
    assertEquals(absent.kind(), there.kind(), names.getKey());
    if (there.status() != 200) {
      assertEquals(message(absent, names.getValue()), message(there, names.getKey()));
    }
    assertFalse(there.text().contains(CANARY) || there.text().contains("root:"), names.getKey() + ": " + there);
  }

  private static String message(Answer answer, String name) {
    String escaped = name.replace("\\", "\\\\");
    String last = name.substring(name.lastIndexOf('/') + 1);
    return answer.text().replaceFirst("\"task_id\":\"[^\"]*\"", "").replace(escaped, "NAME").replace(name, "NAME").replace(last, "LAST");
  }

  @Test
  void noPathLeadsToAFile() throws Exception {
    for (String target : List.of("/../pom.xml", "/../../../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd",
        "//etc/passwd", "/./pom.xml", "/api/../pom.xml", "/api/..;/pom.xml", "/index.html/../../pom.xml", "/%00", "/index.html%00.js",
        "/pom.xml", "/ServeCommand.class", "/org/lakebrush/serve/index.html", "/org/lakebrush/model/registry.yaml", "/META-INF/MANIFEST.MF",
        "/WEB-INF/web.xml", "/c:/windows", "/..\\..\\pom.xml", "/%5c..%5cpom.xml", "/%c0%ae%c0%ae/pom.xml", "/%u002e/pom.xml",
        "http://127.0.0.1:" + port + "/../etc/passwd", "file:///etc/passwd", "*", "pom.xml", "/?../../etc/passwd",
        "/;/../pom.xml", "/\u00e9")) {
      try (Wire wire = new Wire(port)) {
        Answer answer = wire.send(wire.start("GET", target) + "Connection: close\r\n\r\n").answer();
        boolean page = target.startsWith("/?") && answer.status() == 200;
        assertTrue(page || Set.of(400, 403, 404).contains(answer.status()), target + ": " + answer);
        assertFalse(answer.text().contains("root:") || answer.text().contains("<artifactId>"), target + ": " + answer);
        if (!page) {
          Contract.checkError(answer, target);
        }
      }
    }
  }

  @Test
  void otherMethodsAndOtherProtocols() throws Exception {
    Map<String, String> allowed = Map.of("/api/inpaint", "POST", "/api/mask", "POST", "/api/view", "POST", "/api/health", "GET",
        "/metrics", "GET", "/", "GET", "/api/openapi.json", "GET");
    for (Map.Entry<String, String> place : allowed.entrySet()) {
      for (String method : List.of("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY", "BREW")) {
        if (!method.equals(place.getValue())) {
          Answer answer = Wire.ask(port, method, place.getKey(), "", null);
          assertEquals(405, answer.status(), method + " " + place.getKey() + ": " + answer);
          assertTrue(answer.headers().get("allow").contains(place.getValue()), answer.toString());
          Contract.checkError(answer, method + " " + place.getKey());
        }
      }
    }
    for (String request : List.of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /api/health\r\n\r\n", "GET /api/health HTTP/9.9\r\n\r\n",
        "\r\n\r\n\r\n\0\0\r\n\r\n", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\r\n\r\n", "GET /api/health HTTP/1.1\r\n\r\n",
        "GET /api/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET /api/health HTTP/1.1\r\nHost : localhost\r\n\r\n",
        "CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n", "GET\t/\tHTTP/1.1\r\n\r\n")) {
      try (Wire wire = new Wire(port)) {
        Answer answer = wire.send(request).end().answer();
        assertTrue(Set.of(0, 400, 403, 404, 405, 426, 505).contains(answer.status()), request + ": " + answer);
      }
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    byte[] body = image().text("mask", "center").bytes();
    try (Wire wire = new Wire(port)) {
      String post = head(wire, body.length) + new String(body, StandardCharsets.ISO_8859_1);
      String health = wire.start("GET", "/api/health") + "\r\n";
      wire.send(health + post + wire.start("GET", "/nothing") + "\r\n" + post + health);
      Answer first = wire.answer();
      assertEquals(200, first.status());
      assertTrue(first.text().contains("\"in_hand\""));
      Answer image = wire.answer();
      assertTrue(image.text().contains("\"result\""), image.toString());
      assertEquals(404, wire.answer().status());
      assertEquals(result(image), result(wire.answer()));
      assertTrue(wire.answer().text().contains("\"in_hand\""));
    }
  }

  private static String result(Answer answer) {
    return answer.text().replaceFirst("(?s).*\"result\": ?\"([^\"]*)\".*", "$1");
  }

  @Test
  void pagesOfOtherSites() throws Exception {
    byte[] body = image().text("mask", "center").bytes();
    for (String origin : List.of("http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:" + port,
        "http://127.0.0.1." + port + ".evil.example", "http://localhost.evil.example:" + port)) {
      Answer answer = Wire.ask(port, "POST", "/api/inpaint", TYPE + "Origin: " + origin + "\r\n", body);
      assertEquals("FORBIDDEN", answer.kind(), origin + ": " + answer);
      assertFalse(answer.headers().containsKey("access-control-allow-origin"), origin);
    }
    assertEquals(200, Wire.ask(port, "POST", "/api/inpaint", TYPE + "Origin: http://127.0.0.1:" + port + "\r\n", body).status());
    for (String host : List.of("evil.example", "evil.example:" + port, "127.0.0.1.evil.example",
        "localhost.evil.example:" + port, "169.254.169.254")) {
      for (String target : List.of("/", "/api/health", "/metrics", "/api/openapi.json")) {
        try (Wire wire = new Wire(port)) {
          Answer answer = wire.send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n").answer();
          assertEquals("FORBIDDEN", answer.kind(), host + " " + target + ": " + answer);
        }
      }
    }
    try (Wire wire = new Wire(port)) {
      assertEquals(200, wire.send("GET /api/health HTTP/1.1\r\nHost: localhost:" + port + "\r\n\r\n").answer().status());
    }
  }

  @Test
  void slowClientsAreInNobodysWay() throws Exception {
    byte[] body = image().text("mask", "center").bytes();
    List<Wire> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 3 * (QUEUE + 6); i++) {
        Wire wire = new Wire(port);
        slow.add(wire);
        switch (i % 3) {
          // A head without an end, a body without an end, and an answer that nobody reads.
          case 0 -> wire.send("GET /api/health HT");
          case 1 -> wire.send(head(wire, body.length)).send("--");
          default -> {
            for (int times = 0; times < 2000; times++) {
              wire.send(wire.start("GET", "/metrics") + "\r\n");
            }
          }
        }
      }
      for (int i = 0; i < 20; i++) {
        for (int s = 0; s < slow.size(); s++) {
          if (s % 3 < 2) {
            slow.get(s).send(s % 3 == 0 ? "x" : "-");
          }
        }
        assertEquals(200, good().status());
      }
    } finally {
      for (Wire wire : slow) {
        wire.close();
      }
    }
    // One that comes a byte at a time is served all the same, if it comes.
    try (Wire wire = new Wire(port)) {
      wire.send(head(wire, body.length));
      for (byte b : body) {
        wire.send(new byte[] {b});
      }
      assertEquals(200, wire.answer().status());
    }
  }

  @Test
  void aClientThatGoesAwayFreesItsPlace() throws Exception {
    byte[] picture = Lakes.encode(Lakes.picture(1000, 800, 1, true), "png");
    byte[] body = new Form().file("image", "a.png", picture).text("mask", "scratches").bytes();
    double before = done();
    double goneBefore = counted("lakebrush_serve_gone_total");
    List<Wire> waiting = new ArrayList<>();
    try {
      for (int i = 0; i < QUEUE; i++) {
        Wire wire = new Wire(port);
        waiting.add(wire.send(head(wire, body.length)).send(body));
      }
      Served.await(20, "the queue is full", () -> inHand() == QUEUE);
      Answer full = good();
      assertEquals(429, full.status(), full.toString());
      contract.check("POST", "/api/inpaint", full, "full");
      assertTrue(Integer.parseInt(full.headers().get("retry-after")) >= 1);
      assertEquals(200, Wire.ask(port, "GET", "/api/health", "", null).status());
    } finally {
      for (Wire wire : waiting) {
        wire.close();
      }
    }
    Served.await(20, "the places of those that went away are free", () -> inHand() == 0);
    assertEquals(200, good().status());
    assertTrue(done() - before < QUEUE / 2, "what nobody waited for was done all the same");
    // Some may have been answered before they went.
    double gone = counted("lakebrush_serve_gone_total") - goneBefore;
    assertTrue(QUEUE / 2 < gone && gone < 1.5 * QUEUE, gone + " are counted, of " + QUEUE);
  }

  /** Images that were done so far. */
  private static double done() throws IOException {
    return counted("lakebrush_serve_images_total");
  }

  /** A counter of the server's, over all its labels. */
  private static double counted(String name) throws IOException {
    return Wire.ask(port, "GET", "/metrics", "", null).text().lines().filter(line -> line.matches(name + "[{ ].*"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
  }

  private static int inHand() throws IOException {
    return Integer.parseInt(Wire.ask(port, "GET", "/api/health", "", null).text().replaceFirst("(?s).*\"in_hand\": ?(\\d+).*", "$1"));
  }

  @Test
  void mutatedImagesAreAnsweredAndLeaveNothingBehind() throws Exception {
    MutatedUploads.send(port, contract, 0, 300);
    long warm = server.residentMegabytes();
    Map<Integer, Integer> codes = MutatedUploads.send(port, contract, 300, 1000);
    assertTrue(codes.keySet().containsAll(Set.of(200, 415, 422)), codes.toString());
    long end = server.residentMegabytes();
    assertTrue(end < warm + 100, "resident memory went from " + warm + " to " + end + " MB");
  }

  @Test
  void tokens() throws Exception {
    String token = "correct-horse-battery-staple";
    byte[] body = image().text("mask", "center").bytes();
    try (ServeProcess guarded = ServeProcess.start(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"), Map.of("LAKEBRUSH_TOKEN", token),
        "--model", MODEL, "--device", "cpu")) {
      List<String> wrong = List.of("", "Authorization: Bearer\r\n",
          "Authorization: Bearer " + token.substring(0, token.length() - 1) + "\r\n", "Authorization: Bearer " + token + "x\r\n",
          "Authorization: Basic " + token + "\r\n", "Authorization: " + token + "\r\n",
          "Authorization: Bearer " + token.toUpperCase() + "\r\n", "Cookie: token=" + token + "\r\n", "Authorization: Bearer \u00e9\r\n");
      for (String header : wrong) {
        for (String path : List.of("/api/inpaint", "/api/mask", "/api/view")) {
          Answer answer = Wire.ask(guarded.port(), "POST", path, TYPE + header, body);
          contract.check("POST", path, answer, header);
          assertEquals(401, answer.status(), header + ": " + answer);
          assertTrue(answer.headers().get("www-authenticate").startsWith("Bearer"));
          assertFalse(answer.text().contains(token));
        }
        assertEquals(401, Wire.ask(guarded.port(), "GET", "/metrics", header, null).status(), header);
        assertEquals(200, Wire.ask(guarded.port(), "GET", "/api/health", header, null).status(), header);
        assertEquals(200, Wire.ask(guarded.port(), "GET", "/", header, null).status(), header);
      }
      assertEquals(401, Wire.ask(guarded.port(), "GET", "/metrics?token=" + token, "", null).status());
      String right = "Authorization: Bearer " + token + "\r\n";
      Answer with = Wire.ask(guarded.port(), "POST", "/api/inpaint", TYPE + right + "Accept: image/*\r\n", body);
      assertEquals(200, with.status(), with.toString());
      assertFalse(guarded.log().contains(token));
      assertArrayEquals(with.body(), Wire.ask(port, "POST", "/api/inpaint", TYPE + "Accept: image/*\r\n", body).body());
    }
  }
}
