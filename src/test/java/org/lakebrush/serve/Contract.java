package org.lakebrush.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.lakebrush.serve.Wire.Answer;

/** {@code openapi.json}, as tests read it. */
final class Contract {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonNode document;

  Contract() {
    try (InputStream in = Contract.class.getResourceAsStream("openapi.json")) {
      document = JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  JsonNode document() {
    return document;
  }

  /** What a place stands for, where it is a reference. */
  JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? resolve(document.at(node.get("$ref").asText().substring(1))) : node;
  }

  /** The codes that an operation may answer. */
  Set<Integer> codes(String method, String path) {
    Set<Integer> codes = new TreeSet<>();
    operation(method, path).get("responses").fieldNames().forEachRemaining(code -> codes.add(Integer.parseInt(code)));
    return codes;
  }

  /** The error kinds that an operation's answer of a code may have. */
  Set<String> kinds(String method, String path, int code) {
    Set<String> kinds = new TreeSet<>();
    JsonNode schema = resolve(operation(method, path).get("responses").get(String.valueOf(code))).at("/content/application~1json/schema");
    schema.findValues("enum").forEach(words -> words.forEach(word -> kinds.add(word.asText())));
    return kinds;
  }

  private JsonNode operation(String method, String path) {
    return document.get("paths").get(path).get(method.toLowerCase());
  }

  /** That an answer is one that the operation may give. */
  void check(String method, String path, Answer answer, String what) {
    assertTrue(codes(method, path).contains(answer.status()), () -> what + ": " + answer);
    if (answer.status() != 200) {
      checkError(answer, what);
      assertTrue(kinds(method, path, answer.status()).contains(answer.kind()), () -> what + ": " + answer);
    }
  }

  /** That an answer is an error as all errors are. */
  static void checkError(Answer answer, String what) {
    assertEquals("application/json", answer.headers().get("content-type"), () -> what + ": " + answer);
    try {
      JsonNode error = JSON.readTree(answer.body());
      assertEquals("error", error.get("status").asText(), what);
      UUID.fromString(error.get("task_id").asText());
      assertTrue(!error.get("message").asText().isBlank(), what);
    } catch (IOException e) {
      throw new AssertionError(what + ": " + answer, e);
    }
  }
}
