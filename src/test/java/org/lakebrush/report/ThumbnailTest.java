package org.lakebrush.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Picture;
import org.lakebrush.image.Region;
import org.lakebrush.image.Thumbnail;
import org.lakebrush.mask.Mask;
import org.lakebrush.testing.Lakes;

class ThumbnailTest {
  private static Picture picture(BufferedImage image) throws Exception {
    return Codecs.decode(Lakes.encode(image, "png"));
  }

  private static int green(Thumbnail thumbnail, int x, int y) {
    return thumbnail.image().getRGB(x, y) >> 8 & 255;
  }

  @Test
  void isTheMeanOverEachPixelsArea() throws Exception {
    // 16-bit grey, 7 x 5: rows do not matter, columns 0 to 6 have 0, 36, 72 and so on.
    BufferedImage steps = new BufferedImage(7, 5, BufferedImage.TYPE_USHORT_GRAY);
    for (int y = 0; y < 5; y++) {
      for (int x = 0; x < 7; x++) {
        steps.getRaster().setSample(x, y, 0, 36 * x * 257);
      }
    }
    Thumbnail small = Thumbnail.of(picture(steps), 3, 3);
    assertEquals(3, small.width());
    assertEquals(2, small.height());
    // A pixel is 7/3 columns: the first is columns 0, 1 and a third of 2.
    double first = (0 + 36 + 72 / 3.0) / (7 / 3.0);
    assertEquals(first, green(small, 0, 0), 0.5);
    assertEquals(108, green(small, 1, 1), 0.5, "the middle one is round column 3");
    assertEquals(216 - first, green(small, 2, 1), 0.5);
  }

  @Test
  void aSmallPictureOrPartIsEnlargedByAWholeFactor() throws Exception {
    BufferedImage dots = new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB);
    dots.setRGB(5, 4, 0xFFFFFF);
    Thumbnail whole = Thumbnail.of(picture(dots), 70, 70);
    assertEquals(60, whole.width());
    assertEquals(30, whole.height());
    Thumbnail part = Thumbnail.of(picture(dots), new Region(4, 3, 4, 4), 41, 41);
    assertEquals(40, part.width());
    for (int y = 0; y < 40; y++) {
      for (int x = 0; x < 40; x++) {
        assertEquals(x / 10 == 1 && y / 10 == 1 ? 255 : 0, green(part, x, y));
      }
    }
  }

  @Test
  void whatIsTransparentLiesOverAGroundThatShows() throws Exception {
    BufferedImage glass = new BufferedImage(64, 64, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < 64 * 64; i++) {
      glass.setRGB(i % 64, i / 64, i % 64 < 32 ? 0x0000FF00 : 0xFF00FF00);
    }
    Thumbnail small = Thumbnail.of(picture(glass), 32, 32);
    assertEquals(0xFF00FF00, small.image().getRGB(20, 10), "opaque green");
    int ground = small.image().getRGB(2, 2);
    assertEquals(ground >> 16 & 255, ground & 255, "nothing of the green that nobody sees");
    assertFalse(ground == small.image().getRGB(10, 2), "chequered");
  }

  @Test
  void theOutlineLiesRoundTheHoleAndItsUriShowsItAlone() throws Exception {
    Mask hole = new Mask(100, 80);
    for (int y = 20; y < 40; y++) {
      for (int x = 30; x < 60; x++) {
        hole.pixels()[y * 100 + x] = Mask.HOLE;
      }
    }
    Region part = new Region(10, 10, 80, 60);
    Outline outline = Outline.of(hole, part, Thumbnail.Size.of(part, 160, 120));
    String uri = outline.dataUri();
    assertTrue(uri.startsWith("data:image/png;base64,"));
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1))));
    assertEquals(160, image.getWidth());
    BufferedImage drawn = new BufferedImage(160, 120, BufferedImage.TYPE_INT_RGB);
    outline.draw(drawn);
    for (int y = 0; y < 120; y++) {
      for (int x = 0; x < 160; x++) {
        boolean in = x >= 40 && x < 100 && y >= 20 && y < 60;
        boolean far = x < 36 || x >= 104 || y < 16 || y >= 64;
        boolean line = image.getRGB(x, y) >>> 24 != 0;
        assertFalse((in || far) && line, "line at " + x + " " + y);
        assertTrue(in || !(x >= 39 && x < 101 && y >= 19 && y < 61) || line, "no line beside the hole at " + x + " " + y);
        assertEquals(line ? image.getRGB(x, y) & 0xFFFFFF : 0, drawn.getRGB(x, y) & 0xFFFFFF);
      }
    }
  }
}
