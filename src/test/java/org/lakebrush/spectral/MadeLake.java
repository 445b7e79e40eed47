package org.lakebrush.spectral;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;

/** Makes images of many sizes that carry one mark in one place, and scores what was learned from them. */
public final class MadeLake {
  private static final int MARGIN_X = 14;
  private static final int MARGIN_Y = 11;

  private final MadeMark mark;
  private final MarkAnchor anchor;
  private final double opacity;
  private final Random random;

  /**
   * @param mark null for images without a mark
   * @param anchor a corner or the centre
   */
  public MadeLake(MadeMark mark, MarkAnchor anchor, double opacity, long seed) {
    this.mark = mark;
    this.anchor = anchor;
    this.opacity = opacity;
    this.random = new Random(seed);
  }

  /** A crop of 200 pixels and more each way, from anywhere, of any size up to the limits, as JPEG of quality 85 to 95. */
  public byte[] image(BufferedImage picture, boolean marked, int maxWidth, int maxHeight) throws IOException {
    int w = 200 + random.nextInt(Math.min(maxWidth, picture.getWidth()) - 199);
    int h = 200 + random.nextInt(Math.min(maxHeight, picture.getHeight()) - 199);
    int x = random.nextInt(picture.getWidth() - w + 1);
    int y = random.nextInt(picture.getHeight() - h + 1);
    BufferedImage crop = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
    crop.createGraphics().drawImage(picture, -x, -y, null);
    if (mark != null && marked) {
      mark.stamp(crop, left(w), top(h), opacity);
    }
    return jpeg(crop, 0.85f + 0.1f * random.nextFloat());
  }

  /** A picture of waves of many lengths and directions, in colour. */
  public BufferedImage texture(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    double[][] waves = new double[24][6];
    for (double[] wave : waves) {
      double angle = random.nextDouble() * 2 * Math.PI;
      double length = 3 * Math.pow(100, random.nextDouble());
      wave[0] = Math.cos(angle) * 2 * Math.PI / length;
      wave[1] = Math.sin(angle) * 2 * Math.PI / length;
      wave[2] = random.nextDouble() * 2 * Math.PI;
      for (int c = 3; c < 6; c++) {
        wave[c] = 3 * Math.sqrt(length) * random.nextDouble();
      }
    }
    int[] mean = random.ints(3, 60, 180).toArray();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double[] rgb = {mean[0], mean[1], mean[2]};
        for (double[] wave : waves) {
          double s = Math.sin(wave[0] * x + wave[1] * y + wave[2]);
          for (int c = 0; c < 3; c++) {
            rgb[c] += wave[3 + c] * s;
          }
        }
        int p = 0;
        for (double v : rgb) {
          p = p << 8 | (int) Math.max(0, Math.min(255, v));
        }
        picture.setRGB(x, y, p);
      }
    }
    return picture;
  }

  private static byte[] jpeg(BufferedImage picture, float quality) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (var stream = new ByteArrayOutputStream(); var out = ImageIO.createImageOutputStream(stream)) {
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      parameters.setCompressionQuality(quality);
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), parameters);
      out.flush();
      return stream.toByteArray();
    } finally {
      writer.dispose();
    }
  }

  private int left(int width) {
    int side = anchor.left(1, 0);
    return anchor.left(width, mark.width()) + (anchor == MarkAnchor.CENTER ? 0 : side == 0 ? MARGIN_X : -MARGIN_X);
  }

  private int top(int height) {
    int side = anchor.top(1, 0);
    return anchor.top(height, mark.height()) + (anchor == MarkAnchor.CENTER ? 0 : side == 0 ? MARGIN_Y : -MARGIN_Y);
  }

  /** Intersection over union of what was learned with where the mark's alpha is more than {@code above}. */
  public double iou(LearnedMark learned, float above) {
    int size = 600;
    boolean[] found = new boolean[size * size];
    boolean[] truth = new boolean[size * size];
    MarkWindow place = learned.place();
    if (place.reduction() != 1) {
      throw new IllegalArgumentException("learned at reduced size");
    }
    for (int i = 0; i < learned.alpha().length; i++) {
      if (learned.alpha()[i] > 0) {
        found[(place.top(size) + i / place.width()) * size + place.left(size) + i % place.width()] = true;
      }
    }
    for (int i = 0; i < mark.alpha().length; i++) {
      truth[(top(size) + i / mark.width()) * size + left(size) + i % mark.width()] = mark.alpha()[i] > above;
    }
    int both = 0;
    int either = 0;
    for (int i = 0; i < truth.length; i++) {
      both += truth[i] && found[i] ? 1 : 0;
      either += truth[i] || found[i] ? 1 : 0;
    }
    return (double) both / either;
  }
}
