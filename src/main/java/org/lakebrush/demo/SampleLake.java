package org.lakebrush.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.lakebrush.image.OpenCv;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.MatOfInt;
import org.opencv.core.Point;
import org.opencv.core.Rect;
import org.opencv.core.Scalar;
import org.opencv.core.Size;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/**
 * Four small lakes, one for each job of {@code conf/jobs} that finds by itself what to repair, made from nine public-domain photographs.
 *
 * <p>Written below a folder for each: {@code JOB/lake/NAME.EXT} (before) and {@code JOB/truth/NAME.png} (the photograph). The same bytes
 * each time.
 */
public enum SampleLake {
  /** Photographs with scratches and hairs. */
  OLD_PHOTOS("conf/jobs/old-photos.yaml: scratches and hairs on scanned photographs") {
    @Override
    void write(Path folder) throws IOException {
      for (Sample sample : List.of(new Sample("acanthus-mollis", "jpg"), new Sample("allium-oreophilum", "png"),
          new Sample("black-canyon", "jpg"))) {
        sample.write(folder, picture -> scratches(sample.photo().hashCode(), picture));
      }
    }
  },

  /** Small pictures with one half-transparent mark, each at the same distance from the same corner. */
  SHOP_WATERMARK("conf/jobs/shop-watermark.yaml: a shop's half-transparent mark, which is learned from the pictures themselves first") {
    @Override
    void write(Path folder) throws IOException {
      Random random = new Random(7);
      for (int i = 0; i < SHOTS; i++) {
        Mat photo = photo(i);
        Mat shot = null;
        try {
          int left = random.nextInt(photo.cols() - SHOT.width);
          int top = random.nextInt(photo.rows() - SHOT.height);
          shot = photo.submat(new Rect(new Point(left, top), SHOT.size()));
          String name = String.format(Locale.ROOT, "%02d", i);
          encode(shot, folder.resolve("truth/" + name + ".png"));
          Mat marked = shot.clone();
          try {
            logo(marked);
            encode(marked, folder.resolve("lake/" + name + ".jpg"));
          } finally {
            marked.release();
          }
        } finally {
          photo.release();
          if (shot != null) {
            shot.release();
          }
        }
      }
    }
  },

  /** Photographs with the date that a camera printed into the corner, and one without. */
  CAMERA_DATE("conf/jobs/camera-date.yaml: the date in the corner, of the photographs that have one") {
    @Override
    void write(Path folder) throws IOException {
      new Sample("dust-bowl-home", "jpg").write(folder, SampleLake::dateStamp);
      new Sample("nagasaki-boats", "webp").write(folder, SampleLake::dateStamp);
      new Sample("airplane-from-above", "jpg").write(folder, picture -> {});
    }
  },

  /** Photographs as a scanner sees them in print: dots of a halftone screen. */
  SCANNED_PRINT("conf/jobs/scanned-print.yaml: the halftone screen of scanned prints") {
    @Override
    void write(Path folder) throws IOException {
      new Sample("march-pastoral", "tiff").write(folder, SampleLake::halftone);
      new Sample("locomotion-house-cat", "jpg").write(folder, SampleLake::halftone);
    }
  };

  private static final List<String> PHOTO_NAMES = List.of("dust-bowl-home", "nagasaki-boats", "airplane-from-above",
      "french-alpine-landscape", "acanthus-mollis", "allium-oreophilum", "black-canyon", "march-pastoral", "locomotion-house-cat");

  /** How many photographs there are. */
  static final int PHOTOS = PHOTO_NAMES.size();

  private static final int SHOTS = 45;
  private static final Rect SHOT = new Rect(0, 0, 400, 300);
  private static final double LOGO_OPACITY = 0.45;
  /** Of a halftone screen, in pixels; and how many points across a pixel its dots are drawn at. */
  private static final double SCREEN_PERIOD = 4.3;
  private static final int SCREEN_POINTS = 4;

  private final String title;

  SampleLake(String title) {
    this.title = title;
  }

  /** One line about what its job is for. */
  public String title() {
    return title;
  }

  /** The name of its job, and of its folder. */
  public String job() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Writes its pictures. */
  abstract void write(Path folder) throws IOException;

  /** Writes all of them below a folder. */
  public static void writeAll(Path folder) throws IOException {
    OpenCv.ensureLoaded();
    for (SampleLake lake : values()) {
      lake.write(folder.resolve(lake.job()));
    }
  }

  /** What is done to a photograph. */
  @FunctionalInterface
  private interface Damage {
    void apply(Mat picture);
  }

  private record Sample(String photo, String extension) {
    void write(Path folder, Damage damage) throws IOException {
      Mat picture = SampleLake.photo(photo);
      try {
        encode(picture, folder.resolve("truth/" + photo + ".png"));
        damage.apply(picture);
        encode(picture, folder.resolve("lake/" + photo + "." + extension));
      } finally {
        picture.release();
      }
    }
  }

  /** The orange of a 1990s camera's date back. */
  private static void dateStamp(Mat picture) {
    Imgproc.putText(picture, "'98  7 14", new Point(picture.cols() * 0.70, picture.rows() * 0.94), Imgproc.FONT_HERSHEY_DUPLEX,
        picture.rows() / 620.0, new Scalar(40, 120, 250), 3, Imgproc.LINE_AA);
  }

  /** A white ring with letters in it, laid over the bottom right corner. */
  private static void logo(Mat picture) {
    Mat drawn = picture.clone();
    try {
      Scalar white = new Scalar(255, 255, 255);
      Point center = new Point(picture.cols() - 64, picture.rows() - 60);
      Imgproc.circle(drawn, center, 44, white, 6, Imgproc.LINE_AA);
      Imgproc.line(drawn, new Point(center.x - 22, center.y + 18), new Point(center.x - 22, center.y - 22), white, 8, Imgproc.LINE_AA);
      Imgproc.line(drawn, new Point(center.x - 22, center.y + 18), new Point(center.x + 3, center.y + 18), white, 8, Imgproc.LINE_AA);
      Imgproc.circle(drawn, new Point(center.x + 14, center.y - 7), 13, white, 8, Imgproc.LINE_AA);
      Core.addWeighted(drawn, LOGO_OPACITY, picture, 1 - LOGO_OPACITY, 0, picture);
    } finally {
      drawn.release();
    }
  }

  /** Dots of a screen at 45 degrees, as large as the picture is dark there, seen through a scanner's aperture. */
  private static void halftone(Mat picture) {
    Mat fine = new Mat();
    Mat screen = new Mat(picture.rows() * SCREEN_POINTS, picture.cols() * SCREEN_POINTS, CvType.CV_8UC3);
    try {
      Imgproc.resize(picture, fine, screen.size(), 0, 0, Imgproc.INTER_LINEAR);
      byte[] row = new byte[3 * screen.cols()];
      double step = 2 * Math.PI / (SCREEN_PERIOD * SCREEN_POINTS) * Math.sqrt(0.5);
      for (int y = 0; y < screen.rows(); y++) {
        for (int x = 0; x < screen.cols(); x++) {
          double level = 127.5 + 63.75 * (Math.cos(step * (x + y)) + Math.cos(step * (x - y)));
          Arrays.fill(row, 3 * x, 3 * x + 3, (byte) Math.round(level));
        }
        screen.put(y, 0, row);
      }
      Core.compare(fine, screen, fine, Core.CMP_GT);
      Imgproc.resize(fine, picture, picture.size(), 0, 0, Imgproc.INTER_AREA);
      Imgproc.GaussianBlur(picture, picture, new Size(0, 0), 0.9);
    } finally {
      fine.release();
      screen.release();
    }
  }

  private static void scratches(long seed, Mat picture) {
    Random random = new Random(seed);
    for (int i = 0; i < 9; i++) {
      double x = random.nextDouble() * picture.cols();
      double y = random.nextDouble() * picture.rows();
      double angle = random.nextDouble() * Math.PI * 2;
      int thickness = 1 + random.nextInt(2);
      Scalar color = random.nextInt(3) == 0 ? new Scalar(25, 25, 25) : new Scalar(240, 244, 246);
      for (int step = 0; step < 30; step++) {
        // A slow random turn makes a hair of it; a quick one a scratch with a kink.
        angle += random.nextGaussian() * 0.12;
        Point from = new Point(x, y);
        x += Math.cos(angle) * 14;
        y += Math.sin(angle) * 14;
        Imgproc.line(picture, from, new Point(x, y), color, thickness, Imgproc.LINE_AA);
      }
    }
  }

  /** The photographs in turn, in colour. */
  static Mat photo(int index) {
    return photo(PHOTO_NAMES.get(index % PHOTOS));
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
