package org.lakebrush.watermark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.Region;
import org.opencv.imgproc.Imgproc;

/** Where the mark lies and how opaque it is is given; the rest of what it does is tested with the mask kind. */
class UnblendTest {
  /** A mark of the size of a large picture is solved for in parts that join. */
  @Test
  void unblendSolvesALargeMarkInBands() throws Exception {
    int side = 2400;
    byte[] rgb = new byte[3 * side * side];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (60 + i / 3 / side / 20);
    }
    Stamped picture = new Stamped(side, side, rgb);
    Stamped clean = picture.copy();
    BufferedImage ring = Marks.of("ring");
    picture.draw(ring, 40, 40, 2268, 2268, 0.5, Imgproc.INTER_LINEAR);
    Watermark mark = Watermark.of(108, 108, ring.getRGB(0, 0, 108, 108, null, 0, 108)).orElseThrow();
    WatermarkFind find = new WatermarkFind(40 + 21 * mark.left(), 40 + 21 * mark.top(), 21, 21, 0.5, Watermark.Kernel.LINEAR, 1);
    List<Region> bands = new ArrayList<>();
    Unblend.solve(picture, mark, find, solved -> {
      bands.add(solved.region());
      for (int i = 0; i < solved.known().length; i++) {
        int p = (solved.region().y() + i / solved.region().width()) * side + solved.region().x() + i % solved.region().width();
        boolean marked = solved.known()[i] || solved.unknown()[i];
        assertTrue(marked ? picture.cover[p] > 0 : picture.cover[p] < 0.02, "pixel " + p);
        if (solved.known()[i]) {
          assertEquals((clean.rgb[3 * p] & 255) / 255f, solved.rgb()[i], 3 / 255f, "pixel " + p);
        }
      }
    });
    assertTrue(bands.size() > 1, bands.toString());
    for (int i = 1; i < bands.size(); i++) {
      assertEquals(bands.get(i - 1).bottom(), bands.get(i).y());
    }
  }
}
