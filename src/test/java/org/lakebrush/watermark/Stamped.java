package org.lakebrush.watermark;

import java.awt.image.BufferedImage;
import org.lakebrush.image.OpenCv;
import org.lakebrush.image.RgbPixels;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.MatOfInt;
import org.opencv.core.Size;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/** A picture of 8-bit RGB on which marks are drawn, by OpenCV's resampling and not by ours, with what was drawn where. */
public final class Stamped implements RgbPixels {
  public final int width;
  public final int height;
  public final byte[] rgb;
  /** What share of each pixel the marks cover, by opacity; the most of all. */
  public final float[] cover;

  public Stamped(int width, int height, byte[] rgb) {
    this.width = width;
    this.height = height;
    this.rgb = rgb;
    this.cover = new float[width * height];
  }

  public static Stamped read(byte[] file) {
    OpenCv.ensureLoaded();
    MatOfByte bytes = new MatOfByte(file);
    Mat bgr = Imgcodecs.imdecode(bytes, Imgcodecs.IMREAD_COLOR);
    Mat mat = new Mat();
    try {
      Imgproc.cvtColor(bgr, mat, Imgproc.COLOR_BGR2RGB);
      byte[] rgb = new byte[(int) (mat.total() * 3)];
      mat.get(0, 0, rgb);
      return new Stamped(mat.cols(), mat.rows(), rgb);
    } finally {
      bytes.release();
      bgr.release();
      mat.release();
    }
  }

  /** Draws a mark at a size of whole pixels; interpolation is one of {@link Imgproc}'s. */
  public void draw(BufferedImage mark, int x, int y, int w, int h, double opacity, int interpolation) {
    OpenCv.ensureLoaded();
    float[] premultiplied = new float[4 * mark.getWidth() * mark.getHeight()];
    for (int j = 0, i = 0; j < mark.getHeight(); j++) {
      for (int k = 0; k < mark.getWidth(); k++, i += 4) {
        int v = mark.getRGB(k, j);
        float alpha = (v >>> 24) / 255f;
        premultiplied[i] = alpha * (v >> 16 & 255);
        premultiplied[i + 1] = alpha * (v >> 8 & 255);
        premultiplied[i + 2] = alpha * (v & 255);
        premultiplied[i + 3] = alpha;
      }
    }
    Mat from = new Mat(mark.getHeight(), mark.getWidth(), CvType.CV_32FC4);
    Mat to = new Mat();
    float[] scaled = new float[4 * w * h];
    try {
      from.put(0, 0, premultiplied);
      Imgproc.resize(from, to, new Size(w, h), 0, 0, interpolation);
      to.get(0, 0, scaled);
    } finally {
      from.release();
      to.release();
    }
    for (int j = Math.max(0, -y); j < Math.min(h, height - y); j++) {
      for (int i = Math.max(0, -x); i < Math.min(w, width - x); i++) {
        int s = 4 * (j * w + i);
        int p = (y + j) * width + x + i;
        float a = (float) opacity * Math.max(0, Math.min(1, scaled[s + 3]));
        cover[p] = Math.max(cover[p], a);
        for (int c = 0; c < 3; c++) {
          double colour = opacity * Math.max(0, Math.min(255 * Math.min(1, scaled[s + 3]), scaled[s + c]));
          double v = (1 - a) * (rgb[3 * p + c] & 255) + colour;
          rgb[3 * p + c] = (byte) Math.max(0, Math.min(255, Math.round(v)));
        }
      }
    }
  }

  public byte[] jpeg(int quality) {
    Mat mat = new Mat(height, width, CvType.CV_8UC3);
    MatOfByte bytes = new MatOfByte();
    MatOfInt parameters = new MatOfInt(Imgcodecs.IMWRITE_JPEG_QUALITY, quality);
    try {
      mat.put(0, 0, rgb);
      Imgproc.cvtColor(mat, mat, Imgproc.COLOR_RGB2BGR);
      Imgcodecs.imencode(".jpg", mat, bytes, parameters);
      return bytes.toArray();
    } finally {
      mat.release();
      bytes.release();
      parameters.release();
    }
  }

  public Stamped copy() {
    return new Stamped(width, height, rgb.clone());
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public void readRow(int y, byte[] row) {
    System.arraycopy(rgb, 3 * y * width, row, 0, 3 * width);
  }
}
