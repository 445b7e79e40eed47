package org.lakebrush.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.lakebrush.failure.ImageFailure;

/** From one format to another: every sample to the nearest thing that the other format holds, said in notes where something is lost. */
final class Conversion {
  private static final int QUALITY = 95;

  private Conversion() {}

  static Encoded convert(Picture p, ImageFormat format) throws IOException, ImageFailure {
    List<String> notes = new ArrayList<>();
    Samples from = p.samples();
    Metadata m = p.origin().metadata(notes);
    boolean inks = p.passes() == 2;
    if (inks) {
      notes.add("four inks converted to rgb without a colour profile");
      m = m.withoutIcc();
    }
    Orientation turn = Orientation.NORMAL;
    if (format == ImageFormat.BMP) {
      turn = p.orientation();
      if (turn != Orientation.NORMAL) {
        notes.add("turned upright, bmp has no orientation");
      }
      if (m.exif() != null || m.xmp() != null) {
        notes.add("exif and xmp dropped, bmp holds none");
      }
    }
    Samples to = samples(from, layout(from, format), bits(from, format), turn, format, notes);
    if (m.icc() != null && isGrayProfile(m.icc()) && to.channels() > 2) {
      notes.add("grey colour profile dropped, " + format.id() + " is rgb");
      m = m.withoutIcc();
    }
    if (format == ImageFormat.WEBP && WebpCodec.hidesColour(to)) {
      notes.add(WebpCodec.HIDDEN_COLOUR);
    }
    byte[] file = switch (format) {
      case JPEG -> {
        List<byte[]> segments = JpegOrigin.segmentsOf(m, notes);
        yield JpegCodec.write(to, JpegCodec.coding(QUALITY, to.channels()), segments, 1 << 16);
      }
      case PNG -> PngOrigin.write(to, m);
      case WEBP -> WebpCodec.write(to, m, p.format() != ImageFormat.JPEG);
      case BMP -> BmpCodec.write(to, m);
      case TIFF -> TiffWriter.write(to, m);
    };
    return new Encoded(format, file, List.copyOf(notes));
  }

  /** By the colour space field of an ICC profile's header (ICC.1, 7.2.6). */
  private static boolean isGrayProfile(byte[] icc) {
    return Bytes.has(icc, 16, "GRAY");
  }

  /** The layout of the target format that holds a picture, at the least loss. */
  private static Layout layout(Samples s, ImageFormat format) {
    boolean gray = s.layout() == Layout.GRAY || s.layout() == Layout.GRAY_ALPHA;
    boolean alpha = s.hasAlpha();
    return switch (format) {
      case JPEG -> gray ? Layout.GRAY : Layout.YCBCR;
      case WEBP -> alpha ? Layout.RGBA : Layout.RGB;
      case PNG -> s.palette() != null ? Layout.PALETTE : layout(gray, alpha);
      case BMP, TIFF -> {
        if (s.palette() != null && !alpha) {
          yield Layout.PALETTE;
        }
        boolean grayAlphaFits = format == ImageFormat.TIFF;
        yield gray && alpha && !grayAlphaFits ? Layout.RGBA : layout(gray, alpha);
      }
    };
  }

  private static Layout layout(boolean gray, boolean alpha) {
    if (gray) {
      return alpha ? Layout.GRAY_ALPHA : Layout.GRAY;
    }
    return alpha ? Layout.RGBA : Layout.RGB;
  }

  private static int bits(Samples s, ImageFormat format) {
    boolean deep = format == ImageFormat.PNG || format == ImageFormat.TIFF;
    if (s.bits() == 16) {
      return deep ? 16 : 8;
    }
    boolean one = s.layout() == Layout.GRAY && !s.hasAlpha() && deep;
    boolean palette = s.palette() != null && (format == ImageFormat.PNG || !s.hasAlpha() && (deep || format == ImageFormat.BMP));
    return one || palette ? s.bits() : 8;
  }

  private static Samples samples(Samples s, Layout layout, int bits, Orientation turn, ImageFormat format, List<String> notes)
      throws ImageFailure {
    if (s.bits() == 16 && bits == 8) {
      notes.add("16 bits a sample written as 8");
    }
    boolean flatten = s.hasAlpha() && format == ImageFormat.JPEG;
    if (flatten) {
      notes.add("alpha laid on white, jpeg has none");
    }
    int width = turn.swapsAxes() ? s.height() : s.width();
    int height = turn.swapsAxes() ? s.width() : s.height();
    Samples out = new Samples(layout, width, height, bits).palette(layout == Layout.PALETTE ? s.palette() : null);
    int[] rgba = new int[4];
    for (int y = 0, at = 0; y < height; y++) {
      for (int x = 0; x < width; x++, at += out.channels()) {
        int pixel = turn.storedY(x, y, s.height()) * s.width() + turn.storedX(x, y, s.width());
        if (layout == Layout.PALETTE) {
          out.set(at, s.get(pixel));
          continue;
        }
        s.rgba16(pixel, rgba);
        if (flatten) {
          for (int c = 0; c < 3; c++) {
            rgba[c] = (int) (((long) rgba[c] * rgba[3] + 65535L * (65535 - rgba[3]) + 32767) / 65535);
          }
        }
        put(out, at, rgba);
      }
    }
    return out;
  }

  private static void put(Samples out, int at, int[] rgba) {
    int max = out.max();
    switch (out.layout()) {
      case GRAY, GRAY_ALPHA -> {
        out.set(at, scale(rgba[0], max));
        if (out.channels() == 2) {
          out.set(at + 1, scale(rgba[3], max));
        }
      }
      case YCBCR -> {
        float r = rgba[0] / 257f;
        float g = rgba[1] / 257f;
        float b = rgba[2] / 257f;
        out.set(at, Math.round(Ycc.Y_R * r + Ycc.Y_G * g + Ycc.Y_B * b));
        out.set(at + 1, Math.min(255, Math.round(128 + Ycc.CB_R * r + Ycc.CB_G * g + Ycc.CB_B * b)));
        out.set(at + 2, Math.min(255, Math.round(128 + Ycc.CR_R * r + Ycc.CR_G * g + Ycc.CR_B * b)));
      }
      default -> {
        for (int c = 0; c < out.channels(); c++) {
          out.set(at + c, scale(rgba[c], max));
        }
      }
    }
  }

  private static int scale(int v, int max) {
    return (int) (((long) v * max + 32767) / 65535);
  }
}
