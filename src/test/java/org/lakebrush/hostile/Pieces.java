package org.lakebrush.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/** An intact file cut into what its format is made of, and put together again with the lengths and checksums that it then needs. */
enum Pieces {
  PNG {
    @Override
    List<Piece> split(byte[] file) {
      List<Piece> pieces = new ArrayList<>();
      for (int at = 8; at + 12 <= file.length; ) {
        int length = ByteBuffer.wrap(file).getInt(at);
        pieces.add(new Piece(text(file, at + 4), part(file, at + 8, at + 8 + length)));
        at += 12 + length;
      }
      return pieces;
    }

    @Override
    byte[] join(List<Piece> pieces) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(latin1("\u0089PNG\r\n\u001a\n"));
      for (Piece p : pieces) {
        CRC32 crc = new CRC32();
        crc.update(latin1(p.type()));
        crc.update(p.data());
        out.writeBytes(ByteBuffer.allocate(8).putInt(p.data().length).put(latin1(p.type())).array());
        out.writeBytes(p.data());
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
      }
      return out.toByteArray();
    }
  },

  /** Segments by their marker; the first scan and all that follows is the last piece. */
  JPEG {
    @Override
    List<Piece> split(byte[] file) {
      List<Piece> pieces = new ArrayList<>();
      int at = 2;
      for (; (file[at + 1] & 255) != 0xDA; ) {
        int length = ByteBuffer.wrap(file).getShort(at + 2) & 65535;
        pieces.add(new Piece(String.valueOf((char) (file[at + 1] & 255)), part(file, at + 4, at + 2 + length)));
        at += 2 + length;
      }
      pieces.add(new Piece(SCANS, part(file, at, file.length)));
      return pieces;
    }

    @Override
    byte[] join(List<Piece> pieces) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xD8});
      for (Piece p : pieces) {
        byte[] data = p.data();
        if (!p.type().equals(SCANS)) {
          data = Arrays.copyOf(data, Math.min(data.length, 65533));
          out.writeBytes(ByteBuffer.allocate(4).put((byte) 0xFF).put((byte) p.type().charAt(0)).putShort((short) (data.length + 2))
              .array());
        }
        out.writeBytes(data);
      }
      return out.toByteArray();
    }
  },

  WEBP {
    @Override
    List<Piece> split(byte[] file) {
      List<Piece> pieces = new ArrayList<>();
      for (int at = 12; at + 8 <= file.length; ) {
        int length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(at + 4);
        pieces.add(new Piece(text(file, at), part(file, at + 8, at + 8 + length)));
        at += 8 + length + (length & 1);
      }
      return pieces;
    }

    @Override
    byte[] join(List<Piece> pieces) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (Piece p : pieces) {
        out.writeBytes(latin1(p.type()));
        out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(p.data().length).array());
        out.writeBytes(p.data());
        out.writeBytes(new byte[p.data().length & 1]);
      }
      byte[] head = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).put(latin1("RIFF")).putInt(4 + out.size())
          .put(latin1("WEBP")).array();
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      file.writeBytes(head);
      file.writeBytes(out.toByteArray());
      return file.toByteArray();
    }
  };

  /** The type of a JPEG's last piece, which has no length. */
  static final String SCANS = "scans";

  /**
   * A chunk or segment.
   *
   * @param type its name, or its marker as one character
   */
  record Piece(String type, byte[] data) {}

  abstract List<Piece> split(byte[] file);

  abstract byte[] join(List<Piece> pieces);

  static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** As Arrays.copyOfRange, but never more than there is. */
  private static byte[] part(byte[] b, int from, int to) {
    if (to > b.length) {
      throw new IndexOutOfBoundsException(to);
    }
    return Arrays.copyOfRange(b, from, to);
  }

  private static String text(byte[] b, int at) {
    return new String(b, at, 4, StandardCharsets.ISO_8859_1);
  }
}
