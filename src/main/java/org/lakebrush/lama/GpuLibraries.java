package org.lakebrush.lama;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Says what of CUDA is missing on this machine. */
final class GpuLibraries {
  /** What ONNX Runtime for CUDA loads, and what brings it. */
  private static final Map<String, String> NEEDED = needed();
  private static final Path LOADER_CACHE = Path.of("/etc/ld.so.cache");
  /** Where the loader looks without being told, as far as its cache does not say. */
  private static final List<String> STANDARD = List.of("/lib64", "/usr/lib64", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu");

  private GpuLibraries() {}

  private static Map<String, String> needed() {
    Map<String, String> needed = new LinkedHashMap<>();
    needed.put("libcuda.so.1", "the NVIDIA driver (nvidia-smi shows whether it runs)");
    needed.put("libcudart.so.12", "CUDA 12");
    needed.put("libcublas.so.12", "CUDA 12");
    needed.put("libcublasLt.so.12", "CUDA 12");
    needed.put("libcurand.so.10", "CUDA 12");
    needed.put("libcufft.so.11", "CUDA 12");
    needed.put("libcudnn.so.9", "cuDNN 9");
    return needed;
  }

  /** Why a GPU cannot be used, from what ONNX Runtime said and from what lies on this machine. */
  static ModelException refusal(int ordinal, OrtException e) {
    List<String> missing = missing(System.getenv("LD_LIBRARY_PATH"), loaderCache());
    String why = missing.isEmpty()
        ? "the driver and the libraries of CUDA 12 and cuDNN 9 are there, so see whether the GPU is (nvidia-smi; from 0 on, of those in "
            + "CUDA_VISIBLE_DEVICES), and whether its driver is new enough"
        : "not found: " + String.join("; ", missing) + "; install it, or name its folder in LD_LIBRARY_PATH";
    return new ModelException("Device cuda:" + ordinal + " cannot be used: " + why + "; or use --device cpu. ONNX Runtime said: "
        + String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " "), e);
  }

  /**
   * What is missing, each with what brings it.
   *
   * @param path folders separated by colons, or null
   * @param cache what the loader's cache holds, as text
   */
  static List<String> missing(String path, String cache) {
    List<String> folders = new ArrayList<>(STANDARD);
    if (path != null) {
      folders.addAll(List.of(path.split(":")));
    }
    Map<String, List<String>> missing = new LinkedHashMap<>();
    NEEDED.forEach((library, from) -> {
      boolean found = cache.contains(library)
          || folders.stream().anyMatch(folder -> !folder.isEmpty() && Files.exists(Path.of(folder, library)));
      if (!found) {
        missing.computeIfAbsent(from, k -> new ArrayList<>()).add(library);
      }
    });
    return missing.entrySet().stream().map(m -> m.getKey() + ": " + String.join(", ", m.getValue())).collect(Collectors.toList());
  }

  private static String loaderCache() {
    try {
      return Files.readString(LOADER_CACHE, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
