package org.lakebrush.hostile;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.lakebrush.hostile.Pieces.Piece;

/** Intact files of every format and mode that is read: those of the image tests, and some with all kinds of metadata. */
public final class Seeds {
  static final Path FOLDER = Path.of("src/test/resources/org/lakebrush/image");

  private Seeds() {}

  /** By name, whose extension is the format's. */
  public static TreeMap<String, byte[]> all() {
    TreeMap<String, byte[]> seeds = new TreeMap<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (file.toString().matches(".*\\.(jpg|png|webp|bmp|tif)")) {
          seeds.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
      }
      byte[] exif = Files.readAllBytes(FOLDER.resolve("exif-thumbnail-le.bin"));
      byte[] icc = Files.readAllBytes(FOLDER.resolve("srgb.icc"));
      seeds.put("metadata.jpg", jpeg(seeds.get("baseline-420.jpg"), exif, icc));
      seeds.put("metadata.png", png(seeds.get("rgb8.png"), exif, icc));
      seeds.put("interlaced.png", interlaced(seeds.get("rgba8.png")));
      seeds.put("palette4-rle.bmp", runLengths(seeds.get("palette4.bmp")));
      seeds.put("thumbnail.tif", tiffWithThumbnail(seeds.get("rgb8-none.tif")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return seeds;
  }

  static String xmp() {
    return "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><xmp:Thumbnails><rdf:Alt><xmpGImg:image>" + "QUJD".repeat(40)
        + "</xmpGImg:image></rdf:Alt></xmp:Thumbnails></x:xmpmeta>";
  }

  private static byte[] jpeg(byte[] file, byte[] exif, byte[] icc) {
    List<Piece> pieces = new ArrayList<>(Pieces.JPEG.split(file));
    pieces.add(1, new Piece("\u00e1", bytes("Exif\0\0", exif)));
    pieces.add(2, new Piece("\u00e1", bytes("http://ns.adobe.com/xap/1.0/\0", Pieces.latin1(xmp()))));
    pieces.add(3, new Piece("\u00e2", bytes("ICC_PROFILE\0\u0001\u0001", icc)));
    pieces.add(4, new Piece("\u00ed", bytes("Photoshop 3.0\0"
        + "8BIM\u0004\u0004\0\0\0\0\0\u0004ABCD8BIM\u0004\u000c\0\0\0\0\0\u0004EFGH", new byte[0])));
    pieces.add(5, new Piece("\u00fe", Pieces.latin1("a comment")));
    return Pieces.JPEG.join(pieces);
  }

  private static byte[] png(byte[] file, byte[] exif, byte[] icc) {
    List<Piece> pieces = new ArrayList<>(Pieces.PNG.split(file));
    pieces.add(1, new Piece("iCCP", bytes("icc\0\0", deflate(icc))));
    pieces.add(2, new Piece("eXIf", exif));
    pieces.add(3, new Piece("pHYs", new byte[] {0, 0, 11, 18, 0, 0, 11, 18, 1}));
    pieces.add(4, new Piece("zTXt", bytes("Raw profile type exif\0\0", deflate(Pieces.latin1("\nexif\n  8\nffd8ffe000104a46\n")))));
    pieces.add(5, new Piece("iTXt", bytes("XML:com.adobe.xmp\0\u0001\0\0\0", deflate(Pieces.latin1(xmp())))));
    pieces.add(6, new Piece("tEXt", Pieces.latin1("Comment\0of no weight")));
    return Pieces.PNG.join(pieces);
  }

  private static byte[] interlaced(byte[] file) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      writer.setOutput(stream);
      writer.write(null, new IIOImage(ImageIO.read(new ByteArrayInputStream(file)), null, null), param);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  /** Rows of one run each. */
  private static byte[] runLengths(byte[] file) {
    ByteBuffer head = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int pixels = head.getInt(10);
    int width = head.getInt(18);
    int height = head.getInt(22);
    ByteBuffer out = ByteBuffer.allocate(pixels + 4 * height + 2).order(ByteOrder.LITTLE_ENDIAN).put(file, 0, pixels);
    for (int y = 0; y < height; y++) {
      out.put((byte) width).put((byte) (y * 37)).putShort((short) 0);
    }
    out.put((byte) 0).put((byte) 1);
    return out.putInt(2, out.capacity()).putInt(30, 2).putInt(34, out.capacity() - pixels).array();
  }

  /** A second directory of a reduced picture, and a third below the first. */
  private static byte[] tiffWithThumbnail(byte[] file) {
    Tiff tiff = new Tiff(file);
    int end = file.length + (file.length & 1);
    ByteBuffer out = ByteBuffer.allocate(end + 2 * 42 + 16).order(ByteOrder.LITTLE_ENDIAN).put(file).position(end);
    for (int i = 0; i < 2; i++) {
      out.putShort((short) 3).putShort((short) 254).putShort((short) 4).putInt(1).putInt(1);
      out.putShort((short) 273).putShort((short) 4).putInt(1).putInt(end + 84);
      out.putShort((short) 279).putShort((short) 4).putInt(1).putInt(16).putInt(0);
    }
    // The link follows the first directory's entries.
    out.putInt(tiff.directory() + 2 + 12 * tiff.entries(), end);
    return out.array();
  }

  static byte[] deflate(byte[] data) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(out)) {
      deflater.write(data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] bytes(String head, byte[] tail) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(Pieces.latin1(head));
    out.writeBytes(tail);
    return out.toByteArray();
  }
}
