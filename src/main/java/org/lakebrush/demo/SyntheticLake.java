package org.lakebrush.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lakebrush.image.OpenCv;
import org.opencv.core.Core;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/** A lake of JPEGs of any number and size, made of the sample photographs: for measurements. */
public final class SyntheticLake {
  private SyntheticLake() {}

  /**
   * Writes {@code 00000.jpg} and on, the same bytes each time.
   *
   * @return bytes written
   */
  public static long write(Path folder, int images, int width, int height) throws IOException {
    OpenCv.ensureLoaded();
    Files.createDirectories(folder);
    long bytes = 0;
    for (int i = 0; i < images; i++) {
      Mat photo = SampleLake.photo(i);
      Mat picture = new Mat();
      try {
        Imgproc.resize(photo, picture, new Size(width, height), 0, 0, Imgproc.INTER_CUBIC);
        // Each round through the photographs is another mirror image of them.
        int round = i / SampleLake.PHOTOS % 4;
        if (round > 0) {
          Core.flip(picture, picture, round - 2);
        }
        Path file = folder.resolve(String.format("%05d.jpg", i));
        SampleLake.encode(picture, file);
        bytes += Files.size(file);
      } finally {
        photo.release();
        picture.release();
      }
    }
    return bytes;
  }
}
