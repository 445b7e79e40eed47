package org.lakebrush.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opencv.core.Mat;

/** What a JPEG keeps outside the hole, and of how it was compressed. */
class JpegFidelityTest {
  private static final Region HOLE = new Region(83, 61, 45, 38);

  @ParameterizedTest
  @ValueSource(strings = {"photo-420.jpg", "photo-422.jpg", "photo-444.jpg", "photo-prog.jpg", "photo-prog444.jpg", "photo-no-app0.jpg",
      "photo-gray.jpg"})
  void keepsWhatTheHoleDoesNotTouch(String name) throws Exception {
    byte[] file = TestPictures.load(name);
    Picture p = Codecs.decode(file);
    TestPictures.paint(p, HOLE, TestPictures.PAINT);
    byte[] out = Codecs.encode(p, ImageFormat.JPEG).bytes();
    Mat a = TestPictures.openCv(file);
    Mat b = TestPictures.openCv(out);
    int pixels = 0;
    int near = 0;
    int nearRgb = 0;
    double squares = 0;
    try {
      for (int y = 0; y < a.rows(); y++) {
        for (int x = 0; x < a.cols(); x++) {
          if (HOLE.intersects(new Region(x / 16 * 16, y / 16 * 16, 16, 16))) {
            continue;
          }
          double[] u = a.get(y, x);
          double[] v = b.get(y, x);
          double d = luma(u) - luma(v);
          pixels++;
          squares += d * d;
          near += Math.abs(d) <= 2 ? 1 : 0;
          boolean all = true;
          for (int c = 0; c < u.length; c++) {
            all &= Math.abs(u[c] - v[c]) <= 2;
          }
          nearRgb += all ? 1 : 0;
        }
      }
    } finally {
      a.release();
      b.release();
    }
    double psnr = 10 * Math.log10(255 * 255 / (squares / pixels));
    assertTrue(near >= 0.995 * pixels, "luma within 2: " + (double) near / pixels);
    assertTrue(psnr >= 44, "PSNR " + psnr);
    if (name.contains("444")) {
      assertTrue(nearRgb >= 0.999 * pixels, "RGB within 2: " + (double) nearRgb / pixels);
    }
  }

  private static double luma(double[] bgr) {
    return bgr.length == 1 ? bgr[0] : 0.114 * bgr[0] + 0.587 * bgr[1] + 0.299 * bgr[2];
  }

  @ParameterizedTest
  @ValueSource(strings = {"photo-420.jpg", "photo-422.jpg", "photo-444.jpg", "photo-prog.jpg", "photo-no-app0.jpg", "photo-gray.jpg",
      "baseline-420.jpg", "no-app0-444.jpg", "restart-420.jpg", "rgb.jpg", "cmyk.jpg", "cmyk-no-adobe.jpg", "ycck.jpg"})
  void keepsTablesSamplingProcessAndSegments(String name) throws Exception {
    byte[] file = TestPictures.load(name);
    byte[] out = TestPictures.painted(file).bytes();
    assertEquals(TestPictures.metadata(file), TestPictures.metadata(out));
    assertEquals(tables(file), tables(out), "quantisation tables");
    assertEquals(of(file, 0xC0, 0xC1, 0xC2), of(out, 0xC0, 0xC1, 0xC2), "frame header: process, size, identifiers, sampling");
    assertEquals(of(file, 0xDD), of(out, 0xDD), "restart interval");
  }

  /** Slot and values of every table, one segment each or all in one. */
  private static String tables(byte[] jpeg) {
    StringBuilder all = new StringBuilder();
    for (byte[] s : TestPictures.segments(jpeg)) {
      if ((s[1] & 255) == 0xDB) {
        all.append(HexFormat.of().formatHex(s, 4, s.length));
      }
    }
    return all.toString();
  }

  private static List<String> of(byte[] jpeg, int... markers) {
    return TestPictures.segments(jpeg).stream().filter(s -> {
      for (int m : markers) {
        if ((s[1] & 255) == m) {
          return true;
        }
      }
      return false;
    }).map(HexFormat.of()::formatHex).toList();
  }

  /** Slots need not be the first ones, nor without a gap. */
  @ParameterizedTest
  @CsvSource({"gray.jpg, 3, 1", "baseline-420.jpg, 0, 2", "no-app0-444.jpg, 2, 3"})
  void tablesMayLieInAnySlots(String name, int first, int second) throws Exception {
    byte[] file = TestPictures.load(name);
    int[] slots = {first, second};
    for (JpegFile.Segment s : JpegFile.parse(file, false).segments()) {
      for (int at = s.payload(); s.marker() == 0xDB && at < s.at() + s.length(); at += 65) {
        file[at] = (byte) slots[file[at]];
      }
      for (int i = 0; s.marker() == 0xC0 && i < file[s.payload() + 5]; i++) {
        int at = s.payload() + 8 + 3 * i;
        file[at] = (byte) slots[file[at]];
      }
    }
    byte[] out = TestPictures.painted(file).bytes();
    byte[] plain = TestPictures.painted(TestPictures.load(name)).bytes();
    assertArrayEquals(TestPictures.rgb(Codecs.decode(plain), 0), TestPictures.rgb(Codecs.decode(out), 0));
    JpegFile f = JpegFile.parse(out, true);
    for (int i = 0; i < f.components().size(); i++) {
      int[] expected = JpegFile.parse(file, true).tables()[slots[Math.min(i, 1)]];
      assertArrayEquals(expected, f.tables()[f.components().get(i).table()]);
    }
  }

  @Test
  void keepsUnknownSegmentsInTheirOrder() throws Exception {
    byte[] file = TestPictures.withSegments(TestPictures.load("no-app0-420.jpg"),
        TestPictures.segment(0xFE, TestPictures.latin1("first comment")),
        TestPictures.segment(0xE1, TestPictures.latin1("Exif\0\0"), new byte[3]),
        TestPictures.segment(0xEB, TestPictures.latin1("anything"), new byte[] {0, 1, 2, -1, -40}),
        TestPictures.segment(0xE2, TestPictures.latin1("ICC_PROFILE\0\1\1"), TestPictures.load("srgb.icc")),
        TestPictures.segment(0xFE, TestPictures.latin1("second comment")));
    Encoded out = TestPictures.painted(file);
    assertEquals(TestPictures.metadata(file), TestPictures.metadata(out.bytes()));
    assertEquals(5, TestPictures.metadata(out.bytes()).size());
    assertEquals(List.of(), out.notes());
  }
}
