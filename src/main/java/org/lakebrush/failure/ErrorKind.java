package org.lakebrush.failure;

/** Why an image was not repaired: the {@code error_kind} of its row in the result log. */
public enum ErrorKind {
  /** The file has no bytes. */
  EMPTY_FILE,
  /** The bytes are not those of any image format that Lakebrush reads. */
  NOT_AN_IMAGE,
  /** The file ends before its picture does. */
  TRUNCATED,
  /** The decoder or a checksum found damaged data. */
  CORRUPT,
  /** An image, but of a kind that is not read (12-bit JPEG, floating-point TIFF). */
  UNSUPPORTED,
  /** The file holds several frames or pages, and only one picture can be repaired. */
  MULTIPLE_FRAMES,
  /** The header claims more pixels than {@code limits.max_pixels}, or more than memory can hold. */
  TOO_LARGE,
  /** Decoding, masks, FFT stages and encoding took longer than {@code limits.seconds_per_image}. */
  TOO_SLOW,
  /** The file was listed and is gone. */
  VANISHED,
  /** The file is not the one that was listed: its length differs. */
  CHANGED,
  /** The file is there and cannot be read. */
  UNREADABLE,
  /** Not read: a manifest's URI, or a link, leads outside of what the run may read. */
  REFUSED,
  /** A sidecar mask is missing. */
  MASK_MISSING,
  /** A mask file is there and is no readable picture. */
  MASK_UNREADABLE,
  /** A mask file's aspect ratio is not the image's. */
  MASK_ASPECT,
  /** The model failed, or gave values that are no picture. */
  MODEL,
  /** The repaired picture could not be encoded. */
  ENCODE,
  /** The output could not be written. */
  WRITE,
  /** The input, a mask or the output was not to be had for {@code retry.seconds}: the store was busy, restarted or out of reach. */
  UNAVAILABLE,
  /** Processes died while they had this image alone in hand. */
  CRASHED,
  /** Anything else: a defect of Lakebrush, with the exception in the message. */
  INTERNAL
}
