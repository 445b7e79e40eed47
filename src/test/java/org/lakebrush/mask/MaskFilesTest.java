package org.lakebrush.mask;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Region;
import org.lakebrush.mask.MaskSettings.Missing;

/** Masks of and from real image files. */
class MaskFilesTest {
  private static final MaskSettings PLAIN = new MaskSettings(0, 0, Missing.FAIL);

  private static byte[] file(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, out));
    return out.toByteArray();
  }

  /** Black (or transparent) with a white rectangle. */
  private static BufferedImage white(int type, int width, int height, Region region) {
    BufferedImage image = new BufferedImage(width, height, type);
    Graphics2D g = image.createGraphics();
    g.setColor(java.awt.Color.WHITE);
    g.fillRect(region.x(), region.y(), region.width(), region.height());
    g.dispose();
    return image;
  }

  private static Mask hole(byte[] image, byte[] mask) throws ImageFailure {
    return new MaskBuilder(List.of(new SidecarMask.Suffix("_mask")), PLAIN, uri -> mask)
        .build(Codecs.decode(image), List.of("a_mask")).hole();
  }

  @ParameterizedTest
  @CsvSource({"10,png", "12,png", "5,png", "6,png", "2,png", "11,png", "5,bmp", "10,bmp", "12,bmp", "10,tiff", "5,tiff", "10,jpg", "5,jpg"})
  void masksOfEveryKindAreRead(int type, String format) throws Exception {
    Region region = new Region(16, 8, 24, 16);
    Mask hole = hole(file(new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB), "png"), file(white(type, 64, 48, region), format));
    assertEquals(region, hole.bounds());
    assertEquals(region.area(), hole.count());
  }

  /** A mask's own EXIF orientation 6 (turn right to see it upright) is honoured: stored 64x48, upright 48x64. */
  @Test
  void masksAreUpright() throws Exception {
    byte[] jpeg = file(white(BufferedImage.TYPE_BYTE_GRAY, 64, 48, new Region(0, 0, 16, 8)), "jpg");
    byte[] exif = {(byte) 0xff, (byte) 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1,
      0, 6, 0, 0, 0, 0, 0, 0};
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.writeBytes(exif);
    out.write(jpeg, 2, jpeg.length - 2);
    Mask hole = hole(file(new BufferedImage(48, 64, BufferedImage.TYPE_INT_RGB), "png"), out.toByteArray());
    assertEquals(new Region(40, 0, 8, 16), hole.bounds());
  }

  @Test
  void colorAndAlphaReadThePicture() throws Exception {
    BufferedImage image = new BufferedImage(8, 4, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < 32; i++) {
      image.setRGB(i % 8, i / 8, 0xff336699);
    }
    image.setRGB(3, 2, 0xffff0000);
    image.setRGB(5, 1, 0x10336699);
    ImageMask mask = new MaskBuilder(List.of(new ColorMask(255, 0, 0, 24), new AlphaMask()), PLAIN, uri -> null)
        .build(Codecs.decode(file(image, "png")), List.of());
    assertEquals(2, mask.hole().count());
    assertTrue(mask.hole().isHole(3, 2) && mask.hole().isHole(5, 1) && mask.opaque().isHole(5, 1) && !mask.opaque().isHole(3, 2));
    assertEquals(List.of("color", "alpha"), mask.kinds());
    assertNull(new MaskBuilder(List.of(new AlphaMask()), PLAIN, uri -> null)
        .build(Codecs.decode(file(new BufferedImage(8, 4, BufferedImage.TYPE_INT_RGB), "png")), List.of()).opaque());
  }

  @Test
  void whatIsNoPictureIsNoMask() throws Exception {
    byte[] image = file(new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB), "png");
    byte[] mask = file(white(BufferedImage.TYPE_BYTE_GRAY, 64, 48, new Region(0, 0, 16, 8)), "png");
    byte[] huge = mask.clone();
    huge[16] = huge[20] = 0;
    huge[17] = huge[21] = 0;
    huge[18] = huge[22] = (byte) 0xea;
    huge[19] = huge[23] = 0x60;
    byte[][] bad = {{}, "not a picture".getBytes(StandardCharsets.UTF_8), Arrays.copyOf(mask, mask.length - 20), huge};
    for (byte[] file : bad) {
      ImageFailure e = assertThrows(ImageFailure.class, () -> hole(image, file));
      assertEquals(ErrorKind.MASK_UNREADABLE, e.kind(), e.getMessage());
      assertTrue(e.getMessage().contains("a_mask"), e.getMessage());
    }
  }
}
