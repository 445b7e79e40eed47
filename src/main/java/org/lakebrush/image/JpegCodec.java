package org.lakebrush.image;

import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.IIOImage;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.plugins.jpeg.JPEGImageWriteParam;
import javax.imageio.plugins.jpeg.JPEGQTable;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

/**
 * JPEG through the JDK's javax.imageio, which is libjpeg underneath.
 *
 * <p>The decoder is given the file without its APPn and COM segments and with an Adobe marker that says "no transform": so it cannot
 * stumble over metadata, and gives the samples as they are stored, never converted. The encoder likewise; its output then gets the
 * source's segments, component identifiers and all, so that the outcome reads as the source did.
 */
final class JpegCodec {
  private static final String TREE = "javax_imageio_jpeg_image_1.0";
  private static final byte[] SOI = {(byte) 0xFF, (byte) 0xD8};
  private static final byte[] NO_TRANSFORM = {(byte) 0xFF, (byte) 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0};
  private static final Pattern EXTRANEOUS = Pattern.compile("Corrupt JPEG data: (\\d+) extraneous bytes before marker 0x(..)");
  /** Some encoders write the spectral range of a sequential scan wrong; libjpeg says so and decodes it rightly. */
  private static final String BENIGN = "Invalid SOS parameters";

  /** Row times 8 plus column of each place in zigzag order (T.81, figure A.6). */
  private static final int[] ORDER = order();

  private JpegCodec() {}

  private static int[] order() {
    int[] order = new int[64];
    int n = 0;
    for (int d = 0; d < 15; d++) {
      for (int i = Math.max(0, d - 7); i <= Math.min(7, d); i++) {
        int row = d % 2 == 0 ? d - i : i;
        order[n++] = row * 8 + d - row;
      }
    }
    return order;
  }

  static ImageHeader header(byte[] file) throws ImageFailure {
    JpegFile f = JpegFile.parse(file, false);
    int n = f.components().size();
    long pixels = (long) f.width() * f.height();
    // A progressive file's coefficients lie in memory, two bytes each, on both ways, and so do those of optimised Huffman tables.
    long coefficients = 2 * pixels * coefficientsPerPixel(f);
    return new ImageHeader(ImageFormat.JPEG, f.width(), f.height(), n, 8, pixels * (n + 2) + coefficients + 2L * file.length);
  }

  private static long coefficientsPerPixel(JpegFile f) {
    int hMax = f.components().stream().mapToInt(JpegFile.Component::h).max().orElse(1);
    int vMax = f.components().stream().mapToInt(JpegFile.Component::v).max().orElse(1);
    double sum = 0;
    for (JpegFile.Component c : f.components()) {
      sum += (double) c.h() * c.v() / (hMax * vMax);
    }
    return (long) Math.ceil(sum);
  }

  static Picture decode(byte[] file) throws ImageFailure {
    JpegFile f = parse(file);
    Layout layout = f.layout();
    Samples.length(layout, f.width(), f.height());
    byte[] samples = read(f);
    // Four-ink JPEGs hold light, not ink, as Adobe writes them and as common viewers read them, with the marker or without.
    Samples s = new Samples(layout, f.width(), f.height(), 8, samples, null);
    JpegOrigin origin = JpegOrigin.of(f);
    return new Picture(s, ExifBlock.orientation(origin.exif()), origin);
  }

  /**
   * Decodes a JPEG that is part of another file, only to hear the decoder's warnings.
   *
   * @throws ImageFailure as {@link #decode}; CORRUPT where its picture is larger than the place for it
   */
  static void check(byte[] jpeg, int mostColumns, int mostRows) throws ImageFailure {
    JpegFile f = parse(jpeg);
    if (f.width() > mostColumns || f.height() > mostRows) {
      throw new ImageFailure(ErrorKind.CORRUPT, "damaged JPEG: " + f.width() + "x" + f.height() + " pixels in a place for " + mostColumns
          + "x" + mostRows + "; get an intact copy");
    }
    read(f);
  }

  private static JpegFile parse(byte[] file) throws ImageFailure {
    JpegFile f = JpegFile.parse(file, true);
    if (f.end() < 0) {
      throw new ImageFailure(ErrorKind.TRUNCATED, "the JPEG has no end marker: its picture is cut off; get the whole file");
    }
    return f;
  }

  private static byte[] read(JpegFile f) throws ImageFailure {
    List<ByteBuffer> pieces = new ArrayList<>();
    pieces.add(ByteBuffer.wrap(SOI));
    if (f.components().size() > 1) {
      pieces.add(ByteBuffer.wrap(NO_TRANSFORM));
    }
    for (JpegFile.Segment s : f.segments()) {
      if (!s.isApplication() && !s.isComment()) {
        pieces.add(ByteBuffer.wrap(f.bytes(), s.at(), s.length()));
      }
    }
    pieces.add(ByteBuffer.wrap(f.bytes(), f.scans(), f.end() - f.scans()));
    List<String> warnings = new ArrayList<>();
    ImageReader reader = Plugins.reader("jpeg");
    Raster raster;
    try (MemoryInput in = new MemoryInput(pieces)) {
      reader.setInput(in, true, true);
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      raster = reader.readRaster(0, null);
    } catch (IOException | RuntimeException e) {
      throw new ImageFailure(ErrorKind.CORRUPT, "damaged JPEG: " + e.getMessage() + "; get an intact copy", e);
    } finally {
      reader.dispose();
    }
    check(f, warnings);
    int n = f.components().size();
    if (raster.getWidth() != f.width() || raster.getHeight() != f.height() || raster.getNumBands() != n
        || !(raster.getDataBuffer() instanceof DataBufferByte data) || data.getData().length != f.width() * f.height() * n) {
      throw new ImageFailure(ErrorKind.CORRUPT, "damaged JPEG: the decoder's picture is not the frame header's; get an intact copy");
    }
    return data.getData();
  }

  private static void check(JpegFile f, List<String> warnings) throws ImageFailure {
    for (String w : warnings) {
      if (w.startsWith(BENIGN) || isPadding(f, w)) {
        continue;
      }
      String lower = w.toLowerCase(Locale.ROOT);
      boolean cut = lower.contains("premature end of jpeg") || lower.contains("truncated");
      throw new ImageFailure(cut ? ErrorKind.TRUNCATED : ErrorKind.CORRUPT, "damaged JPEG: the decoder says \"" + w
          + "\"; get " + (cut ? "the whole file" : "an intact copy"));
    }
  }

  /** Whether the warning is of bytes that are all zero before EOI: some cameras pad so. */
  private static boolean isPadding(JpegFile f, String warning) {
    Matcher m = EXTRANEOUS.matcher(warning);
    if (!m.find() || !m.group(2).equals("d9")) {
      return false;
    }
    int end = f.end() - 2;
    for (int i = Math.max(f.scans(), end - Integer.parseInt(m.group(1))); i < end; i++) {
      if (f.bytes()[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * How to compress.
   *
   * @param components with the slots of their tables
   * @param tables by slot, in zigzag order
   */
  record Coding(List<JpegFile.Component> components, int[][] tables, boolean progressive, int restartInterval) {

    /** The same at full chroma resolution. */
    Coding fullResolution() {
      List<JpegFile.Component> full = new ArrayList<>();
      for (JpegFile.Component c : components) {
        full.add(new JpegFile.Component(c.id(), 1, 1, c.table()));
      }
      return new Coding(full, tables, progressive, restartInterval);
    }
  }

  /** The tables of T.81, annex K, scaled as libjpeg scales them for a quality from 50 to 100, at full chroma resolution. */
  static Coding coding(int quality, int channels) {
    float scale = (200 - 2 * quality) / 100f;
    int[][] tables = {zigzag(JPEGQTable.K1Luminance.getScaledInstance(scale, true).getTable()),
        zigzag(JPEGQTable.K2Chrominance.getScaledInstance(scale, true).getTable()), null, null};
    List<JpegFile.Component> components = new ArrayList<>();
    for (int i = 0; i < channels; i++) {
      components.add(new JpegFile.Component(i + 1, 1, 1, i == 0 ? 0 : 1));
    }
    return new Coding(components, tables, false, 0);
  }

  /**
   * Compresses samples as they are.
   *
   * @param segments APPn and COM segments, each whole, to put behind SOI
   */
  static byte[] write(Samples s, Coding coding, List<byte[]> segments, int expected) throws IOException {
    int n = s.channels();
    WritableRaster raster = Rasters.wrap(s);
    ImageWriter writer = Plugins.writer("jpeg");
    try (MemoryOutput out = new MemoryOutput(expected)) {
      JPEGImageWriteParam param = (JPEGImageWriteParam) writer.getDefaultWriteParam();
      param.setOptimizeHuffmanTables(true);
      if (coding.progressive()) {
        param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      }
      ImageTypeSpecifier gray = ImageTypeSpecifier.createGrayscale(8, DataBuffer.TYPE_BYTE, false);
      IIOMetadata metadata = writer.getDefaultImageMetadata(gray, param);
      metadata.setFromTree(TREE, tree(coding, n));
      writer.setOutput(out);
      writer.write(null, new IIOImage(raster, null, metadata), param);
      out.flush();
      return splice(out.array(), out.size(), coding.components(), segments);
    } catch (RuntimeException e) {
      throw new IOException("javax.imageio could not write the JPEG: " + e.getMessage(), e);
    } finally {
      writer.dispose();
    }
  }

  private static IIOMetadataNode tree(Coding coding, int n) {
    IIOMetadataNode root = new IIOMetadataNode(TREE);
    root.appendChild(new IIOMetadataNode("JPEGvariety"));
    IIOMetadataNode sequence = new IIOMetadataNode("markerSequence");
    root.appendChild(sequence);
    IIOMetadataNode dqt = new IIOMetadataNode("dqt");
    // The writer takes the first table for slot 0, the second for slot 1, whatever their numbers: no gaps.
    List<Integer> slots = coding.components().stream().map(JpegFile.Component::table).distinct().sorted().toList();
    for (int slot : slots) {
      IIOMetadataNode table = node("dqtable", "elementPrecision", 0, "qtableId", slots.indexOf(slot));
      table.setUserObject(new JPEGQTable(natural(coding.tables()[slot])));
      dqt.appendChild(table);
    }
    sequence.appendChild(dqt);
    if (coding.restartInterval() > 0) {
      sequence.appendChild(node("dri", "interval", coding.restartInterval()));
    }
    IIOMetadataNode sof = node("sof", "process", coding.progressive() ? 2 : 0, "samplePrecision", 8, "numLines", 1,
        "samplesPerLine", 1, "numFrameComponents", n);
    IIOMetadataNode sos = node("sos", "numScanComponents", n, "startSpectralSelection", 0, "endSpectralSelection", 63, "approxHigh", 0,
        "approxLow", 0);
    for (int i = 0; i < n; i++) {
      JpegFile.Component c = coding.components().get(i);
      sof.appendChild(node("componentSpec", "componentId", i + 1, "HsamplingFactor", c.h(), "VsamplingFactor", c.v(), "QtableSelector",
          slots.indexOf(c.table())));
      sos.appendChild(node("scanComponentSpec", "componentSelector", i + 1, "dcHuffTable", i == 0 ? 0 : 1, "acHuffTable", i == 0 ? 0 : 1));
    }
    sequence.appendChild(sof);
    sequence.appendChild(sos);
    return root;
  }

  private static IIOMetadataNode node(String name, Object... attributes) {
    IIOMetadataNode node = new IIOMetadataNode(name);
    for (int i = 0; i < attributes.length; i += 2) {
      node.setAttribute((String) attributes[i], String.valueOf(attributes[i + 1]));
    }
    return node;
  }

  /** A table of a DQT segment in rows and columns. */
  private static int[] natural(int[] zigzag) {
    int[] table = new int[64];
    for (int i = 0; i < 64; i++) {
      table[ORDER[i]] = zigzag[i];
    }
    return table;
  }

  private static int[] zigzag(int[] natural) {
    int[] table = new int[64];
    for (int i = 0; i < 64; i++) {
      table[i] = natural[ORDER[i]];
    }
    return table;
  }

  /** The writer's file with other application segments, and with the components' own identifiers. */
  private static byte[] splice(byte[] b, int length, List<JpegFile.Component> components, List<byte[]> segments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + segments.stream().mapToInt(x -> x.length).sum());
    out.write(SOI, 0, 2);
    for (byte[] s : segments) {
      out.write(s, 0, s.length);
    }
    int at = 2;
    while (true) {
      int next = nextMarker(b, at, length);
      out.write(b, at, next - at);
      at = next;
      if (at + 4 > length || Bytes.u8(b, at + 1) == 0xD9) {
        break;
      }
      int marker = Bytes.u8(b, at + 1);
      int size = 2 + Bytes.u16be(b, at + 2);
      if (marker == 0xC0 || marker == 0xC1 || marker == 0xC2) {
        for (int i = 0; i < components.size(); i++) {
          b[at + 10 + 3 * i] = (byte) components.get(i).id();
        }
      } else if (marker == 0xDA) {
        for (int i = 0; i < Bytes.u8(b, at + 4); i++) {
          int selector = at + 5 + 2 * i;
          b[selector] = (byte) components.get(Bytes.u8(b, selector) - 1).id();
        }
      }
      if (marker < 0xE0) {
        out.write(b, at, size);
      }
      at += size;
    }
    out.write(0xFF);
    out.write(0xD9);
    return out.toByteArray();
  }

  /** Where the next segment begins: the first marker from {@code at} on that is no restart; the last byte where there is none. */
  private static int nextMarker(byte[] b, int at, int length) {
    int last = length - 1;
    for (int i = at; i < last; i++) {
      if (b[i] == (byte) 0xFF && b[i + 1] != 0 && b[i + 1] != (byte) 0xFF && (b[i + 1] & 0xF8) != 0xD0) {
        return i;
      }
    }
    return last;
  }
}
