package org.lakebrush.lama;

import java.nio.file.Path;

/** The models that the tests use; {@code make_models.py} beside the small ones says what they do. */
final class Models {
  static final Path SHIPPED = Path.of("models", "lama-lite.onnx");

  private Models() {}

  static Path small(String name) {
    return Path.of("src", "test", "resources", "models", name + ".onnx");
  }

  static LamaSession open(Path model, int threads, int batch) throws ModelException {
    return LamaSession.open(LamaModel.inspect(model), new Device(Device.Kind.CPU, 0), threads, batch);
  }
}
