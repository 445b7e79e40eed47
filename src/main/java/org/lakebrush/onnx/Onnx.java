package org.lakebrush.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.lakebrush.natives.NativeFolder;

/**
 * The way to ONNX Runtime, and what all its sessions of this process share. By itself it would unpack its libraries at each start, so
 * nothing else may be the first to touch it. Safe for any number of threads.
 */
public final class Onnx {
  /** What ONNX Runtime's own loader is told of, where its user does. */
  private static final String TOLD = "onnxruntime.native.";
  private static final String FOLDER = TOLD + "path";
  private static final String CUDA = "onnxruntime_providers_cuda";

  private static boolean ready;
  /** Null where the user's own libraries are taken, or there are none for this machine. */
  private static NativeFolder libraries;

  private Onnx() {}

  /**
   * The process's one environment.
   *
   * @throws IllegalStateException where ONNX Runtime cannot be loaded: what to do
   */
  public static OrtEnvironment environment() {
    unpack();
    return OrtEnvironment.getEnvironment();
  }

  /**
   * Options that the caller closes.
   *
   * @param threads intra-op threads on the CPU, 1 or more
   */
  public static OrtSession.SessionOptions options(int threads) throws OrtException {
    unpack();
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    try {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      // With it, each new shape would keep its own plan and its own memory.
      options.setMemoryPatternOptimization(false);
      // Threads that spin take the cores from those that decode: measured 1.7 times slower on a busy machine.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      return options;
    } catch (OrtException e) {
      options.close();
      throw e;
    }
  }

  /** Whether this build carries ONNX Runtime for CUDA. */
  public static boolean hasCuda() {
    unpack();
    return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
  }

  /**
   * Options for a GPU, which the caller closes. The libraries for it are large, and unpacked here only.
   *
   * @param ordinal CUDA's number of the GPU, from 0
   * @throws IOException where they cannot be unpacked: what to do
   */
  public static OrtCUDAProviderOptions cuda(int ordinal) throws IOException, OrtException {
    unpack();
    if (libraries != null) {
      libraries.unpack(resource(CUDA));
    }
    return new OrtCUDAProviderOptions(ordinal);
  }

  private static synchronized void unpack() {
    if (ready) {
      return;
    }
    try {
      List<String> resources = new ArrayList<>(List.of(resource("onnxruntime"), resource("onnxruntime4j_jni")));
      if (System.getProperties().stringPropertyNames().stream().noneMatch(key -> key.startsWith(TOLD))
          && resources.stream().allMatch(NativeFolder::has)) {
        // It is asked for at once where the build has it.
        if (NativeFolder.has(resource("onnxruntime_providers_shared"))) {
          resources.add(resource("onnxruntime_providers_shared"));
        }
        NativeFolder folder = NativeFolder.of("onnxruntime", resources);
        for (String resource : resources) {
          folder.unpack(resource);
        }
        System.setProperty(FOLDER, folder.path().toString());
        libraries = folder;
      }
      // Loads them.
      OrtEnvironment.getAvailableProviders();
      ready = true;
    } catch (IOException e) {
      throw new IllegalStateException("ONNX Runtime cannot be loaded: " + e.getMessage(), e);
    } catch (UnsatisfiedLinkError e) {
      throw new IllegalStateException("ONNX Runtime cannot be loaded: " + e.getMessage() + "; where that is because programs may not be run"
          + " from there, name another folder in " + NativeFolder.PLACE, e);
    }
  }

  /** As ONNX Runtime's artifacts name it. */
  private static String resource(String library) {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch");
    String os = system.startsWith("mac") ? "osx" : system;
    String arch = processor.equals("amd64") || processor.equals("x86_64") ? "x64" : processor;
    return "/ai/onnxruntime/native/" + os + "-" + arch + "/" + System.mapLibraryName(library);
  }
}
