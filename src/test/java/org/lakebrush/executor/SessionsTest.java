package org.lakebrush.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaSession;
import org.lakebrush.lama.ModelException;

class SessionsTest {
  private static final Device CPU = new Device(Device.Kind.CPU, 0);

  @TempDir
  Path dir;

  @Test
  void opensOnlyTheFileThatTheDriverPlannedWith() throws Exception {
    Path planned = Path.of("src/test/resources/models/dynamic-range255.onnx");
    Path other = Path.of("src/test/resources/models/modulo16-named.onnx");
    String sha256 = LamaModel.inspect(planned).sha256();
    String found = LamaModel.inspect(other).sha256();
    String message = assertThrows(ModelException.class, () -> Sessions.get(other, sha256, CPU, 1)).getMessage();
    assertTrue(message.contains(sha256) && message.contains(found), message);

    LamaSession session = Sessions.get(planned, sha256, CPU, 1);
    assertEquals(255, session.model().outputRange());
    assertSame(session, Sessions.get(planned, sha256, CPU, 1), "one for all tasks");
    Path copy = Files.copy(planned, dir.resolve("x.onnx"));
    assertSame(session, Sessions.get(copy, sha256, CPU, 1));
  }
}
