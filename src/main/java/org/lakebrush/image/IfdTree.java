package org.lakebrush.image;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A directory of TIFF fields with the EXIF, GPS and interoperability directories under it, taken out of one file to be laid down in
 * another. Maker notes stay behind: offsets within them would no longer hold. Values keep their byte order.
 */
final class IfdTree {
  /** Tags of the first directory that speak of the picture as a whole, not of its samples. */
  private static final Set<Integer> DESCRIPTIVE = Set.of(270, 271, 272, 274, 282, 283, 296, 305, 306, 315, 316, 33432, 34665, 34853);
  private static final Set<Integer> POINTERS = Set.of(34665, 34853, 40965);
  private static final int MAKER_NOTE = 37500;
  private static final int DEEPEST = 3;

  /** A field with its values as they lie in the file. */
  private record Field(int type, int count, byte[] data) {}

  private final boolean little;
  private final Map<Integer, Field> fields = new TreeMap<>();
  private final Map<Integer, IfdTree> children = new TreeMap<>();

  IfdTree(boolean little) {
    this.little = little;
  }

  boolean little() {
    return little;
  }

  /** An EXIF block of a TIFF's descriptive tags; null where it has none. */
  static byte[] exif(byte[] b, boolean little, int ifd) {
    IfdTree tree = read(b, little, ifd, 0, new AtomicLong(Metadata.LONGEST));
    return tree.fields.isEmpty() && tree.children.isEmpty() ? null : tree.block();
  }

  /** The descriptive tags of an EXIF block. */
  static IfdTree ofExif(byte[] block) {
    boolean little = block == null || Bytes.has(block, 0, "II*\0");
    if (block == null || block.length < 14 || !little && !Bytes.has(block, 0, "MM\0*")) {
      return new IfdTree(true);
    }
    return read(block, little, little ? Bytes.u32le(block, 4) : Bytes.u32be(block, 4), 0, new AtomicLong(Metadata.LONGEST));
  }

  /**
   * Reads a directory.
   *
   * @param room for the values of all directories, in bytes: what does not fit any more is left out
   */
  private static IfdTree read(byte[] b, boolean little, long offset, int depth, AtomicLong room) {
    IfdTree tree = new IfdTree(little);
    if (offset < 8 || offset + 2 > b.length || depth > DEEPEST) {
      return tree;
    }
    int n = u16(b, (int) offset, little);
    // In an intact file a tag comes once and no value lies over another; a hostile one must not make work or memory out of that.
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < n && offset + 14 + 12L * i <= b.length; i++) {
      int at = (int) offset + 2 + 12 * i;
      int tag = u16(b, at, little);
      int type = u16(b, at + 2, little);
      long count = u32(b, at + 4, little);
      long size = count * TiffFile.sizeOf(type);
      long valueAt = size <= 4 ? at + 8 : u32(b, at + 8, little);
      boolean wanted = depth > 0 ? tag != MAKER_NOTE : DESCRIPTIVE.contains(tag);
      if (!wanted || size == 0 || size > room.get() || valueAt + size > b.length || !seen.add(tag)) {
        continue;
      }
      room.addAndGet(-size);
      if (POINTERS.contains(tag)) {
        IfdTree child = read(b, little, u32(b, at + 8, little), depth + 1, room);
        if (!child.fields.isEmpty()) {
          tree.children.put(tag, child);
        }
      } else {
        tree.fields.put(tag, new Field(type, (int) count, Arrays.copyOfRange(b, (int) valueAt, (int) (valueAt + size))));
      }
    }
    return tree;
  }

  /** Adds SHORT values; values of a tag that is there are replaced. */
  IfdTree shorts(int tag, int... values) {
    byte[] data = new byte[2 * values.length];
    for (int i = 0; i < values.length; i++) {
      if (little) {
        Bytes.put16le(data, 2 * i, values[i]);
      } else {
        Bytes.put16be(data, 2 * i, values[i]);
      }
    }
    fields.put(tag, new Field(3, values.length, data));
    return this;
  }

  /** Adds LONG values. */
  IfdTree longs(int tag, long... values) {
    fields.put(tag, new Field(4, values.length, longData(values)));
    return this;
  }

  /** Adds a RATIONAL with three decimals. */
  IfdTree rational(int tag, double value) {
    fields.put(tag, new Field(5, 1, longData(Math.round(value * 1000), 1000)));
    return this;
  }

  /** Adds bytes of type BYTE or UNDEFINED. */
  IfdTree bytes(int tag, int type, byte[] data) {
    fields.put(tag, new Field(type, data.length, data));
    return this;
  }

  private byte[] longData(long... values) {
    byte[] data = new byte[4 * values.length];
    for (int i = 0; i < values.length; i++) {
      put32(data, 4 * i, values[i]);
    }
    return data;
  }

  /** A TIFF header and this tree. */
  byte[] block() {
    return Bytes.concat(header(8), serialize(8));
  }

  /** A TIFF header that points to a directory. */
  byte[] header(long directory) {
    byte[] head = Bytes.latin1(little ? "II*\0\0\0\0\0" : "MM\0*\0\0\0\0");
    put32(head, 4, directory);
    return head;
  }

  /** This tree's bytes for a place in a file: the directory first. */
  byte[] serialize(long at) {
    int n = fields.size() + children.size();
    byte[] table = new byte[2 + 12 * n + 4];
    put16(table, 0, n);
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    Map<Integer, Object> all = new TreeMap<>(fields);
    all.putAll(children);
    int entry = 2;
    for (Map.Entry<Integer, Object> e : all.entrySet()) {
      long next = at + table.length + rest.size();
      put16(table, entry, e.getKey());
      if (e.getValue() instanceof Field f) {
        put16(table, entry + 2, f.type());
        put32(table, entry + 4, f.count());
        if (f.data().length <= 4) {
          System.arraycopy(f.data(), 0, table, entry + 8, f.data().length);
        } else {
          put32(table, entry + 8, next);
          rest.writeBytes(f.data());
        }
      } else {
        put16(table, entry + 2, 4);
        put32(table, entry + 4, 1);
        put32(table, entry + 8, next);
        rest.writeBytes(((IfdTree) e.getValue()).serialize(next));
      }
      if ((rest.size() & 1) == 1) {
        rest.write(0);
      }
      entry += 12;
    }
    return Bytes.concat(table, rest.toByteArray());
  }

  private static int u16(byte[] b, int at, boolean little) {
    return little ? Bytes.u16le(b, at) : Bytes.u16be(b, at);
  }

  private static long u32(byte[] b, int at, boolean little) {
    return little ? Bytes.u32le(b, at) : Bytes.u32be(b, at);
  }

  private void put16(byte[] b, int at, int v) {
    if (little) {
      Bytes.put16le(b, at, v);
    } else {
      Bytes.put16be(b, at, v);
    }
  }

  private void put32(byte[] b, int at, long v) {
    if (little) {
      Bytes.put32le(b, at, v);
    } else {
      Bytes.put32be(b, at, v);
    }
  }
}
