package org.lakebrush.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.lama.ModelException;

class SessionsTest {
  private static final Device CPU = new Device(Device.Kind.CPU, 0);

  @TempDir
  Path dir;

  private static LamaPool get(Path file, String sha256) throws ModelException {
    return Sessions.get(file, sha256, CPU, List.of(CPU), new LamaSettings(1, 1)).lama();
  }

  @Test
  void opensOnlyTheFileThatTheDriverPlannedWith() throws Exception {
    Path planned = Path.of("src/test/resources/models/dynamic-range255.onnx");
    Path other = Path.of("src/test/resources/models/modulo16-named.onnx");
    String sha256 = LamaModel.inspect(planned).sha256();
    String found = LamaModel.inspect(other).sha256();
    String message = assertThrows(ModelException.class, () -> get(other, sha256)).getMessage();
    assertTrue(message.contains(sha256) && message.contains(found), message);

    LamaPool session = get(planned, sha256);
    assertEquals(255, session.model().outputRange());
    assertSame(session, get(planned, sha256), "one for all tasks");
    Path copy = Files.copy(planned, dir.resolve("x.onnx"));
    assertSame(session, get(copy, sha256));
  }
}
