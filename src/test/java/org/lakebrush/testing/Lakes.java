package org.lakebrush.testing;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Small pictures with a red mark, and lakes of them. */
public final class Lakes {
  /** The mark: a red square of this side, at this distance from the top left corner. */
  public static final int MARK = 12;
  public static final int MARK_AT = 40;

  private Lakes() {}

  /** A soft two-colour slope, other for each seed, with a pure red mark on it unless {@code clean}. */
  public static BufferedImage picture(int width, int height, int seed, boolean clean) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setPaint(new GradientPaint(0, 0, new Color(40 + seed * 31 % 150, 90, 120), width, height,
        new Color(60, 200 - seed * 17 % 120, 80 + seed * 7 % 100)));
    g.fillRect(0, 0, width, height);
    if (!clean) {
      g.setPaint(Color.RED);
      g.fillRect(MARK_AT, MARK_AT, MARK, MARK);
    }
    g.dispose();
    return image;
  }

  public static byte[] encode(BufferedImage image, String format) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, out)) {
        throw new IllegalArgumentException("no writer for " + format);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Writes a marked picture; the file name's extension is the format. */
  public static Path write(Path file, int seed) throws IOException {
    return write(file, seed, false);
  }

  public static Path write(Path file, int seed, boolean clean) throws IOException {
    String name = file.getFileName().toString();
    Files.createDirectories(file.getParent());
    return Files.write(file, encode(picture(112, 96, seed, clean), name.substring(name.lastIndexOf('.') + 1)));
  }

  /** Writes {@code n} marked PNGs, {@code a000.png} and on, ten to a folder. */
  public static void fill(Path folder, int n) throws IOException {
    for (int i = 0; i < n; i++) {
      write(folder.resolve("d" + i / 10).resolve(String.format("a%03d.png", i)), i);
    }
  }
}
