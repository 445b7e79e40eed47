package org.lakebrush.image;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.lakebrush.natives.NativeFolder;
import org.opencv.core.Core;

/** Loads OpenCV's native library, once for each JVM, on one thread for each call: the job's own threads are the parallelism. */
public final class OpenCv {
  private static volatile boolean loaded;

  private OpenCv() {}

  /**
   * Loads the library where it is not loaded yet. Safe for any number of threads.
   *
   * @throws IllegalStateException where that cannot be done: what to do
   */
  public static void ensureLoaded() {
    if (!loaded) {
      load();
    }
  }

  private static synchronized void load() {
    if (loaded) {
      return;
    }
    String resource = resource(System.getProperty("os.name"), System.getProperty("os.arch"));
    try {
      System.load(NativeFolder.of("opencv", List.of(resource)).unpack(resource).toString());
    } catch (IOException e) {
      throw new IllegalStateException("OpenCV cannot be loaded: " + e.getMessage(), e);
    } catch (UnsatisfiedLinkError e) {
      throw new IllegalStateException("OpenCV cannot be loaded: " + e.getMessage() + "; where that is because programs may not be run from"
          + " there, name another folder in " + NativeFolder.PLACE, e);
    }
    Core.setNumThreads(1);
    loaded = true;
  }

  /** As the artifact {@code org.openpnp:opencv} names it. */
  private static String resource(String system, String processor) {
    String os = system.toLowerCase(Locale.ROOT).startsWith("mac") ? "osx" : system.toLowerCase(Locale.ROOT);
    String arch = processor.equals("aarch64") ? "ARMv8" : processor.equals("amd64") ? "x86_64" : processor;
    return "/nu/pattern/opencv/" + os + "/" + arch + "/" + System.mapLibraryName(Core.NATIVE_LIBRARY_NAME);
  }
}
