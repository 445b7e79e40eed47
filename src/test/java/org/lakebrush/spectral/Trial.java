package org.lakebrush.spectral;

import java.awt.image.BufferedImage;
import java.nio.file.*;
import java.util.*;
import org.opencv.imgproc.Imgproc;

public class Trial {
  public static void main(String[] args) throws Exception {
    List<Path> files;
    try (var s = Files.list(Path.of("/work/shared/data/clean"))) { files = s.filter(p -> p.toString().endsWith(".jpg")).sorted().toList(); }
    int count = Integer.parseInt(args[0]);
    int top = Integer.parseInt(args[1]);
    int longest = Integer.parseInt(args[2]);
    Random random = new Random(7);
    for (String n : Marks.NAMES) {
      System.out.println("side " + n + " " + new MarkSearch(Marks.mark(n), 0.5, 2).side() + " proj " + Marks.mark(n).projections().length);
    }
    for (int i = 0; i < count; i++) {
      String name = Marks.NAMES.get(i % 5);
      BufferedImage image = Marks.of(name);
      Stamped p = Stamped.read(Files.readAllBytes(files.get((i * 7) % files.size())));
      double scale = 0.5 * Math.pow(4, random.nextDouble());
      double opacity = 0.25 + 0.75 * random.nextDouble();
      if (args.length > 3) opacity = Double.parseDouble(args[3]);
      int w = (int) Math.round(image.getWidth() * scale), h = (int) Math.round(image.getHeight() * scale);
      int x = random.nextInt(p.width - w + 1), y = random.nextInt(p.height - h + 1);
      int quality = 60 + random.nextInt(36);
      Stamped clean = Stamped.read(p.jpeg(quality));
      p.draw(image, x, y, w, h, opacity, scale < 1 ? Imgproc.INTER_AREA : Imgproc.INTER_CUBIC);
      Stamped marked = Stamped.read(p.jpeg(quality));
      Watermark mark = Marks.mark(name);
      double tx = x + (mark.left() + mark.width() / 2.0) * w / image.getWidth(), ty = y + (mark.top() + mark.height() / 2.0) * h / image.getHeight();
      System.out.printf("%d %s s=%.2f a=%.2f q=%d at %.1f,%.1f%n", i, name, scale, opacity, quality, tx, ty);
      for (int k = 0; k < 2; k++) {
        Stamped pic = k == 0 ? marked : clean;
        long t0 = System.nanoTime();
        List<MarkPlane> planes = WatermarkLocator.planes(mark, pic);
        List<MarkSearch.Candidate> cs = new MarkSearch(mark, 0.5, 2).candidates(planes);
        long t1 = System.nanoTime();
        MarkFit fit = new MarkFit(mark, planes, 0.5, 2);
        int rank = -1;
        double best = 0, bestWrong = 0;
        MarkFit.Fitted bestFit = null, wrongFit = null;
        double rankSnr = 0;
        for (int c = 0; c < Math.min(top, cs.size()); c++) {
          var cand = cs.get(c);
          boolean right = k == 0 && Math.abs(cand.x() - tx) < 0.15 * mark.width() * scale && Math.abs(cand.y() - ty) < 0.2 * mark.height() * scale && Math.abs(cand.scale() / scale - 1) < 0.15;
          if (right && rank < 0) { rank = c; rankSnr = cand.snr(); }
          var f = fit.fit(cand.x(), cand.y(), cand.scale(), cand.scale(), longest, 6);
          if (f == null) continue;
          if (right) { if (f.cellSnr() > best) { best = f.cellSnr(); bestFit = f; } }
          else if (f.cellSnr() > bestWrong) { bestWrong = f.cellSnr(); wrongFit = f; }
        }
        long t2 = System.nanoTime();
        System.out.printf("  %s n=%d search %d ms fit %d ms top %.1f%n", k == 0 ? "MARKED" : "CLEAN", cs.size(), (t1 - t0) / 1000000, (t2 - t1) / 1000000, cs.isEmpty() ? 0 : cs.get(0).snr());
        if (k == 0) System.out.printf("   true rank %d snr %.1f fit %s  err %s%n", rank, rankSnr, str(bestFit), bestFit == null ? "" : String.format("%.2f %.2f %.4f %.4f %.3f", bestFit.x() - tx, bestFit.y() - ty, bestFit.scaleX() / (w / (double) image.getWidth()) - 1, bestFit.scaleY() / (h / (double) image.getHeight()) - 1, bestFit.opacity() - opacity));
        System.out.printf("   wrong %s%n", str(wrongFit));
      }
    }
  }

  static String str(MarkFit.Fitted f) {
    return f == null ? "-" : String.format("snr %.1f cell %.1f agree %.2f corr %.3f a %.2f seen %.2f s %.2f", f.snr(), f.cellSnr(), f.agreement(), f.correlation(), f.opacity(), f.seen(), f.scaleX());
  }
}
