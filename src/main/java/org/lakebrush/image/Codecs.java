package org.lakebrush.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

/** Reads and writes image files held in memory. Stateless; safe for any number of threads. */
public final class Codecs {
  private static final Set<String> HEIF_BRANDS =
      Set.of("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis");

  private Codecs() {}

  /**
   * Reads a file's header; allocates no pixel.
   *
   * @param file the whole file
   * @throws ImageFailure EMPTY_FILE, NOT_AN_IMAGE, UNSUPPORTED, TRUNCATED, CORRUPT or MULTIPLE_FRAMES
   */
  public static ImageHeader header(byte[] file) throws ImageFailure {
    ImageFormat format = sniff(file);
    try {
      return switch (format) {
        case JPEG -> JpegCodec.header(file);
        case PNG -> PngCodec.header(file);
        case WEBP -> WebpCodec.header(file);
        case BMP -> BmpCodec.header(file);
        case TIFF -> TiffCodec.header(file);
      };
    } catch (IndexOutOfBoundsException | ArithmeticException | NegativeArraySizeException e) {
      throw malformed(format, e);
    }
  }

  /**
   * Decodes a file. A decoder's silence is not trusted: checksums and the decoder's warnings are read.
   *
   * @param file the whole file; kept by the picture, not copied, not changed
   * @throws ImageFailure as {@link #header}; CORRUPT or TRUNCATED where the pixel data are damaged; TOO_LARGE where no array can hold
   *     the samples
   */
  public static Picture decode(byte[] file) throws ImageFailure {
    ImageFormat format = sniff(file);
    try {
      return switch (format) {
        case JPEG -> JpegCodec.decode(file);
        case PNG -> PngCodec.decode(file);
        case WEBP -> WebpCodec.decode(file);
        case BMP -> BmpCodec.decode(file);
        case TIFF -> TiffCodec.decode(file);
      };
    } catch (IndexOutOfBoundsException | ArithmeticException | NegativeArraySizeException e) {
      throw malformed(format, e);
    }
  }

  /**
   * Encodes a picture, in its own format with its own parameters (quantisation tables, subsampling, compression, metadata), or in
   * another.
   *
   * @param format what to write
   * @throws ImageFailure ENCODE
   */
  public static Encoded encode(Picture picture, ImageFormat format) throws ImageFailure {
    try {
      return format == picture.format() ? picture.origin().encode(picture.samples()) : Conversion.convert(picture, format);
    } catch (IOException | RuntimeException e) {
      throw new ImageFailure(ErrorKind.ENCODE, "could not write " + format.id() + ": " + e.getMessage(), e);
    }
  }

  /** A field that points out of its file, or a size that makes no sense: a parser met what no intact file holds. */
  private static ImageFailure malformed(ImageFormat format, RuntimeException e) {
    return new ImageFailure(ErrorKind.CORRUPT, "damaged " + format.id() + ": " + e.getMessage() + "; get an intact copy", e);
  }

  private static ImageFormat sniff(byte[] b) throws ImageFailure {
    if (b.length == 0) {
      throw new ImageFailure(ErrorKind.EMPTY_FILE, "the file has no bytes; write it again");
    }
    if (Bytes.has(b, 0, "\u00ff\u00d8\u00ff")) {
      return ImageFormat.JPEG;
    }
    if (Bytes.has(b, 0, PngFile.SIGNATURE)) {
      return ImageFormat.PNG;
    }
    if (Bytes.has(b, 0, "RIFF") && Bytes.has(b, 8, "WEBP")) {
      return ImageFormat.WEBP;
    }
    if (Bytes.has(b, 0, "II*\0") || Bytes.has(b, 0, "MM\0*")) {
      return ImageFormat.TIFF;
    }
    if (Bytes.has(b, 0, "BM") && b.length >= 18 && isBmp(b)) {
      return ImageFormat.BMP;
    }
    String other = other(b);
    if (other != null) {
      throw new ImageFailure(ErrorKind.UNSUPPORTED, "the file is " + other + ", which is not read; jpeg, png, webp, bmp and tiff are");
    }
    throw new ImageFailure(ErrorKind.NOT_AN_IMAGE, "the file begins with " + start(b) + ", as no jpeg, png, webp, bmp or tiff does");
  }

  /** "BM" begins English words too: the header's size must make sense. */
  private static boolean isBmp(byte[] b) {
    long size = Bytes.u32le(b, 14);
    return size == 12 || size >= 40 && size <= 124;
  }

  private static String other(byte[] b) {
    if (Bytes.has(b, 0, "GIF8")) {
      return "GIF";
    }
    if (Bytes.has(b, 4, "ftyp") && b.length >= 12) {
      String brand = new String(b, 8, 4, StandardCharsets.ISO_8859_1);
      return HEIF_BRANDS.contains(brand) ? brand.startsWith("avi") ? "AVIF" : "HEIF" : "a video (MP4)";
    }
    if (Bytes.has(b, 0, "\u00ff\n") || Bytes.has(b, 4, "JXL \r\n")) {
      return "JPEG XL";
    }
    if (Bytes.has(b, 4, "jP  \r\n") || Bytes.has(b, 0, "\u00ffO\u00ffQ")) {
      return "JPEG 2000";
    }
    if (Bytes.has(b, 0, "II+\0") || Bytes.has(b, 0, "MM\0+")) {
      return "BigTIFF";
    }
    if (Bytes.has(b, 0, "8BPS")) {
      return "a Photoshop document";
    }
    if (Bytes.has(b, 0, "%PDF")) {
      return "PDF";
    }
    return null;
  }

  private static String start(byte[] b) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(8, b.length); i++) {
      text.append(i == 0 ? "" : " ").append(String.format("%02x", b[i]));
    }
    return text.toString();
  }
}
