package org.lakebrush.spectral;

import java.awt.image.BufferedImage;
import java.nio.file.*;
import java.util.*;
import org.opencv.imgproc.Imgproc;

public class Trial {
  static long cpu() { return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime(); }
  public static void main(String[] args) throws Exception {
    List<Path> files;
    try (var s = Files.list(Path.of("/work/shared/data/clean"))) { files = s.filter(p -> p.toString().endsWith(".jpg")).sorted().toList(); }
    boolean negative = args[0].equals("neg");
    int count = Integer.parseInt(args[1]);
    double fixed = args.length > 2 ? Double.parseDouble(args[2]) : 0;
    int seed = args.length > 3 ? Integer.parseInt(args[3]) : 7;
    Random random = new Random(seed);
    WatermarkLocator[] locators = new WatermarkLocator[5];
    for (int m = 0; m < 5; m++) {
      Watermark mark = Marks.mark(Marks.NAMES.get(m));
      locators[m] = new WatermarkLocator(mark, 0.5, 2);
      System.out.println("side " + Marks.NAMES.get(m) + " " + new MarkSearch(mark, 0.5, 2).side() + " proj " + mark.projections().length);
    }
    long[] time = new long[5]; int[] n = new int[5];
    for (int i = 0; i < count; i++) {
      int m = i % 5;
      String name = Marks.NAMES.get(m);
      BufferedImage image = Marks.of(name);
      Watermark mark = Marks.mark(name);
      Path file = files.get((i * 7) % files.size());
      Stamped p = Stamped.read(Files.readAllBytes(file));
      if (negative) {
        for (m = 0; m < 5; m++) {
          long t = cpu();
          List<MarkFit.Fitted> finds = locators[m].located(locators[m].planes(p), 5);
          time[m] += cpu() - t; n[m]++;
          System.out.printf("NEG %s %s %s%n", Marks.NAMES.get(m), file.getFileName(), finds.isEmpty() ? "score 0 -" : str(finds.get(0)));
        }
        continue;
      }
      double scale = 0.5 * Math.pow(4, random.nextDouble());
      double opacity = 0.25 + 0.75 * random.nextDouble();
      if (fixed > 0) opacity = fixed;
      int w = (int) Math.round(image.getWidth() * scale), h = (int) Math.round(image.getHeight() * scale);
      int x = random.nextInt(p.width - w + 1), y = random.nextInt(p.height - h + 1);
      int quality = 60 + random.nextInt(36);
      p.draw(image, x, y, w, h, opacity, (scale < 1 ? new int[] {Imgproc.INTER_AREA, Imgproc.INTER_LINEAR_EXACT} : new int[] {Imgproc.INTER_LINEAR, Imgproc.INTER_CUBIC, Imgproc.INTER_LANCZOS4})[random.nextInt(scale < 1 ? 2 : 3)]);
      Stamped marked = Stamped.read(p.jpeg(quality));
      double gx = w / (double) image.getWidth(), gy = h / (double) image.getHeight();
      double tx = x + (mark.left() + mark.width() / 2.0) * gx, ty = y + (mark.top() + mark.height() / 2.0) * gy;
      long t = cpu();
      List<MarkFit.Fitted> finds = locators[m].located(locators[m].planes(marked), 5);
      time[m] += cpu() - t; n[m]++;
      MarkFit.Fitted right = null, wrong = null;
      for (var f : finds) {
        if (Math.abs(f.x() - tx) < 0.1 * mark.width() * scale && Math.abs(f.y() - ty) < 0.1 * mark.height() * scale && Math.abs(f.scaleX() / scale - 1) < 0.1) right = f;
        else if (wrong == null) wrong = f;
      }
      System.out.printf("POS %s %s %s s=%.2f o=%.2f q=%d err %s%n", name, file.getFileName(), right == null ? "score 0 MISS" : str(right), scale, opacity, quality,
          right == null ? "" : String.format("%.2f %.2f %.4f %.4f %.3f", right.x() - tx, right.y() - ty, right.scaleX() / gx - 1, right.scaleY() / gy - 1, right.opacity() - opacity));
      if (wrong != null) System.out.printf("WRONG %s%n", str(wrong));
    }
    for (int m = 0; m < 5; m++) System.out.println("ms " + Marks.NAMES.get(m) + " " + time[m] / 1000000.0 / n[m]);
  }

  static String str(MarkFit.Fitted f) {
    return f == null ? "-" : String.format("score %.1f snr %.1f cell %.1f even %.1f agree %.2f corr %.3f a %.2f seen %.2f s %.2f %s", f.score(), f.snr(), f.cellSnr(), f.evenSnr(), f.agreement(), f.correlation(), f.opacity(), f.seen(), f.scaleX(), f.kernel());
  }
}
