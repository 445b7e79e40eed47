package org.lakebrush.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Encoded;
import org.lakebrush.image.Picture;
import org.lakebrush.image.Region;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.mask.BoxMask;
import org.lakebrush.mask.FullMask;
import org.lakebrush.mask.Length;
import org.lakebrush.mask.MaskSettings;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.mask.ScratchMask;
import org.lakebrush.mask.ScratchMask.Polarity;
import org.lakebrush.mask.ScratchMask.Sensitivity;
import org.lakebrush.spectral.SpectralSettings;
import org.lakebrush.spectral.SpectralSettings.Screens;

/** All stages on pictures that are out of the ordinary. */
class StagesTest {
  private static LamaPool lama;

  @BeforeAll
  static void open() throws Exception {
    lama = LamaPool.open(LamaModel.inspect(Path.of("models", "lama-lite.onnx")), List.of(new Device(Device.Kind.CPU, 0)), new LamaSettings(1, 1));
  }

  @AfterAll
  static void close() {
    lama.close();
  }

  private static Optional<Encoded> repair(byte[] file, int maxSide, RepairTrace trace, MaskSpec... masks) throws Exception {
    RepairSettings settings = new RepairSettings(List.of(masks), new MaskSettings(2, 2, MaskSettings.Missing.FAIL),
        new InpaintSettings("lama-lite", 1, maxSide, 1), new SpectralSettings(Screens.ON, true, true), null, 100_000_000);
    return new Repairer(settings, lama, uri -> {
      throw new AssertionError(uri);
    }).repair(file, "image", List.of(), trace);
  }

  private static BoxMask corner(int width, int height) {
    Length none = new Length(0, false);
    return new BoxMask(BoxMask.Anchor.BOTTOM_RIGHT, new Length(width, false), new Length(height, false), none, none);
  }

  @Test
  void picturesOfAFewPixels() throws Exception {
    int[][] sizes = {{1, 1}, {1, 40}, {40, 1}, {3, 2}, {33, 35}};
    int[] types = {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_USHORT_GRAY, BufferedImage.TYPE_BYTE_BINARY};
    for (int[] size : sizes) {
      for (int type : types) {
        Random random = new Random(1);
        BufferedImage image = new BufferedImage(size[0], size[1], type);
        for (int i = 0; i < size[0] * size[1]; i++) {
          // Some of the pixels are transparent where the type has that.
          image.setRGB(i % size[0], i / size[0], random.nextInt());
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        for (MaskSpec mask : new MaskSpec[] {new FullMask(), corner(1, 1), corner(20, 2)}) {
          RepairTrace trace = new RepairTrace();
          Picture after = Codecs.decode(repair(png.toByteArray(), 512, trace, mask,
              new ScratchMask(Polarity.BOTH, Sensitivity.HIGH, 4)).orElseThrow().bytes());
          assertEquals(size[0], after.width());
          assertEquals(size[1], after.height());
          assertTrue(trace.damage() >= 0 && trace.damage() <= 1, size[0] + "x" + size[1] + ": damage " + trace.damage());
        }
      }
    }
  }

  /** Of a hole that fits no crop the seam is fitted tile by tile, to the picture without and to the coarse fill within. */
  @Test
  void aLargeHoleShowsNeitherSeamNorTiles() throws Exception {
    int width = 420;
    int height = 360;
    BufferedImage ramp = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < width * height; i++) {
      ramp.getRaster().setSample(i % width, i / width, 0, 60 + 80 * (i % width) / width + 60 * (i / width) / height);
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(ramp, "png", png);
    RepairTrace trace = new RepairTrace();
    Picture after = Codecs.decode(repair(png.toByteArray(), 128, trace, corner(300, 260)).orElseThrow().bytes());
    assertTrue(trace.crops() > 4, "crops " + trace.crops());
    assertNotNull(trace.seam());
    float[] v = new float[3 * width * height];
    after.readRgb(0, new Region(0, 0, width, height), FloatBuffer.wrap(v), 0, width, width * height);
    for (int y = 0; y + 1 < height; y++) {
      for (int x = 0; x + 1 < width; x++) {
        int i = y * width + x;
        double step = 255 * Math.max(Math.abs(v[i + 1] - v[i]), Math.abs(v[i + width] - v[i]));
        // The ramp's own is 1.
        assertTrue(step < 4.5, "step of " + step + " at " + x + "," + y);
      }
    }
  }

  /** Four inks of one tone each and grain of their own: the fill gets each ink's own grain, and no ink that of another. */
  @Test
  void eachOfFourInksHasItsOwnGrain() throws Exception {
    int side = 300;
    Random random = new Random(2);
    byte[] inks = new byte[4 * side * side];
    for (int i = 0; i < inks.length; i++) {
      inks[i] = (byte) Math.round(60 + 20 * (i % 4) + 6 * random.nextGaussian());
    }
    RepairTrace trace = new RepairTrace();
    Picture after = Codecs.decode(repair(tiff(inks, side), 512, trace, corner(90, 90)).orElseThrow().bytes());
    assertEquals(2, trace.crops());
    assertNotNull(trace.grain());
    Region in = new Region(215, 215, 80, 80);
    int plane = 80 * 80;
    float[] filled = new float[6 * plane];
    for (int pass = 0; pass < 2; pass++) {
      after.readRgb(pass, in, FloatBuffer.wrap(filled), 3 * pass * plane, 80, plane);
    }
    for (int ink = 0; ink < 4; ink++) {
      assertEquals(6, 255 * Math.sqrt(covariance(filled, ink, ink, plane)), 1, "deviation of ink " + ink);
      for (int other = 0; other < ink; other++) {
        double r = covariance(filled, ink, other, plane)
            / Math.sqrt(covariance(filled, ink, ink, plane) * covariance(filled, other, other, plane));
        assertEquals(0, r, 0.2, "correlation of inks " + ink + " and " + other);
      }
    }
  }

  private static double covariance(float[] planes, int a, int b, int plane) {
    double sumA = 0;
    double sumB = 0;
    double product = 0;
    for (int i = 0; i < plane; i++) {
      double va = planes[a * plane + i];
      double vb = planes[b * plane + i];
      sumA += va;
      sumB += vb;
      product += va * vb;
    }
    return product / plane - sumA / plane * sumB / plane;
  }

  /** An uncompressed TIFF 6.0 of four 8-bit inks, interleaved, in one strip. */
  private static byte[] tiff(byte[] inks, int side) {
    int[][] tags = {{256, 3, 1, side}, {257, 3, 1, side}, {258, 3, 4, 8 + 2 + 9 * 12 + 4}, {259, 3, 1, 1}, {262, 3, 1, 5},
        {273, 4, 1, 8 + 2 + 9 * 12 + 4 + 8}, {277, 3, 1, 4}, {278, 3, 1, side}, {279, 4, 1, inks.length}};
    ByteBuffer out = ByteBuffer.allocate(8 + 2 + 9 * 12 + 4 + 8 + inks.length).order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8).putShort((short) tags.length);
    for (int[] tag : tags) {
      out.putShort((short) tag[0]).putShort((short) tag[1]).putInt(tag[2]).putInt(tag[3]);
    }
    out.putInt(0);
    for (int i = 0; i < 4; i++) {
      out.putShort((short) 8);
    }
    return out.put(inks).array();
  }
}
