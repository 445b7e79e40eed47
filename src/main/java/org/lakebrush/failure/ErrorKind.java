package org.lakebrush.failure;

/** Why an image was not repaired: the {@code error_kind} of its row in the result log. */
public enum ErrorKind {
  EMPTY_FILE("The file has no bytes."),
  NOT_AN_IMAGE("The bytes are not those of any image format that Lakebrush reads."),
  TRUNCATED("The file ends before its picture does."),
  CORRUPT("The decoder or a checksum found damaged data."),
  UNSUPPORTED("An image, but of a kind that is not read (12-bit JPEG, floating-point TIFF)."),
  MULTIPLE_FRAMES("The file holds several frames or pages, and only one picture can be repaired."),
  TOO_LARGE("The header claims more pixels than `limits.max_pixels`, or more than memory can hold."),
  TOO_SLOW("Decoding, masks, FFT stages and encoding took longer than `limits.seconds_per_image`."),
  VANISHED("The file was listed and is gone."),
  CHANGED("The file is not the one that was listed: its length differs."),
  UNREADABLE("The file is there and cannot be read."),
  REFUSED("Not read: a manifest's URI, or a link, leads outside of what the run may read."),
  MASK_MISSING("A sidecar mask is missing."),
  MASK_UNREADABLE("A mask file is there and is no readable picture."),
  MASK_ASPECT("A mask file's aspect ratio is not the image's."),
  MODEL("The model failed, or gave values that are no picture."),
  ENCODE("The repaired picture could not be encoded."),
  WRITE("The output could not be written."),
  UNAVAILABLE("The input, a mask or the output was not to be had for `retry.seconds`: the store was busy, restarted or out of reach."),
  CRASHED("Processes died while they had this image alone in hand."),
  INTERNAL("Anything else: a defect of Lakebrush, with the exception in the message.");

  private final String meaning;

  ErrorKind(String meaning) {
    this.meaning = meaning;
  }

  /** What it says of an image, in a sentence; keys of the job stand in backquotes. */
  public String meaning() {
    return meaning;
  }
}
