package org.lakebrush.lama;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.lakebrush.lama.LamaSession.Layout;

/** The models that the tests use; {@code make_models.py} beside the small ones says what they do. */
final class Models {
  static final Path SHIPPED = Path.of("models", "lama-lite.onnx");
  /** Longer than any test. */
  static final Duration FOR_EVER = Duration.ofDays(1);

  private Models() {}

  static Path small(String name) {
    return Path.of("src", "test", "resources", "models", name + ".onnx");
  }

  /** As it is run on a CPU. */
  static LamaPool open(Path model, int threads, int batch) throws ModelException {
    return LamaPool.open(LamaModel.inspect(model), List.of(new Device(Device.Kind.CPU, 0)), new LamaSettings(threads, batch));
  }

  /** With one owner that runs batches, as on a GPU. */
  static LamaPool batched(Path file, int batch, Duration delay) throws ModelException {
    LamaModel model = LamaModel.inspect(file);
    return batched(model, batch, delay, OrtNetwork.onCpu(model));
  }

  static LamaPool batched(LamaModel model, int batch, Duration delay, Network network) {
    return LamaPool.open(model, new LamaSettings(1, batch, delay, true, null), new Layout(1, false, 0), network, null);
  }
}
