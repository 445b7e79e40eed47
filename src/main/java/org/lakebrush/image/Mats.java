package org.lakebrush.image;

import java.util.ArrayList;
import java.util.List;
import org.opencv.core.Mat;

/** OpenCV matrices that are released together, whatever happens. Used by one thread. */
public final class Mats implements AutoCloseable {
  private final List<Mat> kept = new ArrayList<>();

  public Mats() {
    OpenCv.ensureLoaded();
  }

  /** An empty matrix. */
  public Mat mat() {
    return keep(new Mat());
  }

  /** Takes a matrix over. */
  public <M extends Mat> M keep(M mat) {
    kept.add(mat);
    return mat;
  }

  @Override
  public void close() {
    kept.forEach(Mat::release);
  }
}
