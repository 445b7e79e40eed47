package org.lakebrush.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.ImageFormat;
import org.lakebrush.mask.MaskKind;
import org.lakebrush.sink.Status;

/** {@code openapi.json} against the code, and against the running server by a client that makes up requests from it. */
class OpenApiTest {
  private static final int EXAMPLES = 10;
  /** Of a batch job's storage: no image that comes by HTTP has them. */
  private static final Set<ErrorKind> OF_STORES = Set.of(ErrorKind.VANISHED, ErrorKind.CHANGED, ErrorKind.UNREADABLE, ErrorKind.REFUSED,
      ErrorKind.WRITE, ErrorKind.UNAVAILABLE, ErrorKind.CRASHED);
  /** Of places that are not in the document. */
  private static final Set<ApiException.Kind> OF_NO_OPERATION = Set.of(ApiException.Kind.NOT_FOUND, ApiException.Kind.METHOD_NOT_ALLOWED);

  private final Contract contract = new Contract();

  @Test
  void hasEachErrorKindAtItsCode() {
    Map<Integer, Set<String>> expected = new TreeMap<>();
    for (ErrorKind kind : ErrorKind.values()) {
      if (!OF_STORES.contains(kind)) {
        expected.computeIfAbsent(ApiException.of(new ImageFailure(kind, "it")).code(), code -> new TreeSet<>()).add(kind.name());
      }
    }
    for (ApiException.Kind kind : ApiException.Kind.values()) {
      if (OF_NO_OPERATION.contains(kind)) {
        assertTrue(contract.document().at("/info/description").asText().contains(kind.code() + " " + kind), kind.name());
      } else {
        expected.computeIfAbsent(kind.code(), code -> new TreeSet<>()).add(kind.name());
      }
    }
    for (Task task : Task.values()) {
      Map<Integer, Set<String>> documented = new TreeMap<>();
      for (int code : contract.codes("POST", task.path())) {
        if (code != 200) {
          documented.put(code, contract.kinds("POST", task.path(), code));
        }
      }
      assertEquals(expected, documented, task.path());
    }
  }

  @Test
  void hasTheWordsOfTheCode() {
    Set<String> kinds = MaskKind.ALL.stream().map(MaskKind::name).filter(kind -> !kind.equals("manifest")).collect(Collectors.toSet());
    assertEquals(kinds, words("/components/schemas/MaskFields/properties/mask_kinds/items/enum"));
    String masks = contract.document().at("/components/schemas/MaskText/description").asText();
    kinds.forEach(kind -> assertTrue(masks.matches("(?s).*\\b" + kind + "\\b.*"), kind));
    assertEquals(Stream.of(ImageFormat.values()).map(ImageFormat::id).collect(Collectors.toSet()),
        words("/components/schemas/ViewFields/properties/format/enum"));
    Set<String> types = Stream.of(ImageFormat.values()).map(ImageFormat::mediaType).collect(Collectors.toSet());
    assertEquals(types, words("/components/schemas/ViewFields/properties/media_type/enum"));
    Set<String> answers = new TreeSet<>();
    contract.document().at("/paths/~1api~1inpaint/post/responses/200/content").fieldNames().forEachRemaining(answers::add);
    answers.remove("application/json");
    assertEquals(types, answers);
    assertEquals(Stream.of(Status.values()).filter(status -> status != Status.FAILED).map(Status::name).collect(Collectors.toSet()),
        words("/components/schemas/Outcome/enum"));
  }

  private Set<String> words(String place) {
    Set<String> words = new TreeSet<>();
    for (JsonNode word : contract.document().at(place)) {
      words.add(word.asText());
    }
    return words;
  }

  @Test
  void theServerKeepsIt(@TempDir Path folder) throws Exception {
    String version = Files.readAllLines(Path.of("src/test/openapi/requirements.txt")).stream()
        .filter(line -> line.startsWith("schemathesis==")).findFirst().orElseThrow().substring("schemathesis==".length());
    assumeTrue(Files.isExecutable(Path.of("target/schemathesis-" + version + "/bin/schemathesis")),
        "no Schemathesis: src/test/openapi/venv installs it, with python3 and PyPI within reach");
    Path output = folder.resolve("output");
    String token = "correct-horse-battery-staple";
    int code;
    try (ServeProcess server = ServeProcess.start(List.of("-Xmx1g"), Map.of("LAKEBRUSH_TOKEN", token), "--model",
        "src/test/resources/models/dynamic-range255.onnx", "--device", "cpu")) {
      ProcessBuilder client = new ProcessBuilder("src/test/openapi/run", "--url", server.uri().toString(), "--examples",
          String.valueOf(EXAMPLES));
      client.environment().put("LAKEBRUSH_TOKEN", token);
      code = client.redirectErrorStream(true).redirectOutput(output.toFile()).start().waitFor();
    }
    String said = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    assertEquals(0, code, said);
    for (Task task : Task.values()) {
      for (int answer : List.of(200, 400)) {
        assertTrue(said.contains("  POST " + task.path() + " " + answer + ": "), "no answer " + answer + " of " + task + ": " + said);
      }
    }
  }
}
