package org.lakebrush.hostile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** An intact TIFF, to be changed in place. */
record Tiff(ByteBuffer file) {
  Tiff(byte[] file) {
    this(ByteBuffer.wrap(file).order(file[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN));
  }

  int directory() {
    return file.getInt(4);
  }

  int entries() {
    return file.getShort(directory()) & 65535;
  }

  /** Offset of an entry. */
  int entry(int i) {
    return directory() + 2 + 12 * i;
  }

  int tag(int i) {
    return file.getShort(entry(i)) & 65535;
  }

  /** Gives a tag that is there one value or an offset, of a type. */
  Tiff set(int tag, int type, int count, int value) {
    for (int i = 0; i < entries(); i++) {
      if (tag(i) == tag) {
        file.putShort(entry(i) + 2, (short) type).putInt(entry(i) + 4, count).putInt(entry(i) + 8, 0);
        if (type == 3 && count == 1) {
          file.putShort(entry(i) + 8, (short) value);
        } else {
          file.putInt(entry(i) + 8, value);
        }
      }
    }
    return this;
  }
}
