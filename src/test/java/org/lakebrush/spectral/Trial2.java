package org.lakebrush.spectral;

import java.awt.image.BufferedImage;
import java.nio.file.*;
import java.util.*;
import org.opencv.imgproc.Imgproc;

public class Trial2 {
  public static void main(String[] args) throws Exception {
    List<Path> files;
    try (var s = Files.list(Path.of("/work/shared/data/clean"))) { files = s.filter(p -> p.toString().endsWith(".jpg")).sorted().toList(); }
    int count = Integer.parseInt(args[0]);
    double fixed = Double.parseDouble(args[1]);
    Set<String> only = Set.of(args).stream().collect(java.util.stream.Collectors.toSet());
    Random random = new Random(7);
    for (int i = 0; i < count; i++) {
      String name = Marks.NAMES.get(i % 5);
      BufferedImage image = Marks.of(name);
      Watermark mark = Marks.mark(name);
      Path file = files.get((i * 7) % files.size());
      Stamped p = Stamped.read(Files.readAllBytes(file));
      double scale = 0.5 * Math.pow(4, random.nextDouble());
      double opacity = 0.25 + 0.75 * random.nextDouble();
      if (fixed > 0) opacity = fixed;
      int w = (int) Math.round(image.getWidth() * scale), h = (int) Math.round(image.getHeight() * scale);
      int x = random.nextInt(p.width - w + 1), y = random.nextInt(p.height - h + 1);
      int quality = 60 + random.nextInt(36);
      if (!only.contains(file.getFileName().toString())) continue;
      p.draw(image, x, y, w, h, opacity, scale < 1 ? Imgproc.INTER_AREA : Imgproc.INTER_CUBIC);
      Files.write(Path.of("/tmp/wmx/" + name + file.getFileName()), p.jpeg(quality));
      Stamped marked = Stamped.read(p.jpeg(quality));
      double gx = w / (double) image.getWidth(), gy = h / (double) image.getHeight();
      double tx = x + (mark.left() + mark.width() / 2.0) * gx, ty = y + (mark.top() + mark.height() / 2.0) * gy;
      var planes = WatermarkLocator.planes(mark, marked);
      var cs = new MarkSearch(mark, 0.5, 2).candidates(planes);
      MarkFit fit = new MarkFit(mark, planes, 0.5, 2);
      System.out.printf("%s %s s=%.2f at %.1f %.1f  n=%d top %.1f%n", name, file.getFileName(), scale, tx, ty, cs.size(), cs.get(0).snr());
      var t = fit.fit(tx, ty, gx, gy, 128, 0);
      System.out.println("  truth 128: " + Trial.str(t));
      t = fit.fit(tx, ty, gx, gy, 128, 5);
      System.out.println("  truth 128 5: " + Trial.str(t));
      t = fit.fit(tx, ty, gx, gy, 64, 5);
      System.out.println("  truth 64 5: " + Trial.str(t));
      int rank = 0;
      for (var c : cs) {
        if (Math.abs(c.x() - tx) < 0.15 * mark.width() * scale && Math.abs(c.y() - ty) < 0.2 * mark.height() * scale && Math.abs(c.scale() / scale - 1) < 0.2) {
          System.out.printf("  cand %d snr %.1f at %.1f %.1f s %.3f%n", rank, c.snr(), c.x(), c.y(), c.scale());
          var r = fit.fit(c.x(), c.y(), c.scale(), c.scale(), 64, 5);
          System.out.println("     rough " + Trial.str(r) + (r == null ? "" : String.format(" at %.1f %.1f", r.x(), r.y())));
          if (r != null) { var f = fit.fit(r.x(), r.y(), r.scaleX(), r.scaleY(), 128, 5);
          System.out.println("     fine " + Trial.str(f) + (f == null ? "" : String.format(" at %.1f %.1f", f.x(), f.y()))); }
        }
        rank++;
      }
    }
  }
}
