package org.lakebrush.image;

/**
 * What a picture says of itself beside its pixels, in the form that a file of any format can carry on. Previews are not in it.
 *
 * @param icc an ICC profile, or null
 * @param exif an EXIF block that begins with its TIFF header, or null
 * @param xmp an XMP packet, or null
 * @param dpiX pixels an inch across; 0 where the file does not say
 * @param dpiY pixels an inch down; 0 where the file does not say
 */
record Metadata(byte[] icc, byte[] exif, byte[] xmp, double dpiX, double dpiY) {

  /** The same without the colour profile. */
  Metadata withoutIcc() {
    return new Metadata(null, exif, xmp, dpiX, dpiY);
  }
}
