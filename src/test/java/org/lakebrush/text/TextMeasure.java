package org.lakebrush.text;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.GraphicsEnvironment;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Picture;
import org.lakebrush.image.Region;

/**
 * How well text is found, on photographs: {@code mvn test -Dtest=TextMeasure -Dlakebrush.measure=FOLDER}, with {@code FOLDER/clean/*.jpg},
 * the more the better; {@code -Dlakebrush.measure.count=N} for fewer than 100 drawn ones; {@code -Dlakebrush.measure.out=DIR} for
 * pictures. Fonts: those of this machine, one at least with Chinese (Debian: fonts-noto-cjk, fonts-dejavu, fonts-liberation,
 * fonts-freefont-ttf).
 */
class TextMeasure {
  private static final String[] TEXTS = {"'98  7 14", "2019/03/21 14:05", "PROOF COPY", "Summer in the mountains", "© Studio 54",
      "SOLD OUT", "www.example.com", "07.11.2003", "Happy Birthday!", "ISO 400  f/2.8", "图片仅供参考", "今日特价 99元", "中国风景摄影", "版权所有 2020",
      "- Where are you going?", "Breaking news: 42 dead", "Sample 0123456789", "NOT FOR RESALE"};
  private static final Color[] COLORS = {Color.WHITE, Color.BLACK, Color.YELLOW, new Color(250, 120, 40), new Color(220, 30, 30),
      new Color(40, 90, 220), new Color(40, 200, 80), new Color(190, 190, 190)};

  private record Drawn(byte[] jpeg, byte[] glyphs, int width, int height) {}

  private static List<Path> photos() throws Exception {
    String folder = System.getProperty("lakebrush.measure");
    assumeTrue(folder != null, "-Dlakebrush.measure=FOLDER");
    try (var files = Files.list(Path.of(folder, "clean"))) {
      return files.filter(f -> f.toString().endsWith(".jpg")).sorted().toList();
    }
  }

  private static int count() {
    return Integer.getInteger("lakebrush.measure.count", 100);
  }

  private static List<Font> fonts(String text) {
    return Arrays.stream(GraphicsEnvironment.getLocalGraphicsEnvironment().getAvailableFontFamilyNames())
        .filter(f -> f.matches("DejaVu.*|Liberation.*|Free.*|Noto (Sans|Serif) CJK SC"))
        .map(f -> new Font(f, Font.PLAIN, 10)).filter(f -> f.canDisplayUpTo(text) < 0).toList();
  }

  /** One to three lines of 14 to 48 pixels, plain, outlined or shadowed, level or tilted a little, as JPEG of quality 90. */
  private static Drawn draw(Path photo, long seed) throws Exception {
    Random random = new Random(seed);
    BufferedImage read = ImageIO.read(photo.toFile());
    int w = read.getWidth();
    int h = read.getHeight();
    BufferedImage image = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
    image.createGraphics().drawImage(read, 0, 0, null);
    BufferedImage coverage = new BufferedImage(w, h, BufferedImage.TYPE_BYTE_GRAY);
    List<Rectangle2D> taken = new ArrayList<>();
    int lines = 1 + random.nextInt(3);
    for (int i = 0; i < lines; i++) {
      String text = TEXTS[random.nextInt(TEXTS.length)];
      List<Font> fonts = fonts(text);
      Font font = fonts.get(random.nextInt(fonts.size())).deriveFont(random.nextBoolean() ? Font.BOLD : Font.PLAIN,
          14 + random.nextInt(35));
      Color color = COLORS[random.nextInt(COLORS.length)];
      int style = random.nextInt(3);
      double tilt = random.nextInt(4) == 0 ? (random.nextDouble() - 0.5) * 0.4 : 0;
      Graphics2D g = image.createGraphics();
      Shape shape = font.createGlyphVector(g.getFontRenderContext(), text).getOutline();
      shape = AffineTransform.getRotateInstance(tilt).createTransformedShape(shape);
      Rectangle2D box = shape.getBounds2D();
      if (box.getWidth() > w - 20 || box.getHeight() > h - 20) {
        double fit = Math.min((w - 20) / box.getWidth(), (h - 20) / box.getHeight());
        shape = AffineTransform.getScaleInstance(fit, fit).createTransformedShape(shape);
        box = shape.getBounds2D();
      }
      double x = 8 + random.nextDouble() * (w - 16 - box.getWidth()) - box.getX();
      double y = 8 + random.nextDouble() * (h - 16 - box.getHeight()) - box.getY();
      Shape placed = AffineTransform.getTranslateInstance(x, y).createTransformedShape(shape);
      Rectangle2D b = placed.getBounds2D();
      Rectangle2D wide = new Rectangle2D.Double(b.getX() - 12, b.getY() - 12, b.getWidth() + 24, b.getHeight() + 24);
      // What cannot be read by anyone is no text: colours too near to the ground get the other extreme.
      Color ink = contrast(read, b, color) < 60 ? (luma(read, b) > 128 ? Color.BLACK : Color.WHITE) : color;
      if (taken.stream().anyMatch(wide::intersects)) {
        continue;
      }
      taken.add(wide);
      paint(g, placed, ink, style);
      Graphics2D c = coverage.createGraphics();
      paint(c, placed, Color.WHITE, style == 1 ? 3 : 0);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam parameters = writer.getDefaultWriteParam();
    parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    parameters.setCompressionQuality(0.9f);
    try (var stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), parameters);
    }
    writer.dispose();
    byte[] glyphs = new byte[w * h];
    for (int i = 0; i < glyphs.length; i++) {
      glyphs[i] = (byte) (coverage.getRaster().getSample(i % w, i / w, 0) >= 128 ? 1 : 0);
    }
    return new Drawn(out.toByteArray(), glyphs, w, h);
  }

  private static void paint(Graphics2D g, Shape shape, Color ink, int style) {
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    Color other = ink.getRed() + ink.getGreen() + ink.getBlue() > 380 ? Color.BLACK : Color.WHITE;
    if (style == 1 || style == 3) {
      g.setColor(style == 1 ? other : ink);
      g.setStroke(new BasicStroke(2.5f));
      g.draw(shape);
    } else if (style == 2) {
      g.setColor(other);
      g.fill(AffineTransform.getTranslateInstance(1.5, 1.5).createTransformedShape(shape));
    }
    g.setColor(ink);
    g.fill(shape);
  }

  private static double luma(BufferedImage image, Rectangle2D box) {
    return mean(image, box, 0.299, 0.587, 0.114);
  }

  private static double contrast(BufferedImage image, Rectangle2D box, Color c) {
    return Math.abs(mean(image, box, 1, 0, 0) - c.getRed()) / 3 + Math.abs(mean(image, box, 0, 1, 0) - c.getGreen()) / 3
        + Math.abs(mean(image, box, 0, 0, 1) - c.getBlue()) / 3;
  }

  private static double mean(BufferedImage image, Rectangle2D box, double r, double g, double b) {
    double sum = 0;
    int n = 0;
    for (int y = (int) box.getMinY(); y < box.getMaxY(); y++) {
      for (int x = (int) box.getMinX(); x < box.getMaxX(); x++) {
        int v = image.getRGB(x, y);
        sum += r * (v >> 16 & 255) + g * (v >> 8 & 255) + b * (v & 255);
        n++;
      }
    }
    return sum / Math.max(1, n);
  }

  private static TextSearch search(byte[] file) throws Exception {
    Picture picture = Codecs.decode(file);
    Region all = new Region(0, 0, picture.width(), picture.height());
    return TextSearch.of(picture, all, all, 0.65);
  }

  @Test
  void drawnTextIsCovered() throws Exception {
    List<Path> photos = photos();
    String out = System.getProperty("lakebrush.measure.out");
    double covered = 0;
    double glyphsOfAll = 0;
    int whole = 0;
    double over = 0;
    double worstOver = 0;
    int tooMuch = 0;
    double seconds = 0;
    int n = Math.min(count(), photos.size());
    for (int i = 0; i < n; i++) {
      Drawn drawn = draw(photos.get(i), i);
      long start = System.nanoTime();
      TextSearch found = search(drawn.jpeg);
      seconds += (System.nanoTime() - start) / 1e9;
      int glyphs = 0;
      int hit = 0;
      int marked = 0;
      for (int p = 0; p < drawn.glyphs.length; p++) {
        boolean mark = found.isGlyph(p % drawn.width, p / drawn.width);
        glyphs += drawn.glyphs[p];
        hit += mark ? drawn.glyphs[p] : 0;
        marked += mark ? 1 : 0;
      }
      double coverage = (double) hit / glyphs;
      double beyond = Math.max(0, marked - 2.0 * glyphs) / drawn.glyphs.length;
      covered += hit;
      glyphsOfAll += glyphs;
      whole += coverage >= 0.95 ? 1 : 0;
      over += beyond;
      worstOver = Math.max(worstOver, beyond);
      tooMuch += beyond > 0.03 ? 1 : 0;
      if (coverage < 0.95 || beyond > 0.03) {
        System.out.printf(Locale.ROOT, "%s seed %d: coverage %.3f, beyond twice the glyphs %.2f%%%n", photos.get(i).getFileName(), i,
            coverage, 100 * beyond);
        if (out != null) {
          show(drawn, found, Path.of(out, i + ".png"));
        }
      }
    }
    System.out.printf(Locale.ROOT, "text: %d pictures: %.3f of all glyph pixels covered, %d pictures at 0.95 or more; beyond twice the"
        + " glyphs %.2f%% mean, %.2f%% worst, %d over 3%%; %.2f s a picture%n", n, covered / glyphsOfAll, whole, 100 * over / n,
        100 * worstOver, tooMuch, seconds / n);
  }

  private static void show(Drawn drawn, TextSearch found, Path file) throws Exception {
    Picture picture = Codecs.decode(drawn.jpeg);
    BufferedImage image = new BufferedImage(drawn.width, 2 * drawn.height, BufferedImage.TYPE_INT_RGB);
    byte[] row = new byte[3 * drawn.width];
    for (int y = 0; y < drawn.height; y++) {
      picture.readRow(y, row);
      for (int x = 0; x < drawn.width; x++) {
        int rgb = (row[3 * x] & 255) << 16 | (row[3 * x + 1] & 255) << 8 | row[3 * x + 2] & 255;
        image.setRGB(x, y, rgb);
        image.setRGB(x, drawn.height + y, found.isGlyph(x, y) ? 0xff00ff : rgb);
      }
    }
    Files.createDirectories(file.getParent());
    ImageIO.write(image, "png", file.toFile());
  }

  @Test
  void cleanPicturesHaveNone() throws Exception {
    List<Path> photos = photos();
    int marked = 0;
    long pixels = 0;
    long all = 0;
    for (Path photo : photos) {
      byte[] file = Files.readAllBytes(photo);
      TextSearch found = search(file);
      if (!found.confidences().isEmpty()) {
        marked++;
        Picture picture = Codecs.decode(file);
        long here = 0;
        for (int y = 0; y < picture.height(); y++) {
          for (int x = 0; x < picture.width(); x++) {
            here += found.isGlyph(x, y) ? 1 : 0;
          }
        }
        pixels += here;
        System.out.println(photo.getFileName() + ": " + found.confidences() + ", " + here + " pixels");
      }
      all++;
    }
    System.out.printf(Locale.ROOT, "text: %d of %d clean pictures marked, %d pixels%n", marked, all, pixels);
  }
}
