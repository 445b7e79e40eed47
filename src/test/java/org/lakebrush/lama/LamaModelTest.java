package org.lakebrush.lama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.sink.Sha256;

class LamaModelTest {
  @TempDir
  Path dir;

  @Test
  void readsTheShippedModel() throws Exception {
    LamaModel m = LamaModel.inspect(Models.SHIPPED);
    assertEquals("lama-lite", m.name());
    assertEquals("image", m.imageInput());
    assertEquals("mask", m.maskInput());
    assertEquals("output", m.output());
    assertEquals(1, m.outputRange());
    assertEquals(8, m.modulo());
    assertEquals(0, m.fixedSide());
    assertEquals(0, m.fixedBatch());
    assertEquals(Sha256.hex(Files.readAllBytes(Models.SHIPPED)), m.sha256());
  }

  @Test
  void readsAFixedSquareThatGives255() throws Exception {
    LamaModel m = LamaModel.inspect(Models.small("fixed512-range255"));
    assertEquals("fixed512-range255", m.name());
    assertEquals(255, m.outputRange());
    assertEquals(512, m.fixedSide());
    assertEquals(1, m.fixedBatch());
  }

  @Test
  void theSameBytesElsewhereAreTheSameModelByAnotherName() throws Exception {
    for (String name : new String[] {"fixed512-range255", "modulo16-named"}) {
      LamaModel first = LamaModel.inspect(Models.small(name));
      Path copy = Files.copy(Models.small(name), dir.resolve("copy of " + name + ".onnx"));
      LamaModel second = LamaModel.inspect(copy);
      assertEquals(name.startsWith("modulo") ? "sixteen" : "copy of " + name, second.name());
      assertEquals(copy, second.file());
      assertEquals(first.outputRange(), second.outputRange());
      assertEquals(first.sha256(), second.sha256());
    }
  }

  @Test
  void findsTheRangeWithoutMetadata() throws Exception {
    assertEquals(255, LamaModel.inspect(Models.small("dynamic-range255")).outputRange());
    assertEquals(1, LamaModel.inspect(Models.small("batch3")).outputRange());
  }

  @Test
  void tellsTheInputsByTheirChannels() throws Exception {
    LamaModel m = LamaModel.inspect(Models.small("dynamic-swapped-names"));
    assertEquals("mask_of_nothing", m.imageInput());
    assertEquals("an_image", m.maskInput());
  }

  @Test
  void readsTheMetadata() throws Exception {
    LamaModel m = LamaModel.inspect(Models.small("modulo16-named"));
    assertEquals("sixteen", m.name());
    assertEquals(16, m.modulo());
    assertEquals(255, m.outputRange());
    assertEquals(3, LamaModel.inspect(Models.small("batch3")).fixedBatch());
  }

  @Test
  void refusesAModelOfAnotherKind() {
    String message = refused(Models.small("four-channels"));
    assertTrue(message.contains("four-channels.onnx is no LaMa"), message);
    assertTrue(message.contains("image [N,3,H,W]"), message);
    assertTrue(message.contains("[?,4,?,?]"), message);
    assertTrue(refused(Models.small("half-precision")).contains("float16"));
  }

  @Test
  void refusesWhatIsNoOnnxFile() throws Exception {
    Path text = Files.writeString(dir.resolve("notes.onnx"), "this is no model");
    assertTrue(refused(text).contains("expected an ONNX file"));
    byte[] whole = Files.readAllBytes(Models.SHIPPED);
    Path cut = Files.write(dir.resolve("cut.onnx"), Arrays.copyOf(whole, whole.length / 2));
    assertTrue(refused(cut).contains("cut.onnx"));
    Path empty = Files.write(dir.resolve("empty.onnx"), new byte[0]);
    assertTrue(refused(empty).contains("empty.onnx"));
    assertTrue(refused(dir.resolve("nowhere.onnx")).contains("cannot be read"));
  }

  @Test
  void refusesAFixedSquareThatFitsNoBuffer() throws Exception {
    byte[] file = Files.readAllBytes(Models.small("fixed512-range255"));
    for (int i = 0; i + 2 < file.length; i++) {
      // Each dimension of 512, a varint of two bytes, becomes 16383.
      if (file[i] == 0x08 && file[i + 1] == (byte) 0x80 && file[i + 2] == 0x04) {
        file[i + 1] = (byte) 0xff;
        file[i + 2] = 0x7f;
      }
    }
    String message = refused(Files.write(dir.resolve("huge.onnx"), file));
    assertTrue(message.contains("[1,3,16383,16383]") && message.contains("pixels in all"), message);
  }

  private static String refused(Path file) {
    String message = assertThrows(ModelException.class, () -> LamaModel.inspect(file)).getMessage();
    assertEquals(1, message.lines().count(), message);
    return message;
  }
}
