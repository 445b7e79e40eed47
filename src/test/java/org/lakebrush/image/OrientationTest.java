package org.lakebrush.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Orientation, against the standard's words for where the stored row 0 and column 0 lie in the upright picture (Exif 2.32, 4.6.4 A):
 * 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 left top, 6 right top, 7 right bottom, 8 left bottom.
 */
class OrientationTest {
  private static final int W = 50;
  private static final int H = 38;

  private static byte[] tagged(int orientation) {
    ByteBuffer exif = ByteBuffer.allocate(26).order(ByteOrder.LITTLE_ENDIAN);
    exif.put(TestPictures.latin1("II*\0")).putInt(8).putShort((short) 1).putShort((short) 0x112).putShort((short) 3).putInt(1)
        .putShort((short) orientation).putShort((short) 0).putInt(0);
    return TestPictures.withChunk(TestPictures.load("rgb8.png"), "eXIf", exif.array());
  }

  /** Where the stored pixel (column, row) lies in the upright picture. */
  private static int[] upright(int orientation, int column, int row) {
    return switch (orientation) {
      case 2 -> new int[] {W - 1 - column, row};
      case 3 -> new int[] {W - 1 - column, H - 1 - row};
      case 4 -> new int[] {column, H - 1 - row};
      case 5 -> new int[] {row, column};
      case 6 -> new int[] {H - 1 - row, column};
      case 7 -> new int[] {H - 1 - row, W - 1 - column};
      case 8 -> new int[] {row, W - 1 - column};
      default -> new int[] {column, row};
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void readsAndWritesUprightAndKeepsTheStoredFrame(int orientation) throws Exception {
    byte[] file = tagged(orientation);
    Picture p = Codecs.decode(file);
    boolean turned = orientation >= 5;
    assertEquals(orientation, p.orientation().exif());
    assertEquals(turned ? H : W, p.width());
    assertEquals(turned ? W : H, p.height());
    byte[][] rows = new byte[p.height()][3 * p.width()];
    for (int y = 0; y < p.height(); y++) {
      p.readRow(y, rows[y]);
    }
    for (int row = 0; row < H; row++) {
      for (int column = 0; column < W; column++) {
        int[] at = upright(orientation, column, row);
        assertEquals(TestPictures.stored(1, column, row, 255), rows[at[1]][3 * at[0] + 1] & 255);
      }
    }

    Region hole = new Region(3, 11, 5, 2);
    TestPictures.paint(p, hole, new float[] {1, 0, 1});
    byte[] out = Codecs.encode(p, ImageFormat.PNG).bytes();
    assertArrayEquals(TestPictures.chunks(file, "eXIf").get(0), TestPictures.chunks(out, "eXIf").get(0));
    assertEquals(W, Codecs.header(out).width());
    Picture stored = Codecs.decode(TestPictures.concat(Arrays.copyOf(out, 33),
        Arrays.copyOfRange(out, 33 + 12 + 26, out.length)));
    float[] rgb = TestPictures.rgb(stored, 0);
    for (int row = 0; row < H; row++) {
      for (int column = 0; column < W; column++) {
        int[] at = upright(orientation, column, row);
        boolean inside = hole.intersects(new Region(at[0], at[1], 1, 1));
        float expected = inside ? 0 : TestPictures.stored(1, column, row, 255) / 255f;
        assertEquals(expected, rgb[W * H + row * W + column], 1e-6f);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"exif-thumbnail-le.bin, 6", "exif-thumbnail-be.bin, 8"})
  void isReadInEitherByteOrder(String block, int expected) throws Exception {
    byte[] file = TestPictures.withChunk(TestPictures.load("gray8.png"), "eXIf", TestPictures.load(block));
    assertEquals(expected, Codecs.decode(file).orientation().exif());
    byte[] jpeg = TestPictures.withSegments(TestPictures.load("gray.jpg"),
        TestPictures.segment(0xE1, TestPictures.latin1("Exif\0\0"), TestPictures.load(block)));
    assertEquals(expected, Codecs.decode(jpeg).orientation().exif());
    assertEquals(6, Codecs.decode(TestPictures.load("metadata.webp")).orientation().exif());
  }

  @Test
  void tiffTagIsKept() throws Exception {
    byte[] file = TestPictures.load("rgb8-none.tif");
    ByteBuffer b = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int ifd = b.getInt(4);
    for (int i = 0; i < b.getShort(ifd); i++) {
      int at = ifd + 2 + 12 * i;
      if (b.getShort(at) == 282) { // XResolution gives its place
        b.putShort(at, (short) 274).putShort(at + 2, (short) 3).putInt(at + 4, 1).putInt(at + 8, 6);
      }
    }
    Picture p = Codecs.decode(file);
    assertEquals(Orientation.ROTATE_90_CW, p.orientation());
    assertEquals(H, p.width());
    TestPictures.paint(p, TestPictures.HOLE, TestPictures.PAINT);
    assertEquals(Orientation.ROTATE_90_CW, Codecs.decode(Codecs.encode(p, ImageFormat.TIFF).bytes()).orientation());
  }
}
