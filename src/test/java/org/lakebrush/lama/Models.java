package org.lakebrush.lama;

import java.nio.file.Path;
import java.util.List;

/** The models that the tests use; {@code make_models.py} beside the small ones says what they do. */
final class Models {
  static final Path SHIPPED = Path.of("models", "lama-lite.onnx");

  private Models() {}

  static Path small(String name) {
    return Path.of("src", "test", "resources", "models", name + ".onnx");
  }

  static LamaPool open(Path model, int threads, int batch) throws ModelException {
    return LamaPool.open(LamaModel.inspect(model), List.of(new Device(Device.Kind.CPU, 0)), new LamaSettings(threads, batch));
  }
}
