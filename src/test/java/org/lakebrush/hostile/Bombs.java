package org.lakebrush.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.hostile.Pieces.Piece;

/** Files made by hand to take more memory or time than they have a right to, with lengths and checksums that are right. */
public final class Bombs {
  private static final int FOUR_GIGABYTES = 4096;
  /** A JPEG that begins within a JPEG's segment, again and again. */
  private static final byte[] NESTED = {(byte) 0xFF, (byte) 0xC0, 0, 5, (byte) 0xFF, (byte) 0xD8, (byte) 0xFF};

  private final TreeMap<String, byte[]> seeds = Seeds.all();
  private final Map<String, Bomb> all = new LinkedHashMap<>();

  /**
   * A case.
   *
   * @param kinds what may come of it; empty: it is repaired
   */
  public record Bomb(String name, Set<ErrorKind> kinds, Supplier<byte[]> maker) {
    public Mutations.Mutant make() {
      return new Mutations.Mutant(name, "bomb", maker.get());
    }
  }

  /** All of them. */
  public static List<Bomb> all() {
    Bombs bombs = new Bombs();
    bombs.pngs();
    bombs.jpegs();
    bombs.tiffs();
    bombs.others();
    return List.copyOf(bombs.all.values());
  }

  /** A PNG of so many black pixels in three channels, in as few bytes as can be. */
  public static byte[] flat(int width, int height) {
    return png(width, height, 8, 2, zeros(height * (3L * width + 1)));
  }

  private void add(String name, Supplier<byte[]> maker, ErrorKind... kinds) {
    all.put(name, new Bomb(name, Set.of(kinds), maker));
  }

  private void pngs() {
    add("pixels-60000x60000.png", () -> png(60000, 60000, 8, 2, Seeds.deflate(new byte[100])), ErrorKind.TOO_LARGE);
    add("pixels-2147483647x1.png", () -> png(Integer.MAX_VALUE, 1, 1, 0, Seeds.deflate(new byte[100])), ErrorKind.TOO_LARGE);
    add("pixels-13000x13000-of-little.png", () -> png(13000, 13000, 1, 0, Seeds.deflate(new byte[100])), ErrorKind.TOO_LARGE,
        ErrorKind.CORRUPT);
    add("pixels-3000x3000-of-1-kb.png", () -> png(3000, 3000, 1, 0, zeros(3000L * 376)));
    add("pixels-20000000x1.png", () -> png(20_000_000, 1, 1, 0, zeros(2_500_001)), ErrorKind.TOO_LARGE);
    add("pixels-1000000x1.png", () -> png(1_000_000, 1, 1, 0, zeros(125_001)));
    add("pixels-1x1000000.png", () -> png(1, 1_000_000, 1, 0, zeros(2_000_000)));
    add("pixels-go-on-for-4-gb.png", () -> png(50, 38, 8, 2, zeros((long) FOUR_GIGABYTES << 20)));
    add("icc-of-4-gb.png", () -> png("iCCP", "icc\0\0", zeros((long) FOUR_GIGABYTES << 20), 1));
    add("text-of-4-gb.png", () -> png("zTXt", "Raw profile type exif\0\0", zeros((long) FOUR_GIGABYTES << 20), 1));
    add("xmp-of-4-gb.png", () -> png("iTXt", "XML:com.adobe.xmp\0\u0001\0\0\0", zeros((long) FOUR_GIGABYTES << 20), 1));
    add("texts-of-15-mb-1000-times.png", () -> png("zTXt", "Raw profile type exif\0\0", zeros(15L << 20), 1000));
    add("xmps-of-3-mb-1000-times.png", () -> png("iTXt", "XML:com.adobe.xmp\0\u0001\0\0\0", zeros(3L << 20), 1000));
    add("chunks-of-nothing-1000000-times.png", () -> png("teSt", "", new byte[0], 1_000_000), ErrorKind.CORRUPT);
    add("idats-of-nothing-1000000-times.png", this::emptyIdats);
    add("jpegs-within-jpegs.png", () -> png("eXIf", "II*\0\u0008\0\0\0\0\0\0\0\0\0", nested(2_000_000), 1));
    add("thumbnails-without-end.png", () -> png("iTXt", "XML:com.adobe.xmp\0\0\0\0\0", endless(100_000), 1));
    add("xmp-of-20-mb.png", () -> png("iTXt", "XML:com.adobe.xmp\0\0\0\0\0", new byte[20 << 20], 1));
  }

  private byte[] emptyIdats() {
    byte[] file = seeds.get("rgb8.png");
    byte[] empty = Pieces.PNG.join(List.of(new Piece("IDAT", new byte[0])));
    // Behind the signature and IHDR.
    ByteBuffer out = ByteBuffer.allocate(file.length + 12_000_000).put(file, 0, 33);
    for (int i = 0; i < 1_000_000; i++) {
      out.put(empty, 8, 12);
    }
    return out.put(file, 33, file.length - 33).array();
  }

  private void jpegs() {
    add("pixels-65500x65500.jpg", () -> jpeg("baseline-420.jpg", 65500, 65500), ErrorKind.TOO_LARGE);
    add("pixels-5000x5000-of-1-kb.jpg", () -> jpeg("baseline-420.jpg", 5000, 5000), ErrorKind.TRUNCATED, ErrorKind.CORRUPT);
    add("pixels-4000x4000-progressive.jpg", () -> jpeg("progressive-444.jpg", 4000, 4000), ErrorKind.TRUNCATED, ErrorKind.CORRUPT);
    add("scans-10000-times.jpg", () -> scans(4000, 10_000), ErrorKind.CORRUPT);
    add("segments-of-nothing-1000000-times.jpg", () -> segments('\u00eb', new byte[0], 1_000_000), ErrorKind.CORRUPT);
    add("jpegs-within-exif-100-times.jpg",
        () -> segments('\u00e1', Seeds.bytes("Exif\0\0II*\0\u0008\0\0\0\0\0\0\0\0\0", nested(65_500)), 100));
    add("jpegs-within-app11.jpg", () -> segments('\u00eb', nested(65_500), 100));
    add("exif-of-thumbnails.jpg", () -> segments('\u00e1', Seeds.bytes("Exif\0\0", manyStrips()), 100));
    add("icc-255-parts.jpg", () -> segments('\u00e2', Seeds.bytes("ICC_PROFILE\0\u0001\u00ff", new byte[60_000]), 255));
    add("thumbnails-without-end-100-times.jpg",
        () -> segments('\u00e1', Seeds.bytes("http://ns.adobe.com/xap/1.0/\0", Arrays.copyOf(endless(3000), 65_500)), 100));
  }

  private void tiffs() {
    add("pixels-60000x60000.tif", () -> tiff(60000, 60000, 8, new byte[100]), ErrorKind.TOO_LARGE);
    add("strip-goes-on-for-4-gb.tif", () -> tiff(50, 38, 8, zeros((long) FOUR_GIGABYTES << 20)), ErrorKind.CORRUPT);
    add("strip-too-short.tif", () -> tiff(5000, 5000, 8, zeros(1 << 20)), ErrorKind.CORRUPT);
    add("pixels-5000x5000-of-30-kb.tif", () -> tiff(5000, 5000, 8, zeros(5000L * 5000)));
    add("tiles-60-mb-on-one-another.tif", () -> tiles(1 << 24, 4, 1, 2000, zeros(64L << 20)), ErrorKind.CORRUPT);
    add("tiles-of-a-pixel.tif", () -> tiles(1, 1, 150, 150, zeros(1)));
    add("tiles-of-a-pixel-4-million.tif", () -> tiles(1, 1, 2100, 2100, zeros(1)), ErrorKind.CORRUPT);
    add("tiles-6-mb-with-nothing.tif", () -> tiles(16, 16, 16, 16 * 2000, emptyBlocks(1 << 20)), ErrorKind.CORRUPT);
    add("bits-of-a-30-mb-tag.tif", () -> longTag("rgb8-none.tif", 258, 30 << 20), ErrorKind.CORRUPT, ErrorKind.UNSUPPORTED);
    add("widths-of-a-30-mb-tag.tif", () -> longTag("gray1-g4.tif", 256, 30 << 20), ErrorKind.CORRUPT);
    add("offsets-of-a-30-mb-tag.tif", () -> longTag("rgb8-none.tif", 273, 30 << 20), ErrorKind.CORRUPT);
    add("orientations-of-a-30-mb-tag.tif", () -> longTag("rgb8-none.tif", 274, 30 << 20));
    add("directory-is-its-own-next.tif", this::loop, ErrorKind.MULTIPLE_FRAMES);
    add("thumbnails-64-of-many-strips.tif", this::thumbnails);
    add("big.tif", () -> Seeds.bytes("II+\0\u0008\0\0\0\u0010\0\0\0\0\0\0\0", new byte[100]), ErrorKind.UNSUPPORTED);
  }

  private void others() {
    add("pixels-60000x60000.bmp", () -> bmp("rgb24.bmp", 60000, 60000), ErrorKind.TOO_LARGE);
    add("pixels-2147483647x1.bmp", () -> bmp("palette1.bmp", Integer.MAX_VALUE, 1), ErrorKind.TOO_LARGE);
    add("pixels-13000x-13000.bmp", () -> bmp("palette1.bmp", 13000, -13000), ErrorKind.TOO_LARGE, ErrorKind.TRUNCATED);
    add("pixels-3000x3000-run-length.bmp", () -> bmp("palette8-rle.bmp", 3000, 3000));
    add("run-length-of-2-gb.bmp", () -> field(field("palette8-rle.bmp", 34, Integer.MAX_VALUE), 2, Integer.MAX_VALUE));
    add("palette-of-2-gb.bmp", () -> field("palette8-rle.bmp", 46, Integer.MAX_VALUE));
    add("pixels-16383x16383.webp", () -> webp("lossy.webp", 16383, 16383), ErrorKind.TOO_LARGE);
    add("pixels-16384x16384-lossless.webp", () -> webp("lossless.webp", 16384, 16384), ErrorKind.TOO_LARGE);
    add("pixels-3000x3000.webp", () -> webp("lossy.webp", 3000, 3000), ErrorKind.CORRUPT);
    add("pixels-3000x3000-lossless.webp", () -> webp("lossless.webp", 3000, 3000), ErrorKind.CORRUPT);
    add("chunks-of-nothing-1000000-times.webp", this::manyChunks, ErrorKind.CORRUPT);
    add("groups-of-codes-65536-times.webp", Bombs::groups);
    add("jpegs-within-exif.webp", this::nestedWebp);
  }

  /** A zlib stream of so many zeros, its checksum right. */
  static byte[] zeros(long n) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0x78, (byte) 0x9C});
    byte[] megabyte = deflated(1 << 20);
    for (long i = n >> 20; i > 0; i--) {
      out.writeBytes(megabyte);
    }
    out.writeBytes(deflated((int) (n & (1 << 20) - 1)));
    long adler = n % 65521 << 16 | 1;
    out.writeBytes(ByteBuffer.allocate(6).put((byte) 3).put((byte) 0).putInt((int) adler).array());
    return out.toByteArray();
  }

  /** A piece of a Deflate stream that stands for itself and ends with a byte. */
  private static byte[] deflated(int zeros) {
    Deflater deflater = new Deflater(9, true);
    try {
      deflater.setInput(new byte[zeros]);
      byte[] out = new byte[4096];
      return Arrays.copyOf(out, deflater.deflate(out, 0, out.length, Deflater.FULL_FLUSH));
    } finally {
      deflater.end();
    }
  }

  /** A zlib stream of many stored blocks without a byte in them. */
  private static byte[] emptyBlocks(int length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0x78, (byte) 0x9C});
    for (int i = 0; i < length / 5; i++) {
      out.writeBytes(new byte[] {0, 0, 0, (byte) 0xFF, (byte) 0xFF});
    }
    out.writeBytes(new byte[] {3, 0, 0, 0, 0, 1});
    return out.toByteArray();
  }

  private static byte[] nested(int length) {
    byte[] all = new byte[length];
    for (int i = 0; i < length; i++) {
      all[i] = NESTED[i % NESTED.length];
    }
    all[length - 2] = (byte) 0xFF;
    all[length - 1] = (byte) 0xD9;
    return all;
  }

  private static byte[] endless(int n) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < n; i++) {
      text.append("<n").append(i).append(":Thumbnails>");
    }
    return Pieces.latin1(text.toString());
  }

  private static byte[] png(int width, int height, int depth, int colour, byte[] idat) {
    byte[] ihdr = ByteBuffer.allocate(13).putInt(width).putInt(height).put((byte) depth).put((byte) colour).array();
    return Pieces.PNG.join(List.of(new Piece("IHDR", ihdr), new Piece("IDAT", idat), new Piece("IEND", new byte[0])));
  }

  private byte[] png(String type, String head, byte[] tail, int times) {
    List<Piece> pieces = new ArrayList<>(Pieces.PNG.split(seeds.get("rgb8.png")));
    Piece piece = new Piece(type, Seeds.bytes(head, tail));
    for (int i = 0; i < times; i++) {
      pieces.add(pieces.size() - 1, piece);
    }
    if (type.equals("iCCP")) {
      pieces.add(1, pieces.remove(pieces.size() - 2));
    }
    return Pieces.PNG.join(pieces);
  }

  private byte[] jpeg(String seed, int width, int height) {
    List<Piece> pieces = Pieces.JPEG.split(seeds.get(seed));
    for (Piece p : pieces) {
      if (p.type().charAt(0) == 0xC0 || p.type().charAt(0) == 0xC2) {
        ByteBuffer.wrap(p.data()).putShort(1, (short) height).putShort(3, (short) width);
      }
    }
    return Pieces.JPEG.join(pieces);
  }

  /** A grey progressive JPEG of many scans that each say of all blocks that there is nothing new: 2 bytes for 32767 of them. */
  private byte[] scans(int side, int scans) {
    List<Piece> pieces = new ArrayList<>();
    pieces.add(new Piece("\u00db", new byte[65]));
    Arrays.fill(pieces.get(0).data(), 1, 65, (byte) 1);
    pieces.add(new Piece("\u00c2", ByteBuffer.allocate(9).put((byte) 8).putShort((short) side).putShort((short) side)
        .put(new byte[] {1, 1, 0x11, 0}).array()));
    // One code of one bit for each table: "no difference" for DC, "2^14 and more blocks end here" for AC.
    byte[] dc = new byte[18];
    dc[1] = 1;
    byte[] ac = dc.clone();
    ac[0] = 0x10;
    ac[17] = (byte) 0xE0;
    pieces.add(new Piece("\u00c4", dc));
    pieces.add(new Piece("\u00c4", ac));
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    int blocks = (side + 7) / 8 * ((side + 7) / 8);
    data.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xDA, 0, 8, 1, 1, 0, 0, 0, 0});
    data.writeBytes(new byte[blocks / 8 + 1]);
    byte[] run = new byte[blocks / 16384 * 15 / 8 + 4];
    for (int i = 0; i < scans; i++) {
      data.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xDA, 0, 8, 1, 1, 0, 1, 63, 0});
      data.writeBytes(run);
    }
    data.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xD9});
    pieces.add(new Piece(Pieces.SCANS, data.toByteArray()));
    return Pieces.JPEG.join(pieces);
  }

  private byte[] segments(char marker, byte[] data, int times) {
    List<Piece> pieces = new ArrayList<>();
    List<Piece> seed = Pieces.JPEG.split(seeds.get("baseline-420.jpg"));
    pieces.add(seed.get(0));
    Piece piece = new Piece(String.valueOf(marker), data);
    for (int i = 0; i < times; i++) {
      pieces.add(piece);
    }
    pieces.addAll(seed.subList(1, seed.size()));
    return Pieces.JPEG.join(pieces);
  }

  /** An EXIF block whose thumbnail has 4096 strips, each the whole block. */
  private static byte[] manyStrips() {
    ByteBuffer b = ByteBuffer.allocate(65_000).order(ByteOrder.LITTLE_ENDIAN);
    b.put(Pieces.latin1("II*\0")).putInt(8).putShort((short) 0).putInt(14);
    b.putShort((short) 2).putShort((short) 273).putShort((short) 4).putInt(4096).putInt(100);
    b.putShort((short) 279).putShort((short) 4).putInt(4096).putInt(100 + 4 * 4096);
    for (int i = 0; i < 4096; i++) {
      b.putInt(100 + 4 * i, 40_000);
      b.putInt(100 + 4 * 4096 + 4 * i, 25_000);
    }
    return b.array();
  }

  /** A grey TIFF of one Deflate strip. */
  private static byte[] tiff(int width, int height, int compression, byte[] strip) {
    return tiff(new int[][] {{256, width}, {257, height}, {258, 8}, {259, compression}, {262, 1}, {273, 8}, {277, 1}, {278, height},
        {279, strip.length}}, strip, 0);
  }

  /** A grey TIFF whose tiles all lie in one place. */
  private static byte[] tiles(int tileWidth, int tileHeight, int width, int height, byte[] tile) {
    int n = ((width + tileWidth - 1) / tileWidth) * ((height + tileHeight - 1) / tileHeight);
    return tiff(new int[][] {{256, width}, {257, height}, {258, 8}, {259, 8}, {262, 1}, {277, 1}, {322, tileWidth}, {323, tileHeight},
        {324, 8}, {325, tile.length}}, tile, n);
  }

  /** @param tiles of which there are as many as of values of the tags 324 and 325 */
  private static byte[] tiff(int[][] tags, byte[] data, int tiles) {
    int directory = 8 + data.length + (data.length & 1);
    int table = directory + 6 + 12 * tags.length;
    ByteBuffer b = ByteBuffer.allocate(table + 8 * tiles).order(ByteOrder.LITTLE_ENDIAN);
    b.put(Pieces.latin1("II*\0")).putInt(directory).put(data).position(directory).putShort((short) tags.length);
    int next = table;
    for (int[] tag : tags) {
      b.putShort((short) tag[0]).putShort((short) 4);
      if (tiles > 1 && tag[0] >= 324) {
        b.putInt(tiles).putInt(next);
        for (int i = 0; i < tiles; i++, next += 4) {
          b.putInt(next, tag[1]);
        }
      } else {
        b.putInt(1).putInt(tag[1]);
      }
    }
    return b.array();
  }

  /** A tag of one value says that it has as many as fill the file. */
  private byte[] longTag(String seed, int tag, int length) {
    byte[] file = Arrays.copyOf(seeds.get(seed), length);
    Tiff tiff = new Tiff(file);
    Arrays.fill(file, seeds.get(seed).length, length, (byte) 50);
    for (int i = 0; i < tiff.entries(); i++) {
      if (tiff.tag(i) == tag) {
        return set(tiff, i, tag, length - seeds.get(seed).length, seeds.get(seed).length);
      }
    }
    // There is no such tag: another one becomes it.
    return set(tiff, tiff.entries() - 1, tag, length - seeds.get(seed).length, seeds.get(seed).length);
  }

  private static byte[] set(Tiff tiff, int i, int tag, int count, int at) {
    tiff.file().putShort(tiff.entry(i), (short) tag).putShort(tiff.entry(i) + 2, (short) 1).putInt(tiff.entry(i) + 4, count)
        .putInt(tiff.entry(i) + 8, at);
    return tiff.file().array();
  }

  private byte[] loop() {
    byte[] file = seeds.get("rgb8-none.tif").clone();
    Tiff tiff = new Tiff(file);
    tiff.file().putInt(tiff.entry(tiff.entries()), tiff.directory());
    return file;
  }

  /** Reduced pictures, each of a great many strips, beside a picture of many strips. */
  private byte[] thumbnails() {
    int strips = 20_000;
    int pages = 60;
    byte[] main = tiff(new int[][] {{256, 1}, {257, strips}, {258, 8}, {259, 1}, {262, 1}, {277, 1}, {322, 1}, {323, 1}, {324, 8},
        {325, 1}}, new byte[8], strips);
    Tiff tiff = new Tiff(main);
    int end = main.length;
    // The strips' bytes lie one after the other behind all else.
    int bytes = end + pages * 42 + 4 * strips;
    ByteBuffer b = ByteBuffer.allocate(bytes + strips).order(ByteOrder.LITTLE_ENDIAN).put(main);
    for (int i = 0; i < strips; i++) {
      b.putInt(end + pages * 42 + 4 * i, bytes + i);
    }
    int lengths = main.length - 4 * strips;
    b.putInt(tiff.entry(tiff.entries()), end);
    for (int i = 1; i <= pages; i++) {
      b.putShort((short) 3).putShort((short) 254).putShort((short) 4).putInt(1).putInt(1);
      b.putShort((short) 273).putShort((short) 4).putInt(strips).putInt(end + pages * 42);
      b.putShort((short) 279).putShort((short) 4).putInt(strips).putInt(lengths);
      b.putInt(i == pages ? 0 : end + 42 * i);
    }
    return b.array();
  }

  private byte[] bmp(String seed, int width, int height) {
    byte[] file = seeds.get(seed).clone();
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(18, width).putInt(22, height);
    return file;
  }

  private byte[] field(String seed, int at, int value) {
    return field(seeds.get(seed).clone(), at, value);
  }

  private static byte[] field(byte[] file, int at, int value) {
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    return file;
  }

  private byte[] webp(String seed, int width, int height) {
    List<Piece> pieces = Pieces.WEBP.split(seeds.get(seed));
    for (Piece p : pieces) {
      ByteBuffer b = ByteBuffer.wrap(p.data()).order(ByteOrder.LITTLE_ENDIAN);
      if (p.type().equals("VP8 ")) {
        b.putShort(6, (short) width).putShort(8, (short) height);
      } else if (p.type().equals("VP8L")) {
        b.putInt(1, b.getInt(1) & 0xF0000000 | height - 1 << 14 | width - 1);
      }
    }
    return Pieces.WEBP.join(pieces);
  }

  private byte[] manyChunks() {
    List<Piece> pieces = new ArrayList<>(Pieces.WEBP.split(seeds.get("metadata.webp")));
    for (int i = 0; i < 1_000_000; i++) {
      pieces.add(new Piece("none", new byte[0]));
    }
    return Pieces.WEBP.join(pieces);
  }

  /** A lossless WebP of 1024x1024 pixels in which each block of 4x4 has a group of five prefix codes of its own (RFC 9649, section 3). */
  private static byte[] groups() {
    BitSet bits = new BitSet();
    int at = put(bits, 0, 8, 0x2F);
    at = put(bits, at, 28, 1023 << 14 | 1023);
    // No alpha, version 0, no transform, no colour cache, groups by blocks of 4x4, and in their image no colour cache.
    at = put(bits, at, 1 + 3 + 1 + 1, 0);
    at = put(bits, at, 1 + 3, 1);
    at = put(bits, at, 1, 0);
    // Of green and of red 256 codes of 8 bits each, of blue, alpha and distance none.
    at = put(bits, at, 1 + 4, 8 << 1);
    at = put(bits, at, 36, 1L << 33);
    at = put(bits, at, 1 + 3 + 8, 1 | 3 << 1 | 254 << 4);
    at = put(bits, at, 1 + 4, 8 << 1);
    at = put(bits, at, 36, 1L << 33);
    at = put(bits, at, 1, 0);
    at = put(bits, at, 12, 0x111);
    for (int i = 0; i < 65536; i++) {
      at = put(bits, at, 16, i);
    }
    for (int i = 0; i < 5 * 65536; i++) {
      at = put(bits, at, 4, 1);
    }
    return Pieces.WEBP.join(List.of(new Piece("VP8L", Arrays.copyOf(bits.toByteArray(), at / 8 + 16))));
  }

  private static int put(BitSet bits, int at, int n, long value) {
    for (int i = 0; i < n; i++) {
      bits.set(at + i, (value >> i & 1) == 1);
    }
    return at + n;
  }

  private byte[] nestedWebp() {
    List<Piece> pieces = new ArrayList<>(Pieces.WEBP.split(seeds.get("metadata.webp")));
    pieces.removeIf(p -> p.type().equals("EXIF"));
    pieces.add(new Piece("EXIF", Seeds.bytes("II*\0\u0008\0\0\0\0\0\0\0\0\0", nested(2_000_000))));
    return Pieces.WEBP.join(pieces);
  }
}
