package org.lakebrush.serve;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.lakebrush.mask.Found;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.repair.RepairTrace.Stage;

/** The JSON of answers: {@code openapi.json} documents it. */
final class Json {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int PIECE = 1 << 16;

  private Json() {}

  /** What is written into an object. */
  @FunctionalInterface
  interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  /** An object. */
  static byte[] object(Fields fields) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      write(out, fields);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static void write(OutputStream out, Fields fields) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      fields.write(json);
      json.writeEndObject();
    }
  }

  /** Why nothing came of a request. */
  static byte[] error(String taskId, ApiException e) {
    return object(json -> {
      json.writeStringField("status", "error");
      json.writeStringField("task_id", taskId);
      json.writeStringField("error_kind", e.kind());
      json.writeStringField("message", e.getMessage());
    });
  }

  /** Writes what came of an image, with the image itself, into a file. */
  static void write(Path file, String taskId, Task task, Answer answer, String model) throws IOException {
    try (InputStream image = Files.newInputStream(answer.file());
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), PIECE)) {
      write(out, image, Math.toIntExact(Files.size(answer.file())), taskId, task, answer, model);
    }
  }

  private static void write(OutputStream out, InputStream image, int length, String taskId, Task task, Answer answer, String model)
      throws IOException {
    RepairTrace trace = answer.trace();
    write(out, json -> {
      json.writeStringField("status", "success");
      json.writeStringField("task_id", taskId);
      json.writeFieldName("result");
      json.writeBinary(image, length);
      json.writeStringField("format", answer.format().id());
      json.writeStringField("media_type", answer.format().mediaType());
      if (task == Task.INPAINT) {
        json.writeStringField("outcome", answer.outcome().name());
      }
      json.writeNumberField("width", trace.width());
      json.writeNumberField("height", trace.height());
      if (task != Task.VIEW) {
        json.writeNumberField("hole_fraction", trace.holeFraction());
        strings(json, "mask_kinds", trace.maskKinds());
        json.writeArrayFieldStart("found");
        for (Found found : trace.found()) {
          json.writeStartObject();
          json.writeStringField("kind", found.kind());
          json.writeNumberField("count", found.count());
          json.writeNumberField("confidence", found.confidence());
          json.writeEndObject();
        }
        json.writeEndArray();
      }
      if (task == Task.INPAINT) {
        number(json, "residual", trace.residual());
        number(json, "damage", trace.damage());
        strings(json, "notes", trace.notes());
        json.writeNumberField("crops", trace.crops());
        json.writeStringField("model", model);
        json.writeStringField("device", trace.device());
      }
      json.writeObjectFieldStart("stages_ms");
      for (Stage stage : RepairTrace.ON_IMAGE) {
        json.writeNumberField(stage.name().toLowerCase(Locale.ROOT), trace.millis(stage));
      }
      json.writeEndObject();
    });
  }

  private static void strings(JsonGenerator json, String name, Iterable<String> texts) throws IOException {
    json.writeArrayFieldStart(name);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }

  private static void number(JsonGenerator json, String name, Double value) throws IOException {
    if (value == null) {
      json.writeNullField(name);
    } else {
      json.writeNumberField(name, value);
    }
  }
}
