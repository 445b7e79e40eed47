package org.lakebrush.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.lakebrush.image.OpenCv;
import org.opencv.core.Core;
import org.opencv.core.Mat;
import org.opencv.core.Rect;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * A lake of JPEGs of any number and size, made of the sample photographs: for measurements. Baseline, 4:2:0, quality 92.
 *
 * <p>An image's area is log-uniform from {@value #LEAST} to {@value #MOST} times what is asked for, its sides stand as 3:2, 4:3, 1:1,
 * 3:4 or 2:3, each as likely. It shows a photograph at its own scale, from a random place on, continued by its mirror images where it ends: so
 * large images have as much detail to a pixel as small ones. All random numbers come from one fixed seed.
 */
public final class SyntheticLake {
  /** Least area, as a share of what is asked for. */
  static final double LEAST = 0.8;
  /** Most area, likewise. */
  static final double MOST = 1.25;
  private static final double[] ASPECTS = {3.0 / 2, 4.0 / 3, 1, 3.0 / 4, 2.0 / 3};
  private static final long SEED = 6;

  private SyntheticLake() {}

  /** An image's size in pixels. */
  public record Frame(int width, int height) {
    /** Pixels. */
    public long area() {
      return (long) width * height;
    }
  }

  /**
   * The sizes of the first images, in order.
   *
   * @param megapixels a typical image's area
   */
  public static List<Frame> frames(int images, double megapixels) {
    Random random = new Random(SEED);
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      double area = megapixels * 1e6 * LEAST * Math.pow(MOST / LEAST, random.nextDouble());
      double aspect = ASPECTS[random.nextInt(ASPECTS.length)];
      frames.add(new Frame(side(Math.sqrt(area * aspect)), side(Math.sqrt(area / aspect))));
    }
    return frames;
  }

  private static int side(double pixels) {
    return (int) Math.max(1, Math.round(pixels));
  }

  /** The file name of an image, counted from 0. */
  public static String name(int image) {
    return String.format(Locale.ROOT, "%06d.jpg", image);
  }

  /** Writes an image of each size under its name, the same bytes each time. */
  public static void write(Path folder, List<Frame> frames) throws IOException {
    OpenCv.ensureLoaded();
    Files.createDirectories(folder);
    Random random = new Random(SEED);
    for (int i = 0; i < frames.size(); i++) {
      Mat picture = picture(SampleLake.photo(i), frames.get(i), random);
      try {
        SampleLake.encode(picture, folder.resolve(name(i)));
      } finally {
        picture.release();
      }
    }
  }

  /** Takes the photograph over. */
  private static Mat picture(Mat photo, Frame frame, Random random) {
    Mat all = new Mat();
    Mat part = null;
    try {
      // Too small an image would show a corner without detail.
      double scale = Math.min(1, 2 * Math.sqrt((double) frame.area() / photo.total()));
      Imgproc.resize(photo, all, new Size(0, 0), scale, scale, Imgproc.INTER_AREA);
      int x = random.nextInt(all.cols());
      int y = random.nextInt(all.rows());
      int right = Math.max(0, x + frame.width() - all.cols());
      int below = Math.max(0, y + frame.height() - all.rows());
      Core.copyMakeBorder(all, all, 0, below, 0, right, Core.BORDER_REFLECT);
      part = all.submat(new Rect(x, y, frame.width(), frame.height()));
      return part.clone();
    } finally {
      photo.release();
      all.release();
      if (part != null) {
        part.release();
      }
    }
  }
}
