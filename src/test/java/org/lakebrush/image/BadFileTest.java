package org.lakebrush.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

/** Files that are not what they should be: each has its kind, and none ends in anything but an {@link ImageFailure}. */
class BadFileTest {
  private static byte[] cut(byte[] file, double share) {
    return Arrays.copyOf(file, (int) (file.length * share));
  }

  @Test
  void emptyFile() {
    assertEquals(ErrorKind.EMPTY_FILE, TestPictures.failure(new byte[0]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"This is a text file that someone named .jpg.", "BM is how this sentence begins, and it is not a picture.", "x",
      "RIFF    WAVEfmt "})
  void noImage(String text) {
    assertEquals(ErrorKind.NOT_AN_IMAGE, TestPictures.failure(TestPictures.latin1(text)));
  }

  @ParameterizedTest
  @CsvSource({"GIF89a......., GIF", "....ftypheic...., HEIF", "....ftypavif...., AVIF", "%PDF-1.7........, PDF", "8BPS............, Photoshop"})
  void otherFormatsAreNamed(String start, String name) {
    ImageFailure e = assertThrows(ImageFailure.class, () -> Codecs.header(TestPictures.latin1(start)));
    assertEquals(ErrorKind.UNSUPPORTED, e.kind());
    assertTrue(e.getMessage().contains(name), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"baseline-420.jpg", "progressive-420.jpg", "photo-420.jpg", "photo-prog.jpg", "gray.jpg", "cmyk.jpg", "rgb8.png",
      "gray1.png", "palette8.png", "rgba16.png", "lossy.webp", "lossless.webp", "lossy-alpha.webp", "rgb24.bmp", "palette8.bmp",
      "rgb8-none.tif", "rgb8-lzw.tif", "gray1-g4.tif"})
  void truncated(String name) {
    byte[] file = TestPictures.load(name);
    for (double share : new double[] {0.3, 0.5, 0.8, 0.97}) {
      assertEquals(ErrorKind.TRUNCATED, TestPictures.failure(cut(file, share)), name + " cut to " + share);
    }
  }

  /** A cut file that was closed with an end marker, as careless repair tools do. */
  @ParameterizedTest
  @ValueSource(strings = {"photo-420.jpg", "photo-444.jpg", "photo-gray.jpg"})
  void truncatedWithEndMarker(String name) {
    byte[] file = cut(TestPictures.load(name), 0.6);
    file[file.length - 2] = (byte) 0xFF;
    file[file.length - 1] = (byte) 0xD9;
    ErrorKind kind = TestPictures.failure(file);
    assertTrue(kind == ErrorKind.CORRUPT || kind == ErrorKind.TRUNCATED, name + ": " + kind);
  }

  @Test
  void bitFlippedJpeg() {
    byte[] file = TestPictures.load("photo-444.jpg");
    int found = 0;
    for (int i = 0; i < 20; i++) {
      byte[] damaged = file.clone();
      // Runs of damage within the entropy-coded data. Some leave a valid stream of other blocks, which nothing can tell.
      for (int k = 0; k < 40; k++) {
        damaged[file.length / 2 + 97 * i + k] ^= (byte) (0x55 + k);
      }
      found += TestPictures.failure(damaged) != null ? 1 : 0;
    }
    assertTrue(found >= 14, found + " of 20 found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rgb8.png", "gray1.png", "palette4.png", "rgba16.png"})
  void bitFlippedPng(String name) {
    byte[] file = TestPictures.load(name);
    for (int at = 50; at < file.length - 20; at += 7) {
      byte[] damaged = file.clone();
      damaged[at] ^= 4;
      assertNotNull(TestPictures.failure(damaged), name + " flipped at " + at);
    }
    byte[] inPixels = file.clone();
    inPixels[file.length / 2] ^= 1;
    assertEquals(ErrorKind.CORRUPT, TestPictures.failure(inPixels));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rgb16-deflate-predictor.tif", "cmyk8.tif"})
  void bitFlippedDeflateTiff(String name) {
    byte[] file = TestPictures.load(name);
    int offset = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
    byte[] damaged = file.clone();
    damaged[offset == 8 ? file.length - 40 : 60] ^= 0x10;
    assertEquals(ErrorKind.CORRUPT, TestPictures.failure(damaged));
  }

  /** The JDK's TIFF reader says nothing of damage in a JPEG that it decodes. */
  @Test
  void damagedJpegInTiff() throws Exception {
    byte[] file = TestPictures.load("rgb8-jpeg.tif");
    TiffFile tiff = TiffFile.parse(file);
    int at = (int) tiff.offsets()[0];
    int end = at + (int) tiff.counts()[0];
    byte[] half = file.clone();
    Arrays.fill(half, (at + end) / 2, end - 2, (byte) 0);
    assertEquals(ErrorKind.CORRUPT, TestPictures.failure(half));
    byte[] cut = file.clone();
    Arrays.fill(cut, (at + end) / 2, end, (byte) 0);
    assertEquals(ErrorKind.TRUNCATED, TestPictures.failure(cut));
    byte[] huge = file.clone();
    int frame = at;
    while (huge[frame] != (byte) 0xFF || huge[frame + 1] != (byte) 0xC0) {
      frame++;
    }
    Arrays.fill(huge, frame + 5, frame + 9, (byte) 0x7F);
    ImageFailure e = assertThrows(ImageFailure.class, () -> Codecs.decode(huge));
    assertEquals(ErrorKind.CORRUPT, e.kind());
    assertTrue(e.getMessage().contains("32639x32639 pixels in a place for 50x38"), e.getMessage());
  }

  /** A directory that names itself as its EXIF directory, many times. */
  @Test
  void endlessExifDirectories() {
    int n = 1500;
    ByteBuffer block = ByteBuffer.allocate(8 + 2 + 12 * n + 4).order(ByteOrder.LITTLE_ENDIAN);
    block.put(TestPictures.latin1("II*\0")).putInt(8).putShort((short) n);
    for (int i = 0; i < n; i++) {
      block.putShort((short) 34665).putShort((short) 4).putInt(1).putInt(8);
    }
    assertTimeoutPreemptively(Duration.ofSeconds(10), () -> IfdTree.ofExif(block.array()));
  }

  /** Metadata in which every byte looks like the start of a preview, and none ends. */
  @Test
  void endlessPreviews() throws Exception {
    ByteBuffer exif = ByteBuffer.allocate(4 << 20);
    exif.put(TestPictures.latin1("II*\0")).position(16);
    while (exif.remaining() >= 16) {
      exif.put(new byte[] {-1, -40, -1, -64, 0, 2, -1, -38, 0, 2, 0, 0, 0, 0, 0, 0});
    }
    byte[] xmp = TestPictures.latin1("XML:com.adobe.xmp\0\0\0\0\0" + "<x:Thumbnails>".repeat(200_000) + "<y:Thumbnails ".repeat(200_000));
    byte[] file = TestPictures.withChunk(TestPictures.withChunk(TestPictures.load("rgb8.png"), "eXIf", exif.array()), "iTXt", xmp);
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> TestPictures.painted(file));
  }

  @Test
  void endlessSubDirectoriesOfTiff() throws Exception {
    byte[] file = TestPictures.load("rgb8-none.tif");
    TiffFile.Entry planes = TiffFile.parse(file).entry(284);
    int n = 300_000;
    int directory = file.length + 4 * n;
    ByteBuffer b = ByteBuffer.allocate(directory + 6 + 12 * 50_000);
    b.order(file[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN).put(file);
    for (int i = 0; i < n; i++) {
      b.putInt(directory);
    }
    b.putShort((short) 50_000);
    for (int i = 0; i < 50_000; i++) {
      b.putShort((short) i).putShort((short) 4).putInt(1).putInt(0);
    }
    b.putShort(planes.at(), (short) 330).putShort(planes.at() + 2, (short) 4).putInt(planes.at() + 4, n).putInt(planes.at() + 8, file.length);
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> TestPictures.painted(b.array()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"animated.png", "animated.webp", "two-pages.tif"})
  void severalFrames(String name) {
    byte[] file = TestPictures.load(name);
    assertEquals(ErrorKind.MULTIPLE_FRAMES, assertThrows(ImageFailure.class, () -> Codecs.header(file)).kind());
    assertEquals(ErrorKind.MULTIPLE_FRAMES, assertThrows(ImageFailure.class, () -> Codecs.decode(file)).kind());
  }

  @Test
  void floatTiff() {
    assertEquals(ErrorKind.UNSUPPORTED, TestPictures.failure(TestPictures.load("float.tif")));
  }

  @ParameterizedTest
  @CsvSource({"C3, 8", "C9, 8", "CA, 8", "C5, 8", "C1, 12"})
  void jpegOfOtherKinds(String marker, int precision) {
    byte[] file = TestPictures.load("baseline-420.jpg");
    for (int at = 2; ; at += 2 + ((file[at + 2] & 255) << 8 | file[at + 3] & 255)) {
      if ((file[at + 1] & 255) == 0xC0) {
        file[at + 1] = (byte) Integer.parseInt(marker, 16);
        file[at + 4] = (byte) precision;
        break;
      }
    }
    assertEquals(ErrorKind.UNSUPPORTED, TestPictures.failure(file));
  }

  @Test
  void headerOfSixtyThousandSquaredIsOnlyRead() throws Exception {
    byte[] ihdr = ByteBuffer.allocate(13).putInt(60000).putInt(60000).put(new byte[] {8, 2, 0, 0, 0}).array();
    byte[] file = TestPictures.concat(Arrays.copyOf(TestPictures.load("rgb8.png"), 8), TestPictures.chunk("IHDR", ihdr),
        TestPictures.chunk("IDAT", new byte[20]), TestPictures.chunk("IEND", new byte[0]));
    ImageHeader header = Codecs.header(file);
    assertEquals(3_600_000_000L, header.pixels());
    assertTrue(header.workingBytes() > 3 * header.pixels());
    assertEquals(ErrorKind.TOO_LARGE, assertThrows(ImageFailure.class, () -> Codecs.decode(file)).kind());
  }

  @Test
  void zeroPaddingBeforeTheEndOfAJpegIsNoDamage() {
    byte[] file = TestPictures.load("baseline-420.jpg");
    byte[] padded = TestPictures.concat(Arrays.copyOf(file, file.length - 2), new byte[64], new byte[] {(byte) 0xFF, (byte) 0xD9});
    assertNull(TestPictures.failure(padded));
  }

  @Test
  void bytesAfterTheEndOfAJpegAreNoDamage() throws Exception {
    byte[] file = TestPictures.load("baseline-420.jpg");
    byte[] longer = TestPictures.concat(file, TestPictures.latin1("a trailer"));
    Encoded out = TestPictures.painted(longer);
    assertEquals(List.of("9 bytes after the picture dropped"), out.notes());
  }

  /** Whatever is done to a file: a picture, or an {@link ImageFailure} with a message of one line. */
  @ParameterizedTest
  @ValueSource(strings = {"baseline-420.jpg", "progressive-444.jpg", "ycck.jpg", "rgb8.png", "palette4-alpha.png", "gray16.png",
      "metadata.webp", "lossless-alpha.webp", "palette8-rle.bmp", "rgb565.bmp", "rgba32-v5.bmp", "rgb8-lzw.tif", "gray1-g4.tif",
      "gray1-g3.tif", "rgb8-jpeg.tif", "rgb16-planar.tif", "palette8.tif", "rgb8-packbits.tif"})
  void mutationsNeverEndInAnotherException(String name) {
    byte[] file = TestPictures.load(name);
    Random random = new Random(name.hashCode());
    for (int i = 0; i < 60; i++) {
      byte[] m = file.clone();
      int edits = 1 + random.nextInt(4);
      for (int k = 0; k < edits; k++) {
        // Half of the damage to the first bytes, where the structure is.
        int at = random.nextInt(random.nextBoolean() ? Math.min(200, m.length) : m.length);
        m[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : random.nextBoolean() ? 0xFF : 0);
      }
      if (random.nextInt(4) == 0) {
        m = Arrays.copyOf(m, random.nextInt(m.length + 1));
      }
      try {
        ImageHeader header = Codecs.header(m);
        if (header.pixels() > 1_000_000) {
          continue; // the caller's limit
        }
        Picture p = Codecs.decode(m);
        assertEquals(header.pixels(), (long) p.width() * p.height());
        p.readRow(p.height() - 1, new byte[3 * p.width()]);
        Codecs.encode(p, p.format());
      } catch (ImageFailure e) {
        assertTrue(e.getMessage() != null && !e.getMessage().isBlank() && e.getMessage().indexOf('\n') < 0, e.getMessage());
        assertTrue(e.kind() != ErrorKind.INTERNAL);
      }
    }
  }
}
