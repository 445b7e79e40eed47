package org.lakebrush.image;

import java.util.List;

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

  /**
   * The longest block that is looked into, in bytes: what is longer is dropped, for it may hold pictures of what was to go. Honest ones are
   * shorter, and a hostile one must not make memory and time out of it.
   */
  static final int LONGEST = 8 << 20;

  /** Whether a block is longer than {@link #LONGEST}; then it is noted that it was dropped. */
  static boolean isTooLong(long length, String what, List<String> notes) {
    if (length <= LONGEST) {
      return false;
    }
    note(notes, what + " of more than " + (LONGEST >> 20) + " MB dropped");
    return true;
  }

  /** Adds a note that is not there yet: a file may hold the same thing thousands of times. */
  static void note(List<String> notes, String note) {
    if (!notes.contains(note)) {
      notes.add(note);
    }
  }

  /** The same without the colour profile. */
  Metadata withoutIcc() {
    return new Metadata(null, exif, xmp, dpiX, dpiY);
  }
}
