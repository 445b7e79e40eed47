package org.lakebrush.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.lakebrush.model.KnownModel.Content;
import org.lakebrush.model.KnownModel.Download;
import org.lakebrush.model.KnownModel.Exported;
import org.lakebrush.model.KnownModel.Shipped;
import org.lakebrush.model.KnownModel.Tensor;

/** The registry, against the file that ships and against models/README.md. */
class ModelRegistryTest {
  private static final Path MODELS = Path.of("models");
  private static final ModelRegistry REGISTRY = ModelRegistry.standard();

  /** A registry of one model; a change to nothing takes the key away. */
  private static String one(Map<String, String> changes) {
    Map<String, String> keys = new LinkedHashMap<>();
    for (String line : """
        name: m
        purpose: a test
        licence: none
        origin: shipped
        bytes: 7
        sha256: '%s'
        image: {name: image, shape: [n, 3, h, w], values: 0..1}
        mask: {name: mask, shape: [n, 1, h, w], values: 0..1}
        output: {name: output, shape: [n, 3, h, w], values: 0..1}
        multiples_of: 8
        """.formatted("0".repeat(64)).split("\n")) {
      keys.put(line.split(": ", 2)[0], line.split(": ", 2)[1]);
    }
    keys.putAll(changes);
    keys.values().removeIf(String::isEmpty);
    StringBuilder yaml = new StringBuilder("-");
    keys.forEach((key, value) -> yaml.append("  ").append(key).append(": ").append(value).append("\n "));
    return yaml.toString();
  }

  private static void assertRefused(Map<String, String> changes, String... words) {
    String message = assertThrows(IllegalArgumentException.class, () -> ModelRegistry.parse(one(changes))).getMessage();
    for (String word : words) {
      assertTrue(message.contains(word), word + " in: " + message);
    }
  }

  @Test
  void whatShipsIsWhatTheRegistrySays() throws Exception {
    for (KnownModel model : REGISTRY.models()) {
      if (model.origin() instanceof Shipped) {
        Path file = MODELS.resolve(model.fileName());
        Content found = new Content(Files.size(file), ModelHash.sha256(file));
        assertEquals(Optional.of(found), model.content(), "bytes and sha256 of " + model.name() + " in models/registry.yaml");
        assertEquals(Optional.of(model), REGISTRY.withSha256(found.sha256()));
      }
    }
    assertTrue(REGISTRY.named("lama-lite").orElseThrow().origin() instanceof Shipped);
    assertEquals(Optional.empty(), REGISTRY.withSha256("0".repeat(64)));
  }

  @Test
  void theReadmeSaysWhatTheRegistrySays() throws Exception {
    String readme = Files.readString(MODELS.resolve("README.md"));
    for (KnownModel model : REGISTRY.models()) {
      assertContains(readme, "| `" + model.name() + "` | " + model.purpose() + " | " + model.sizes() + " | " + model.output().values() + " | "
          + model.licence() + " |\n");
      String bytes = model.content().map(c -> String.format(Locale.ROOT, " %,d |", c.bytes())).orElse(" |");
      String sha256 = model.content().map(c -> " `" + c.sha256() + "` |").orElse(" |");
      String origin = model.origin() instanceof Download d ? "[" + d.url().getHost() + "](" + d.url() + ")"
          : model.origin() instanceof Exported ? "`models/export`; each export is a file of its own" : "this folder";
      assertContains(readme, "| `" + model.name() + "` |" + bytes + sha256 + " " + origin + " |\n");
      String section = readme.substring(readme.indexOf("\n## " + model.name() + "\n") + 1).split("\n## ")[0];
      assertContains(section, row(model.image(), " (input)"));
      assertContains(section, row(model.mask(), " (input)"));
      assertContains(section, row(model.output(), ""));
    }
  }

  private static String row(Tensor tensor, String kind) {
    return "| `" + tensor.name() + "`" + kind + " | `[" + String.join(",", tensor.shape()) + "]` | " + tensor.values();
  }

  private static void assertContains(String text, String row) {
    assertTrue(text.contains(row), "models/README.md lacks: " + row);
  }

  @Test
  void readsEveryKey() {
    KnownModel m = ModelRegistry.parse(one(Map.of())).models().get(0);
    assertEquals(List.of("n", "3", "h", "w"), m.image().shape());
    assertEquals("any multiples of 8", m.sizes());
    assertEquals(new Content(7, "0".repeat(64)), m.content().orElseThrow());
    KnownModel fixed = ModelRegistry.parse(one(Map.of("image", "{name: x, shape: [1, 3, 256, 256], values: RGB}", "multiples_of", "",
        "origin", "https://host/m.onnx"))).models().get(0);
    assertEquals("256 x 256", fixed.sizes());
    assertEquals("https://host/m.onnx", ((Download) fixed.origin()).url().toString());
    assertEquals(Optional.empty(), ModelRegistry.parse(one(Map.of("origin", "exported", "bytes", "", "sha256", ""))).models().get(0).content());
  }

  @Test
  void refusesWhatItDoesNotUnderstand() {
    assertRefused(Map.of("colour", "red"), "model 0", "[colour]");
    assertRefused(Map.of("image", "{name: x, shape: [1, 3, 256, 256], values: RGB}"), "[multiples_of]");
    assertRefused(Map.of("origin", "exported"), "[bytes, sha256]", "nobody knows");
    assertRefused(Map.of("licence", ""), "licence is missing");
    assertRefused(Map.of("sha256", "ABC"), "sha256", "ABC");
    assertRefused(Map.of("bytes", "0"), "bytes", "above 0");
    assertRefused(Map.of("origin", "somewhere"), "origin");
    assertRefused(Map.of("name", "../up"), "name");
    assertRefused(Map.of("mask", "{name: mask, shape: [n, 3, h, w], values: 0..1}"), "mask", "shape");
    assertRefused(Map.of("mask", "{name: mask, shape: [n, 1, h], values: 0..1}"), "mask", "shape");
    assertRefused(Map.of("mask", "mask"), "mask", "mapping");
    assertRefused(Map.of("output", "{name: o, shape: [n, 3, h, w], values: 0..1, more: 1}"), "output", "[more]");
    assertThrows(IllegalArgumentException.class, () -> ModelRegistry.parse(one(Map.of()) + "\n" + one(Map.of())), "listed twice");
    assertThrows(IllegalArgumentException.class, () -> ModelRegistry.parse("a: b"));
    assertThrows(IllegalArgumentException.class, () -> ModelRegistry.parse("- {a: b"));
  }
}
