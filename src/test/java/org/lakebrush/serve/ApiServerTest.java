package org.lakebrush.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lakebrush.job.UsageException;
import org.lakebrush.serve.Served.Reply;
import org.lakebrush.serve.Wire.Answer;
import org.lakebrush.testing.Lakes;

/** The API by HTTP, with the shipped model. */
class ApiServerTest {
  private static final int WIDTH = 160;
  private static final int HEIGHT = 120;
  /** A hole of 20 x 10 at the bottom right, not grown. */
  private static final String BOX = "{kind: box, anchor: bottom-right, width: 20, height: 10}";
  private static final byte[] PNG = Lakes.encode(Lakes.picture(WIDTH, HEIGHT, 3, false), "png");

  @TempDir
  private static Path uploads;
  private static Served served;

  @BeforeAll
  static void start() throws Exception {
    served = Served.start(uploads, "inpaint.max_side=512", "limits.max_pixels=1M");
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  private static Form form(byte[] image) {
    return new Form().file("image", "a.png", image);
  }

  private static boolean inBox(int x, int y) {
    return x >= WIDTH - 20 && y >= HEIGHT - 10;
  }

  private static BufferedImage picture(byte[] file) throws Exception {
    return ImageIO.read(new ByteArrayInputStream(file));
  }

  private static void assertSameOutside(BiPredicate<Integer, Integer> hole, byte[] before, byte[] after) throws Exception {
    BufferedImage a = picture(before);
    BufferedImage b = picture(after);
    for (int y = 0; y < a.getHeight(); y++) {
      for (int x = 0; x < a.getWidth(); x++) {
        if (!hole.test(x, y)) {
          assertEquals(a.getRGB(x, y), b.getRGB(x, y), x + "," + y);
        }
      }
    }
  }

  @Test
  void aPictureIsRepairedInItsHoleAloneAndAnsweredAsJsonOrAsItself() throws Exception {
    Form red = form(PNG).text("mask", "{kind: color, rgb: '#ff0000', tolerance: 60}").text("set", "mask.grow=2").text("set",
        "mask.feather=0");
    Reply json = served.post("/api/inpaint", red);
    assertEquals(200, json.code(), json::message);
    JsonNode answer = json.json();
    assertEquals("success", answer.get("status").asText());
    assertEquals("png image/png REPAIRED 160 120 lama-lite cpu", String.join(" ", answer.get("format").asText(),
        answer.get("media_type").asText(), answer.get("outcome").asText(), answer.get("width").asText(), answer.get("height").asText(),
        answer.get("model").asText(), answer.get("device").asText()));
    assertEquals("[\"color\"]", answer.get("mask_kinds").toString());
    // The mark, and a disc of 2 pixels around it: of each corner of 2 x 2 three pixels are farther away than 2.
    int side = Lakes.MARK + 4;
    assertEquals((side * side - 12.0) / (WIDTH * HEIGHT), answer.get("hole_fraction").asDouble(), 1e-9);
    assertTrue(answer.get("stages_ms").get("inpaint").asDouble() > 0);
    int from = Lakes.MARK_AT - 2;
    assertSameOutside((x, y) -> x >= from && y >= from && x < from + side && y < from + side, PNG, json.result());
    Color middle = new Color(picture(json.result()).getRGB(Lakes.MARK_AT + 6, Lakes.MARK_AT + 6));
    assertTrue(middle.getRed() < 200 && middle.getGreen() > 40, "still red: " + middle);

    Reply image = served.send(red.to(served.at("/api/inpaint")).header("Accept", "image/*"));
    assertEquals("image/png", image.header("Content-Type"));
    assertEquals("REPAIRED", image.header("Lakebrush-Outcome"));
    assertArrayEquals(json.result(), image.response().body());
    assertNotEquals(answer.get("task_id").asText(), image.header("Lakebrush-Task-Id"));
  }

  @Test
  void whatHasNothingToRepairComesBackByteForByte() throws Exception {
    byte[] jpeg = Lakes.encode(Lakes.picture(WIDTH, HEIGHT, 1, true), "jpg");
    Reply reply = served.post("/api/inpaint", form(jpeg).text("mask", "{kind: color, rgb: '#ff0000', tolerance: 60}"));
    assertEquals("UNCHANGED", reply.json().get("outcome").asText());
    assertEquals("jpeg", reply.json().get("format").asText());
    assertArrayEquals(jpeg, reply.result());
    assertTrue(reply.json().get("device").isNull());
  }

  @Test
  void theMaskIsShownAndNothingRepaired() throws Exception {
    Reply reply = served.post("/api/mask", form(PNG).text("mask", BOX).text("set", "mask.grow=0"));
    BufferedImage mask = picture(reply.result());
    assertEquals(WIDTH, mask.getWidth());
    assertEquals(HEIGHT, mask.getHeight());
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        assertEquals(inBox(x, y) ? 255 : 0, mask.getRaster().getSample(x, y, 0), x + "," + y);
      }
    }
    assertFalse(reply.json().has("outcome"));
    Reply nothing = served.post("/api/mask", form(PNG).text("mask", "alpha"));
    assertEquals(0, nothing.json().get("hole_fraction").asDouble());
  }

  @Test
  void aFormatThatBrowsersDoNotShowIsViewedAsPng() throws Exception {
    BufferedImage large = new BufferedImage(2500, 300, BufferedImage.TYPE_USHORT_GRAY);
    for (int x = 1250; x < 2500; x++) {
      for (int y = 0; y < 300; y++) {
        large.getRaster().setSample(x, y, 0, 65535);
      }
    }
    Reply reply = served.post("/api/view", new Form().file("image", "scan.tif", Lakes.encode(large, "tif")));
    assertEquals(2500, reply.json().get("width").asInt(), reply::message);
    BufferedImage view = picture(reply.result());
    assertEquals(2048, view.getWidth());
    assertEquals(246, view.getHeight());
    assertEquals(0, view.getRGB(10, 10) & 255);
    assertEquals(255, view.getRGB(2000, 10) & 255);
    assertEquals(400, served.post("/api/view", form(PNG).text("mask", "center")).code());
  }

  /** Masks as pictures, in every way that a job can name one; each marks the same 20 x 10 pixels. */
  @Test
  void masksThatArePicturesAreOneMaskWithTheJobs() throws Exception {
    BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D g = picture.createGraphics();
    g.setColor(Color.WHITE);
    g.fillRect(WIDTH - 20, HEIGHT - 10, 20, 10);
    g.dispose();
    byte[] mask = Lakes.encode(picture, "png");
    String rest = "mask: {grow: 0, feather: 0}\n";
    byte[] box = served.post("/api/inpaint", form(PNG).text("job", "masks: [" + BOX + "]\n" + rest)).result();
    assertSameOutside(ApiServerTest::inBox, PNG, box);
    List<Form> same = List.of(
        form(PNG).file("mask", "m.png", mask).text("set", "mask={grow: 0, feather: 0}"),
        form(PNG).file("mask", "m.png", mask).text("job", "masks: [{kind: sidecar, suffix: _mask}]\n" + rest),
        form(PNG).file("mask", "m.png", mask).text("job", "masks: [{kind: alpha}]\n" + rest),
        form(PNG).file("file", "one.png", mask).text("job", "masks: [{kind: sidecar, file: one.png}]\n" + rest),
        form(PNG).file("file", "one.png", mask).file("job", "night.yaml",
            ("masks: [{kind: sidecar, file: ./one.png}]\n" + rest).getBytes(StandardCharsets.UTF_8)),
        form(PNG).file("file", "one.png", mask).text("mask", "{kind: sidecar, file: one.png}").text("set", "mask.grow=0")
            .text("set", "mask.feather=0"));
    for (int i = 0; i < same.size(); i++) {
      Reply reply = served.post("/api/inpaint", same.get(i));
      assertEquals(200, reply.code(), i + ": " + reply.message());
      assertArrayEquals(box, reply.result(), "way " + i);
    }
    Reply both = served.post("/api/mask", form(PNG).file("mask", "m.png", mask).text("mask", "{kind: box, anchor: top-left, width: 7,"
        + " height: 3}").text("set", "mask.grow=0"));
    assertEquals((200 + 21) / (double) (WIDTH * HEIGHT), both.json().get("hole_fraction").asDouble(), 1e-9);
  }

  @Test
  void aMarkIsFoundWhereItIsSentWithTheRequest() throws Exception {
    BufferedImage mark = new BufferedImage(40, 40, BufferedImage.TYPE_INT_ARGB);
    Graphics2D g = mark.createGraphics();
    g.setColor(Color.WHITE);
    g.fillOval(2, 2, 36, 36);
    g.setColor(Color.BLACK);
    g.fillRect(10, 16, 20, 8);
    g.dispose();
    BufferedImage picture = Lakes.picture(320, 240, 3, true);
    Graphics2D on = picture.createGraphics();
    on.drawImage(mark, 200, 60, null);
    on.dispose();
    Form form = new Form().file("image", "shop.png", Lakes.encode(picture, "png")).file("file", "mark.png",
        Lakes.encode(mark, "png")).text("mask", "{kind: watermark, file: mark.png, min_scale: 90%, max_scale: 110%}");
    Reply reply = served.post("/api/inpaint", form);
    assertEquals(1, reply.json().get("found").get(0).get("count").asInt(), reply::message);
    assertTrue(picture(reply.result()).getRGB(220, 64) != Color.WHITE.getRGB(), "still white");
    Reply missing = served.post("/api/inpaint", form(PNG).text("mask", "{kind: watermark, file: mark.png}"));
    assertEquals("422 MASK_MISSING", missing.code() + " " + missing.kind());
    assertTrue(missing.message().contains("'mark.png'"), missing.message());
  }

  static Stream<String> uploadsLeft() throws Exception {
    try (Stream<Path> files = Files.list(uploads.resolve("uploads"))) {
      return files.map(Path::toString).toList().stream();
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "mask=fulll | 422 | BAD_JOB | mask: masks.0.kind: 'fulll' does not fit (did you mean full?)",
      "mask={kind: box, anchor: top} | 422 | BAD_JOB | masks.0.width: missing",
      "set=mask.grow=x | 422 | BAD_JOB | set: mask.grow: 'x' does not fit",
      "job=masks: [{kind: manifest}] | 422 | BAD_JOB | send the mask as a part mask",
      "job=inpaint: {model: big-lama} | 422 | BAD_JOB | masks: missing",
      "set=inpaint.model=big-lama | 422 | BAD_JOB | inpaint.model is 'big-lama', and this server's is 'lama-lite'",
      "set=inpaint.tf32=off | 422 | BAD_JOB | --set inpaint.tf32=off",
      "set=inpaint.max_side=1024 | 422 | BAD_JOB | crops of up to 512",
      "job=masks: [{kind: sidecar, suffix: _mask}] | 422 | MASK_MISSING | no mask beside the image",
      "mask={kind: sidecar, file: /etc/hostname} | 422 | MASK_MISSING | '/etc/hostname' is not among the files of the request",
      "mask={kind: sidecar, file: ../../etc/hostname} | 422 | MASK_MISSING | not among the files",
      "mask={kind: sidecar, file: \"a\\0b\"} | 422 | BAD_JOB | is no path",
      "colour=red | 400 | BAD_REQUEST | allowed: image, mask, job, set, file",
      "image=another | 400 | BAD_REQUEST | the part image is there twice"})
  void whatDoesNotFitIsSaid(String part, int code, String kind, String message) throws Exception {
    int equals = part.indexOf('=');
    Form form = form(PNG).text(part.substring(0, equals), part.substring(equals + 1));
    if (!part.startsWith("mask") && !part.startsWith("job")) {
      form.text("mask", "center");
    }
    Reply reply = served.post("/api/inpaint", form);
    assertEquals(code + " " + kind, reply.code() + " " + reply.kind(), reply::message);
    assertTrue(reply.message().contains(message), reply.message());
    assertEquals("error", reply.json().get("status").asText());
    assertFalse(reply.json().get("task_id").asText().isEmpty());
    assertEquals(List.of(), uploadsLeft().toList());
  }

  @Test
  void imagesThatCannotBeRepairedAreRefusedByTheirKind() throws Exception {
    byte[] cut = Arrays.copyOf(PNG, PNG.length / 2);
    byte[] large = Lakes.encode(new BufferedImage(1001, 1000, BufferedImage.TYPE_BYTE_BINARY), "png");
    record Case(byte[] image, String expected) {}
    for (Case c : List.of(new Case("no image".getBytes(StandardCharsets.UTF_8), "415 NOT_AN_IMAGE"),
        new Case(new byte[0], "422 EMPTY_FILE"), new Case(cut, "422 TRUNCATED"), new Case(large, "413 TOO_LARGE"),
        new Case("GIF89a    ".getBytes(StandardCharsets.UTF_8), "415 UNSUPPORTED"))) {
      Reply reply = served.post("/api/inpaint", form(c.image).text("mask", "center"));
      assertEquals(c.expected, reply.code() + " " + reply.kind(), reply::message);
    }
    assertEquals(List.of(), uploadsLeft().toList());
  }

  @Test
  void whatIsNotTheApiIsRefused() throws Exception {
    Reply none = served.post("/api/inpaint", form(PNG));
    assertEquals("422 BAD_JOB", none.code() + " " + none.kind());
    assertTrue(none.message().contains("send a part mask"), none.message());
    Reply json = served.send(HttpRequest.newBuilder(served.at("/api/inpaint")).header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString("{}")));
    assertEquals("415 BAD_MEDIA_TYPE", json.code() + " " + json.kind());
    Reply get = served.get("/api/inpaint");
    assertEquals("405 POST", get.code() + " " + get.header("Allow"));
    assertEquals(404, served.get("/org/lakebrush/serve/index.html").code());
    Reply evil = served.send(HttpRequest.newBuilder(served.at("/api/health")).header("Origin", "http://evil.example"));
    assertEquals("403 FORBIDDEN", evil.code() + " " + evil.kind());
    Reply own = served.send(HttpRequest.newBuilder(served.at("/api/health")).header("Origin",
        "http://127.0.0.1:" + served.server.address().getPort()));
    assertEquals(200, own.code());
    assertNull(own.header("Access-Control-Allow-Origin"));
  }

  @Test
  void healthAndMetricsSayWhatIsServed() throws Exception {
    JsonNode health = served.get("/api/health").json();
    assertEquals("ok lama-lite cpu 64", String.join(" ", health.get("status").asText(), health.get("model").asText(),
        health.get("device").asText(), health.get("queue").asText()));
    double before = metric("lakebrush_serve_images_total{outcome=\"repaired\"}");
    double crops = metric("lakebrush_serve_crops_total");
    served.post("/api/inpaint", form(PNG).text("mask", BOX));
    assertEquals(before + 1, metric("lakebrush_serve_images_total{outcome=\"repaired\"}"));
    assertEquals(crops + 1, metric("lakebrush_serve_crops_total"));
    Reply scraped = served.send(HttpRequest.newBuilder(served.at("/metrics")).header("Accept", "application/vnd.google.protobuf;"
        + "proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,application/openmetrics-text;version=1.0.0;q=0.6,"
        + "text/plain;q=0.3"));
    assertEquals(200, scraped.code());
    assertTrue(scraped.header("Content-Type").startsWith("application/openmetrics-text"), scraped.header("Content-Type"));
  }

  private static double metric(String name) throws Exception {
    String page = new String(served.get("/metrics").response().body(), StandardCharsets.UTF_8);
    return page.lines().filter(line -> line.startsWith(name + " ")).mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
        .findFirst().orElse(0);
  }

  @Test
  void thePageIsSentOnceAndAskedForAgain() throws Exception {
    Reply page = served.get("/");
    assertEquals("text/html; charset=utf-8", page.header("Content-Type"));
    assertTrue(page.header("Content-Security-Policy").contains("default-src 'none'"));
    Reply again = served.send(HttpRequest.newBuilder(served.at("/")).header("If-None-Match", page.header("ETag")));
    assertEquals(304, again.code());
    assertEquals(0, again.response().body().length);
    String tags = "\"x\", W/" + page.header("ETag");
    assertEquals(304, served.send(HttpRequest.newBuilder(served.at("/")).header("If-None-Match", tags)).code());
    Reply head = served.send(HttpRequest.newBuilder(served.at("/")).method("HEAD", HttpRequest.BodyPublishers.noBody()));
    assertEquals("200 0", head.code() + " " + head.response().body().length);
  }

  @Test
  void aTokenIsAskedForWhereThereIsOne(@TempDir Path folder) throws Exception {
    String token = "a-token-of-a-test-0123456789";
    try (Served guarded = Served.start(folder, token, 4, 1_000_000)) {
      assertEquals(200, guarded.get("/").code());
      assertEquals(200, guarded.get("/api/health").code());
      for (String authorization : List.of("", "Bearer", "Bearer " + token.substring(1), "Bearer " + token + "x", "Basic " + token)) {
        HttpRequest.Builder request = HttpRequest.newBuilder(guarded.at("/metrics"));
        Reply reply = guarded.send(authorization.isEmpty() ? request : request.header("Authorization", authorization));
        assertEquals("401 UNAUTHORIZED", reply.code() + " " + reply.kind(), authorization);
        assertTrue(reply.header("WWW-Authenticate").startsWith("Bearer"));
      }
      assertEquals(200, guarded.send(HttpRequest.newBuilder(guarded.at("/metrics")).header("Authorization", "bearer " + token)).code());
    }
    assertThrows(UsageException.class, () -> Guard.of(new ServeSettings("0.0.0.0", 0, null, 1, 1, null, null, null)));
  }

  /** Answers that nobody takes are no more in hand, and lie on disk. */
  @Test
  void whoTakesAnAnswerSlowlyHoldsNobodyUp(@TempDir Path folder) throws Exception {
    Random random = new Random(7);
    BufferedImage noise = new BufferedImage(1500, 1000, BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < 1000; y++) {
      for (int x = 0; x < 1500; x++) {
        noise.setRGB(x, y, random.nextInt());
      }
    }
    byte[] body = form(Lakes.encode(noise, "bmp")).text("mask", "alpha").bytes();
    List<Wire> slow = new ArrayList<>();
    try (Served small = Served.start(folder, null, 2, 8_000_000)) {
      int port = small.server.address().getPort();
      for (int i = 0; i < 6; i++) {
        Wire wire = new Wire(port);
        slow.add(wire.send(wire.start("POST", "/api/inpaint") + "Content-Type: " + Form.TYPE + "\r\nContent-Length: " + body.length
            + "\r\n\r\n").send(body));
        Path uploads = folder.resolve("uploads");
        int answers = i + 1;
        Served.await(60, "the answer is ready", () -> {
          try (Stream<Path> files = Files.list(uploads)) {
            return files.filter(file -> file.toString().endsWith(".json")).count() == answers && small.inHand() == 0;
          }
        });
      }
      assertEquals(200, small.post("/api/inpaint", form(PNG).text("mask", BOX)).code());
      Answer taken = slow.get(0).answer();
      assertEquals(200, taken.status());
      for (Wire wire : slow) {
        wire.close();
      }
    }
    assertEquals(0, folder.toFile().list().length, "of what was not taken nothing is left");
  }

  @Test
  void anUploadThatIsUnderWayWhenTheServerEndsIsAnswered(@TempDir Path folder) throws Exception {
    byte[] body = form(PNG).text("mask", BOX).bytes();
    Served ending = Served.start(folder);
    int port = ending.server.address().getPort();
    try (Wire late = new Wire(port); Wire never = new Wire(port)) {
      String head = late.start("POST", "/api/inpaint") + "Content-Type: " + Form.TYPE + "\r\nContent-Length: " + body.length + "\r\n\r\n";
      late.send(head).send(Arrays.copyOf(body, body.length - 3));
      never.send(head).send(Arrays.copyOf(body, body.length - 3));
      Served.await(60, "the uploads are under way", () -> {
        try (Stream<Path> files = Files.list(folder.resolve("uploads"))) {
          return files.count() >= 4;
        }
      });
      CompletableFuture<Void> closed = CompletableFuture.runAsync(ending::close);
      Served.await(60, "the server ends", () -> ending.get("/api/health").code() == 503);
      Reply other = ending.post("/api/inpaint", form(PNG).text("mask", BOX));
      assertEquals("503 STOPPING close", other.code() + " " + other.kind() + " " + other.header("Connection"));
      late.send(Arrays.copyOfRange(body, body.length - 3, body.length));
      assertEquals(200, late.answer().status());
      assertEquals(503, never.answer().status(), "and one that does not come is told so");
      closed.join();
    }
  }

  @Test
  void textsAreRefusedAtOnceWhereTheyAreTooLongOrTooDeep() throws Exception {
    Reply deep = served.post("/api/inpaint", form(PNG).text("mask", "center").text("set", "a.".repeat(400_000) + "=1"));
    assertEquals("422 BAD_JOB", deep.code() + " " + deep.kind());
    assertTrue(deep.message().contains("nested more than 50 deep"), deep.message());
    Form many = form(PNG).text("mask", "center");
    for (int i = 0; i < 5; i++) {
      many.text("set", "x=" + "y".repeat(250_000));
    }
    Reply together = served.post("/api/inpaint", many);
    assertEquals("413 TOO_LARGE", together.code() + " " + together.kind(), together::message);
    Reply emoji = served.post("/api/inpaint", form(PNG).text("mask", "center").text("set", "mask.grow=x" + "\ud83d\ude00".repeat(3000)));
    assertEquals("422 BAD_JOB", emoji.code() + " " + emoji.kind(), emoji::message);
  }

  @Test
  void masksAreCalledByTheirNames() throws Exception {
    Reply reply = served.post("/api/inpaint", form(PNG).file("mask", "strokes.png", "no picture".getBytes(StandardCharsets.UTF_8)));
    assertEquals("422 MASK_UNREADABLE", reply.code() + " " + reply.kind());
    assertTrue(reply.message().startsWith("mask 'strokes.png' is no readable picture"), reply.message());
  }

  /** Whoever finds no place is told to come again, and those that have one are answered though the server ends meanwhile. */
  @Test
  void aFullServerSaysWhenToComeAgainAndFinishesWhatIsInHand(@TempDir Path folder) throws Exception {
    byte[] image = Lakes.encode(Lakes.picture(900, 700, 2, false), "png");
    Served small = Served.start(folder, null, 2, 8_000_000);
    List<CompletableFuture<Reply>> replies = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      replies.add(CompletableFuture.supplyAsync(() -> {
        try {
          return small.post("/api/inpaint", form(image).text("mask", "center"));
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }));
    }
    while (small.get("/api/health").json().get("in_hand").asInt() < 2) {
      Thread.sleep(5);
    }
    Reply busy = small.post("/api/inpaint", form(image).text("mask", "center"));
    assertEquals("429 BUSY", busy.code() + " " + busy.kind());
    assertTrue(Integer.parseInt(busy.header("Retry-After")) >= 1);
    small.close();
    for (CompletableFuture<Reply> reply : replies) {
      assertEquals(200, reply.join().code());
    }
    assertThrows(IOException.class, () -> small.get("/api/health"));
    assertEquals(0, folder.toFile().list().length, "of the uploads nothing is left");
  }
}
