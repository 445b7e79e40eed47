package org.lakebrush.image;

import org.opencv.core.Core;

/** Loads OpenCV's native library, once for each JVM, on one thread for each call: the job's own threads are the parallelism. */
public final class OpenCv {
  private OpenCv() {}

  private static final class Holder {
    static {
      nu.pattern.OpenCV.loadLocally();
      Core.setNumThreads(1);
    }

    static void touch() {}
  }

  /** Loads the library where it is not loaded yet. Safe for any number of threads. */
  public static void ensureLoaded() {
    Holder.touch();
  }
}
