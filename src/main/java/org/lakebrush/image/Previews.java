package org.lakebrush.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes the small pictures out of metadata blocks: they still show what was removed. Each method returns the very array it was
 * given where there is nothing to take out.
 */
final class Previews {
  private static final int THUMBNAIL_BGR = 0x0409;
  private static final int THUMBNAIL_RGB = 0x040C;
  /** Where the thumbnails of the XMP basic schema begin. The prefix is anyone's choice. */
  private static final Pattern XMP_THUMBNAILS = Pattern.compile("<([\\w-]+:)?Thumbnails\\b[^<>]*(?<!/)>");
  private static final Pattern XMP_THUMBNAILS_END = Pattern.compile("</([\\w-]+:)?Thumbnails\\s*>");
  /** The originals and depth maps that camera apps store, and single thumbnails. */
  private static final Pattern XMP_PICTURE = Pattern.compile(
      "<[\\w-]+:image>[A-Za-z0-9+/=\\s&#;x]{64,}</[\\w-]+:image>"
          + "|\\s[\\w-]+:image=\"[A-Za-z0-9+/=\\s&#;x]{64,}\"|\\sG(Image|Depth):Data=\"[^\"]*\"",
      Pattern.DOTALL);

  private Previews() {}

  /** An XMP packet of the same length: what goes becomes white space before the packet's end, as the standard's padding. */
  static byte[] outOfXmp(byte[] xmp) {
    String text = new String(xmp, StandardCharsets.ISO_8859_1);
    String less = XMP_PICTURE.matcher(withoutThumbnails(text)).replaceAll("");
    if (less.length() == text.length()) {
      return xmp;
    }
    int end = less.lastIndexOf("<?xpacket end");
    String padding = " ".repeat(text.length() - less.length());
    return Bytes.latin1(end < 0 ? less + padding : less.substring(0, end) + padding + less.substring(end));
  }

  /** Without the elements Thumbnails that begin and end; by hand, since an expression would look for each missing end anew. */
  private static String withoutThumbnails(String text) {
    Matcher start = XMP_THUMBNAILS.matcher(text);
    if (!start.find()) {
      return text;
    }
    // Where the end tags of a prefix begin, and what they end at.
    Map<String, TreeMap<Integer, Integer>> ends = new HashMap<>();
    for (Matcher end = XMP_THUMBNAILS_END.matcher(text); end.find(); ) {
      ends.computeIfAbsent(String.valueOf(end.group(1)), prefix -> new TreeMap<>()).put(end.start(), end.end());
    }
    StringBuilder less = new StringBuilder(text.length());
    int done = 0;
    for (int at = 0; start.find(at); ) {
      at = start.end();
      Map.Entry<Integer, Integer> end = ends.getOrDefault(String.valueOf(start.group(1)), new TreeMap<>()).ceilingEntry(at);
      if (end != null) {
        less.append(text, done, start.start());
        done = end.getValue();
        at = done;
      }
    }
    return less.append(text, done, text.length()).toString();
  }

  /** Photoshop image resources (8BIM blocks) without the thumbnail resources 1033 and 1036; what is malformed stays as it is. */
  static byte[] outOfPhotoshop(byte[] resources) {
    ByteArrayOutputStream kept = new ByteArrayOutputStream(resources.length);
    boolean dropped = false;
    int at = 0;
    while (at + 12 <= resources.length && Bytes.has(resources, at, "8BIM")) {
      int id = Bytes.u16be(resources, at + 4);
      int name = 1 + Bytes.u8(resources, at + 6);
      int sizeAt = at + 6 + name + (name & 1);
      if (sizeAt + 4 > resources.length) {
        break;
      }
      long size = Bytes.u32be(resources, sizeAt);
      long next = sizeAt + 4 + size + (size & 1);
      if (sizeAt + 4 + size > resources.length) {
        break;
      }
      int end = (int) Math.min(next, resources.length);
      if (id == THUMBNAIL_BGR || id == THUMBNAIL_RGB) {
        dropped = true;
      } else {
        kept.write(resources, at, end - at);
      }
      at = end;
    }
    if (!dropped) {
      return resources;
    }
    kept.write(resources, at, resources.length - at);
    return kept.toByteArray();
  }

  /** Zeroes every JPEG that lies whole within a block, so that no offset in the block changes. */
  static byte[] outOfBlock(byte[] block) {
    byte[] out = block;
    BitSet inVain = new BitSet();
    int lastEnd = block.length - 2;
    while (lastEnd >= 0 && (block[lastEnd] != (byte) 0xFF || block[lastEnd + 1] != (byte) 0xD9)) {
      lastEnd--;
    }
    int at = 0;
    while (at + 4 < block.length && at < lastEnd) { // past it every search for an end would be in vain
      int end = jpegEnd(block, at, lastEnd, inVain);
      if (end < 0) {
        at++;
        continue;
      }
      if (out == block) {
        out = block.clone();
      }
      Arrays.fill(out, at, end, (byte) 0);
      at = end;
    }
    return out;
  }

  /** Whether a JPEG begins somewhere in a block, be it cut off or not. */
  static boolean holdsJpeg(byte[] b, int from, int to) {
    for (int i = from; i + 4 <= to; i++) {
      if (b[i] == (byte) 0xFF && b[i + 1] == (byte) 0xD8 && b[i + 2] == (byte) 0xFF && (b[i + 3] & 255) >= 0xC0
          && (b[i + 3] & 255) < 0xFF) {
        return true;
      }
    }
    return false;
  }

  /**
   * One past the EOI of the JPEG that begins at a place; -1 where none does.
   *
   * @param inVain places of markers from which no search came to an end: 2 at for those before a frame header, 2 at + 1 for those after it.
   *     Searches that meet would else go over the same bytes again and again
   */
  private static int jpegEnd(byte[] b, int at, int lastEnd, BitSet inVain) {
    if (b[at] != (byte) 0xFF || b[at + 1] != (byte) 0xD8 || b[at + 2] != (byte) 0xFF) {
      return -1;
    }
    int i = at + 2;
    boolean frame = false;
    while (i + 4 <= b.length) {
      int place = 2 * i + (frame ? 1 : 0);
      if (b[i] != (byte) 0xFF || inVain.get(place)) {
        return -1;
      }
      // Where it is not in vain, what it goes over is not searched again.
      inVain.set(place);
      int marker = Bytes.u8(b, i + 1);
      if (marker == 0xFF) {
        i++;
        continue;
      }
      if (marker < 0xC0 || marker >= 0xD0 && marker <= 0xD9) {
        return -1;
      }
      frame |= marker == 0xC0 || marker == 0xC1 || marker == 0xC2;
      i += 2 + Math.max(2, Bytes.u16be(b, i + 2));
      if (marker == 0xDA) {
        break;
      }
    }
    if (!frame) {
      return -1;
    }
    for (; i <= lastEnd; i++) {
      if (b[i] == (byte) 0xFF && b[i + 1] == (byte) 0xD9) {
        return i + 2;
      }
    }
    return -1;
  }
}
