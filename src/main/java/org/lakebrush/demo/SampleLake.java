package org.lakebrush.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.lakebrush.image.OpenCv;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.MatOfInt;
import org.opencv.core.Point;
import org.opencv.core.Scalar;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/**
 * A small lake with known damage: nine public-domain photographs, each with a date stamp, a logo, scratches or a caption drawn on it.
 *
 * <p>Written below a folder: {@code lake/DAMAGE/NAME.EXT} (before), {@code masks/DAMAGE/NAME.png} (white where something was drawn) and
 * {@code truth/DAMAGE/NAME.png} (the photograph). The same bytes each time.
 */
public final class SampleLake {

  private enum Damage {
    DATE_STAMP, LOGO, SCRATCHES, CAPTION;

    String folder() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private record Sample(String photo, Damage damage, String extension) {}

  private static final List<Sample> SAMPLES = List.of(
      new Sample("dust-bowl-home", Damage.DATE_STAMP, "jpg"),
      new Sample("nagasaki-boats", Damage.DATE_STAMP, "webp"),
      new Sample("airplane-from-above", Damage.LOGO, "jpg"),
      new Sample("french-alpine-landscape", Damage.LOGO, "jpg"),
      new Sample("acanthus-mollis", Damage.SCRATCHES, "jpg"),
      new Sample("allium-oreophilum", Damage.SCRATCHES, "png"),
      new Sample("black-canyon", Damage.SCRATCHES, "jpg"),
      new Sample("march-pastoral", Damage.CAPTION, "tiff"),
      new Sample("locomotion-house-cat", Damage.CAPTION, "jpg"));

  /** How many photographs there are. */
  static final int PHOTOS = SAMPLES.size();

  private SampleLake() {}

  /**
   * Writes the lake.
   *
   * @return number of images written
   */
  public static int write(Path folder) throws IOException {
    OpenCv.ensureLoaded();
    for (Sample sample : SAMPLES) {
      write(sample, folder);
    }
    return SAMPLES.size();
  }

  private static void write(Sample sample, Path folder) throws IOException {
    Mat picture = photo(sample.photo());
    Mat layer = new Mat();
    Mat coverage = Mat.zeros(picture.size(), CvType.CV_8UC1);
    Mat mask = new Mat();
    try {
      String name = sample.damage().folder() + "/" + sample.photo();
      encode(picture, folder.resolve("truth/" + name + ".png"));
      picture.copyTo(layer);
      draw(sample, layer, coverage);
      Imgproc.threshold(coverage, mask, 0, 255, Imgproc.THRESH_BINARY);
      layer.copyTo(picture, mask);
      encode(picture, folder.resolve("lake/" + name + "." + sample.extension()));
      encode(mask, folder.resolve("masks/" + name + ".png"));
    } finally {
      picture.release();
      layer.release();
      coverage.release();
      mask.release();
    }
  }

  /** Draws the damage on the picture, and the same shapes in white on {@code coverage}. */
  private static void draw(Sample sample, Mat layer, Mat coverage) {
    int w = layer.cols();
    int h = layer.rows();
    switch (sample.damage()) {
      case DATE_STAMP -> {
        // The orange of a 1990s camera's date back.
        String text = "'98  7 14";
        text(text, new Point(w * 0.70, h * 0.94), h / 620.0, 3, new Scalar(40, 120, 250), layer, coverage);
      }
      case LOGO -> {
        Point center = new Point(w - 84, h - 78);
        for (Mat m : List.of(layer, coverage)) {
          Imgproc.circle(m, center, 52, new Scalar(255, 255, 255), 7, Imgproc.LINE_AA);
          Imgproc.line(m, new Point(center.x - 26, center.y + 22), new Point(center.x - 26, center.y - 26), new Scalar(255, 255, 255), 9,
              Imgproc.LINE_AA);
          Imgproc.line(m, new Point(center.x - 26, center.y + 22), new Point(center.x + 4, center.y + 22), new Scalar(255, 255, 255), 9,
              Imgproc.LINE_AA);
          Imgproc.circle(m, new Point(center.x + 16, center.y - 8), 16, new Scalar(255, 255, 255), 9, Imgproc.LINE_AA);
        }
      }
      case SCRATCHES -> scratches(sample.photo().hashCode(), layer, coverage);
      case CAPTION -> {
        text("PROOF - NOT FOR SALE", new Point(w * 0.12, h * 0.30), w / 800.0, 3, new Scalar(245, 245, 245), layer, coverage);
        text("archive no. 4711", new Point(w * 0.40, h * 0.80), w / 900.0, 2, new Scalar(30, 30, 210), layer, coverage);
      }
    }
  }

  private static void text(String text, Point at, double scale, int thickness, Scalar color, Mat layer, Mat coverage) {
    Imgproc.putText(layer, text, at, Imgproc.FONT_HERSHEY_DUPLEX, scale, color, thickness, Imgproc.LINE_AA);
    Imgproc.putText(coverage, text, at, Imgproc.FONT_HERSHEY_DUPLEX, scale, new Scalar(255), thickness, Imgproc.LINE_AA);
  }

  private static void scratches(long seed, Mat layer, Mat coverage) {
    Random random = new Random(seed);
    for (int i = 0; i < 9; i++) {
      double x = random.nextDouble() * layer.cols();
      double y = random.nextDouble() * layer.rows();
      double angle = random.nextDouble() * Math.PI * 2;
      int thickness = 1 + random.nextInt(3);
      Scalar color = random.nextInt(3) == 0 ? new Scalar(25, 25, 25) : new Scalar(240, 244, 246);
      for (int step = 0; step < 30; step++) {
        // A slow random turn makes a hair of it; a quick one a scratch with a kink.
        angle += random.nextGaussian() * 0.12;
        Point from = new Point(x, y);
        x += Math.cos(angle) * 14;
        y += Math.sin(angle) * 14;
        Imgproc.line(layer, from, new Point(x, y), color, thickness, Imgproc.LINE_AA);
        Imgproc.line(coverage, from, new Point(x, y), new Scalar(255), thickness, Imgproc.LINE_AA);
      }
    }
  }

  /** The photographs in turn, in colour. */
  static Mat photo(int index) {
    return photo(SAMPLES.get(index % PHOTOS).photo());
  }

  private static Mat photo(String name) {
    try (InputStream in = SampleLake.class.getResourceAsStream(name + ".jpg")) {
      MatOfByte bytes = new MatOfByte(in.readAllBytes());
      try {
        return Imgcodecs.imdecode(bytes, Imgcodecs.IMREAD_COLOR);
      } finally {
        bytes.release();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void encode(Mat picture, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    String name = file.getFileName().toString();
    MatOfByte bytes = new MatOfByte();
    MatOfInt parameters = new MatOfInt(Imgcodecs.IMWRITE_JPEG_QUALITY, 92, Imgcodecs.IMWRITE_WEBP_QUALITY, 92);
    try {
      if (!Imgcodecs.imencode(name.substring(name.lastIndexOf('.')), picture, bytes, parameters)) {
        throw new IOException("OpenCV cannot encode " + file);
      }
      Files.write(file, bytes.toArray());
    } finally {
      bytes.release();
      parameters.release();
    }
  }
}
