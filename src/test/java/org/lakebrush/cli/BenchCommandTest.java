package org.lakebrush.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchCommandTest {
  private static final String MODEL = "src/test/resources/models/dynamic-range255.onnx";

  @TempDir
  Path dir;

  private int bench(String... more) {
    List<String> args = new java.util.ArrayList<>(List.of("--megapixels", "0.1", "--device", "cpu", "--model", MODEL, "--at",
        dir.resolve("at").toString()));
    args.addAll(List.of(more));
    return new CommandLine(new BenchCommand()).execute(args.toArray(String[]::new));
  }

  @Test
  void theFiguresFitOneAnother() throws Exception {
    Path file = dir.resolve("bench.json");
    assertEquals(0, bench("--images", "4", "--crop", "128", "--batch", "2", "--soak", "20", "--json", file.toString()));
    JsonNode all = new ObjectMapper().readTree(Files.readString(file));

    JsonNode lake = all.get("lake");
    assertEquals(4, lake.get("images").asInt());
    assertEquals(128, lake.get("crop_width").asInt());
    assertEquals(128, lake.get("crop_height").asInt());
    double megapixels = lake.get("pixels").asDouble() / 4e6;
    assertTrue(megapixels >= 0.079 && megapixels <= 0.126, lake.toString());
    // Nothing but a JPEG of a photograph takes so few bytes and so many.
    double bitsPerPixel = 8 * lake.get("bytes").asDouble() / lake.get("pixels").asDouble();
    assertTrue(bitsPerPixel > 0.5 && bitsPerPixel < 8, lake.toString());
    assertEquals(2, all.get("model").get("job_batch").asInt());
    assertEquals("cpu", all.get("model").get("device").asText());

    JsonNode job = all.get("job");
    for (JsonNode phase : List.of(job, all.get("pipeline"))) {
      assertEquals(4, phase.get("images").asInt());
      assertEquals(4, phase.get("crops").asInt());
    }
    JsonNode tries = all.get("limit").get("tries");
    assertEquals(List.of(1, 2, 4, 8), tries.findValues("batch").stream().map(JsonNode::asInt).toList());
    double best = tries.findValues("crops_per_s").stream().mapToDouble(JsonNode::asDouble).max().orElseThrow();
    assertEquals(best, all.get("limit").get("best").get("crops_per_s").asDouble());
    assertEquals(4 / job.get("slices_s").asDouble() / best, all.get("ratios").get("job_to_limit").asDouble(), 1e-9);
    for (JsonNode cores : all.findValues("cores_busy")) {
      assertTrue(cores.asDouble() >= 0, all.toString());
    }
    assertTrue(job.get("slices_s").asDouble() < job.get("usage").get("wall_s").asDouble());
    assertTrue(job.get("planning_cpu_s").asDouble() <= job.get("usage").get("cpu_s").asDouble());
    assertTrue(job.get("stages_s").get("encode").asDouble() > 0);
    assertTrue(all.get("bars").get("cpu_beside_model").asDouble() > 0);
    assertTrue(all.get("bars").get("alone_to_parts").asDouble() > 0);
    if (Files.isReadable(Path.of("/proc/self/io"))) {
      assertTrue(job.get("read_per_image_byte").asDouble() >= 1, job.toString());
      assertTrue(job.get("written_per_image_byte").asDouble() >= 0.5, job.toString());
    }
    JsonNode soak = all.get("soak");
    assertEquals(11, soak.size());
    assertEquals(0, soak.get(0).get("crops").asInt());
    assertTrue(soak.get(10).get("crops").asInt() >= 20);
    assertNotNull(soak.get(10).get("device_bytes"), "there, and null without a GPU");

    try (var left = Files.list(dir.resolve("at"))) {
      assertFalse(left.findAny().isPresent(), "what was made is gone");
    }
  }

  @Test
  void whatCannotBeMeasuredIsRefused() {
    assertEquals(2, bench("--images", "0"));
    assertEquals(2, bench("--crop", "100"), "no crop has that side");
    assertEquals(2, bench("--crop", "1024"), "the images are smaller");
    assertEquals(2, bench("--hole", "2000"), "the hole is larger than the images");
  }
}
