package org.lakebrush.serve;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.lakebrush.job.JobSpec;
import org.lakebrush.job.JobSpecReader;
import org.lakebrush.lama.Device;

/** A server in this JVM, with the shipped model, on a port of its own. */
final class Served implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  final RepairService service;
  final ApiServer server;
  /** Why the server said that its process should end. */
  final AtomicReference<String> fatal;
  private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** An answer, and what its JSON is. */
  record Reply(int code, HttpResponse<byte[]> response) {
    JsonNode json() {
      try {
        return JSON.readTree(response.body());
      } catch (IOException e) {
        throw new AssertionError(new String(response.body(), StandardCharsets.UTF_8), e);
      }
    }

    byte[] result() {
      return Base64.getDecoder().decode(json().get("result").asText());
    }

    String kind() {
      return json().path("error_kind").asText();
    }

    String message() {
      return json().path("message").asText();
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse(null);
    }
  }

  /** One that is asked without a token, of the usual limits. */
  static Served start(Path folder, String... set) throws Exception {
    return start(folder, null, 64, 64_000_000, set);
  }

  static Served start(Path folder, String token, int queue, long maxUpload, String... set) throws Exception {
    JobSpec spec = JobSpecReader.read(List.of(set));
    Device cpu = Device.parse("cpu");
    RepairService service = RepairService.open(spec.inpaint(), spec.limits(), cpu);
    AtomicReference<String> fatal = new AtomicReference<>();
    ServeSettings settings = new ServeSettings("127.0.0.1", 0, token, queue, maxUpload, spec.inpaint(), spec.limits(), cpu);
    return new Served(service, ApiServer.start(settings, service, folder.resolve("uploads"), fatal::set), fatal);
  }

  private Served(RepairService service, ApiServer server, AtomicReference<String> fatal) {
    this.service = service;
    this.server = server;
    this.fatal = fatal;
  }

  /** Waits until a condition holds, and fails where it does not within so many seconds. */
  static void await(int seconds, String what, Callable<Boolean> condition) throws Exception {
    for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds); !condition.call();) {
      assertTrue(System.nanoTime() < end, () -> "not within " + seconds + " s: " + what);
      Thread.sleep(10);
    }
  }

  /** A place of the server. */
  URI at(String path) {
    return server.address().resolve(path);
  }

  /** Requests that are worked on or wait. */
  int inHand() throws Exception {
    return get("/api/health").json().get("in_hand").asInt();
  }

  Reply get(String path) throws Exception {
    return send(HttpRequest.newBuilder(at(path)));
  }

  Reply post(String path, Form form) throws Exception {
    return send(form.to(at(path)));
  }

  Reply send(HttpRequest.Builder request) throws Exception {
    HttpResponse<byte[]> response = client.send(request.timeout(Duration.ofMinutes(2)).build(), HttpResponse.BodyHandlers.ofByteArray());
    return new Reply(response.statusCode(), response);
  }

  @Override
  public void close() {
    server.close();
    service.close();
  }
}
