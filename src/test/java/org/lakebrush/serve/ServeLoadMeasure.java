package org.lakebrush.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.demo.SyntheticLake;
import org.lakebrush.demo.SyntheticLake.Frame;
import org.lakebrush.lama.CropPlan.Crop;
import org.lakebrush.lama.CropPlanner;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.lama.ModelAlone;
import org.lakebrush.mask.Mask;

/**
 * How much of the model's throughput the server brings through: {@code mvn test -Dtest=ServeLoadMeasure -Dlakebrush.measure=load}. 16
 * clients send 200 photographs of 640x480, each with a box that takes one crop, to the server in a process of its own; before and after
 * that the same number of the same crops is run by the model alone, on the same cores. Three times, by turns, since machines are not the
 * same from one minute to the next. {@code -Dlakebrush.measure.count=N} for other than 200 requests, {@code -Dlakebrush.measure.hole=PX}
 * for boxes of another side. The clients share the cores with the server; their CPU time is told.
 */
class ServeLoadMeasure {
  private static final int REQUESTS = Integer.getInteger("lakebrush.measure.count", 200);
  private static final int CLIENTS = 16;
  private static final int PHOTOS = 9;
  private static final int ROUNDS = 3;
  private static final Frame FRAME = new Frame(640, 480);
  /** In the middle, so that the crop lies in the image. */
  private static final int HOLE = Integer.getInteger("lakebrush.measure.hole", 96);
  private static final String MASK = "{kind: box, anchor: center, width: " + HOLE + ", height: " + HOLE + "}";
  private static final int GROW = 4;
  private static final Path MODEL = Path.of("models/lama-lite.onnx");
  private static final double NO_LIMIT = 1e6;

  private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private final int cores = Runtime.getRuntime().availableProcessors();

  /** What a round of requests took; latencies in ms, in order. */
  private record Served(double seconds, double[] latencies, double serverCpu, double clientCpu) {
    double latency(double share) {
      return latencies[(int) Math.ceil(share * latencies.length) - 1];
    }
  }

  @Test
  void servesWhatTheModelCanDo(@TempDir Path folder) throws Exception {
    assumeTrue(System.getProperty("lakebrush.measure") != null, "-Dlakebrush.measure=load");
    SyntheticLake.write(folder, Collections.nCopies(PHOTOS, FRAME));
    List<byte[]> bodies = new ArrayList<>();
    for (int i = 0; i < PHOTOS; i++) {
      bodies.add(new Form().file("image", "photo.jpg", Files.readAllBytes(folder.resolve(SyntheticLake.name(i)))).text("mask", MASK)
          .bytes());
    }
    LamaModel model = LamaModel.inspect(MODEL);
    Crop crop = crop(model);
    try (ServeProcess server = ServeProcess.start(List.of("-Xmx2g", "-XX:MaxDirectMemorySize=1g"), Map.of(), "--device", "cpu");
        ModelAlone alone = ModelAlone.open(model, Device.parse("cpu"), new LamaSettings(cores, 1))) {
      List<byte[]> expected = new ArrayList<>();
      for (byte[] body : bodies) {
        assertTrue(new String(ask(server, body, "application/json").body()).contains("\"crops\":1,"));
        expected.add(ask(server, body, "image/*").body());
      }
      load(server, bodies, expected);
      bare(alone, crop);
      System.out.printf("%d requests of %d clients, photographs of %d x %d, one crop of %d x %d each, %d cores; CPU in seconds%n", REQUESTS,
          CLIENTS, FRAME.width(), FRAME.height(), crop.width(), crop.height(), cores);
      System.out.printf("%6s %8s %10s %13s %6s %8s %8s %10s %10s %9s%n", "round", "seconds", "images/s", "bare crops/s", "ratio", "p50 ms",
          "p95 ms", "server CPU", "client CPU", "bare CPU");
      double all = 0;
      double bareAll = 0;
      double before = bare(alone, crop);
      for (int round = 1; round <= ROUNDS; round++) {
        Served served = load(server, bodies, expected);
        double cpu = clientCpu();
        double after = bare(alone, crop);
        double bareCpu = clientCpu() - cpu;
        double bare = (before + after) / 2;
        before = after;
        all += served.seconds();
        bareAll += bare;
        System.out.printf("%6d %8.2f %10.2f %13.2f %6.3f %8.0f %8.0f %10.2f %10.2f %9.2f%n", round, served.seconds(),
            REQUESTS / served.seconds(), REQUESTS / bare, bare / served.seconds(), served.latency(0.5), served.latency(0.95),
            served.serverCpu(), served.clientCpu(), bareCpu);
      }
      System.out.printf("all %d answers are those of one request at a time; ratio over all rounds %.3f (bar: 0.9)%n",
          (ROUNDS + 1) * REQUESTS, bareAll / all);
    }
  }

  private static Crop crop(LamaModel model) {
    Mask hole = new Mask(FRAME.width(), FRAME.height());
    int half = HOLE / 2 + GROW;
    for (int y = FRAME.height() / 2 - half; y < FRAME.height() / 2 + half; y++) {
      Arrays.fill(hole.pixels(), y * FRAME.width() + FRAME.width() / 2 - half, y * FRAME.width() + FRAME.width() / 2 + half, Mask.HOLE);
    }
    List<Crop> crops = new CropPlanner(new InpaintSettings("lama-lite", 1, 1024, 8), model, false).plan(hole).crops();
    assertEquals(1, crops.size());
    return crops.get(0);
  }

  /** Seconds for as many crops as there are requests. */
  private static double bare(ModelAlone alone, Crop crop) throws Exception {
    // The tensors are made once.
    alone.run(crop.width(), crop.height(), 1, 1, NO_LIMIT);
    long start = System.nanoTime();
    assertEquals(REQUESTS, alone.run(crop.width(), crop.height(), 1, REQUESTS, NO_LIMIT));
    return (System.nanoTime() - start) / 1e9;
  }

  private HttpResponse<byte[]> ask(ServeProcess server, byte[] body, String accept) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(server.uri().resolve("/api/inpaint")).header("Content-Type", Form.TYPE)
        .header("Accept", accept).POST(BodyPublishers.ofByteArray(body)).build();
    HttpResponse<byte[]> answer = client.send(request, BodyHandlers.ofByteArray());
    assertEquals(200, answer.statusCode(), () -> new String(answer.body()));
    return answer;
  }

  private Served load(ServeProcess server, List<byte[]> bodies, List<byte[]> expected) throws Exception {
    AtomicInteger next = new AtomicInteger();
    double[] latencies = new double[REQUESTS];
    List<Callable<Void>> clients = Collections.nCopies(CLIENTS, () -> {
      for (int i = next.getAndIncrement(); i < REQUESTS; i = next.getAndIncrement()) {
        long asked = System.nanoTime();
        byte[] answer = ask(server, bodies.get(i % PHOTOS), "image/*").body();
        latencies[i] = (System.nanoTime() - asked) / 1e6;
        assertArrayEquals(expected.get(i % PHOTOS), answer, "request " + i);
      }
      return null;
    });
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try {
      double serverCpu = server.cpuSeconds();
      double clientCpu = clientCpu();
      long start = System.nanoTime();
      for (Future<Void> end : threads.invokeAll(clients)) {
        end.get();
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      Arrays.sort(latencies);
      return new Served(seconds, latencies, server.cpuSeconds() - serverCpu, clientCpu() - clientCpu);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Of this process. */
  private double clientCpu() {
    return system.getProcessCpuTime() / 1e9;
  }
}
