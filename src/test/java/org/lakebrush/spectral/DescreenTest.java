package org.lakebrush.spectral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.FloatCanvas;
import org.lakebrush.spectral.SpectralSettings.Screens;

class DescreenTest {
  private static final List<String> PHOTOS = List.of("acanthus-mollis", "airplane-from-above", "allium-oreophilum", "black-canyon",
      "dust-bowl-home", "french-alpine-landscape", "locomotion-house-cat", "march-pastoral", "nagasaki-boats");

  /** The middle of a photograph. */
  private static FloatCanvas photo(String name, int width, int height) throws Exception {
    try (InputStream in = DescreenTest.class.getResourceAsStream("/org/lakebrush/demo/" + name + ".jpg")) {
      BufferedImage all = ImageIO.read(in);
      return FloatCanvas.of(all.getSubimage((all.getWidth() - width) / 2, (all.getHeight() - height) / 2, width, height)).rounded();
    }
  }

  private static FloatCanvas picture(int width, int height, FloatCanvas.Painter painter) {
    return FloatCanvas.of(width, height, painter).rounded();
  }

  private static void assertUntouched(FloatCanvas picture, Screens mode) {
    FloatCanvas after = picture.copy();
    assertEquals(Optional.empty(), Descreen.apply(after, mode));
    assertArrayEquals(picture.data(), after.data());
  }

  @Test
  void photographsWithoutAScreenStayAsTheyAreToTheBit() throws Exception {
    for (String name : PHOTOS) {
      assertUntouched(photo(name, 500, 420), Screens.AUTO);
    }
  }

  @Test
  void aWaveOverAPhotographIsTakenOut() throws Exception {
    FloatCanvas truth = photo("black-canyon", 481, 321);
    double fx = 0.13;
    double fy = 0.21;
    FloatCanvas after = picture(481, 321, (c, x, y) -> truth.at(c, x, y) + 0.08 * Math.sin(2 * Math.PI * (fx * x + fy * y)));
    double before = after.psnr(truth);
    Descreen.Result result = Descreen.apply(after, Screens.AUTO).orElseThrow();
    assertEquals(1 / Math.hypot(fx, fy), result.period(), 0.1);
    assertEquals(1, result.peaks());
    assertTrue(result.confidence() > 0.9);
    // The wave's own root mean square.
    assertEquals(255 * 0.08 / Math.sqrt(2), result.change(), 1);
    assertTrue(after.psnr(truth) > before + 12, "from " + before + " to " + after.psnr(truth) + " dB");
  }

  @Test
  void aWaveIsTakenOutUpToTheBorderAndAcrossTiles() {
    // Larger than a tile of the filter both ways, and of uneven size.
    FloatCanvas after = picture(1101, 605, (c, x, y) -> 0.5 + 0.1 * Math.sin(2 * Math.PI * (0.11 * x - 0.17 * y)));
    assertTrue(Descreen.apply(after, Screens.AUTO).isPresent());
    for (int y = 0; y < 605; y++) {
      for (int x = 0; x < 1101; x++) {
        boolean border = x < 24 || y < 24 || x >= 1077 || y >= 581;
        assertEquals(0.5, after.at(0, x, y), border ? 0.06 : 0.012, x + "," + y);
      }
    }
  }

  @Test
  void darkenedRowsAndColumnsComeBackInFull() throws Exception {
    FloatCanvas truth = photo("french-alpine-landscape", 400, 333);
    for (int period : new int[] {2, 3, 4, 7}) {
      for (boolean columns : new boolean[] {false, true}) {
        FloatCanvas after = picture(400, 333, (c, x, y) -> truth.at(c, x, y) * ((columns ? x : y) % period == 1 ? 0.6 : 1));
        Descreen.Result result = Descreen.apply(after, Screens.AUTO).orElseThrow();
        assertEquals(period, result.period(), 1e-6);
        // Within what rounding the darkened lines to 8 bits leaves.
        assertTrue(after.psnr(truth) > 45, period + " " + columns + ": " + after.psnr(truth) + " dB");
      }
    }
  }

  @Test
  void addedRowsKeepTheMean() throws Exception {
    FloatCanvas truth = photo("march-pastoral", 300, 300);
    FloatCanvas after = picture(300, 300, (c, x, y) -> truth.at(c, x, y) + 0.06 * Math.sin(2 * Math.PI * y / 5.3));
    Descreen.Result result = Descreen.apply(after, Screens.AUTO).orElseThrow();
    assertEquals(5.3, result.period(), 0.01);
    assertTrue(after.psnr(truth) > 40, after.psnr(truth) + " dB");
  }

  @Test
  void halftoneDotsBecomeTones() throws Exception {
    MadeScreens.Made made = MadeScreens.halftone(photo("allium-oreophilum", 360, 300), new Random(5));
    FloatCanvas after = made.screened().copy();
    assertTrue(Descreen.apply(after, Screens.AUTO).isPresent());
    assertTrue(after.psnr(made.truth()) > made.screened().psnr(made.truth()) + 8, made.what());
  }

  @Test
  void aPatternOverPartOfAPictureIsThePictures() throws Exception {
    FloatCanvas photo = photo("dust-bowl-home", 481, 321);
    // Bricks of 12 by 6 with their joints over the lower half; stripes on half of white paper.
    assertUntouched(picture(481, 321, (c, x, y) -> y < 160 ? photo.at(c, x, y)
        : y % 6 == 0 || (x + y / 6 % 2 * 6) % 12 == 0 ? 0.8 : 0.35 + 0.2 * photo.at(c, x, y)), Screens.AUTO);
    FloatCanvas stripes = picture(481, 321, (c, x, y) -> x < 240 ? 0.5 + 0.3 * Math.sin(2 * Math.PI * (x + y) / 7.0) : 1);
    assertUntouched(stripes, Screens.AUTO);
  }

  @Test
  void flatPicturesNoiseAndSmallOnesStayAsTheyAre() {
    Random random = new Random(1);
    for (Screens mode : new Screens[] {Screens.AUTO, Screens.ON}) {
      assertUntouched(picture(200, 150, (c, x, y) -> 0.4), mode);
      assertUntouched(picture(200, 150, (c, x, y) -> (x + y) / 400.0), mode);
      assertUntouched(picture(201, 149, (c, x, y) -> 0.5 + 0.05 * random.nextGaussian()), mode);
      assertUntouched(picture(1, 1, (c, x, y) -> 0.5), mode);
      assertUntouched(picture(7, 1000, (c, x, y) -> y % 2), mode);
    }
    assertUntouched(picture(64, 64, (c, x, y) -> y % 2), Screens.OFF);
  }

  @Test
  void narrowPicturesAreDoneToo() {
    for (int[] size : new int[][] {{33, 700}, {700, 40}, {32, 32}}) {
      Random random = new Random(2);
      FloatCanvas after = picture(size[0], size[1], (c, x, y) -> (y % 4 == 0 ? 0.7 : 1) * (0.5 + 0.02 * random.nextGaussian()));
      assertEquals(4, Descreen.apply(after, Screens.ON).orElseThrow().period(), 1e-6, size[0] + "x" + size[1]);
      double dark = 0;
      double all = 0;
      for (int y = 0; y < size[1]; y++) {
        for (int x = 0; x < size[0]; x++) {
          all += after.at(0, x, y) / size[0] / size[1];
          dark += y % 4 == 0 ? after.at(0, x, y) / size[0] / ((size[1] + 3) / 4) : 0;
        }
      }
      assertEquals(0.5, all, 0.01);
      assertEquals(0.5, dark, 0.01);
    }
  }

  @Test
  void greyStaysGreyAndTheSameInputGivesTheSameOutput() throws Exception {
    FloatCanvas photo = photo("nagasaki-boats", 300, 300);
    for (boolean lines : new boolean[] {false, true}) {
      FloatCanvas screened = picture(300, 300,
          (c, x, y) -> photo.at(0, x, y) * (1 - 0.15 * Math.cos(2 * Math.PI * (lines ? y / 3.0 : 0.2 * x + 0.15 * y))));
      FloatCanvas after = screened.copy();
      assertTrue(Descreen.apply(after, Screens.AUTO).isPresent());
      for (int i = 0; i < 300 * 300; i++) {
        assertEquals(after.data()[i], after.data()[i + 300 * 300]);
        assertEquals(after.data()[i], after.data()[i + 2 * 300 * 300]);
      }
      FloatCanvas again = screened.copy();
      Descreen.apply(again, Screens.AUTO);
      assertArrayEquals(after.data(), again.data());
      assertFalse(Descreen.apply(after, Screens.AUTO).isPresent(), "a second look finds nothing");
    }
  }

  @Test
  void forcedItTakesOutWhatIsNotSure() throws Exception {
    // A weak wave on a page that is blank for the most part.
    FloatCanvas photo = photo("airplane-from-above", 400, 400);
    FloatCanvas page = picture(640, 640, (c, x, y) -> x < 400 && y < 400
        ? photo.at(c, x, y) + 0.05 * Math.sin(2 * Math.PI * (0.15 * x + 0.11 * y)) : 1);
    assertUntouched(page, Screens.AUTO);
    FloatCanvas truth = picture(640, 640, (c, x, y) -> x < 400 && y < 400 ? photo.at(c, x, y) : 1);
    FloatCanvas after = page.copy();
    assertTrue(Descreen.apply(after, Screens.ON).isPresent());
    assertTrue(after.psnr(truth) > page.psnr(truth) + 6, page.psnr(truth) + " to " + after.psnr(truth) + " dB");
  }
}
