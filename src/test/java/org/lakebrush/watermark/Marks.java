package org.lakebrush.watermark;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.QuadCurve2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.Consumer;

/** Five marks of different looks, drawn by code. */
public final class Marks {
  public static final List<String> NAMES = List.of("logo", "ring", "wordmark", "badge", "drawing");

  private Marks() {}

  /** With alpha, straight. */
  public static BufferedImage of(String name) {
    return switch (name) {
      case "logo" -> draw(132, 60, Marks::logo);
      case "ring" -> draw(108, 108, Marks::ring);
      case "wordmark" -> draw(140, 34, Marks::wordmark);
      case "badge" -> draw(104, 104, Marks::badge);
      case "drawing" -> draw(120, 104, Marks::drawing);
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static BufferedImage draw(int width, int height, Consumer<Graphics2D> painter) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    painter.accept(g);
    g.dispose();
    return image;
  }

  private static void logo(Graphics2D g) {
    g.setColor(new Color(250, 250, 250));
    g.setStroke(new BasicStroke(3));
    g.draw(new RoundRectangle2D.Double(3, 3, 126, 54, 18, 18));
    g.fill(new Ellipse2D.Double(12, 15, 30, 30));
    g.setColor(new Color(40, 90, 160));
    Path2D wave = new Path2D.Double();
    wave.moveTo(15, 32);
    wave.quadTo(21, 24, 27, 32);
    wave.quadTo(33, 40, 39, 32);
    g.setStroke(new BasicStroke(4));
    g.draw(wave);
    g.setColor(new Color(250, 250, 250));
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 22));
    g.drawString("Lake24", 48, 30);
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    g.drawString("picture stock", 49, 47);
  }

  private static void ring(Graphics2D g) {
    g.setColor(new Color(235, 235, 235));
    g.setStroke(new BasicStroke(7));
    g.draw(new Ellipse2D.Double(8, 8, 92, 92));
    g.setStroke(new BasicStroke(2));
    g.draw(new Ellipse2D.Double(20, 20, 68, 68));
    Path2D star = new Path2D.Double();
    for (int i = 0; i < 10; i++) {
      double r = i % 2 == 0 ? 28 : 12;
      double angle = Math.PI * i / 5 - Math.PI / 2;
      double x = 54 + r * Math.cos(angle);
      double y = 54 + r * Math.sin(angle);
      if (i == 0) {
        star.moveTo(x, y);
      } else {
        star.lineTo(x, y);
      }
    }
    star.closePath();
    g.fill(star);
  }

  private static void wordmark(Graphics2D g) {
    g.setColor(Color.WHITE);
    g.setFont(new Font(Font.SERIF, Font.BOLD, 28));
    g.drawString("Lakebrush", 4, 25);
  }

  private static void badge(Graphics2D g) {
    g.setColor(new Color(200, 40, 50, 230));
    g.fill(new Ellipse2D.Double(3, 3, 98, 98));
    g.setColor(new Color(250, 210, 60));
    g.setStroke(new BasicStroke(4));
    g.draw(new Ellipse2D.Double(12, 12, 80, 80));
    g.setColor(Color.WHITE);
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 24));
    g.drawString("SALE", 20, 50);
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 18));
    g.drawString("-30%", 29, 72);
  }

  private static void drawing(Graphics2D g) {
    g.setColor(new Color(20, 24, 30));
    g.setStroke(new BasicStroke(1.8f));
    g.draw(new Line2D.Double(6, 96, 114, 96));
    g.draw(new QuadCurve2D.Double(10, 96, 40, 20, 60, 60));
    g.draw(new QuadCurve2D.Double(60, 60, 80, 8, 112, 96));
    g.draw(new Ellipse2D.Double(74, 8, 22, 22));
    for (int i = 0; i < 8; i++) {
      double angle = Math.PI * i / 4;
      g.draw(new Line2D.Double(85 + 14 * Math.cos(angle), 19 + 14 * Math.sin(angle), 85 + 19 * Math.cos(angle),
          19 + 19 * Math.sin(angle)));
    }
    g.draw(new QuadCurve2D.Double(20, 80, 36, 70, 48, 82));
    g.draw(new QuadCurve2D.Double(48, 82, 66, 94, 88, 80));
    g.draw(new Line2D.Double(30, 96, 30, 74));
    g.draw(new Line2D.Double(30, 82, 22, 76));
    g.draw(new Line2D.Double(30, 84, 38, 78));
  }

  public static Watermark mark(String name) {
    BufferedImage image = of(name);
    return Watermark.of(image.getWidth(), image.getHeight(),
        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth())).orElseThrow();
  }
}
