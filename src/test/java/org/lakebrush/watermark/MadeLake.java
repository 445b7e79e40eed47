package org.lakebrush.watermark;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;

/** Makes images of many sizes that carry one mark in one place, and scores what was learned from them. */
public final class MadeLake {
  private static final int MARGIN_X = 14;
  private static final int MARGIN_Y = 11;
  private static final int WAVES = 24;

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

  /** A crop from anywhere, of any size from {@code least} pixels each way up to the limits, as JPEG of quality 85 to 95. */
  public byte[] image(BufferedImage picture, boolean marked, int least, int maxWidth, int maxHeight) throws IOException {
    int w = least + random.nextInt(Math.min(maxWidth, picture.getWidth()) - least + 1);
    int h = least + random.nextInt(Math.min(maxHeight, picture.getHeight()) - least + 1);
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
    float[][] planes = new float[3][width * height];
    for (float[] plane : planes) {
      Arrays.fill(plane, 60 + random.nextInt(120));
    }
    for (int wave = 0; wave < WAVES; wave++) {
      double angle = random.nextDouble() * 2 * Math.PI;
      double length = 3 * Math.pow(100, random.nextDouble());
      double phase = random.nextDouble() * 2 * Math.PI;
      float[][] across = turns(width, Math.cos(angle) * 2 * Math.PI / length, phase);
      float[][] down = turns(height, Math.sin(angle) * 2 * Math.PI / length, 0);
      for (float[] plane : planes) {
        float amplitude = (float) (3 * Math.sqrt(length) * random.nextDouble());
        for (int i = 0; i < plane.length; i++) {
          // The sine of a sum.
          plane[i] += amplitude * (across[0][i % width] * down[1][i / width] + across[1][i % width] * down[0][i / width]);
        }
      }
    }
    for (int i = 0; i < width * height; i++) {
      int p = 0;
      for (float[] plane : planes) {
        p = p << 8 | (int) Math.max(0, Math.min(255, plane[i]));
      }
      picture.setRGB(i % width, i / width, p);
    }
    return picture;
  }

  /** Sines and cosines of angles in even steps. */
  private static float[][] turns(int n, double step, double phase) {
    float[][] turns = new float[2][n];
    for (int i = 0; i < n; i++) {
      turns[0][i] = (float) Math.sin(i * step + phase);
      turns[1][i] = (float) Math.cos(i * step + phase);
    }
    return turns;
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
    int size = 1600;
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
