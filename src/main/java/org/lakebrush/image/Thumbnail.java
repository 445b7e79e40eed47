package org.lakebrush.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Base64;
import javax.imageio.IIOImage;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A picture, or a part of it, at a size to be looked at: upright, 8-bit RGB, what is transparent over a chequered ground. A large one is
 * reduced by averaging over each pixel's area, a small one enlarged by a whole factor. Colour profiles are not applied. Immutable.
 */
public final class Thumbnail {
  private static final int CHECK = 8;
  private static final int LIGHT = 255;
  private static final int DARK = 214;

  private final BufferedImage image;

  private Thumbnail(BufferedImage image) {
    this.image = image;
  }

  /** The size in pixels that a part of a picture has as a thumbnail. */
  public record Size(int width, int height) {
    /** The largest that fits and is not distorted. */
    public static Size of(Region part, int mostWidth, int mostHeight) {
      double scale = Math.min((double) mostWidth / part.width(), (double) mostHeight / part.height());
      if (scale >= 1) {
        return new Size(part.width() * (int) scale, part.height() * (int) scale);
      }
      return new Size((int) Math.max(1, Math.round(part.width() * scale)), (int) Math.max(1, Math.round(part.height() * scale)));
    }
  }

  /** A whole picture. */
  public static Thumbnail of(Picture picture, int mostWidth, int mostHeight) {
    return of(picture, new Region(0, 0, picture.width(), picture.height()), mostWidth, mostHeight);
  }

  /**
   * A part of a picture.
   *
   * @param part inside it, not empty
   */
  public static Thumbnail of(Picture picture, Region part, int mostWidth, int mostHeight) {
    Size size = Size.of(part, mostWidth, mostHeight);
    return new Thumbnail(size.width() < part.width() || size.height() < part.height() ? new Reduction(picture, part, size).image()
        : enlarged(picture, part, size));
  }

  private static BufferedImage enlarged(Picture picture, Region part, Size size) {
    BufferedImage image = new BufferedImage(size.width(), size.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = new byte[3 * part.width()];
    byte[] alpha = new byte[picture.width()];
    Arrays.fill(alpha, (byte) 255);
    int[] row = new int[size.width()];
    int factor = size.width() / part.width();
    for (int y = 0; y < size.height(); y++) {
      if (y % factor == 0) {
        picture.readRow(part.y() + y / factor, part.x(), part.right(), rgb);
        if (picture.hasAlpha()) {
          picture.readAlphaRow(part.y() + y / factor, alpha);
        }
      }
      for (int x = 0; x < row.length; x++) {
        int s = x / factor;
        double a = (alpha[part.x() + s] & 255) / 255.0;
        row[x] = onGround(x, y, a * (rgb[3 * s] & 255), a * (rgb[3 * s + 1] & 255), a * (rgb[3 * s + 2] & 255), a);
      }
      image.setRGB(0, y, row.length, 1, row, 0, row.length);
    }
    return image;
  }

  /** A colour, 0..255 and multiplied by its alpha, 0..1, over the ground. */
  private static int onGround(int x, int y, double r, double g, double b, double alpha) {
    double ground = (1 - alpha) * ((x / CHECK + y / CHECK) % 2 == 0 ? LIGHT : DARK);
    return level(r + ground) << 16 | level(g + ground) << 8 | level(b + ground);
  }

  private static int level(double v) {
    return (int) Math.max(0, Math.min(255, Math.round(v)));
  }

  /** The mean over each pixel's area, row after row. */
  private static final class Reduction {
    private final Picture picture;
    private final Region part;
    private final Size size;
    private final byte[] rgb;
    private final byte[] alpha;
    /** For each column of the part the pixel it falls into, and what share of it; the rest falls into the next. */
    private final int[] into;
    private final double[] share;
    /** Red, green, blue, each multiplied by alpha, and alpha: of one source row, and of the row that is being made. */
    private final double[] row;
    private final double[] sum;

    Reduction(Picture picture, Region part, Size size) {
      this.picture = picture;
      this.part = part;
      this.size = size;
      rgb = new byte[3 * part.width()];
      alpha = new byte[picture.width()];
      Arrays.fill(alpha, (byte) 255);
      into = new int[part.width()];
      share = new double[part.width()];
      for (int x = 0; x < into.length; x++) {
        into[x] = into(x, size.width(), part.width());
        share[x] = share(x, into[x], size.width(), part.width());
      }
      row = new double[4 * (size.width() + 1)];
      sum = new double[4 * size.width()];
    }

    private static int into(int i, int small, int large) {
      return (int) ((long) i * small / large);
    }

    private static double share(int i, int into, int small, int large) {
      return Math.min(1, (into + 1) * (double) large / small - i);
    }

    BufferedImage image() {
      BufferedImage image = new BufferedImage(size.width(), size.height(), BufferedImage.TYPE_INT_RGB);
      for (int y = 0; y < part.height(); y++) {
        read(y);
        int to = into(y, size.height(), part.height());
        double first = share(y, to, size.height(), part.height());
        add(first);
        if (y + 1 == part.height() || into(y + 1, size.height(), part.height()) > to) {
          put(image, to);
          add(1 - first);
        }
      }
      return image;
    }

    private void read(int y) {
      picture.readRow(part.y() + y, part.x(), part.right(), rgb);
      if (picture.hasAlpha()) {
        picture.readAlphaRow(part.y() + y, alpha);
      }
      Arrays.fill(row, 0);
      for (int x = 0, i = 0; x < into.length; x++, i += 3) {
        double a = (alpha[part.x() + x] & 255) / 255.0;
        int to = 4 * into[x];
        double first = share[x];
        for (int c = 0; c < 4; c++) {
          double v = c == 3 ? a : a * (rgb[i + c] & 255);
          row[to + c] += first * v;
          row[to + 4 + c] += (1 - first) * v;
        }
      }
    }

    private void add(double weight) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += weight * row[i];
      }
    }

    private void put(BufferedImage image, int y) {
      double area = (double) part.width() / size.width() * part.height() / size.height();
      for (int x = 0, i = 0; x < size.width(); x++, i += 4) {
        image.setRGB(x, y, onGround(x, y, sum[i] / area, sum[i + 1] / area, sum[i + 2] / area, sum[i + 3] / area));
      }
      Arrays.fill(sum, 0);
    }
  }

  public int width() {
    return image.getWidth();
  }

  public int height() {
    return image.getHeight();
  }

  /** Its pixels; not to be changed. */
  public BufferedImage image() {
    return image;
  }

  /** It as a PNG. */
  public byte[] png() {
    return Plugins.png(image);
  }

  /**
   * It as a URI that holds it, a JPEG.
   *
   * @param quality 0..1
   */
  public String dataUri(double quality) {
    ImageWriter writer = Plugins.writer("jpeg");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality((float) quality);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), param);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray());
  }
}
