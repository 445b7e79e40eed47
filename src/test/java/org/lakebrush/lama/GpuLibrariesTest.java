package org.lakebrush.lama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuLibrariesTest {
  @TempDir
  Path dir;

  @Test
  void namesWhatIsMissingAndWhatBringsIt() throws Exception {
    Files.createFile(dir.resolve("libcudart.so.12"));
    List<String> missing = GpuLibraries.missing("/nowhere:" + dir + ":", "libcuda.so.1 libcublas.so.12 libcublasLt.so.12 libcurand.so.10");
    assertEquals(List.of("CUDA 12: libcufft.so.11", "cuDNN 9: libcudnn.so.9"), missing);
    assertEquals(3, GpuLibraries.missing(null, "").size());
  }

  @Test
  void theRefusalIsOneLine() {
    String message = GpuLibraries.refusal(2, new OrtException("libcublasLt.so.12: cannot open shared object file:\n No such file")).getMessage();
    assertEquals(1, message.lines().count());
    assertTrue(message.contains("cuda:2") && message.contains("--device cpu") && message.contains("libcublasLt.so.12: cannot open"), message);
  }
}
